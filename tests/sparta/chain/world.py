"""Writers in a hurry, for tests."""

from __future__ import annotations

import time
from collections.abc import Callable

from pydantic import SecretStr

from scripts.devnet.anvil import CHAIN_ID, OWNER
from scripts.devnet.deploy import Contracts as Deployed
from sparta.chain.contracts import Contracts
from sparta.chain.journal import Journal
from sparta.chain.rpc import JsonRpc
from sparta.chain.signer import Signer
from sparta.chain.turn import Pace
from sparta.chain.writer import Writer
from tests.sparta.chain.memory_journal import MemoryJournal

QUICK = Pace(patience=20, wait=20, first_look=0.02, longest_pause=0.1, resend=0.2, lag=0.2)


def make_writer(
    rpc: JsonRpc,
    deployed: Deployed,
    journal: Journal | None = None,
    account: tuple[str, str] = OWNER,
    pace: Pace = QUICK,
) -> Writer:
    """A writer of its own process, so to speak: it shares only the journal."""
    contracts = Contracts(rpc, handler=deployed.handler.address)
    signer = Signer(SecretStr(account[1]), account[0], CHAIN_ID)
    return Writer(rpc, contracts, signer, MemoryJournal() if journal is None else journal, pace)


def nonce_of(rpc: JsonRpc, account: tuple[str, str]) -> int:
    """How many transactions of it are mined."""
    return int(rpc.call("eth_getTransactionCount", (account[0], "latest")), 16)


def known_nonces(rpc: JsonRpc, account: tuple[str, str]) -> int:
    """How many transactions of it are mined or wait to be."""
    return int(rpc.call("eth_getTransactionCount", (account[0], "pending")), 16)


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Look again and again, since another thread brings it about."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.01)
