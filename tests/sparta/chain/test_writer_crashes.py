"""The writer's process ends at any of its steps; many writers at once: each validator is added by one transaction."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from scripts.devnet.anvil import OWNER, Anvil
from scripts.devnet.deploy import Contracts
from sparta.chain.journal import IntentState
from sparta.chain.rollup import Rollup
from sparta.chain.rpc import JsonRpc
from sparta.errors import DependencyFailed
from tests.sparta.chain.memory_journal import Fate, Killed, MemoryJournal, MortalJournal, MortalRpc, Outage
from tests.sparta.chain.world import QUICK, make_writer, nonce_of

SHORT_LEASE = replace(QUICK, lease=0.5)
MINED_WITHIN = 10
"""Seconds: a busy machine shows a receipt some looks later."""
ADDED = "0xcc71b986d8d2af23e00982d6314ffd22e2de049395c65e48dd9795fb55466167"


def run_until_killed(anvil: Anvil, deployed: Contracts, journal: MemoryJournal, attester: str, fate: Fate) -> bool:
    """Add in a process of that fate; whether it was killed."""
    mortal = MortalRpc(anvil.url, fate)
    try:
        make_writer(mortal, deployed, MortalJournal(journal, fate), pace=SHORT_LEASE).add_validator(attester)
    except Killed:
        return True
    finally:
        mortal.close()
    return False


def additions(rpc: JsonRpc, deployed: Contracts, attester: str) -> list[Any]:
    """The logs in which the handler says that it added this validator."""
    topics = [ADDED, None, f"0x{int(attester, 16):064x}"]
    question = {"address": deployed.handler.address, "topics": topics, "fromBlock": "0x0"}
    return list(rpc.call("eth_getLogs", (question,)))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_step_and_asked_again(
    anvil: Anvil, rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str], *, after: bool
) -> None:
    """Killed before or after each call to the journal or to Ethereum in turn: asked again, there is one transaction."""
    for last in count():
        attester, journal, before = next(attesters), MemoryJournal(), nonce_of(rpc, OWNER)
        fate = Fate(last, after=after)
        killed = run_until_killed(anvil, deployed, journal, attester, fate)
        make_writer(rpc, deployed, journal, pace=SHORT_LEASE).add_validator(attester)
        where = f"killed at step {last}: {fate.steps[-1]}"
        assert nonce_of(rpc, OWNER) == before + 1, where
        assert len(additions(rpc, deployed, attester)) == 1, where
        assert journal.intents[attester].state is IntentState.DONE, where
        if not killed:
            break
    assert {"acquire", "save", "eth_sendRawTransaction", "release"} <= set(fate.steps)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_call_fails_at_any_step_and_the_same_task_is_asked_again(
    anvil: Anvil, rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str], *, after: bool
) -> None:
    """The journal or Ethereum out of reach for one call, the answer lost or the question: still one transaction."""
    for last in count():
        attester, journal, before = next(attesters), MemoryJournal(), nonce_of(rpc, OWNER)
        outage = Outage(last, after=after)
        mortal = MortalRpc(anvil.url, outage)
        writer = make_writer(mortal, deployed, MortalJournal(journal, outage), pace=SHORT_LEASE)
        failed = False
        try:
            writer.add_validator(attester)
        except DependencyFailed:
            failed = True
            writer.add_validator(attester)
        mortal.close()
        where = f"failed at step {last}"
        assert (nonce_of(rpc, OWNER), len(additions(rpc, deployed, attester))) == (before + 1, 1), where
        assert journal.intents[attester].state is IntentState.DONE, where
        if not failed and last >= len(outage.steps):
            break


def test_killed_and_never_asked_again(
    anvil: Anvil, rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]
) -> None:
    """Killed at any step, then another validator is added: it is not held up by the nonce of the first, whose
    transaction is either sent for it, once, or never existed."""
    for last in count():
        left, other, journal, before = next(attesters), next(attesters), MemoryJournal(), nonce_of(rpc, OWNER)
        fate = Fate(last)
        killed = run_until_killed(anvil, deployed, journal, left, fate)
        make_writer(rpc, deployed, journal, pace=SHORT_LEASE).add_validator(other)
        begun = left in journal.intents
        assert len(additions(rpc, deployed, left)) == int(begun), f"killed at step {last}: {fate.steps[-1]}"
        assert nonce_of(rpc, OWNER) == before + 1 + int(begun)
        if not killed:
            break


def test_resume_closes_what_a_killed_process_began(
    anvil: Anvil, rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]
) -> None:
    """Killed at any step: the next start of a process sends and closes all that was begun, without being asked."""
    for last in count():
        attester, journal = next(attesters), MemoryJournal()
        killed = run_until_killed(anvil, deployed, journal, attester, Fate(last))
        writer = make_writer(rpc, deployed, journal, pace=SHORT_LEASE)
        closed, give_up = writer.resume(), time.monotonic() + MINED_WITHIN
        while journal.pending() and time.monotonic() < give_up:
            closed += writer.resume()
        begun = attester in journal.intents
        assert len(additions(rpc, deployed, attester)) == int(begun)
        assert not journal.pending()
        assert all(intent.state is IntentState.DONE for intent in closed)
        if not killed:
            break


def test_a_task_that_slept_through_its_lease_sends_nothing(
    rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]
) -> None:
    """Its save is refused, and it begins again with a nonce of its own."""
    journal, slow, quick = MemoryJournal(), next(attesters), next(attesters)
    other = make_writer(rpc, deployed, journal)
    slept: list[str] = []

    class Sleepy(MemoryJournal):
        def save(self, intent: Any, lease: Any = None) -> Any:
            if not slept:
                slept.append(intent.attester)
                journal.release(lease)
                other.add_validator(quick)
            return journal.save(intent, lease)

    sleepy = Sleepy()
    sleepy.acquire, sleepy.release = journal.acquire, journal.release  # type: ignore[method-assign]
    sleepy.get, sleepy.pending = journal.get, journal.pending  # type: ignore[method-assign]
    before = nonce_of(rpc, OWNER)
    make_writer(rpc, deployed, sleepy).add_validator(slow)
    assert slept == [slow]
    assert nonce_of(rpc, OWNER) == before + 2
    assert {len(intent.attempts) for intent in journal.intents.values()} == {1}


def test_two_writers_at_once(anvil: Anvil, rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]) -> None:
    """20 adds through two tasks, four of each at a time: 20 in the set, 20 transactions, no nonce error."""
    journal, before = MemoryJournal(), nonce_of(rpc, OWNER)
    wanted = [next(attesters) for _ in range(20)]
    clients = [JsonRpc([anvil.url]) for _ in range(2)]
    writers = [make_writer(client, deployed, journal) for client in clients]
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(writers[number % 2].add_validator, attester) for number, attester in enumerate(wanted)]
        results = [future.result() for future in futures]
    for client in clients:
        client.close()
    assert sorted(Rollup(rpc, deployed.rollup.address).validators()) == sorted(wanted)
    assert nonce_of(rpc, OWNER) == before + 20
    assert len({result.transaction_hash for result in results}) == 20
    assert {len(intent.attempts) for intent in journal.intents.values()} == {1}


def test_the_same_validator_asked_for_by_many(
    anvil: Anvil, rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]
) -> None:
    """Ten requests for one validator through two tasks at once: one transaction, and all ten learn its hash."""
    journal, before, attester = MemoryJournal(), nonce_of(rpc, OWNER), next(attesters)
    clients = [JsonRpc([anvil.url]) for _ in range(2)]
    writers = [make_writer(client, deployed, journal) for client in clients]
    with ThreadPoolExecutor(10) as pool:
        futures = [pool.submit(writers[number % 2].add_validator, attester) for number in range(10)]
        hashes = {future.result().transaction_hash for future in futures}
    for client in clients:
        client.close()
    assert len(hashes) == 1
    assert nonce_of(rpc, OWNER) == before + 1
