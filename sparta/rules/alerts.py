"""What an operator is told after a run: decided from what was told before, what was seen, and the time, alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from sparta.models import ALWAYS_TOLD, AlertKind, AlertState, Cause, Level, Preferences, Trouble, Watch
from sparta.rules import condition, watch
from sparta.rules.condition import Condition
from sparta.rules.facts import Circumstances, Duties, Listener, Loss, Policy, Seen
from sparta.rules.watch import News, Voice

_TROUBLES: tuple[Trouble, ...] = get_args(Trouble)
_CAUSES: tuple[Cause, ...] = get_args(Cause)


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to tell of one validator. ``since`` in milliseconds, ``amount`` of stake in its smallest unit."""

    address: str
    label: str | None
    trouble: Trouble
    news: News
    level: Level
    since: int
    cause: Cause | None = None
    amount: int | None = None
    duties: Duties | None = None
    due: int | None = None
    """Unix seconds from which on an announced slashing may be executed."""

    @property
    def kind(self) -> AlertKind:
        """As operators choose kinds."""
        return "recovered" if self.news == "recovered" else self.trouble

    @property
    def is_slashing(self) -> bool:
        """Stake was taken or is to be: this comes through whatever the operator chose."""
        return self.trouble in ALWAYS_TOLD or (self.cause == "slashed" and self.news in {"begins", "changed"})


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one operator's watch, and what he is told; ``slashed``: he loses his approval."""

    listener: Listener
    watch: Watch
    alerts: tuple[Alert, ...]

    @property
    def changed(self) -> bool:
        """There is something to store."""
        return self.watch.states != self.listener.watch.states

    @property
    def slashed(self) -> bool:
        """A validator left the set because it was slashed."""
        return any(alert.trouble == "left-the-set" and alert.is_slashing for alert in self.alerts)


def decide(listener: Listener, seen: Sequence[Seen], circumstances: Circumstances) -> Decision:
    """For one operator, whose validators ``seen`` are all he has: what is not among them is forgotten."""
    states: dict[str, dict[Trouble, AlertState]] = {}
    alerts: list[Alert] = []
    for validator in sorted(seen, key=lambda each: each.address):
        before = listener.watch.states.get(validator.address, {})
        after, told = _validator(validator, before, listener.preferences, circumstances)
        if after:
            states[validator.address] = after
        alerts += told
    changed = states != listener.watch.states
    following = Watch(version=listener.watch.version + changed, states=states)
    return Decision(listener, following, tuple(sorted(alerts, key=_order)))


def _validator(
    seen: Seen, before: Mapping[Trouble, AlertState], preferences: Preferences, circumstances: Circumstances
) -> tuple[dict[Trouble, AlertState], list[Alert]]:
    after: dict[Trouble, AlertState] = {}
    alerts: list[Alert] = []
    for trouble in _TROUBLES:
        state = before.get(trouble)
        following, news = _step(trouble, state, seen, preferences, circumstances)
        if following:
            after[trouble] = following
            if news:
                alerts.append(_alert(trouble, news, seen, following, _newer_than(state)))
    return after, alerts


def _step(
    trouble: Trouble, state: AlertState | None, seen: Seen, preferences: Preferences, circumstances: Circumstances
) -> tuple[AlertState | None, News | None]:
    time, policy, newest = circumstances.time, circumstances.policy, circumstances.newest_slot
    threshold = preferences.miss_rate_threshold or policy.miss_rate
    match trouble:
        case "slashed":
            # Of one that does not stay its departure tells.
            return _loss(state, seen.slashings, time, policy, told=seen.presence == "in")
        case "slashing-announced":
            return _loss(state, seen.announced, time, policy)
        case "left-the-set":
            now = condition.presence(seen, state, policy)
        case _ if seen.presence != "in" or circumstances.many_missing:
            now = None  # It has no duties; or that they are missed says nothing about it.
        case "missing-attestations":
            now = condition.performance(seen.attestations, policy.attestations, state, threshold, newest, policy)
        case "missing-proposals":
            now = condition.performance(seen.proposals, policy.proposals, state, threshold, newest, policy)
    return watch.step(state, now, time, _voice(trouble, now, preferences, circumstances), policy)


def _voice(trouble: Trouble, now: Condition | None, preferences: Preferences, circumstances: Circumstances) -> Voice:
    """Of slashing is told whatever the operator chose, once."""
    is_slashing = now is not None and now.cause == "slashed"
    muted = preferences.muted_until is not None and circumstances.time < preferences.muted_until
    for_all = circumstances.many_left and trouble == "left-the-set"
    wanted = _wants(preferences, trouble)
    quiet = muted or for_all
    return Voice(
        news=(wanted and not quiet) or (is_slashing and not for_all),
        reminders=wanted and not quiet,
        recovery="hold" if quiet else "tell" if _wants(preferences, "recovered") and wanted else "drop",
        often=is_slashing,
    )


def _wants(preferences: Preferences, kind: AlertKind) -> bool:
    return preferences.kinds is None or kind in preferences.kinds


def _loss(
    state: AlertState | None, losses: Sequence[Loss], time: int, policy: Policy, *, told: bool = True
) -> tuple[AlertState | None, News | None]:
    """Each is told once, however often it is seen."""
    if state is not None and time - state.since > policy.slashing_remembered:
        state = None
    newest = max((each.mark for each in losses), default=-1)
    if newest <= _newer_than(state):
        return state, None
    fresh = AlertState(level="critical", cause="slashed", since=time, slot=newest)
    return (watch.tell(fresh, time, policy), "begins") if told else (fresh, None)


def _newer_than(state: AlertState | None) -> int:
    return state.slot if state is not None and state.slot is not None else -1


def _alert(trouble: Trouble, news: News, seen: Seen, state: AlertState, told_mark: int) -> Alert:
    plain = Alert(seen.address, seen.label, trouble, news, state.level, state.since)
    match trouble:
        case "left-the-set":
            return replace(plain, cause=_cause(state), amount=_amount(seen.slashings, -1) or None)
        case "slashed":
            return replace(plain, cause="slashed", amount=_amount(seen.slashings, told_mark))
        case "slashing-announced":
            due = min(each.mark for each in seen.announced if each.mark > told_mark)
            return replace(plain, cause="slashed", amount=_amount(seen.announced, told_mark), due=due)
        case "missing-attestations":
            return replace(plain, duties=seen.attestations)
        case "missing-proposals":
            return replace(plain, duties=seen.proposals)


def _amount(losses: Sequence[Loss], after: int) -> int:
    return sum(each.amount for each in losses if each.mark > after)


def _cause(state: AlertState) -> Cause:
    return next((cause for cause in _CAUSES if cause == state.cause), "unknown")


def _order(alert: Alert) -> tuple[int, int, str, str, str]:
    """The worst first, good news last; alike beside alike."""
    badness = 2 if alert.news == "recovered" else 0 if alert.level == "critical" else 1
    return badness, _TROUBLES.index(alert.trouble), alert.cause or "", alert.news, alert.address
