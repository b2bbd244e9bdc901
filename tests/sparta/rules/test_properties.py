"""What holds whatever happens: stories made by hypothesis, run after run."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sparta.models import AlertState, Cause, Doubt, Preferences, Watch
from sparta.rules.alerts import Alert, decide
from sparta.rules.facts import DAY, MINUTE, Circumstances, Listener, Loss, Seen
from sparta.rules.trust import outage
from tests.sparta.rules.world import POLICY, START, World, away, duties, seen

ADDRESSES = ["0x" + digit * 40 for digit in "abc"]
CAUSES: list[Cause] = ["slashed", "exiting", "queued", "gone", "unknown"]
DOUBTS: list[Doubt | None] = [None, None, "silent", "stale", "sentinel-off"]
HISTORIES = st.sampled_from(["", ".", "x", "..........", "xx........", "xxxxxxx", "xxx..........", "x.x.x.x.x"])
MINUTES = st.integers(1, 3 * 24 * 60)
PREFERENCES = st.builds(
    Preferences,
    kinds=st.sampled_from([None, None, [], ["missing-attestations"], ["left-the-set", "recovered"]]),
    miss_rate_threshold=st.sampled_from([None, 0.1, 0.9]),
    muted_until=st.sampled_from([None, None, START + DAY, START + 30 * DAY]),
)


@st.composite
def validators(draw: st.DrawFn, slot: int = 1000) -> list[Seen]:
    """What one run sees of each."""
    found = []
    for address in ADDRESSES:
        slashings = tuple(Loss(block, 1) for block in sorted(draw(st.sets(st.integers(1, 5), max_size=1))))
        presence = draw(st.sampled_from(["in", "in", "in", "left", "out"]))
        if presence == "in":
            attests, proposes = duties(draw(HISTORIES), slot), duties(draw(HISTORIES), slot)
            found.append(seen(address, attests=attests, proposes=proposes, slashings=slashings))
        else:
            found.append(away(draw(st.sampled_from(CAUSES)), presence, address, *slashings))  # type: ignore[arg-type]
    return found


RUNS = st.lists(st.tuples(MINUTES, validators()), min_size=1, max_size=8)


def moving(runs: list[tuple[int, list[Seen]]]) -> list[tuple[int, list[Seen], int]]:
    """The same with each run's slots after those of the run before."""
    return [
        (minutes, [shifted(each, 20 * n) for each in seen], 1020 + 20 * n) for n, (minutes, seen) in enumerate(runs)
    ]


def shifted(validator: Seen, slots: int) -> Seen:
    fields = {}
    for name in ("attestations", "proposals"):
        found = getattr(validator, name)
        if found is not None:
            places = {
                place: None if getattr(found, place) is None else getattr(found, place) + slots
                for place in ("last_missed", "steady_since")
            }
            fields[name] = replace(found, **places)
    return replace(validator, **fields)


def settled(validators: list[Seen]) -> list[Seen]:
    """The same a run later: who left is out."""
    return [replace(each, presence="out") if each.presence == "left" else each for each in validators]


def played(world: World, runs: list[tuple[int, list[Seen]]]) -> list[tuple[int, list[Alert]]]:
    """What was told, and when."""
    told = []
    for minutes, validators, newest in moving(runs):
        world.later(minutes=minutes)
        told.append((world.time, list(world.run(*validators, newest_slot=newest))))
    return told


@given(RUNS, PREFERENCES, st.integers(0, DAY - 10 * MINUTE - 1))
def test_an_unchanged_world_alerts_nothing_new(
    runs: list[tuple[int, list[Seen]]], preferences: Preferences, later: int
) -> None:
    """After a second look nothing is said and nothing stored until a day has passed, a mute's end apart."""
    world = World(preferences.model_copy(update={"muted_until": None}))
    played(world, runs)
    (_, last, newest) = moving(runs)[-1]
    after = settled(last)
    world.later(minutes=10)
    world.run(*after, newest_slot=newest)
    before = world.watch
    told_now = world.decisions[-1].alerts
    world.time += later
    alerts = world.run(*after, newest_slot=newest)
    fresh = [alert for alert in alerts if (alert.address, alert.trouble) in {(a.address, a.trouble) for a in told_now}]
    assert fresh == []
    # What was held back as too often may be told now; what was told before is repeated after a day only.
    for alert in alerts:
        told_at = before.states[alert.address][alert.trouble].told_at
        assert alert.news != "reminder" or world.time - told_at[-1] >= DAY
        assert alert.news == "reminder" or len(told_at) == POLICY.tellings_a_day
    if later == 0:
        assert alerts == ()
        assert world.watch == before


@given(RUNS, PREFERENCES)
def test_a_second_run_at_once_says_nothing(runs: list[tuple[int, list[Seen]]], preferences: Preferences) -> None:
    """The same answers at the same moment: nothing new, whatever came before."""
    world = World(preferences)
    for minutes, validators, newest in moving(runs):
        world.later(minutes=minutes)
        world.run(*validators, newest_slot=newest)
        before = world.watch
        assert world.run(*validators, newest_slot=newest) == ()
        assert world.watch == before


