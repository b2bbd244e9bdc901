"""Slashings that are announced: real votes of real proposers, counted by the real contracts."""

from __future__ import annotations

import pytest
from eth_account import Account

from scripts.devnet.anvil import Anvil, deploy_contracts
from scripts.devnet.deploy import STAKE, Contracts
from scripts.devnet.validators import add_validators
from scripts.devnet.votes import next_round, slashing_proposer, vote
from sparta.chain.accusations import Accusation, accusations
from sparta.chain.rpc import JsonRpc
from sparta.chain.survey import Survey, survey

SLOT, EPOCH = 12, 4
KEYS = {Account.from_key(f"0x{number:064x}").address.lower(): f"0x{number:064x}" for number in range(1001, 1005)}


@pytest.fixture(params=["2.0.3", "4.1.2"])
def network(anvil: Anvil, request: pytest.FixtureRequest) -> Contracts:
    """With four validators whose keys are known, and past epochs to vote about."""
    contracts = deploy_contracts(anvil.url, request.param)
    add_validators(contracts, list(KEYS))
    contracts.rpc.pass_time(SLOT * EPOCH * 12)
    return contracts


def look(rpc: JsonRpc, network: Contracts) -> Survey:
    return survey(rpc, network.rollup.address, proposer=slashing_proposer(network).address)


def named(rpc: JsonRpc, seen: Survey) -> list[Accusation]:
    assert seen.voting
    return accusations(rpc, seen.voting, seen.timing, hex(seen.block))


def test_who_is_accused_is_read_as_soon_as_the_quorum_is_reached(network: Contracts, rpc: JsonRpc) -> None:
    """Not before; with amount, and the time from which on it can be executed; not any more when it was."""
    number = next_round(network, SLOT)
    proposer = slashing_proposer(network)
    accused = vote(network, KEYS, proposer.read("QUORUM") - 1, SLOT)
    before = look(rpc, network)
    requests = rpc.requests
    assert named(rpc, before) == []
    assert rpc.requests == requests + 1

    vote(network, KEYS, 1, SLOT)
    seen = look(rpc, network)
    begins = network.rollup.read("getGenesisTime") + (number + 1) * proposer.read("ROUND_SIZE") * SLOT
    assert named(rpc, seen) == [Accusation(accused, STAKE, begins)]
    assert begins > seen.block_time

    committees = proposer.read("getSlashTargetCommittees", number)
    with pytest.raises(Exception, match="revert"):
        proposer.send(network.deployer, "executeRound", number, committees)
    network.rpc.pass_time(begins - network.rpc.now())
    proposer.send(network.deployer, "executeRound", number, committees)
    assert named(rpc, look(rpc, network)) == []
    assert accused not in look(rpc, network).members


def test_where_votes_are_counted_is_found_out_first(network: Contracts, rpc: JsonRpc) -> None:
    """The first survey says where; only with that address the next one knows of the votes, and with no other."""
    first = survey(rpc, network.rollup.address)
    assert first.voting is None
    assert first.slashing_proposer
    assert first.slashing_proposer.lower() == slashing_proposer(network).address
    assert survey(rpc, network.rollup.address, proposer=first.slashing_proposer).voting
    assert survey(rpc, network.rollup.address, proposer=network.handler.address).voting is None


@pytest.mark.parametrize("generation", ["0.87.9", "1.2.1"])
def test_earlier_generations_announce_nothing_readable(anvil: Anvil, rpc: JsonRpc, generation: str) -> None:
    """Their votes are for contracts that could do anything."""
    network = deploy_contracts(anvil.url, generation)
    seen = survey(rpc, network.rollup.address, proposer=network.handler.address)
    assert (seen.slashing_proposer, seen.voting) == (None, None)
