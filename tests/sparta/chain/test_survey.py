"""All that the monitor reads of Ethereum: of the real contracts of each generation, and of nodes that answer badly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from scripts.devnet.anvil import OWNER, Anvil, deploy_contracts
from scripts.devnet.deploy import STAKE, Contracts
from scripts.devnet.validators import add_validators, queue_validators, slash, withdraw
from sparta.addresses import keccak256
from sparta.chain import bulk, events, functions
from sparta.chain import survey as module
from sparta.chain.abi import BadEncoding
from sparta.chain.events import StakeEvent
from sparta.chain.rollup import Rollup, ValidatorStatus
from sparta.chain.rpc import JsonRpc
from sparta.chain.survey import survey
from sparta.errors import DependencyFailed
from tests.sparta.chain.http_server import in_front_of

GENERATIONS = ["0.87.9", "1.2.1", "2.0.3", "4.1.2"]
SIGNATURES = [
    "Slashed(address,uint256)",
    "WithdrawInitiated(address,address,uint256)",
    "WithdrawFinalised(address,address,uint256)",
    "WithdrawFinalized(address,address,uint256)",
    "ValidatorQueued(address,address)",
]


@pytest.fixture(params=GENERATIONS)
def network(anvil: Anvil, request: pytest.FixtureRequest) -> Contracts:
    """The real contracts of one generation."""
    return deploy_contracts(anvil.url, request.param)


@pytest.fixture
def first(anvil: Anvil) -> Contracts:
    """Those of the first generation, which lets five in at once."""
    return deploy_contracts(anvil.url)


def test_each_topic_belongs_to_its_event() -> None:
    """A wrong digit would find nothing."""
    assert list(events.TOPICS) == ["0x" + keccak256(signature.encode()).hex() for signature in SIGNATURES]


def test_a_set_of_each_generation_is_read_in_two_requests(
    network: Contracts, rpc: JsonRpc, attesters: Iterator[str]
) -> None:
    """With timing, block, what happened to stakes, and the balance of an account; before there are validators too."""
    empty = survey(rpc, network.rollup.address)
    assert (empty.members, empty.balance) == ([], None)
    wanted = sorted(next(attesters) for _ in range(3))
    add_validators(network, wanted)
    before = rpc.requests
    found = survey(rpc, network.rollup.address, account=OWNER[0])
    assert rpc.requests - before == 2
    assert sorted(found.members) == wanted
    assert (found.timing.slot_seconds, found.timing.epoch_slots, found.timing.committee_size) == (12, 4, 3)
    assert found.timing == Rollup(rpc, network.rollup.address).timing
    assert found.block_time == network.rpc.now()
    assert found.balance
    assert {event.what for event in found.events or []} == ({"queued"} if network.gse else set())


def test_what_happens_to_a_stake_is_read_with_block_and_amount(
    network: Contracts, rpc: JsonRpc, attesters: Iterator[str]
) -> None:
    """A slashing and a withdrawal, told apart; the contract's status says the same, but not of who lost all."""
    rollup = Rollup(rpc, network.rollup.address)
    slashed, emptied, leaving = wanted = [next(attesters) for _ in range(3)]
    add_validators(network, wanted)
    slash(network, slashed, STAKE * 3 // 5)
    slash(network, emptied, STAKE)
    withdraw(network, leaving)
    found = survey(rpc, rollup.address)
    about = {event.attester: event for event in found.events or [] if event.what != "queued"}
    assert about[slashed] == StakeEvent("slashed", slashed, found.block - 2, STAKE * 3 // 5)
    assert about[emptied] == StakeEvent("slashed", emptied, found.block - 1, STAKE)
    assert (about[leaving].what, about[leaving].amount) == ("withdrawing", STAKE)
    statuses = [each.status for each in rollup.look_up(wanted, hex(found.block))]
    empty = ValidatorStatus.NONE if network.gse else ValidatorStatus.ZOMBIE
    assert statuses == [ValidatorStatus.ZOMBIE, empty, ValidatorStatus.EXITING]


def test_who_waits_in_the_queue_is_seen_there(anvil: Anvil, rpc: JsonRpc, attesters: Iterator[str]) -> None:
    """By the event, since the contract's status says nothing of it."""
    network, attester = deploy_contracts(anvil.url, "2.0.3"), next(attesters)
    queue_validators(network, [attester])
    found = survey(rpc, network.rollup.address)
    assert [(event.what, event.attester) for event in found.events or []] == [("queued", attester)]


def test_logs_are_read_from_a_while_before(first: Contracts, rpc: JsonRpc, attesters: Iterator[str]) -> None:
    """The blocks before the last look are read again, since a server may have been behind; older ones are not."""
    attester = next(attesters)
    add_validators(first, [attester])
    slash(first, attester)
    block = survey(rpc, first.rollup.address).block
    first.rpc.call("anvil_mine", hex(module.OVERLAP + 10))
    assert survey(rpc, first.rollup.address, since=block + 50).events == [StakeEvent("slashed", attester, block, STAKE)]
    assert survey(rpc, first.rollup.address, since=block + module.OVERLAP + 1).events == []
    assert survey(rpc, first.rollup.address).events == []


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_large_set_is_read_in_pages(
    anvil: Anvil, rpc: JsonRpc, attesters: Iterator[str], generation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the contract's own pages, or by a program where it has none; still in two requests."""
    network = deploy_contracts(anvil.url, generation)
    wanted = [next(attesters) for _ in range(5)]
    add_validators(network, wanted)
    for name, value in (("WHOLE_SET", 4), ("GSE_PAGE", 2)):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(bulk, "PAGE", 2)
    rpc.call("eth_chainId")  # What each endpoint is asked before all else.
    before = rpc.requests
    assert sorted(survey(rpc, network.rollup.address).members) == wanted
    assert rpc.requests - before == 2


def test_a_node_that_runs_no_programs_is_asked_one_by_one(
    anvil: Anvil, first: Contracts, attesters: Iterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some refuse a call without a receiver."""
    wanted = [next(attesters) for _ in range(5)]
    add_validators(first, wanted)
    monkeypatch.setattr(module, "WHOLE_SET", 4)

    def refuse(question: Any, answer: Any) -> Any:
        if question["method"] == "eth_call" and "to" not in question["params"][0]:
            return {"jsonrpc": "2.0", "id": question["id"], "error": {"code": -32602, "message": "to is missing"}}
        return answer

    with in_front_of(anvil.url, refuse) as server:
        client = JsonRpc([server.url])
        assert sorted(survey(client, first.rollup.address).members) == wanted
        client.close()


def test_a_program_says_so_when_the_contract_refuses(first: Contracts, rpc: JsonRpc, attesters: Iterator[str]) -> None:
    """An index out of range, or a contract without the function: no list that is short or full of zeros."""
    wanted = [next(attesters) for _ in range(3)]
    add_validators(first, wanted)
    at_index = functions.GET_ATTESTER_AT_INDEX
    calls = [
        bulk.call(first.rollup.address, at_index, 0, 3, "latest"),
        bulk.call(first.rollup.address, at_index, 1, 3, "latest"),
        bulk.call(first.rollup.address, at_index, 1, 4, "latest"),
        bulk.call(OWNER[0], at_index, 0, 3, "latest"),
    ]
    good, part, short, nobody = rpc.batch(calls)
    assert bulk.addresses(good, 3) == wanted
    assert bulk.addresses(part, 2) == wanted[1:]
    for answer in (short, nobody, good[:-64], None):
        with pytest.raises(BadEncoding):
            bulk.addresses(answer, 3)


def test_logs_that_a_node_will_not_tell_prove_nothing(anvil: Anvil, first: Contracts, attesters: Iterator[str]) -> None:
    """Neither that something happened nor that nothing did; the set is read all the same."""
    attester = next(attesters)
    add_validators(first, [attester])
    answers: list[Any] = [
        {"error": {"code": -32005 + 1, "message": "query returned more than 10000 results"}},
        {"result": None},
        {"result": [{"topics": ["0x" + "0" * 64]}]},
        {"result": [7]},
    ]

    def withhold(question: Any, answer: Any) -> Any:
        if question["method"] == "eth_getLogs":
            return {"jsonrpc": "2.0", "id": question["id"], **answers[0]}
        return answer

    with in_front_of(anvil.url, withhold) as server:
        client = JsonRpc([server.url])
        while answers:
            found = survey(client, first.rollup.address)
            assert (found.members, found.events) == ([attester], None)
            answers.pop(0)
        client.close()


def test_a_set_that_changes_meanwhile_is_read_again(
    anvil: Anvil, first: Contracts, attesters: Iterator[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number and the pages belong together; a node that contradicts itself each time is not believed."""
    wanted = [next(attesters) for _ in range(3)]
    add_validators(first, wanted)
    counts = iter(["0x" + f"{2:064x}"])

    def had_two_before(question: Any, answer: Any) -> Any:
        is_count = question["method"] == "eth_call" and question["params"][0].get("data") == "0x90a3b386"
        return answer | {"result": next(counts, answer.get("result"))} if is_count else answer

    with monkeypatch.context() as patch, in_front_of(anvil.url, had_two_before) as server:
        patch.setattr(module, "WHOLE_SET", 1)
        client = JsonRpc([server.url])
        assert survey(client, first.rollup.address).members == wanted
        client.close()

    def lie(question: Any, answer: Any) -> Any:
        is_list = question["method"] == "eth_call" and question["params"][0]["data"] == "0x4ed7e435"
        shorter = "0x" + f"{32:064x}" + f"{1:064x}" + answer["result"][130:194] if is_list else ""
        return answer | {"result": shorter} if is_list else answer

    with in_front_of(anvil.url, lie) as server:
        client = JsonRpc([server.url])
        with pytest.raises(DependencyFailed, match="contradicts itself about the validator set"):
            survey(client, first.rollup.address)
        client.close()


def test_a_server_that_is_behind_is_asked_for_its_newest(
    anvil: Anvil, first: Contracts, attesters: Iterator[str]
) -> None:
    """Behind a load balancer another server may not have the block yet."""
    attester = next(attesters)
    add_validators(first, [attester])

    def behind(question: Any, answer: Any) -> Any:
        if question["method"] == "eth_call" and question["params"][1] != "latest":
            return {"jsonrpc": "2.0", "id": question["id"], "error": {"code": -32000, "message": "header not found"}}
        return answer

    with in_front_of(anvil.url, behind) as server:
        client = JsonRpc([server.url])
        assert survey(client, first.rollup.address).members == [attester]
        client.close()


@pytest.mark.parametrize("address", ["0x" + "9" * 40, OWNER[0]])
def test_an_address_without_a_rollup_is_named(rpc: JsonRpc, address: str) -> None:
    """Wrong address or wrong network: the sentence says which."""
    with pytest.raises(DependencyFailed, match=f"no rollup at {address}"):
        survey(rpc, address)
