"""Answers that are missing, old or wrong: nobody is told or marked, and moderators hear of it once, and of its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from scripts.devnet.validators import slash, withdraw
from sparta.chain.rpc import JsonRpc
from sparta.services import monitor
from sparta.services.monitor import Run, Task
from tests.sparta.chain.http_server import in_front_of
from tests.sparta.services.network import CHANNEL, Network, active, ready

GET_ATTESTERS, GET_COUNT, GET_INFO = "0x4ed7e435", "0x90a3b386", "0xffdd5cf1"
WORD = 64


@contextmanager
def by_way_of(network: Network, change: Callable[[Any, Any], Any]) -> Iterator[Callable[[], Run]]:
    """Runs that see Ethereum through a server that changes its answers."""
    with in_front_of(network.rpc._endpoints[0]._url, change) as server:
        client = JsonRpc([server.url], chain_id=31337, timeout=3)
        yield lambda: monitor.run(with_ethereum(network, client))
        client.close()


def with_ethereum(network: Network, client: JsonRpc) -> Task:
    """The monitor's task with another endpoint."""
    return Network.task.fget(replace(network, rpc=client))  # type: ignore[attr-defined, no-any-return]


def called(question: Any) -> str:
    """The selector of a contract call, else the method."""
    if question["method"] == "eth_call":
        return str(question["params"][0]["data"])[:10]
    return str(question["method"])


