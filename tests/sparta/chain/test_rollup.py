"""Reading the real rollups of four generations, and everything that is not one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from scripts.devnet.anvil import LIMITED, OWNER, Anvil, deploy_contracts
from scripts.devnet.deploy import STAKE, Contracts
from scripts.devnet.validators import add_validators, queue_validators, slash, withdraw
from sparta.chain import contracts as contracts_module
from sparta.chain import rollup as module
from sparta.chain.contracts import Contracts as OurContracts
from sparta.chain.handler import StakingHandler
from sparta.chain.rollup import Generation, Rollup, RollupTips, ValidatorStatus
from sparta.chain.rpc import JsonRpc
from sparta.errors import ChainRefused, DependencyFailed
from tests.sparta.chain.http_server import Answer, Server
from tests.sparta.chain.world import make_writer

GENERATIONS = {"0.87.9": 1, "1.2.1": 2, "2.0.3": 3, "4.1.2": 4}


@pytest.fixture(params=GENERATIONS)
def network(anvil: Anvil, request: pytest.FixtureRequest) -> Contracts:
    """The real contracts of one generation."""
    return deploy_contracts(anvil.url, request.param)


def pass_epochs(network: Contracts, epochs: int) -> None:
    network.rpc.call("evm_increaseTime", 12 * 4 * epochs)
    network.rpc.call("evm_mine")


def test_a_rollup_of_each_generation_is_read(
    network: Contracts, rpc: JsonRpc, attesters: Iterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set, tips, epoch, committee and status, before there are validators and after."""
    rollup = Rollup(rpc, network.rollup.address)
    assert rollup.generation == GENERATIONS[network.generation]
    empty = rollup.status()
    assert (empty.committee, empty.proposer, empty.validator_count) == ([], None, 0)
    assert rollup.committee() == rollup.validators() == []
    assert rollup.tips() == empty.tips == RollupTips(0, 0)
    assert (rollup.timing.slot_seconds, rollup.timing.epoch_slots, rollup.timing.committee_size) == (12, 4, 3)

    wanted = sorted(next(attesters) for _ in range(5))
    add_validators(network, wanted)
    pass_epochs(network, 8)
    status = rollup.status()
    assert status.validator_count == 5
    assert status.epoch == status.slot // 4 > 0
    assert len(status.committee) == 3
    assert set(status.committee) <= set(wanted)
    assert rollup.committee() == status.committee
    assert status.proposer is not None
    assert status.proposer.lower() in wanted
    assert sorted(rollup.validators()) == wanted
    monkeypatch.setattr(module, "_PAGE", 2)
    monkeypatch.setattr(module, "_WHOLE_SET", 4)
    assert sorted(rollup.validators()) == wanted


def test_a_validator_of_each_generation_is_read(network: Contracts, rpc: JsonRpc, attesters: Iterator[str]) -> None:
    """Unknown, then validating with stake and withdrawer; only the first generation has a proposer of its own."""
    rollup, attester = Rollup(rpc, network.rollup.address), next(attesters)
    assert rollup.validator(attester).status is ValidatorStatus.NONE
    add_validators(network, [attester])
    seen = rollup.validator(attester.upper().replace("0X", "0x"))
    assert (seen.address, seen.status, seen.stake) == (attester, ValidatorStatus.VALIDATING, STAKE)
    assert seen.withdrawer == network.deployer
    assert (seen.proposer is None) == (rollup.generation > Generation.G1)


