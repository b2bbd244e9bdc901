"""What the monitor's decision is made of: what a run saw of each validator, and the limits it judges by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from sparta.models import Cause, Preferences, Watch

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
Presence = Literal["in", "left", "out"]
"""In the set; known as in the set until this run, and not in it now; not in the set, and not before."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When duties of one kind count as missing: a share of them, but never for a single miss; or a row of misses."""

    row: int
    critical_row: int
    steady: int
    """So many done in a row, after it was noticed, end it while the window still holds the old misses."""
    least: int = 2


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits of the system. Times in milliseconds, shares from 0 to 1."""

    miss_rate: float = 0.2
    critical_rate: float = 0.5
    attestations: Limits = field(default=Limits(row=5, critical_row=20, steady=10))
    proposals: Limits = field(default=Limits(row=2, critical_row=4, steady=3))
    recovery: float = 0.75
    """What was missing is over when its rate is under this part of the threshold: so it does not come and go."""
    remind_after: int = DAY
    left_reminded_for: int = 7 * DAY
    tellings_a_day: int = 3
    """Of one trouble of one validator; odd, so that of one that comes and goes the last word is that it is there."""
    second_look: int = 3 * MINUTE
    """A departure nothing on the chain explains may be a wrong answer: it is told when it is still so after this."""
    slashing_remembered: int = 30 * DAY
    """Longer than logs are looked through again."""
    collapse_share: float = 0.5
    """When more of all who have duties miss them, or more of the set leave at once, it is the network's problem."""
    collapse_least: int = 3
    stale_after: int = 30 * MINUTE
    shrink_share: float = 0.25
    """A set that lost so much of itself without a reason on the chain is a wrong answer sooner than the truth."""
    doubt_for: int = DAY
    """So long a set that shrank beyond belief is not believed."""
    same_chain_slots: int = 4096
    """A slot that lies so far ahead of the newest belongs to the rollup before this one."""


@dataclass(frozen=True, slots=True)
class Duties:
    """Duties of one kind within the node's window. ``rate`` is None when there was none, which is not missing."""

    rate: float | None
    missed: int
    total: int
    row: int
    """Missed in a row, up to the last one."""
    last_missed: int | None
    """Its slot."""
    steady_since: int | None
    """Slot since which the last ``Limits.steady`` duties were all done; None when they were not."""
    last_done: int | None
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Stake that was taken, or is to be; ``amount`` in the smallest unit. ``mark`` grows with time and tells one from
    the next: the block of L1 in which it was taken, or the unix seconds from which on it may be."""

    mark: int
    amount: int


@dataclass(frozen=True, slots=True)
class Seen:
    """One validator as this run saw it. Duties are None when nothing may be concluded about them."""

    address: str
    label: str | None
    presence: Presence
    cause: Cause = "unknown"
    """Of its absence, as far as the chain proves one."""
    slashings: tuple[Loss, ...] = ()
    """Lately, some of them perhaps known already."""
    announced: tuple[Loss, ...] = ()
    """Slashings that were voted for and can be executed."""
    attestations: Duties | None = None
    proposals: Duties | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a run knows beside the single validator. ``newest_slot`` is the last of which the node told."""

    time: int
    policy: Policy
    newest_slot: int
    many_missing: bool = False
    """So many of the whole set miss their duties that it is the network's problem."""
    many_left: bool = False
    """So many left the set at once."""


@dataclass(frozen=True, slots=True)
class Listener:
    """An operator: what was told, and what is to be told."""

    operator_id: str
    name: str
    preferences: Preferences
    watch: Watch
