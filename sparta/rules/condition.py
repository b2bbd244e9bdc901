"""What is wrong with one validator at this moment, without regard to what anybody was told."""

from __future__ import annotations

from dataclasses import dataclass

from sparta.models import AlertState, Cause, Doubt, Level
from sparta.rules.facts import Duties, Limits, Policy, Seen

_LEVELS: dict[Cause, Level] = {
    "slashed": "critical",
    "unknown": "critical",
    "exiting": "warning",
    "queued": "warning",
    "gone": "warning",
}
_WITHOUT_HASTE = frozenset({"exiting", "queued", "gone"})
"""Its operator or its withdrawer did it: told once, never repeated."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What is so now. ``level`` is None when all is well; where nothing can be concluded there is no condition."""

    level: Level | None
    cause: Cause | Doubt | None = None
    slot: int | None = None
    certain: bool = True
    """Else it is told only when it is still so at a second look."""
    settled: bool = True
    """Well without any doubt, so that what was before may be forgotten."""
    reminded_for: int | None = None
    """Milliseconds from its beginning; None for as long as it lasts."""


def presence(seen: Seen, state: AlertState | None, policy: Policy) -> Condition | None:
    """Whether it left the set. Who never was in it has not left."""
    if seen.presence == "in":
        return Condition(None)
    is_gone = state is not None and state.over is None
    if seen.presence == "out" and not is_gone:
        return None
    cause = _explained(state.cause if state is not None and is_gone else None, seen.cause)
    return Condition(
        _LEVELS[cause],
        cause,
        certain=cause != "unknown",
        reminded_for=0 if cause in _WITHOUT_HASTE else policy.left_reminded_for,
    )


def level_of(duties: Duties, limits: Limits, threshold: float, policy: Policy) -> Level | None:
    """By the rate over the window, or the misses in a row; None when neither is reached."""
    counts = duties.missed >= limits.least and duties.rate is not None
    rate = duties.rate if counts and duties.rate is not None else 0.0
    if duties.row >= limits.critical_row or rate >= max(policy.critical_rate, threshold):
        return "critical"
    return "warning" if duties.row >= limits.row or rate >= threshold else None


def performance(
    duties: Duties | None, limits: Limits, state: AlertState | None, threshold: float, newest: int, policy: Policy
) -> Condition | None:
    """Whether it misses duties of one kind; no conclusion about who had none. ``newest`` is the node's newest slot."""
    if duties is None or duties.rate is None:
        return None
    noticed = _slot(state, newest, policy)
    if state is not None and state.over is None:
        if duties.steady_since is not None and duties.steady_since > noticed:
            return Condition(None, slot=newest, settled=False)
        level = level_of(duties, limits, threshold * policy.recovery, policy)
        return Condition(level, slot=newest)
    level = level_of(duties, limits, threshold, policy)
    if level and duties.last_missed is not None and duties.last_missed <= noticed:
        # The window still holds what is over: only a miss after that is news.
        return Condition(None, slot=newest, settled=False)
    return Condition(level, slot=newest)


def _explained(before: Cause | Doubt | None, now: Cause) -> Cause:
    """A slashing stays one when its rest is withdrawn; what was proven once is not unknown when the proof is old."""
    match before:
        case "slashed":
            return before
        case "exiting" | "queued" | "gone" if now == "unknown":
            return before
    return now


def _slot(state: AlertState | None, newest: int, policy: Policy) -> int:
    """As of which the trouble was noticed or over; before all slots when there was none, or another rollup counted."""
    if state is None or state.slot is None or state.slot > newest + policy.same_chain_slots:
        return -1
    return state.slot
