"""One trouble over time: what to tell, given what people believe and what is so now.

People are told when what they believe is wrong, at once; when it is right, again after a day. What may not be said now
(muted, unwanted, too often today) is not forgotten: the belief stays as it is, and is put right when it may.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sparta.models import AlertState
from sparta.rules.condition import Condition
from sparta.rules.facts import DAY, Policy

News = Literal["begins", "changed", "reminder", "recovered"]


@dataclass(frozen=True, slots=True)
class Voice:
    """What may be said now. ``often``: as often as there is news."""

    news: bool = True
    reminders: bool = True
    recovery: Literal["tell", "hold", "drop"] = "tell"
    often: bool = False


def step(
    state: AlertState | None, now: Condition | None, time: int, voice: Voice, policy: Policy
) -> tuple[AlertState | None, News | None]:
    """The state after this run, and what is told. The same state object when nothing changed."""
    if now is None:
        return state, None
    if now.level is None:
        return _well(state, now, time, voice, policy)
    return _tell(_noticed(state, now, time), now, time, voice, policy)


def tell(state: AlertState, time: int, policy: Policy) -> AlertState:
    """``state`` after people were told of it."""
    return _changed(state, told=state.level, told_cause=state.cause, told_at=_times(state, time, policy))


def may_tell(state: AlertState, time: int, policy: Policy) -> bool:
    """Not too often within a day."""
    return sum(time - told < DAY for told in state.told_at) < policy.tellings_a_day


def _noticed(state: AlertState | None, now: Condition, time: int) -> AlertState:
    if now.level is None:
        raise ValueError("only a trouble can be noticed")
    if state is None:
        return AlertState(level=now.level, cause=now.cause, since=time, slot=now.slot)
    if state.over is not None:
        return _changed(state, level=now.level, cause=now.cause, since=time, over=None, slot=now.slot)
    # In one stretch it is as bad as it ever was, unless it turns out to be something else.
    level = "critical" if state.level == "critical" and now.cause == state.cause else now.level
    if (level, now.cause) == (state.level, state.cause):
        return state
    return _changed(state, level=level, cause=now.cause)


def _tell(state: AlertState, now: Condition, time: int, voice: Voice, policy: Policy) -> tuple[AlertState, News | None]:
    if _is_news(state):
        believable = now.certain or time - state.since >= policy.second_look
        if voice.news and believable and (voice.often or may_tell(state, time, policy)):
            return tell(state, time, policy), "begins" if state.told is None else "changed"
        return state, None
    if voice.reminders and may_tell(state, time, policy) and _is_due(state, now, time, policy):
        return tell(state, time, policy), "reminder"
    return state, None


def _is_news(state: AlertState) -> bool:
    if state.told is None or (state.told == "warning" and state.level == "critical"):
        return True
    return state.cause != state.told_cause and (state.told_cause == "unknown" or state.cause == "slashed")


def _is_due(state: AlertState, now: Condition, time: int, policy: Policy) -> bool:
    lasts = now.reminded_for is None or time - state.since < now.reminded_for
    return lasts and time - max(state.told_at, default=0) >= policy.remind_after


def _well(
    state: AlertState | None, now: Condition, time: int, voice: Voice, policy: Policy
) -> tuple[AlertState | None, News | None]:
    if state is None:
        return None, None
    news: News | None = None
    if state.over is None:
        state = _changed(state, over=time, slot=now.slot)
    if state.told is not None and voice.recovery == "drop":
        state = _changed(state, told=None, told_cause=None)
    elif state.told is not None and voice.recovery == "tell" and (voice.often or may_tell(state, time, policy)):
        state = _changed(state, told=None, told_cause=None, told_at=_times(state, time, policy))
        news = "recovered"
    is_memory = state.told is not None or any(time - told < DAY for told in state.told_at)
    return (state if is_memory or not now.settled else None), news


def _times(state: AlertState, time: int, policy: Policy) -> list[int]:
    return [*state.told_at, time][-policy.tellings_a_day :]


def _changed(state: AlertState, **fields: object) -> AlertState:
    return state.model_copy(update=fields)
