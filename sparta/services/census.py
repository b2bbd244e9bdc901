"""Every known validator in short: a hundred thousand of them must fit into the memory of a small function."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sparta.chain.stats import ATTESTATION, MISSED, PROPOSAL, Event, Missed
from sparta.chain.stats import ValidatorStats as NodeStats
from sparta.models import Duty, ValidatorStats
from sparta.rules.facts import Duties, Limits
from sparta.stores.validators import Row

Time = tuple[int, int]
"""Slot, unix seconds."""


class Tally(NamedTuple):
    """``models.ValidatorStats`` in a tenth of its size: what is stored of a validator's duties."""

    total: int
    attestations: tuple[int, int, float | None]
    """Missed, missed in a row, rate."""
    proposals: tuple[int, int, float | None]
    attested: Time | None
    proposed: Time | None
    newest: int | None
    """Slot of the last duty."""


class Known(NamedTuple):
    """A validator as it is stored."""

    operator_id: str | None
    label: str | None
    is_active: bool
    tally: Tally | None


_NONE_MISSED = (0, 0, None)
_NO_DUTY = Missed(count=0, current_streak=0, total=0, rate=None)
NOT_WATCHED = NodeStats(None, None, 0, _NO_DUTY, _NO_DUTY, ())
"""A validator that the node does not mention."""


def read(rows: Iterable[Row]) -> dict[str, Known]:
    """By address in lower case."""
    return {row.address: Known(row.operator_id, row.label, row.is_active, _stored(row.stats)) for row in rows}


class Last(NamedTuple):
    """The last time of each duty, as far as is known."""

    attested: Time | None
    proposed: Time | None


def merged(told: NodeStats, before: Tally | None) -> Last:
    """What the node told, or what is stored when the node's window has passed it."""
    return Last(
        _later(told.last_attestation, before.attested if before else None),
        _later(told.last_proposal, before.proposed if before else None),
    )


def tally(told: NodeStats, before: Tally | None, newest_slot: int, same_chain: int) -> Tally | None:
    """What is to be stored after the node said ``told``; None when nothing is known of any duty.

    The last attestation and proposal stay when the node's window has passed them. A stored slot that lies more than
    ``same_chain`` ahead of the node's newest was counted by the rollup before this one.
    """
    newest = max((slot for slot, _ in told.history), default=None)
    if before is not None and before.newest is not None and before.newest <= newest_slot + same_chain:
        newest = max(before.newest, newest if newest is not None else 0)
    new = Tally(
        told.total_slots,
        _counts(told.missed_attestations),
        _counts(told.missed_proposals),
        *merged(told, before),
        newest,
    )
    return None if new == (0, _NONE_MISSED, _NONE_MISSED, None, None, None) else new


def model(found: Tally) -> ValidatorStats:
    """As it is stored."""
    return ValidatorStats(
        total_slots=found.total,
        missed_attestations_count=found.attestations[0],
        missed_attestations_current_streak=found.attestations[1],
        missed_attestations_rate=found.attestations[2],
        missed_proposals_count=found.proposals[0],
        missed_proposals_current_streak=found.proposals[1],
        missed_proposals_rate=found.proposals[2],
        last_attestation=_duty(found.attested),
        last_proposal=_duty(found.proposed),
        last_duty_slot=found.newest,
    )


def attestations(told: NodeStats, limits: Limits, attested: Time | None) -> Duties:
    """For the decision. ``attested`` last, as far as is known."""
    return _duties(told, told.missed_attestations, ATTESTATION, limits, attested)


def proposals(told: NodeStats, limits: Limits, proposed: Time | None) -> Duties:
    """The same of proposals."""
    return _duties(told, told.missed_proposals, PROPOSAL, limits, proposed)


def _duties(told: NodeStats, missed: Missed, kinds: tuple[str, ...], limits: Limits, last: Time | None) -> Duties:
    entries = sorted((slot, not status.endswith(MISSED)) for slot, status in told.history if status.startswith(kinds))
    row = entries[-limits.steady :]
    is_steady = len(row) == limits.steady and all(done for _, done in row)
    return Duties(
        rate=missed.rate,
        missed=missed.count,
        total=missed.total,
        row=missed.current_streak,
        last_missed=max((slot for slot, done in entries if not done), default=None),
        steady_since=row[0][0] if is_steady else None,
        last_done=last[1] if last else None,
    )


def _counts(missed: Missed) -> tuple[int, int, float | None]:
    if not missed.count and not missed.current_streak and missed.rate is None:
        return _NONE_MISSED
    return missed.count, missed.current_streak, missed.rate


def _later(event: Event | None, before: Time | None) -> Time | None:
    """By the clock: slots begin anew with a new rollup."""
    new = (event.slot, event.timestamp) if event else None
    return max(filter(None, (new, before)), key=lambda each: each[1], default=None)


def _duty(at: Time | None) -> Duty | None:
    return Duty(slot=at[0], timestamp=at[1]) if at else None


def _stored(stats: dict[str, Any] | None) -> Tally | None:
    if stats is None:
        return None
    kinds = [
        tuple(stats.get(f"missed{kind}{what}") for what in ("Count", "CurrentStreak", "Rate"))
        for kind in ("Attestations", "Proposals")
    ]
    last = [
        (duty["slot"], duty["timestamp"]) if (duty := stats.get(name)) else None
        for name in ("lastAttestation", "lastProposal")
    ]
    return Tally(stats["totalSlots"], kinds[0], kinds[1], last[0], last[1], stats.get("lastDutySlot"))  # type: ignore[arg-type]