def first_half(question: Any, answer: Any) -> Any:
    """The set's first half, counted to match: a wrong answer that does not contradict itself."""
    if called(question) == GET_COUNT:
        return answer | {"result": f"0x{int(answer['result'], 16) // 2:064x}"}
    if called(question) == GET_ATTESTERS:
        length = int(answer["result"][2 + WORD : 2 + 2 * WORD], 16)
        kept = answer["result"][2 + 2 * WORD :][: length // 2 * WORD]
        return answer | {"result": f"0x{32:064x}{length // 2:064x}{kept}"}
    return answer


def nobody(question: Any, answer: Any) -> Any:
    """An empty set, and every validator unknown."""
    if called(question) == GET_COUNT:
        return answer | {"result": f"0x{0:064x}"}
    if called(question) == GET_ATTESTERS:
        return answer | {"result": f"0x{32:064x}{0:064x}"}
    if called(question) == GET_INFO:
        return answer | {"result": "0x" + "0" * 4 * WORD} if "result" in answer else answer
    return answer


def old(question: Any, answer: Any) -> Any:
    """The newest block is an hour old."""
    if question["method"] == "eth_getBlockByNumber":
        block = answer["result"]
        return answer | {"result": block | {"timestamp": hex(int(block["timestamp"], 16) - 3600)}}
    return answer


def another_chain(question: Any, answer: Any) -> Any:
    """It serves a chain that nobody asked for."""
    return answer | {"result": "0x5"} if question["method"] == "eth_chainId" else answer


def refusing(question: Any, _: Any) -> Any:
    """Everything is refused."""
    return {"jsonrpc": "2.0", "id": question["id"], "error": {"code": -32603, "message": "internal error"}}


def nobody_heard(network: Network) -> None:
    """But the moderators; and nobody is marked, no record follows the wrong answer."""
    assert {message.target for message in network.outbox().values()} == {CHANNEL}
    assert not any(each.was_slashed or not each.is_approved for each in network.stores.operators.all())


NODE_FAULTS: dict[str, tuple[Callable[[Network], object], str, str]] = {
    "down": (lambda network: network.node.stop(), "silent", "does not answer the monitor"),
    "error": (lambda network: network.node.fail("error"), "silent", "does not answer the monitor"),
    "garbage": (lambda network: network.node.fail("garbage"), "silent", "does not answer the monitor"),
    "truncated": (lambda network: network.node.fail("truncated"), "silent", "does not answer the monitor"),
    "dropped": (lambda network: network.node.fail("dropped"), "silent", "does not answer the monitor"),
    "sentinel off": (lambda network: set_world(network, sentinel=False), "sentinel-off", "does not watch validators"),
    "nothing seen": (lambda network: set_world(network, source=None, duties={}), "nothing-seen", "has not seen any"),
    "another chain": (lambda network: set_world(network, chain_id=1), "wrong-network", "belongs to another network"),
    "another rollup": (
        lambda network: set_world(network, l1_addresses={"rollupAddress": "0x" + "9" * 40}),
        "wrong-network",
        "belongs to another network",
    ),
    "strangers": (
        lambda network: set_world(
            network,
            source=None,
            duties={f"0x{9 * 10**40 + n:040x}"[:42]: network.node.world.duties.popitem()[1] for n in range(3)},
        ),
        "wrong-network",
        "belongs to another network",
    ),
}


def set_world(network: Network, **fields: Any) -> None:
    """Change what the node talks about."""
    for name, value in fields.items():
        setattr(network.node.world, name, value)


@pytest.mark.parametrize("fault", NODE_FAULTS)
def test_a_node_that_cannot_be_believed(network: Network, fault: str) -> None:
    """The absent one is not alerted, the one that was told stays told; moderators hear once; at its end all goes on."""
    absent, *_ = ready(network)
    network.node.world.offline.add(absent)
    good = dict(vars(network.node.world))
    breaks, doubt, sentence = NODE_FAULTS[fault]
    breaks(network)
    for _ in range(3):
        network.pass_time(minutes=5)
        run = network.run()
        assert (run.doubts, run.missing, run.alerts) == ({"aztec-node": doubt}, None, 0)
        nobody_heard(network)
        (told,) = network.told(CHANNEL)
        assert sentence in told
        assert "Nothing is concluded about duties" in told
    network.node.heal()
    set_world(network, **good)
    if fault == "down":
        network.node.start(network.node.port)
    network.pass_time(minutes=5)
    network.run()
    assert network.told(CHANNEL)[1].startswith("🟢 **Over: ")
    assert len(network.told("1")) == 1


def test_old_statistics_say_nothing(network: Network) -> None:
    """A node that stands still: its age is measured, and grows while it is silent altogether."""
    absent, *_ = ready(network)
    network.node.world.offline.add(absent)
    network.node.current()
    set_world(network, source=None)
    network.pass_time(minutes=40)
    run = network.run()
    assert run.doubts == {"aztec-node": "stale"}
    assert run.stats_age
    assert 2300 < run.stats_age < 2500
    nobody_heard(network)
    network.node.stop()
    network.pass_time(minutes=10)
    silent = network.run()
    assert silent.stats_age
    assert silent.stats_age >= run.stats_age + 600
    assert len(network.outbox()) == 1


def test_leaving_is_noticed_without_the_node(network: Network) -> None:
    """It is proven on Ethereum; of duties nothing is concluded."""
    slashed, absent, _ = ready(network)
    network.node.world.offline.add(absent)
    network.node.fail("error")
    slash(network.deployed, slashed)
    network.pass_time(minutes=5)
    network.run()
    assert "Slashed and out of the set" in network.told("1")[0]
    assert network.told("2") == []


ETHEREUM_FAULTS: dict[str, tuple[Callable[[Any, Any], Any], str, str]] = {
    "half a set": (first_half, "set-shrank", "not in the set any more, and the chain does not say why"),
    "an empty set": (nobody, "set-empty", "says that the validator set is empty"),
    "an old block": (old, "stale", "newest block is old"),
    "another chain": (another_chain, "silent", "it serves chain 5, L1_CHAIN_ID is 31337"),
    "refusals": (refusing, "silent", "does not answer the monitor"),
}


@pytest.mark.parametrize("fault", ETHEREUM_FAULTS)
def test_an_ethereum_that_cannot_be_believed(network: Network, fault: str) -> None:
    """Nobody has left, nobody misses anything, no record changes; moderators hear once, and of the end once."""
    attesters = ready(network, 4)
    network.node.world.offline.add(attesters[0])
    change, doubt, sentence = ETHEREUM_FAULTS[fault]
    with by_way_of(network, change) as run:
        for _ in range(3):
            network.pass_time(minutes=5)
            seen = run()
            assert seen.doubts.get("ethereum") == doubt
            assert (seen.validators_in_set, seen.alerts, seen.recorded) == (None, 0, 0)
            nobody_heard(network)
            (told,) = network.told(CHANNEL)
            assert sentence in told
            assert "Nothing is concluded about anybody" in told
    assert active(network, *attesters) == [True] * 4
    network.pass_time(minutes=5)
    network.run()
    assert network.told(CHANNEL)[1].startswith("🟢 **Over: ")
    assert [len(network.told(str(number))) for number in range(1, 5)] == [1, 0, 0, 0]


def test_a_set_that_stays_small_is_believed_after_a_day(network: Network) -> None:
    """Then its operators are told what is known, at the run after it; and not called slashed."""
    attesters = ready(network, 4)

    def lost_for_good(question: Any, answer: Any) -> Any:
        data = str(question["params"][0].get("data", "")) if question["method"] == "eth_call" else ""
        if called(question) == GET_INFO and any(data.endswith(each[2:]) for each in attesters[2:]):
            return answer | {"result": "0x" + "0" * 4 * WORD}
        return first_half(question, answer)

    with by_way_of(network, lost_for_good) as run:
        run()
        network.pass_time(hours=23)
        run()
        nobody_heard(network)
        assert active(network, *attesters) == [True] * 4
        network.pass_time(hours=1.1)
        run()
        assert active(network, *attesters) == [True, True, False, False]
        network.pass_time(minutes=5)
        run()
    assert ["Out of the set" in "".join(network.told(str(number))) for number in range(1, 5)] == [
        False,
        False,
        True,
        True,
    ]
    assert not any(each.was_slashed for each in network.stores.operators.all())


def test_half_a_set_that_left_for_good_reasons_is_believed(network: Network) -> None:
    """When the chain explains each loss: their operators are told at once."""
    attesters = ready(network, 4)
    slash(network.deployed, attesters[0])
    withdraw(network.deployed, attesters[1])
    network.pass_time(minutes=5)
    assert network.run().doubts == {}
    assert [len(network.told(str(number))) for number in range(1, 5)] == [1, 1, 0, 0]


def test_when_most_leave_at_once_moderators_hear_first(network: Network) -> None:
    """And their operators at the next run, when it is still so."""
    attesters = ready(network, 4)
    for each in attesters[:3]:
        slash(network.deployed, each)
    network.pass_time(minutes=5)
    run = network.run()
    assert (run.doubts, run.alerts) == ({"network": "many-left"}, 0)
    nobody_heard(network)
    network.pass_time(minutes=5)
    network.run()
    assert [len(network.told(str(number))) for number in range(1, 5)] == [1, 1, 1, 0]
    assert [each.was_slashed for each in network.stores.operators.all()] == [True, True, True, False]


def test_logs_that_a_node_will_not_tell(network: Network) -> None:
    """A slashing is still seen by the contract's status; what was not read is read as soon as it is told."""
    hurt, *_ = ready(network)

    def withhold(question: Any, answer: Any) -> Any:
        if question["method"] == "eth_getLogs":
            return {"jsonrpc": "2.0", "id": question["id"], "error": {"code": -32000, "message": "too many"}}
        return answer

    with by_way_of(network, withhold) as run:
        block = network.stores.monitor.get().block
        slash(network.deployed, hurt)
        run()
        assert "Slashed and out of the set" in network.told("1")[0]
        assert network.stores.monitor.get().block == block
