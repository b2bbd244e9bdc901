"""Whether dependencies answer: asked together, for a limited time, and not more often than needed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from sparta.errors import DependencyFailed
from sparta.services.health import KEPT_SECONDS, SECONDS, HealthService


class Dependency:
    """Counts how often it is asked; answers, fails, or waits until it is let go."""

    def __init__(self) -> None:
        self.asked = 0
        self.begun, self.goes_on = Event(), Event()
        self.goes_on.set()
        self.error: Exception | None = None

    def __call__(self) -> None:
        self.asked += 1
        self.begun.set()
        self.goes_on.wait(timeout=30)
        if self.error:
            raise self.error


class World:
    """One dependency, and a clock that the test moves."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.dependency = Dependency()
        self.service = HealthService({"it": self.dependency}, clock=lambda: self.time)

    def errors(self) -> list[str | None]:
        return [state.error for state in self.service.states()]


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.dependency.goes_on.set()


def test_what_was_found_stands_for_a_moment(world: World) -> None:
    """However often anybody asks; after it the dependency is asked again, and its recovery shows."""
    world.dependency.error = DependencyFailed("It is away.", dependency="DynamoDB")
    assert [world.errors() for _ in range(9)] == [["It is away."]] * 9
    assert world.dependency.asked == 1
    world.dependency.error = None
    world.time += KEPT_SECONDS
    assert world.errors() == [None]


def test_a_dependency_that_hangs_has_failed(world: World) -> None:
    """After the time limit and not later, with a sentence that says so."""
    world.dependency.goes_on.clear()
    started = time.monotonic()
    assert world.errors() == [f"No answer within {SECONDS:g} seconds. Look at it when this lasts."]
    assert time.monotonic() - started < SECONDS + 2


def test_one_caller_waits_and_not_all(world: World) -> None:
    """While a dependency is asked again the others are told what was found a moment ago."""
    assert world.errors() == [None]
    world.time += KEPT_SECONDS
    world.dependency.begun.clear()
    world.dependency.goes_on.clear()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(world.errors)
        assert world.dependency.begun.wait(timeout=10)
        assert [world.errors() for _ in range(9)] == [[None]] * 9
        assert not waiting.done()
        world.dependency.goes_on.set()
    assert world.dependency.asked == 2


def test_nobody_is_told_what_is_old(world: World) -> None:
    """After a quiet while all wait for the same new answer."""
    assert world.errors() == [None]
    world.time += KEPT_SECONDS + SECONDS
    world.dependency.error = DependencyFailed("It is away.", dependency="DynamoDB")
    world.dependency.begun.clear()
    world.dependency.goes_on.clear()
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(world.errors) for _ in range(3)]
        assert world.dependency.begun.wait(timeout=10)
        world.dependency.goes_on.set()
    assert [each.result() for each in waiting] == [["It is away."]] * 3
    assert world.dependency.asked == 2
