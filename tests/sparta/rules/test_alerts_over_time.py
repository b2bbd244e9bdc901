"""Decisions from run to run: reminders, recoveries, mutes, and what does not spam."""

from __future__ import annotations

import pytest

from sparta.models import Cause, Level, Preferences
from sparta.rules.facts import DAY, HOUR, Loss
from tests.sparta.rules.world import BAD, FIRST, GOOD, NO_DUTY, SECOND, START, World, away, duties, only, seen, slashed


def test_an_unchanged_state_reminds_once_a_day() -> None:
    """Not before a day has passed since it was last told."""
    world = World()
    assert world.told(seen(attests=BAD)) == ["missing-attestations begins"]
    for hour in range(1, 24):
        world.time = START + hour * HOUR
        assert world.told(seen(attests=BAD)) == []
    world.time = START + DAY
    alert = only(world.run(seen(attests=BAD)))
    assert (alert.news, alert.since) == ("reminder", START)
    assert world.told(seen(attests=BAD)) == []
    world.time += DAY - 1
    assert world.told(seen(attests=BAD)) == []
    world.time += 1
    assert world.told(seen(attests=BAD)) == ["missing-attestations reminder"]


@pytest.mark.parametrize(("cause", "reminders"), [("slashed", 6), ("exiting", 0), ("queued", 0), ("gone", 0)])
def test_a_departure_is_repeated_for_a_week_if_nobody_meant_it(cause: Cause, reminders: int) -> None:
    """Who leaves on his own is told once."""
    world = World()
    world.run(away(cause))
    told = []
    for _ in range(20):
        world.later(hours=24)
        told += world.told(away(cause, "out"))
    assert told == ["left-the-set reminder"] * reminders


def test_what_gets_worse_is_told_at_once_and_what_gets_better_is_not() -> None:
    """Until it is over it is as bad as it was."""
    world = World()
    assert world.told(seen(attests="xx........")) == ["missing-attestations begins"]
    assert world.told(seen(attests=BAD)) == ["missing-attestations changed"]
    assert world.told(seen(attests="xx........")) == []
    assert world.told(seen(attests=BAD)) == []


def test_recovery_needs_less_than_the_threshold() -> None:
    """A rate that sways around the threshold is one trouble, not ten."""
    world = World()
    assert world.told(seen(attests="xxxx" + "." * 16)) == ["missing-attestations begins"]
    for _ in range(10):
        world.later(minutes=5)
        assert world.told(seen(attests="xxx" + "." * 16)) == []
        assert world.told(seen(attests="xxxx" + "." * 16)) == []
    assert world.told(seen(attests="xx" + "." * 16)) == ["missing-attestations recovered"]


def test_who_does_its_duties_again_has_recovered() -> None:
    """Ten in a row after it was noticed, though the window still holds old misses; those are no news any more."""
    world = World()
    assert world.told(seen(attests=duties(BAD, 1000)), newest_slot=1011) == ["missing-attestations begins"]
    assert world.told(seen(attests=duties(BAD + "." * 9, 1000)), newest_slot=1020) == []
    mended = seen(attests=duties(BAD + "." * 10, 1000))
    assert world.told(mended, newest_slot=1021) == ["missing-attestations recovered"]
    world.later(hours=30)
    assert world.told(mended, newest_slot=1021) == []
    again = seen(attests=duties(BAD + "." * 10 + "x", 1000))
    assert world.told(again, newest_slot=1022) == ["missing-attestations begins"]


def test_old_misses_before_a_good_row_still_count_at_first_sight() -> None:
    """The rate over the window is the rule; the good row must come after it was noticed."""
    world = World()
    old = seen(attests=duties("xxxxx" + "." * 15, 1000))
    assert world.told(old, newest_slot=1020) == ["missing-attestations begins"]
    assert world.told(old, newest_slot=1020) == []


def test_another_rollup_counts_its_slots_anew() -> None:
    """A memory in the old one's slots does not hide what happens in the new one's."""
    world = World()
    mended = duties(BAD + "." * 10, 900_000)
    assert world.told(seen(attests=duties(BAD, 900_000)), newest_slot=900_011) == ["missing-attestations begins"]
    assert world.told(seen(attests=mended), newest_slot=900_021) == ["missing-attestations recovered"]
    assert world.told(seen(attests=duties(BAD, 50)), newest_slot=62) == ["missing-attestations begins"]


def test_what_comes_and_goes_does_not_spam() -> None:
    """Three tellings a day at most, the last of them that it is there; the truth is told when the day is over."""
    world = World()
    told = []
    for number in range(200):
        world.later(minutes=5)
        slot = 2000 + 12 * number
        told += world.told(seen(attests=duties(GOOD if number % 2 else BAD, slot)), newest_slot=slot + 11)
    assert told == [f"missing-attestations {news}" for news in ("begins", "recovered", "begins")]
    world.later(hours=24)
    assert world.told(seen(attests=GOOD)) == ["missing-attestations recovered"]


def test_a_muted_operator_hears_of_slashing_only() -> None:
    """Everything else is told when the time is over, if it is still so."""
    until = START + 8 * HOUR
    world = World(Preferences(muted_until=until))
    assert world.told(seen(attests=BAD, proposes="xx")) == []
    assert world.told(seen(attests=BAD), away("exiting", address=SECOND)) == []
    told = world.told(seen(attests=BAD, slashings=(Loss(7, 1),)), away("slashed", "out", SECOND))
    assert told == ["left-the-set begins", "slashed begins"]
    assert slashed(world)
    world.later(hours=1)
    assert world.told(seen(attests=BAD), away("slashed", "out", SECOND)) == []
    world.time = until
    assert world.told(seen(attests=BAD), away("slashed", "out", SECOND)) == ["missing-attestations begins"]


