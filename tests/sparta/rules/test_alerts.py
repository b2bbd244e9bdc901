"""What an operator is told: each rule of the decision as a table or a short story."""

from __future__ import annotations

import pytest

from sparta.models import Cause, Level, Preferences
from sparta.rules.facts import DAY, HOUR, Loss
from tests.sparta.rules.world import BAD, FIRST, NO_DUTY, START, World, away, only, seen, slashed


@pytest.mark.parametrize(
    ("history", "level"),
    [
        ("", None),
        ("....", None),
        ("x", None),
        ("x....", None),
        ("xx........", "warning"),
        ("xx.........", None),
        ("..x..x....", "warning"),
        ("xxxxx.....", "critical"),
        ("xxxx.....", "warning"),
        ("xx", "critical"),
        ("x" * 12, "critical"),
        ("." * 96 + "xxxx", None),
        ("." * 95 + "xxxxx", "warning"),
        ("." * 180 + "x" * 20, "critical"),
        ("." * 181 + "x" * 19, "warning"),
    ],
)
def test_when_attestations_count_as_missing(history: str, level: Level | None) -> None:
    """A fifth of them, a half is critical; or five in a row, twenty are critical; never a single one."""
    alerts = World().run(seen(attests=history))
    assert [alert.level for alert in alerts] == ([level] if level else [])
    assert {alert.kind for alert in alerts} <= {"missing-attestations"}


@pytest.mark.parametrize(
    ("history", "level"),
    [
        ("", None),
        ("x", None),
        ("x....", None),
        ("..x.x.....", "warning"),
        ("." * 18 + "xx", "warning"),
        ("." * 16 + "xxxx", "critical"),
        ("xx", "critical"),
    ],
)
def test_when_proposals_count_as_missing(history: str, level: Level | None) -> None:
    """They are rare, so two in a row are enough, and four are critical."""
    alerts = World().run(seen(proposes=history))
    assert [alert.level for alert in alerts] == ([level] if level else [])
    assert {alert.kind for alert in alerts} <= {"missing-proposals"}


def test_who_was_not_drawn_is_not_missing() -> None:
    """No duty is no news: neither that duties are missed nor that they are done again."""
    world = World()
    assert world.told(seen(attests="", proposes="")) == []
    assert world.told(seen(attests=NO_DUTY)) == []
    assert world.told(seen(attests=BAD)) == ["missing-attestations begins"]
    world.later(hours=48)
    assert world.told(seen(attests="")) == []
    assert world.told(seen(attests=".")) == ["missing-attestations recovered"]


@pytest.mark.parametrize(
    ("cause", "level"),
    [("slashed", "critical"), ("exiting", "warning"), ("queued", "warning"), ("gone", "warning")],
)
def test_a_departure_is_told_at_once_with_its_cause(cause: Cause, level: Level) -> None:
    """When the chain proves it. Of those, only a slashing costs the approval."""
    world = World()
    alert = only(world.run(away(cause)))
    assert (alert.kind, alert.cause, alert.level) == ("left-the-set", cause, level)
    assert slashed(world) == (cause == "slashed")


def test_a_departure_without_a_reason_needs_a_second_look() -> None:
    """A wrong answer must not frighten anybody; when it is still so minutes later it is told for what it is."""
    world = World()
    assert world.told(away()) == []
    world.later(minutes=5)
    alert = only(world.run(away(presence="out")))
    assert (alert.cause, alert.level, alert.since) == ("unknown", "critical", START)
    assert not slashed(world)

    mistaken = World()
    assert mistaken.told(away()) == []
    mistaken.later(minutes=5)
    assert mistaken.told(seen()) == []
    assert mistaken.watch.states == {}


