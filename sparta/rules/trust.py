"""Whether a run's answers may be believed. When in doubt nothing is concluded about anybody; moderators hear why."""

from __future__ import annotations

from dataclasses import dataclass

from sparta.models import AlertState, Doubt
from sparta.rules import watch
from sparta.rules.condition import Condition
from sparta.rules.facts import Policy
from sparta.rules.watch import News, Voice


@dataclass(frozen=True, slots=True)
class SetAnswer:
    """The set as Ethereum answered it. Numbers of validators; ``block_age`` in milliseconds.

    ``expected`` were in the set so far; of them ``lost`` are not in it now, ``proven`` of those with a reason on the
    chain. ``doubted_since`` is when a set that shrank was first not believed.
    """

    size: int
    expected: int
    lost: int
    proven: int
    block_age: int
    same_rollup: bool = True
    doubted_since: int | None = None


@dataclass(frozen=True, slots=True)
class StatsAnswer:
    """The node's statistics. ``age`` of its newest slot in milliseconds, None when it has seen none.

    ``watched`` validators had a duty, ``strangers`` of them were never in our set.
    """

    window: int
    watched: int
    strangers: int
    age: int | None
    same_network: bool
    set_size: int


def doubt_of_set(answer: SetAnswer, policy: Policy, time: int) -> Doubt | None:
    """None when the set may be believed.

    Losses that the chain explains are believed at once. Of many others nothing is until ``policy.doubt_for`` is over,
    and never that nobody is left. A single one proves nothing about the answer; its operator is told at a second look.
    """
    if answer.block_age > policy.stale_after:
        return "stale"
    unexplained = answer.lost - answer.proven
    if unexplained and not answer.size:
        return "set-empty"
    if unexplained < 2 or unexplained < policy.shrink_share * answer.expected:
        return None
    if answer.doubted_since is not None and time - answer.doubted_since >= policy.doubt_for:
        return None
    return "set-shrank" if answer.same_rollup else "rollup-changed"


def doubt_of_stats(answer: StatsAnswer, policy: Policy) -> Doubt | None:
    """None when the statistics may be believed."""
    if not answer.window:
        return "sentinel-off"
    if not answer.same_network or 2 * answer.strangers > answer.watched:
        return "wrong-network"
    if answer.age is None or (answer.set_size and not answer.watched):
        return "nothing-seen"
    return "stale" if answer.age > policy.stale_after else None


def is_collapse(failing: int, of: int, policy: Policy, *, already: bool = False) -> bool:
    """So many at once that it is the network's problem; once it is, until clearly fewer fail."""
    share = policy.collapse_share * (policy.recovery if already else 1)
    return failing >= policy.collapse_least and failing > share * of


def outage(
    state: AlertState | None, doubt: Doubt | None, time: int, policy: Policy, *, known: bool = True
) -> tuple[AlertState | None, News | None]:
    """What moderators hear of a source that cannot be believed: that it began and that it is over, once each.

    ``known`` is False when this run could not tell, as when Ethereum is needed to judge the node's answer.
    """
    now = Condition("critical", doubt, reminded_for=0) if doubt else Condition(None)
    return watch.step(state, now if known else None, time, Voice(reminders=False), policy)
