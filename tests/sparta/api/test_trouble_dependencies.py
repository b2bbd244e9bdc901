"""What the API stands on is away, silent, slow, garbled or cut off: each route says so in time, and recovers by itself.

A silent dependency costs a caller 4 s (Ethereum, the Aztec node) or 9 s (DynamoDB, which is asked twice).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

import pytest

from scripts.devnet.network import Devnet
from sparta.api.limits import FULL, RETRY_SECONDS
from sparta.chain.aztec import AztecNode
from sparta.services.health import SECONDS
from sparta.wiring import API_PLACES, REQUEST_SECONDS
from tests.sparta.api.client import Reply, Served, settings_of
from tests.sparta.api.ledger import wait_until
from tests.sparta.api.proxy import CUT, SILENT, WELL, Fault, Proxy, says, slow
from tests.sparta.api.routes import Needed, Question, questions

ANSWER_SECONDS: dict[Needed, float] = {"DynamoDB": 10, "Ethereum": 6, "Aztec node": 6}
"""The limit of each, and something for a busy machine."""
STATUS: dict[Needed, int] = {"DynamoDB": 503, "Ethereum": 502, "Aztec node": 502}
BEGINNING: dict[Needed, str] = {
    "DynamoDB": "The database ",
    "Ethereum": "Ethereum gives no usable answer (endpoint 1 of 1: ",
    "Aztec node": "Aztec node gives no usable answer (endpoint 1 of 1: ",
}
Broken = tuple[Needed, ...]
ALONE: list[Broken] = [("DynamoDB",), ("Ethereum", "Aztec node")]
"""Which of them break together: no route needs the chain and the node, and one outage takes as long as another."""
READY_SECONDS = SECONDS + 2
HEALTH_SECONDS = 2.0
"""A load balancer gives up after five."""
GARBAGE = {
    "no HTTP": Fault(instead=b"\x00\xff nonsense\r\n\r\n"),
    "a page": says("200 OK", b"<html><body>Welcome!</body></html>", "text/html"),
    "a page of a proxy": says("502 Bad Gateway", b"<html><body>Bad Gateway</body></html>", "text/html"),
    "an empty object": says("200 OK", b"{}"),
    "an empty list": says("200 OK", b"[]"),
    "null": says("200 OK", b"null"),
    "half an answer": CUT,
}


@dataclass
class World:
    """The API with a proxy in front of each dependency."""

    net: Devnet
    served: Served
    proxies: dict[Needed, Proxy]

    def questions(self) -> list[Question]:
        """For every route, with a proof that holds at this moment."""
        node = AztecNode([self.net.aztec_url])
        block = node.tips().proven.number
        proof = node.archive_sibling_path(block, block)
        node.close()
        return questions(self.served, {"blockNumber": block, "proof": proof})

    def ask_all(self, asked: list[Question]) -> list[tuple[Question, Reply, float]]:
        """At once: each with its reply and the seconds that took."""
        with ThreadPoolExecutor(len(asked)) as pool:
            return list(pool.map(self._ask, asked))

    def _ask(self, question: Question) -> tuple[Question, Reply, float]:
        started = time.monotonic()
        reply = question.ask(self.served, timeout=60)
        return question, reply, time.monotonic() - started

    @contextmanager
    def fault(self, fault: Fault, *broken: Needed) -> Iterator[None]:
        """For a while these dependencies have it."""
        for needed in broken:
            self.proxies[needed].fault = fault
        try:
            yield
        finally:
            for needed in broken:
                self.proxies[needed].fault = WELL

    def failing(self) -> list[str]:
        """The dependencies that ``/ready`` calls failing; its status agrees, and it keeps its own time limit."""
        started = time.monotonic()
        reply = self.served.call("GET", "/ready")
        assert time.monotonic() - started < READY_SECONDS
        failing = [row["name"] for row in reply.body["dependencies"] if not row["ok"]]
        assert reply.status == (503 if failing else 200)
        return failing

    def check_all_is_well(self) -> None:
        """Every route serves, within the moment for which old findings stand."""
        wait_until(lambda: not self.failing(), 15)
        for question, reply, _ in self.ask_all([each for each in self.questions() if each.is_local]):
            assert reply.status < 300, (question.name, reply)


@dataclass
class Pulse:
    """What the load balancer sees meanwhile."""

    served: Served
    slowest: float = 0.0
    statuses: set[int] = field(default_factory=set)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """All the time; at the end it must have been 200 and quick."""
        stop = Event()
        thread = Thread(target=self._take, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        assert self.statuses == {200}
        assert self.slowest < HEALTH_SECONDS

    def _take(self, stop: Event) -> None:
        while not stop.wait(0.05):
            started = time.monotonic()
            self.statuses.add(self.served.call("GET", "/health").status)
            self.slowest = max(self.slowest, time.monotonic() - started)


@pytest.fixture(scope="module")
def world(net: Devnet) -> Iterator[World]:
    """All is well."""
    with (
        Proxy(net.dynamodb_url) as dynamodb,
        Proxy(net.ethereum_url) as ethereum,
        Proxy(net.aztec_url) as aztec,
        Served(
            settings_of(
                net,
                AWS_ENDPOINT_URL_DYNAMODB=dynamodb.url,
                ETHEREUM_HOST=ethereum.url,
                AZTEC_RPC_URL=aztec.url,
            )
        ) as served,
    ):
        yield World(net, served, {"DynamoDB": dynamodb, "Ethereum": ethereum, "Aztec node": aztec})


@pytest.fixture
def pulse(world: World) -> Pulse:
    return Pulse(world.served)


def check_failures(world: World, broken: Broken, asked: list[Question]) -> None:
    """Whatever needs them fails, in time, with the sentence of its dependency; whatever does not is served. Meanwhile
    ``/ready`` comes to name them.
    """
    with ThreadPoolExecutor(1) as pool:
        ready = pool.submit(wait_until, lambda: world.failing() == list(broken), 15)
        check_answers(world, broken, asked)
        ready.result()


def check_answers(world: World, broken: Broken, asked: list[Question]) -> None:
    """The same without ``/ready``."""
    for question, reply, seconds in world.ask_all(asked):
        for needed in question.needs.intersection(broken):
            assert reply.status == STATUS[needed], (question.name, reply)
            assert reply.error.startswith(BEGINNING[needed]), (question.name, reply.error)
            assert seconds < ANSWER_SECONDS[needed], question.name
        if question.is_local and question.needs.isdisjoint(broken):
            assert reply.status < 300, (question.name, reply)


def test_every_route_is_among_the_questions(world: World) -> None:
    """A route that comes later must be asked here too."""
    document = world.served.call("GET", "/api/openapi.json").body
    routes = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
        if path.startswith("/api")
    }
    assert routes == {question.name for question in world.questions()}


@pytest.mark.parametrize("broken", ALONE, ids=str)
def test_a_dependency_is_away_and_comes_back(world: World, pulse: Pulse, broken: Broken) -> None:
    """Connections are refused: 502 or 503 at once, ``/ready`` names it, and all is well when it listens again."""
    asked = world.questions()
    with pulse.taken():
        for needed in broken:
            world.proxies[needed].stop()
        try:
            check_failures(world, broken, asked)
        finally:
            for needed in broken:
                world.proxies[needed].start()
        world.check_all_is_well()


@pytest.mark.parametrize("broken", ALONE, ids=str)
def test_a_dependency_takes_questions_and_answers_none(world: World, pulse: Pulse, broken: Broken) -> None:
    """The same after the time limit, which ``/ready`` has too."""
    asked = world.questions()
    with pulse.taken():
        with world.fault(SILENT, *broken):
            check_failures(world, broken, asked)
        world.check_all_is_well()


@pytest.mark.parametrize("needed", STATUS)
@pytest.mark.parametrize("garbage", GARBAGE)
def test_a_dependency_answers_nonsense(world: World, needed: Needed, garbage: str) -> None:
    """Nothing is concluded from it, whatever it is: not even that something does not exist."""
    asked = [question for question in world.questions() if needed in question.needs]
    with world.fault(GARBAGE[garbage], needed):
        check_answers(world, (needed,), asked)


def test_all_dependencies_are_slow(world: World, pulse: Pulse) -> None:
    """Each answer comes a third of a second late: every route serves, later."""
    asked = [question for question in world.questions() if question.is_local]
    with pulse.taken(), world.fault(slow(0.3), *STATUS):
        for question, reply, seconds in world.ask_all(asked):
            assert reply.status < 300, (question.name, reply)
            assert seconds < REQUEST_SECONDS, question.name


def test_more_requests_than_places(world: World, pulse: Pulse) -> None:
    """All places are taken by requests that wait for Ethereum, of which nothing is known yet: the rest are refused at
    once, and told when to ask.
    """
    world.served.stop()
    world.served.start()
    (status,) = [question for question in world.questions() if question.name == "GET /api/ethereum/rollup/status"]
    with pulse.taken():
        with world.fault(SILENT, "Ethereum"):
            replies = world.ask_all([status] * (API_PLACES + 40))
        refused = [reply for _, reply, _ in replies if reply.status == 503]
        assert {reply.status for _, reply, _ in replies} == {502, 503}
        assert len(refused) <= 40
        assert max(seconds for *_, seconds in replies) < ANSWER_SECONDS["Ethereum"]
        for reply in refused:
            assert (reply.error, reply.headers["retry-after"]) == (FULL, str(RETRY_SECONDS))
        world.check_all_is_well()
