"""The keeper: finishes what was left behind, again and again, whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Semaphore

import pytest

from sparta.api.keeper import Keeper
from sparta.errors import DependencyFailed

SOON = 10.0
"""Seconds within which a round that does not wait comes, on a busy machine."""


class Rounds:
    """A duty that ends each time as the test says, and always well after that."""

    def __init__(self, *ends: Callable[[], bool]) -> None:
        self._ends = list(ends)
        self._begun = Semaphore(0)

    def __call__(self) -> bool:
        self._begun.release()
        return self._ends.pop(0)() if self._ends else True

    def come(self, number: int) -> bool:
        """That many rounds, one after the other."""
        return all(self._begun.acquire(timeout=SOON) for _ in range(number))

    def more(self) -> bool:
        """Another one, within a moment."""
        return self._begun.acquire(timeout=0.2)


def failing(error: Exception) -> Callable[[], bool]:
    def fail() -> bool:
        raise error

    return fail


def keep(*rounds: Rounds, bell: Event | None = None, **pauses: float) -> Keeper:
    keeper = Keeper(*rounds, bell=bell or Event(), **pauses)
    keeper.start()
    return keeper


def test_it_begins_at_once_and_rests_when_all_is_done() -> None:
    """One round at the start; the next one after the pause."""
    rounds = Rounds()
    keeper = keep(rounds)
    assert rounds.come(1)
    assert not rounds.more()
    keeper.stop()


def test_it_looks_again_soon_while_something_is_on_its_way() -> None:
    """Until that has arrived."""
    rounds = Rounds(lambda: False, lambda: False)
    keeper = keep(rounds, short_pause=0.01)
    assert rounds.come(3)
    assert not rounds.more()
    keeper.stop()


@pytest.mark.parametrize("error", [DependencyFailed("away", dependency="DynamoDB"), ValueError("a bug")])
def test_a_round_that_fails_is_not_the_last(error: Exception) -> None:
    """Another comes after the pause, whether a service was away or we had a bug."""
    rounds = Rounds(failing(error), failing(error))
    keeper = keep(rounds, pause=0.01)
    assert rounds.come(3)
    keeper.stop()


def test_a_duty_that_fails_does_not_keep_the_others_from_theirs() -> None:
    """Whatever the first one meets, the second has its turn in the same round."""
    first, second = Rounds(failing(ValueError("a bug"))), Rounds()
    keeper = keep(first, second)
    assert first.come(1)
    assert second.come(1)
    keeper.stop()


def test_who_rings_is_served_at_once_and_looked_after_once_more() -> None:
    """A round without waiting for the pause, and another soon after: the database shows new rows a moment late."""
    rounds, bell = Rounds(), Event()
    keeper = keep(rounds, bell=bell, short_pause=0.01)
    assert rounds.come(1)
    assert not rounds.more()
    bell.set()
    assert rounds.come(2)
    assert not rounds.more()
    keeper.stop()


def test_it_ends_when_told() -> None:
    """Not after the pause, but at once."""
    rounds = Rounds()
    keeper = keep(rounds)
    assert rounds.come(1)
    keeper.stop()
    assert not rounds.more()