def test_a_reason_found_later_is_told() -> None:
    """That it was a slashing, or after all none; but not that a slashed one has withdrawn the rest."""
    world = World()
    world.run(away())
    world.later(minutes=5)
    assert world.told(away(presence="out")) == ["left-the-set begins"]
    world.later(minutes=5)
    alert = only(world.run(away("slashed", "out")))
    assert (alert.news, alert.cause) == ("changed", "slashed")
    assert slashed(world)
    world.later(minutes=5)
    assert world.told(away("gone", "out")) == world.told(away("unknown", "out")) == []
    assert not slashed(world)

    leaving = World()
    leaving.run(away())
    leaving.later(minutes=5)
    leaving.run(away(presence="out"))
    alert = only(leaving.run(away("exiting", "out")))
    assert (alert.news, alert.cause, alert.level) == ("changed", "exiting", "warning")
    assert leaving.told(away("gone", "out")) == leaving.told(away("unknown", "out")) == []
    assert leaving.told(away("slashed", "out")) == ["left-the-set changed"]


def test_who_never_was_in_the_set_has_not_left() -> None:
    """A validator that waits, or was claimed after it had left, is not spoken of."""
    world = World()
    assert world.told(away(presence="out")) == []
    assert world.told(away("slashed", "out")) == []


def test_a_return_is_told_and_a_second_departure_is_new() -> None:
    """Back in the set is good news; leaving again is bad news again, with its own beginning."""
    world = World()
    world.run(away("exiting"))
    world.later(hours=1)
    assert world.told(seen()) == ["left-the-set recovered"]
    world.later(hours=1)
    alert = only(world.run(away("exiting")))
    assert (alert.news, alert.since) == ("begins", START + 2 * HOUR)


def test_who_left_has_no_duties() -> None:
    """What was missing before is not said to have recovered, nor repeated, until it is back."""
    world = World()
    assert world.told(seen(attests=BAD)) == ["missing-attestations begins"]
    assert world.told(away("exiting")) == ["left-the-set begins"]
    world.later(hours=30)
    assert world.told(away("exiting", "out")) == []
    assert world.told(seen()) == ["left-the-set recovered", "missing-attestations recovered"]


def test_stake_taken_of_one_that_stays() -> None:
    """Each slashing is told once, however often its log is read, and costs no approval."""
    world = World()
    once = (Loss(mark=100, amount=5),)
    alert = only(world.run(seen(slashings=once)))
    assert (alert.kind, alert.level, alert.amount) == ("slashed", "critical", 5)
    assert world.told(seen(slashings=once)) == world.told(seen()) == world.told(seen(slashings=once)) == []
    alert = only(world.run(seen(slashings=(*once, Loss(101, 7), Loss(103, 2)))))
    assert alert.amount == 9
    assert not any(decision.slashed for decision in world.decisions)
    world.later(hours=24 * 40)
    assert world.told(seen()) == []
    assert world.watch.states == {}


def test_a_slashing_that_ends_in_departure_is_one_message() -> None:
    """And not a second one when it comes back while the log is still read."""
    world = World()
    gone = away("slashed", "left", FIRST, Loss(100, 60))
    alert = only(world.run(gone))
    assert (alert.kind, alert.cause, alert.amount) == ("left-the-set", "slashed", 60)
    assert world.told(seen(slashings=gone.slashings)) == ["left-the-set recovered"]


def test_a_slashing_that_is_announced() -> None:
    """Told once, also to who is muted or wants no such news; another one is told again; nobody is marked by it."""
    world = World(Preferences(muted_until=START + DAY, kinds=[]))
    alert = only(world.run(seen(announced=(Loss(5_000, 7),))))
    assert (alert.kind, alert.level, alert.amount, alert.due) == ("slashing-announced", "critical", 7, 5_000)
    assert world.told(seen(announced=(Loss(5_000, 7),))) == world.told(seen()) == []
    alert = only(world.run(seen(announced=(Loss(5_000, 7), Loss(6_000, 3)))))
    assert (alert.amount, alert.due) == (3, 6_000)
    assert world.told(seen(announced=(Loss(6_000, 3),), slashings=(Loss(99, 3),))) == ["slashed begins"]
    assert not any(decision.slashed for decision in world.decisions)
