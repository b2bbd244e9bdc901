"""What an operator is told: each rule of the decision as a table or a short story."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from sparta.models import Cause, Level, Preferences
from sparta.rules.alerts import Alert
from sparta.rules.facts import DAY, HOUR, Loss
from tests.sparta.rules.world import FIRST, NO_DUTY, SECOND, START, World, away, duties, seen

BAD = "xxxxxxxxxxxx"
GOOD = "............"


def only(alerts: Sequence[Alert]) -> Alert:
    (alert,) = alerts
    return alert


def slashed(world: World) -> bool:
    """Whether the last run took the operator's approval."""
    return world.decisions[-1].slashed


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