def test_good_news_waits_for_the_end_of_a_mute() -> None:
    """Who was told of a trouble is told of its end, unless it is back by then."""
    world = World()
    assert world.told(seen(attests=BAD)) == ["missing-attestations begins"]
    world.prefer(muted_until=START + 8 * HOUR)
    assert world.told(seen(attests=GOOD)) == []
    back = World()
    back.watch, back.time = world.watch, START + 8 * HOUR
    assert back.told(seen(attests=duties(BAD, 2100))) == []
    world.time = START + 8 * HOUR
    assert world.told(seen(attests=GOOD)) == ["missing-attestations recovered"]


def test_an_operator_hears_the_kinds_he_chose() -> None:
    """And of slashing all the same; a kind chosen later is told if it is still so."""
    world = World(Preferences(kinds=["missing-proposals"]))
    bad = seen(attests=BAD, proposes="xxxx")
    assert world.told(bad) == ["missing-proposals begins"]
    assert world.told(seen(proposes="....")) == []
    bad = seen(attests=BAD, proposes=duties("xxxx", 2100))
    assert world.told(bad, away("exiting", address=SECOND)) == ["missing-proposals begins"]
    assert world.told(bad, away("slashed", "out", SECOND)) == ["left-the-set begins"]
    world.prefer(kinds=None)
    assert world.told(bad, away("slashed", "out", SECOND)) == ["missing-attestations begins"]


@pytest.mark.parametrize(("threshold", "told"), [(None, True), (0.05, True), (0.25, True), (0.26, False), (1.0, False)])
def test_an_operator_has_a_threshold_of_his_own(threshold: float | None, *, told: bool) -> None:
    """In place of the system's, for the rate."""
    world = World(Preferences(miss_rate_threshold=threshold))
    assert bool(world.run(seen(attests="xx......"))) == told


@pytest.mark.parametrize(("history", "level"), [("xxxxxx....", None), ("xxxxxxxxx.", "critical")])
def test_a_high_threshold_is_the_critical_one_too(history: str, level: Level | None) -> None:
    """Nobody is told of 60 % as critical who asked to be told from 90 % on."""
    world = World(Preferences(miss_rate_threshold=0.9))
    assert [alert.level for alert in world.run(seen(attests=history))] == ([level] if level else [])


def test_the_networks_problem_is_nobodys() -> None:
    """While the many miss, nobody is told that he does; what remains afterwards is told. Slashing comes through."""
    world = World()
    assert world.told(seen(attests=BAD), many_missing=True) == []
    assert world.told(seen(attests=BAD), away("slashed", address=SECOND), many_missing=True) == ["left-the-set begins"]
    world.later(hours=30)
    assert world.told(seen(attests=BAD), many_missing=True) == []
    assert world.told(seen(attests=BAD)) == ["missing-attestations begins"]
    assert world.told(seen(attests=GOOD), many_missing=True) == []
    assert world.told(seen(attests=GOOD)) == ["missing-attestations recovered"]


def test_when_many_leave_at_once_operators_wait_for_the_next_run() -> None:
    """It may be the answer that is wrong: nobody is told or loses approval before it is still so."""
    world = World()
    assert world.told(away("slashed"), many_left=True) == []
    assert not slashed(world)
    world.later(minutes=5)
    assert world.told(away("slashed", "out")) == ["left-the-set begins"]
    assert slashed(world)


def test_no_conclusion_changes_nothing() -> None:
    """Duties about which the node says nothing reliable: neither worse nor better, and no reminder."""
    world = World()
    world.run(seen(attests=BAD))
    before = world.watch
    world.later(hours=30)
    assert world.told(seen(attests=NO_DUTY, proposes=NO_DUTY)) == []
    unknown = seen()
    assert world.told(type(unknown)(FIRST, None, "in")) == []
    assert world.watch == before


def test_what_is_not_his_any_more_is_forgotten() -> None:
    """A validator that was given away takes its state along, and its next operator hears of it at once."""
    world = World()
    world.run(seen(attests=BAD), seen(SECOND, attests=BAD))
    assert world.told(seen(attests=BAD)) == []
    assert list(world.watch.states) == [FIRST]
    assert world.told(seen(attests=BAD), seen(SECOND, attests=BAD)) == ["missing-attestations begins"]


def test_a_digest_has_the_worst_first_and_good_news_last() -> None:
    """Critical, warnings, recoveries; within each by kind and address."""
    world = World()
    third = "0x" + "c" * 40
    world.run(seen(third, attests=BAD))
    alerts = world.run(
        seen(third, attests=GOOD), seen(SECOND, attests="xx........"), away("slashed", "left"), seen("0x" + "d" * 40)
    )
    assert [(alert.address[2], alert.news) for alert in alerts] == [
        ("a", "begins"),
        ("b", "begins"),
        ("c", "recovered"),
    ]


def test_a_version_counts_changes_only() -> None:
    """So that a store can refuse the second of two runs at once."""
    world = World()
    world.run(seen())
    assert (world.watch.version, world.decisions[-1].changed) == (0, False)
    world.run(seen(attests=BAD))
    world.run(seen(attests=BAD))
    assert [decision.changed for decision in world.decisions] == [False, True, False]
    assert world.watch.version == 1


def test_labels_and_numbers_come_with_the_alert() -> None:
    """Whoever writes the text needs no other source."""
    alert = only(World().run(seen(attests=BAD, label="Thermopylae")))
    assert alert.label == "Thermopylae"
    assert alert.duties
    assert (alert.duties.missed, alert.duties.total) == (12, 12)
