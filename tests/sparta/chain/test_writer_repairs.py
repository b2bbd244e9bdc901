"""The writer's process ends while it replaces a stuck transaction or gives up a nonce that someone else used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from scripts.devnet.anvil import OWNER, Anvil
from scripts.devnet.deploy import Contracts
from sparta.chain.journal import IntentState
from sparta.chain.outcome import TransactionPending
from sparta.chain.rpc import JsonRpc
from tests.sparta.chain.memory_journal import Fate, Killed, MemoryJournal, MortalJournal, MortalRpc
from tests.sparta.chain.test_writer_crashes import additions
from tests.sparta.chain.world import QUICK, make_writer, nonce_of

HASTY = replace(QUICK, lease=0.5, wait=0.15, lag=0.0)
STEPS = range(18)
"""More than one repair takes."""


@contextmanager
def mining_by_hand(rpc: JsonRpc) -> Iterator[None]:
    """No block but those asked for; one at the end."""
    rpc.call("evm_setAutomine", (False,))
    try:
        yield
    finally:
        rpc.call("evm_setAutomine", (True,))
        rpc.call("evm_mine")


def begin(rpc: JsonRpc, deployed: Contracts, journal: MemoryJournal, attester: str) -> None:
    """A transaction that waits to be mined."""
    with suppress(TransactionPending):
        make_writer(rpc, deployed, journal, pace=HASTY).add_validator(attester)


def repair_until_killed(
    anvil: Anvil, deployed: Contracts, journal: MemoryJournal, attester: str, fate: Fate, stuck: float
) -> None:
    """Another process goes on with it, until that ends too."""
    mortal = MortalRpc(anvil.url, fate)
    pace = replace(HASTY, stuck=stuck)
    with suppress(Killed, TransactionPending):
        make_writer(mortal, deployed, MortalJournal(journal, fate), pace=pace).add_validator(attester)
    mortal.close()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_while_replacing(
    anvil: Anvil, rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str], *, after: bool
) -> None:
    """At whatever step: the validator is added once, by one of the transactions with that nonce."""
    saved = False
    for last in STEPS:
        attester, journal, before = next(attesters), MemoryJournal(), nonce_of(rpc, OWNER)
        fate = Fate(last, after=after)
        with mining_by_hand(rpc):
            begin(rpc, deployed, journal, attester)
            repair_until_killed(anvil, deployed, journal, attester, fate, stuck=-1)
        added = make_writer(rpc, deployed, journal, pace=replace(QUICK, lease=0.5)).add_validator(attester)
        intent = journal.intents[attester]
        assert {attempt.nonce for attempt in intent.attempts} == {before}
        assert added.transaction_hash in {attempt.transaction_hash for attempt in intent.attempts}
        assert (intent.state, nonce_of(rpc, OWNER)) == (IntentState.DONE, before + 1), f"step {last}: {fate.steps[-1]}"
        saved |= "save" in fate.steps
    assert saved


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_while_taking_another_nonce(
    anvil: Anvil, rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str], *, after: bool
) -> None:
    """At whatever step: the validator is added once, by the second transaction, since the first cannot be mined."""
    saved = False
    for last in STEPS:
        attester, journal, before = next(attesters), MemoryJournal(), nonce_of(rpc, OWNER)
        fate = Fate(last, after=after)
        with mining_by_hand(rpc):
            begin(rpc, deployed, journal, attester)
            rpc.call("anvil_dropTransaction", (journal.intents[attester].attempts[0].transaction_hash,))
            foreign = {"from": OWNER[0], "to": OWNER[0], "value": "0x1", "nonce": hex(before)}
            rpc.call("eth_sendTransaction", (foreign,))
        repair_until_killed(anvil, deployed, journal, attester, fate, stuck=60)
        make_writer(rpc, deployed, journal, pace=replace(QUICK, lease=0.5)).add_validator(attester)
        intent, where = journal.intents[attester], f"step {last}: {fate.steps[-1]}"
        assert len(additions(rpc, deployed, attester)) == 1, where
        assert [attempt.nonce for attempt in intent.attempts] == [before, before + 1], where
        assert (intent.state, nonce_of(rpc, OWNER)) == (IntentState.DONE, before + 2), where
        saved |= "save" in fate.steps
    assert saved


def test_nothing_slow_is_imported_before_the_first_signature() -> None:
    """eth_account costs 0.7 s of CPU, which a process that only reads must not pay."""
    code = (
        "import sys, sparta.chain.writer, sparta.chain.aztec;"
        "print([name for name in ('eth_account', 'eth_abi', 'web3', 'boto3') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
