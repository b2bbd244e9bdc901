"""Which answers are believed, what is the network's problem, and what moderators hear of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sparta.models import AlertState, Doubt
from sparta.rules.facts import DAY, MINUTE
from sparta.rules.trust import SetAnswer, StatsAnswer, doubt_of_set, doubt_of_stats, is_collapse, outage
from tests.sparta.rules.world import POLICY, START

GOOD_SET = SetAnswer(size=100, expected=100, lost=0, proven=0, block_age=12_000)
GOOD_STATS = StatsAnswer(window=768, watched=48, strangers=0, age=90_000, same_network=True, set_size=100)


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({}, None),
        ({"expected": 0, "size": 0}, None),
        ({"block_age": 30 * MINUTE}, None),
        ({"block_age": 30 * MINUTE + 1}, "stale"),
        ({"block_age": -5 * MINUTE}, None),
        ({"size": 76, "lost": 24}, None),
        ({"size": 75, "lost": 25}, "set-shrank"),
        ({"size": 75, "lost": 25, "proven": 1}, None),
        ({"size": 20, "lost": 80, "proven": 55}, "set-shrank"),
        ({"size": 20, "lost": 80, "proven": 56}, None),
        ({"size": 300, "lost": 60}, "set-shrank"),
        ({"size": 50, "lost": 50, "same_rollup": False}, "rollup-changed"),
        ({"size": 99, "lost": 1, "same_rollup": False}, None),
        ({"size": 0, "lost": 100}, "set-empty"),
        ({"size": 0, "lost": 100, "doubted_since": START - 9 * DAY}, "set-empty"),
        ({"size": 0, "lost": 100, "proven": 100}, None),
        ({"size": 50, "lost": 50, "doubted_since": START - DAY + 1}, "set-shrank"),
        ({"size": 50, "lost": 50, "doubted_since": START - DAY}, None),
        ({"size": 2, "expected": 3, "lost": 1}, None),
        ({"size": 1, "expected": 2, "lost": 1}, None),
        ({"size": 1, "expected": 3, "lost": 2}, "set-shrank"),
        ({"size": 1, "expected": 3, "lost": 2, "proven": 1}, None),
        ({"size": 0, "expected": 1, "lost": 1}, "set-empty"),
        ({"size": 0, "expected": 1, "lost": 1, "proven": 1}, None),
    ],
)
def test_which_sets_are_believed(changes: dict[str, Any], doubt: Doubt | None) -> None:
    """One that lost a quarter for no reason on the chain is not, unless it stays so for a day; an empty one never."""
    assert doubt_of_set(replace(GOOD_SET, **changes), POLICY, START) == doubt


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({}, None),
        ({"window": 0, "watched": 0, "age": None}, "sentinel-off"),
        ({"watched": 0, "age": None}, "nothing-seen"),
        ({"watched": 0}, "nothing-seen"),
        ({"age": None}, "nothing-seen"),
        ({"watched": 0, "set_size": 0}, None),
        ({"age": 30 * MINUTE}, None),
        ({"age": 30 * MINUTE + 1}, "stale"),
        ({"age": -MINUTE}, None),
        ({"same_network": False}, "wrong-network"),
        ({"strangers": 24}, None),
        ({"strangers": 25}, "wrong-network"),
    ],
)
def test_which_statistics_are_believed(changes: dict[str, Any], doubt: Doubt | None) -> None:
    """Those of a node that watches, of our network, of late; an empty answer is not that nobody missed."""
    assert doubt_of_stats(replace(GOOD_STATS, **changes), POLICY) == doubt


@pytest.mark.parametrize(
    ("failing", "of", "already", "expected"),
    [
        (0, 0, False, False),
        (2, 2, False, False),
        (3, 3, False, True),
        (5, 10, False, False),
        (6, 10, False, True),
        (4, 10, True, True),
        (3, 10, True, False),
        (2, 2, True, False),
    ],
)
def test_what_is_the_networks_problem(failing: int, of: int, *, already: bool, expected: bool) -> None:
    """More than half at once, three at least; and so it remains until clearly fewer fail."""
    assert is_collapse(failing, of, POLICY, already=already) == expected


def test_an_outage_is_told_once_and_its_end_once() -> None:
    """However long it lasts, and also when its reason changes; not when this run could not tell."""
    state: AlertState | None = None
    told = []
    doubts: list[Doubt | None] = ["silent", "silent", "stale", None, None]
    for number, doubt in enumerate(doubts):
        state, news = outage(state, doubt, START + number * 2 * DAY, POLICY)
        told.append(news)
    assert told == ["begins", None, None, "recovered", None]
    assert state is None

    began, _ = outage(None, "silent", START, POLICY)
    assert outage(began, None, START + 1, POLICY, known=False) == (began, None)
