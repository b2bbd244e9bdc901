"""What is left of a request's time bounds whatever it waits for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from scripts.devnet.anvil import OWNER, Anvil, deploy_contracts
from sparta import request_time
from sparta.chain.outcome import TransactionPending
from sparta.chain.rpc import JsonRpc
from sparta.chain.turn import Pace, Turn
from sparta.errors import DependencyFailed
from sparta.settings import Tables
from sparta.stores.database import connect
from tests.sparta.chain.http_server import Answer, Server, raw
from tests.sparta.chain.memory_journal import MemoryJournal
from tests.sparta.chain.world import make_writer, nonce_of

ATTESTER = f"0x{0xA77E57E5000:040x}"
TOO_LATE = "no time was left to ask"


@pytest.fixture
def silent() -> Iterator[Server]:
    """A server that takes every question and answers none."""
    with Server(lambda _: Answer([b"{}"], delay=60)) as server:
        yield server


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Hurries, and takes it back at the end."""
    monkeypatch.setattr(request_time, "_end", request_time._end)
    return request_time.hurry


def test_time_is_endless_outside_of_a_request() -> None:
    """The keeper and commands take what they need; inside, time runs, for this thread and not for others."""
    with ThreadPoolExecutor(1) as pool, request_time.limited(10):
        assert 9 < request_time.left() <= 10
        assert pool.submit(request_time.left).result() == float("inf")
    assert request_time.left() == float("inf")


def test_a_process_in_a_hurry_shortens_all(hurried: Callable[[float], None]) -> None:
    """Also what began before, and what nobody limited; what has less time keeps that."""
    with request_time.limited(10), request_time.limited(100):
        hurried(50)
        assert 49 < request_time.left() <= 50
    with request_time.limited(10):
        assert request_time.left() <= 10
    assert request_time.left() <= 50


def test_a_server_gets_the_time_that_is_left(silent: Server) -> None:
    """Less than its own limit of five seconds; and no second one is asked then."""
    rpc, started = JsonRpc([silent.url, silent.url]), time.monotonic()
    with request_time.limited(0.3), pytest.raises(DependencyFailed, match="no answer within"):
        rpc.call("eth_chainId")
    assert time.monotonic() - started < 1
    assert len(silent.questions) == 1
    rpc.close()


def test_nothing_is_asked_when_time_is_over(silent: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a chain nor the database, and the sentence says so."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    rpc, database = JsonRpc([silent.url]), connect(Tables.model_validate({"aws_endpoint_url": silent.url}))
    with request_time.limited(0):
        with pytest.raises(DependencyFailed, match=f"{TOO_LATE} Ethereum") as caught:
            rpc.call("eth_chainId")
        assert caught.value.status == 502
        with pytest.raises(DependencyFailed, match=f"{TOO_LATE} DynamoDB") as caught:
            database.call("list_tables")
        assert caught.value.status == 503
    assert silent.questions == []
    rpc.close()


def test_a_busy_database_is_asked_again_while_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not for its own eight seconds."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    with Server(raw(b'{"__type": "TransactionConflictException"}', status=400)) as busy:
        database, started = connect(Tables.model_validate({"aws_endpoint_url": busy.url})), time.monotonic()
        with request_time.limited(0.5), pytest.raises(DependencyFailed, match=f"{TOO_LATE} DynamoDB"):
            database.call("list_tables")
        assert time.monotonic() - started < 2
        assert len(busy.questions) > 1


def test_nobody_waits_for_their_turn_longer() -> None:
    """Neither behind a thread of this process nor behind another process."""
    journal = MemoryJournal()
    mine, others = Turn(journal, Pace()), Turn(journal, Pace())
    for waiting in (mine, others):
        started = time.monotonic()
        with mine.lease(), ThreadPoolExecutor(1) as pool, pytest.raises(DependencyFailed, match="turn did not come"):
            pool.submit(_wait_for_turn, waiting).result()
        assert time.monotonic() - started < 2


def _wait_for_turn(turn: Turn) -> None:
    with request_time.limited(0.3), turn.lease():
        """Never reached."""


def test_a_transaction_is_waited_for_while_it_can_be_recorded(hurried: Callable[[float], None]) -> None:
    """An add on a chain that mines nothing ends within the request's time, and sooner when the process is asked to
    stop: its transaction is on its way, and known.
    """
    with Anvil() as chain:
        deployed, journal, rpc = deploy_contracts(chain.url), MemoryJournal(), JsonRpc([chain.url], chain_id=31337)
        writer = make_writer(rpc, deployed, journal, pace=Pace())
        rpc.call("evm_setAutomine", (False,))
        for limit in (5, 60):
            if limit == 60:
                hurried(5)
            started = time.monotonic()
            with request_time.limited(limit), pytest.raises(TransactionPending) as pending:
                writer.add_validator(ATTESTER)
            assert time.monotonic() - started < 5
            assert journal.intents[ATTESTER].attempts[0].transaction_hash == pending.value.transaction_hash
        rpc.call("evm_mine")
        assert nonce_of(rpc, OWNER) == 1
        rpc.close()
