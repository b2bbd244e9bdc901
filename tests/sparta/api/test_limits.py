"""How many requests are served at once, and how long each may take."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest
from flask import Flask

from sparta import request_time
from sparta.api import errors, limits
from tests.sparta.api.client import Caller
from tests.sparta.api.ledger import wait_until

PLACES = 3


class World:
    """An application with few places, whose route ``/wait`` answers when it is told to."""

    def __init__(self) -> None:
        self.app = Flask(__name__)
        limits.register(self.app, places=PLACES, seconds=7)
        errors.register(self.app)
        self.goes_on = Event()
        self.left: list[float] = []
        self.pool = ThreadPoolExecutor(PLACES + 1)
        self.app.add_url_rule("/wait", view_func=self._wait)
        for path in ("health", "bug", "time"):
            self.app.add_url_rule(f"/{path}", path, getattr(self, f"_{path}"))

    def begin(self, number: int) -> list[Future[int]]:
        """So many requests that wait; returns when each has begun."""
        before = len(self.left)
        begun = [self.pool.submit(self.status, "/wait") for _ in range(number)]
        wait_until(lambda: len(self.left) == before + number, 10)
        return begun

    def status(self, path: str) -> int:
        return Caller(self.app, None)("GET", path).status

    def _wait(self) -> dict[str, str]:
        self._time()
        assert self.goes_on.wait(timeout=30)
        return {}

    def _time(self) -> dict[str, str]:
        self.left.append(request_time.left())
        return {}

    def _bug(self) -> dict[str, str]:
        raise LookupError

    _health = _time


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.goes_on.set()
    made.pool.shutdown()


def test_requests_beyond_the_places_are_refused(world: World) -> None:
    """At once, with the reason and when to ask again; whoever was let in is served, and then there is room."""
    waiting = world.begin(PLACES)
    reply = Caller(world.app, None)("GET", "/time")
    assert (reply.status, reply.error) == (503, limits.FULL)
    assert reply.headers["retry-after"] == str(limits.RETRY_SECONDS)
    world.goes_on.set()
    assert [each.result() for each in waiting] == [200] * PLACES
    assert world.status("/time") == 200


def test_the_health_check_needs_no_place(world: World) -> None:
    """It is answered while all places are taken, and takes none."""
    world.begin(PLACES)
    assert world.status("/health") == 200


def test_every_request_gives_its_place_back(world: World) -> None:
    """Served, unknown, a bug's, or refused."""
    for path, status in (("/time", 200), ("/nowhere", 404), ("/bug", 500)):
        assert [world.status(path) for _ in range(PLACES + 1)] == [status] * (PLACES + 1)
    waiting = world.begin(PLACES)
    assert [world.status("/time") for _ in range(PLACES)] == [503] * PLACES
    world.goes_on.set()
    assert [each.result() for each in waiting] == [200] * PLACES
    assert world.status("/time") == 200


def test_a_request_has_its_time(world: World) -> None:
    """So many seconds for each, from its own beginning."""
    assert [world.status("/time") for _ in range(2)] == [200, 200]
    assert all(6 < left <= 7 for left in world.left)