@given(RUNS, PREFERENCES)
def test_a_restart_changes_nothing(runs: list[tuple[int, list[Seen]]], preferences: Preferences) -> None:
    """States that went through JSON, as the store keeps them, decide as those that never left memory."""
    stored = played(World(preferences), runs)
    watch, time, kept = Watch(), START, []
    for minutes, validators, newest in moving(runs):
        time += minutes * MINUTE
        decision = decide(
            Listener("7", "leonidas", preferences, watch), validators, Circumstances(time, POLICY, newest)
        )
        watch = decision.watch
        kept.append((time, list(decision.alerts)))
    assert kept == stored


@given(RUNS, PREFERENCES, st.randoms())
def test_the_order_of_validators_does_not_matter(
    runs: list[tuple[int, list[Seen]]], preferences: Preferences, chance: object
) -> None:
    """Neither for what is told nor for what is stored."""
    mixed = [(minutes, sorted(validators, key=lambda _: chance.random())) for minutes, validators in runs]  # type: ignore[attr-defined]
    straight, other = World(preferences), World(preferences)
    assert played(straight, runs) == played(other, mixed)
    assert straight.watch == other.watch


@given(RUNS, PREFERENCES)
def test_a_muted_operator_hears_of_slashing_only(runs: list[tuple[int, list[Seen]]], preferences: Preferences) -> None:
    """As long as he is muted; and of each slashing he does hear."""
    world = World(preferences.model_copy(update={"muted_until": START + 1000 * DAY}))
    for _, alerts in played(world, runs):
        assert all(alert.is_slashing for alert in alerts)
    slashed = {(each.address, each.slashings[0].mark) for _, seen in runs for each in seen if each.slashings}
    states = {
        (address, states["slashed"].slot) for address, states in world.watch.states.items() if "slashed" in states
    }
    assert {address for address, _ in states} == {address for address, _ in slashed}


@given(RUNS, PREFERENCES)
def test_nobody_is_told_too_often(runs: list[tuple[int, list[Seen]]], preferences: Preferences) -> None:
    """Of one trouble of one validator at most three times in any 24 hours, slashing apart."""
    short = [(minutes % 200 + 1, validators) for minutes, validators in runs]
    times = defaultdict(list)
    for time, alerts in played(World(preferences), short):
        for alert in alerts:
            if not alert.is_slashing and alert.cause != "slashed":
                times[alert.address, alert.trouble].append(time)
    for told in times.values():
        assert all(later - first >= DAY for first, later in zip(told, told[3:], strict=False))


@given(RUNS, PREFERENCES)
def test_in_the_end_everybody_knows_the_truth(runs: list[tuple[int, list[Seen]]], preferences: Preferences) -> None:
    """After quiet days what an operator believes is what is so, of the kinds he wants to hear of."""
    world = World(preferences)
    played(world, runs)
    (_, last, newest) = moving(runs)[-1]
    for _ in range(3):
        world.later(hours=24 * 31)
        world.run(*settled(last), newest_slot=newest)
    for validator in last:
        for trouble, state in world.watch.states.get(validator.address, {}).items():
            if trouble in judged(validator) and state.cause != "slashed" and (wants(preferences, trouble)):
                assert (state.told is not None) == (state.over is None)


def judged(validator: Seen) -> set[str]:
    """Of what a run can say whether it is so."""
    if validator.presence != "in":
        return {"left-the-set"}
    duties_of = {"missing-attestations": validator.attestations, "missing-proposals": validator.proposals}
    return {"left-the-set"} | {trouble for trouble, found in duties_of.items() if found and found.rate is not None}


def wants(preferences: Preferences, trouble: str) -> bool:
    return preferences.kinds is None or trouble in preferences.kinds


@given(st.lists(st.tuples(st.integers(1, 600), st.sampled_from(DOUBTS)), max_size=40))
def test_every_outage_that_lasts_is_told_once_and_its_end_once(story: list[tuple[int, Doubt | None]]) -> None:
    """Beginning and end take turns; what lasts a day is known, and so is that it has been over for a day."""
    state: AlertState | None = None
    time, changed, now, told = START, START, False, []
    for minutes, doubt in story:
        time += minutes * MINUTE
        if (doubt is not None) != now:
            now, changed = doubt is not None, time
        state, news = outage(state, doubt, time, POLICY)
        told += [(news, time)] if news else []
        if time - changed >= DAY:
            assert (told[-1][0] == "begins" if told else False) == now
    assert [news for news, _ in told] == ["begins", "recovered"] * (len(told) // 2) + ["begins"] * (len(told) % 2)
    times = [time for _, time in told]
    assert all(later - first >= DAY for first, later in zip(times, times[3:], strict=False))