def test_a_validator_of_each_generation_leaves(network: Contracts, rpc: JsonRpc, attesters: Iterator[str]) -> None:
    """Slashed below the least stake, or on its own: told apart by the status, and out of the set."""
    rollup, slashed, leaving, staying = Rollup(rpc, network.rollup.address), *(next(attesters) for _ in range(3))
    add_validators(network, [slashed, leaving, staying])
    slash(network, slashed, STAKE * 3 // 5)
    withdraw(network, leaving)
    pass_epochs(network, 1)
    assert rollup.validator(leaving).status is ValidatorStatus.EXITING
    assert rollup.validator(slashed).status is ValidatorStatus.ZOMBIE
    assert rollup.validators() == [staying]


def test_the_queue_is_counted(anvil: Anvil, rpc: JsonRpc, attesters: Iterator[str]) -> None:
    """From 1.x on a validator waits; until then its status is none."""
    network, attester = deploy_contracts(anvil.url, "2.0.3"), next(attesters)
    queue_validators(network, [attester])
    rollup = Rollup(rpc, network.rollup.address)
    assert rollup.status().entry_queue_length == 1
    assert rollup.validator(attester).status is ValidatorStatus.NONE
    assert rollup.validators() == []


def test_only_the_first_generation_takes_validators(network: Contracts, rpc: JsonRpc, attesters: Iterator[str]) -> None:
    """The others are refused with the reason, before anything is signed."""
    handler = StakingHandler(rpc, network.handler.address)
    assert handler.generation == GENERATIONS[network.generation]
    if handler.generation is Generation.G1:
        handler.require_adding()
        return
    with pytest.raises(ChainRefused, match="lets nobody add validators for others") as caught:
        make_writer(rpc, network).add_validator(next(attesters))
    assert caught.value.name == "AddingNotSupported"


def test_each_address_leads_to_the_rollup(network: Contracts, rpc: JsonRpc, attesters: Iterator[str]) -> None:
    """The rollup's, the registry's, or the handler's, as far as the handler still knows a rollup."""
    rollup = network.rollup.address.lower()
    assert next(attesters)
    assert OurContracts(rpc, rollup=rollup).rollup().address == rollup
    by_registry = OurContracts(rpc, registry=network.registry.address)
    assert by_registry.rollup().address.lower() == rollup
    assert by_registry.rollup() is by_registry.rollup()
    assert OurContracts(rpc, handler=network.handler.address).rollup().address.lower() == rollup


def test_the_quota_is_known_before_it_is_hit(rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]) -> None:
    """Three an hour: three are left, then two, then none until an hour after the mint; the owner may always add."""
    handler, writer = StakingHandler(rpc, deployed.handler.address), make_writer(rpc, deployed, account=LIMITED)
    assert (handler.quota().remaining, handler.quota().filled_until) == (3, None)
    for left in (2, 1, 0):
        writer.add_validator(next(attesters))
        assert handler.quota().remaining == left
    quota = handler.quota()
    assert quota.filled_until == quota.last_mint + 3600
    with pytest.raises(ChainRefused) as caught:
        writer.add_validator(next(attesters))
    assert caught.value.until == quota.filled_until
    assert (handler.is_unhinged(OWNER[0]), handler.is_unhinged(LIMITED[0])) == (True, False)


def test_an_address_without_contract_is_named(rpc: JsonRpc, deployed: Contracts) -> None:
    """Neither an empty address nor another contract passes for a rollup or a handler."""
    for wrong in (LIMITED[0], deployed.staking_asset.address):
        with pytest.raises(DependencyFailed, match=f"no rollup at {wrong}"):
            Rollup(rpc, wrong).status()
        with pytest.raises(DependencyFailed, match=f"no staking asset handler at {wrong}"):
            StakingHandler(rpc, wrong).quota()


@pytest.mark.parametrize("result", [None, 7, "", "0x", "0x12", "0x" + "ff" * 64, "zz", {"a": 1}, []])
def test_nonsense_is_an_outage_and_never_a_set(result: Any) -> None:
    """An empty or broken answer must not look like an empty set."""

    def nonsense(questions: Any) -> Answer:
        def reply(question: Any) -> dict[str, Any]:
            return {"id": question["id"], "result": result}

        body = [reply(question) for question in questions] if isinstance(questions, list) else reply(questions)
        return Answer([json.dumps(body).encode()])

    with Server(nonsense) as server:
        client = JsonRpc([server.url])
        rollup = Rollup(client, OWNER[0])
        for question in (rollup.validators, rollup.committee, rollup.status):
            with pytest.raises(DependencyFailed):
                question()
        client.close()


def test_a_new_canonical_rollup_is_noticed(
    anvil: Anvil, rpc: JsonRpc, deployed: Contracts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Governance moves the network to another rollup: within a minute that one is read, without a restart."""
    ours = OurContracts(rpc, registry=deployed.registry.address)
    first = ours.rollup()
    other = deploy_contracts(anvil.url).rollup.address
    deployed.registry.send(deployed.deployer, "addRollup", other)
    assert ours.rollup() is first
    monkeypatch.setattr(contracts_module, "_KEPT_SECONDS", 0.0)
    assert ours.rollup().address.lower() == other.lower()


def test_a_server_that_is_a_block_behind_is_asked_for_what_it_has(
    rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Providers balance their load over servers that are not equally far; that is no outage."""
    attester = next(attesters)
    add_validators(deployed, [attester])
    monkeypatch.setattr(module, "newest_block", lambda _: ("0xffffff", 2**31))
    rollup = Rollup(rpc, deployed.rollup.address)
    assert rollup.validators() == [attester]
    assert rollup.status().validator_count == 1
