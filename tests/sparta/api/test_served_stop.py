"""The deployed process is asked to stop, as at every release: nobody who was let in goes without an answer."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse

import pytest

from scripts.devnet.network import Devnet
from sparta.services.validators import RETRY_SECONDS, TOO_MANY
from sparta.settings import ApiSettings
from sparta.wiring import API_ADDS, API_PLACES
from tests.sparta.api.client import Reply, Served, settings_of
from tests.sparta.api.ledger import Ledger, add, addresses, approved, wait_until
from tests.sparta.api.proxy import WELL, Proxy, slow

STOP_SECONDS = 30
"""Then the container's process is killed."""
STATUS = "/api/ethereum/rollup/status"


@pytest.fixture
def chain(net: Devnet) -> Iterator[Proxy]:
    """The way to the chain, which can be slow."""
    with Proxy(net.ethereum_url) as proxy:
        yield proxy


@pytest.fixture
def served(net: Devnet, chain: Proxy) -> Iterator[Served]:
    """A process that has served already."""
    with Served(settings_of(net, ETHEREUM_HOST=chain.url)) as process:
        assert process.call("GET", STATUS).status == 200
        yield process


def is_refused(port: int) -> bool:
    """Nobody listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


def ask(connection: HTTPConnection, key: str, path: str) -> HTTPResponse:
    """Over a connection that stays open; the body is read."""
    connection.request("GET", path, headers={"x-api-key": key})
    answer = connection.getresponse()
    answer.read()
    return answer


def test_a_worker_that_dies_is_replaced(served: Served) -> None:
    """The process goes on, and serves again within moments."""
    (worker,) = workers(served)
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: len(workers(served)) == 2, 10)
    wait_until(served.answers, 10)
    assert served.call("GET", STATUS).status == 200


def workers(served: Served) -> list[int]:
    """The process ids that the log tells of, oldest first."""
    return [int(found) for found in re.findall(r"Booting worker with pid: (\d+)", served.log)]


def test_a_connection_serves_many_requests(served: Served) -> None:
    """It is kept open: the load balancer pays for it once."""
    connection = HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.connect()
    place = connection.sock.getsockname()
    for path in ("/health", STATUS, "/api/nowhere", "/health"):
        assert ask(connection, served.key, path).getheader("Connection") == "keep-alive"
        assert connection.sock.getsockname() == place
    connection.close()


def test_a_request_that_is_served_is_answered(served: Served, chain: Proxy) -> None:
    """Stopped in its middle: 200. New connections are refused meanwhile, and an open one without a request holds up
    nothing.
    """
    idle = HTTPConnection("127.0.0.1", served.port, timeout=10)
    assert ask(idle, served.key, "/health").status == 200
    chain.fault = slow(0.8)
    before, started = chain.questions, time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(served.call, "GET", STATUS)
        wait_until(lambda: chain.questions > before, 10)
        assert served.process
        served.process.terminate()
        wait_until(lambda: is_refused(served.port), 5)
        assert not waiting.done()
        assert waiting.result().status == 200
    assert served.process.wait(timeout=STOP_SECONDS) == 0
    assert time.monotonic() - started < STOP_SECONDS / 2
    idle.close()


def test_who_sends_on_an_open_connection_is_answered_and_told_that_it_ends(served: Served, chain: Proxy) -> None:
    """A load balancer may be sending at this very moment: 200, and Connection: close."""
    kept = HTTPConnection("127.0.0.1", served.port, timeout=10)
    assert ask(kept, served.key, "/health").status == 200
    chain.fault = slow(0.8)
    before = chain.questions
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(served.call, "GET", STATUS)
        wait_until(lambda: chain.questions > before, 10)
        assert served.process
        served.process.terminate()
        wait_until(lambda: is_refused(served.port), 5)
        answer = ask(kept, served.key, "/health")
        assert (answer.status, answer.getheader("Connection")) == (200, "close")
        assert waiting.result().status == 200
    assert served.process.wait(timeout=STOP_SECONDS) == 0
    chain.fault = WELL


def test_adds_on_a_chain_that_stands_still(net: Devnet, served: Served, settings: ApiSettings) -> None:
    """More adds than may wait, and the chain mines nothing. The rest are refused at once; everybody else is served;
    asked to stop, the process lets each caller know that the transaction is on its way, and ends. The chain goes on:
    the next start records all of them and no other.
    """
    ledger, person, rpc = Ledger(net, settings), approved(served), net.contracts.rpc
    wanted = addresses(API_ADDS + 10)
    assert len(wanted) < API_PLACES
    rpc.call("evm_setAutomine", False)
    try:
        with ThreadPoolExecutor(len(wanted)) as pool:
            asked = [pool.submit(add, served, person, address) for address in wanted]
            wait_until(lambda: len(ledger.journal.pending()) == API_ADDS, 30)
            for path in ("/health", f"/api/operator?discordId={person}", STATUS):
                started = time.monotonic()
                assert served.call("GET", path).status == 200
                assert time.monotonic() - started < 2
            started = time.monotonic()
            assert served.stop() == 0
            assert time.monotonic() - started < STOP_SECONDS
            replies = [future.result() for future in asked]
    finally:
        rpc.call("evm_setAutomine", True)
        rpc.call("evm_mine")
    begun = {address for address, reply in zip(wanted, replies, strict=True) if not is_too_many(reply)}
    assert len(begun) == API_ADDS
    for address, reply in zip(wanted, replies, strict=True):
        if address in begun:
            assert (reply.status, "is on its way (0x" in reply.error) == (503, True), reply
    served.start()
    wait_until(lambda: ledger.is_closed, 30)
    assert ledger.in_set == ledger.recorded == begun
    assert len(ledger.transactions) == API_ADDS


def is_too_many(reply: Reply) -> bool:
    """It was refused because others wait; its caller is told when to ask again."""
    if reply.body["error"] != TOO_MANY:
        return False
    assert (reply.status, reply.headers["retry-after"]) == (503, str(RETRY_SECONDS))
    return True
