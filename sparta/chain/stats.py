"""What an Aztec node knows of each validator's duties. Slots come as strings up to 2.x and as numbers in 4.x."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

ATTESTATION = ("attestation",)
PROPOSAL = ("block", "checkpoint")
"""How the statuses of duties of a kind begin: ``attestation-sent``, ``checkpoint-mined`` and the like."""
MISSED = "-missed"
"""How a status ends whose duty was not done."""


@dataclass(frozen=True, slots=True)
class Event:
    """The last time a duty was done; ``timestamp`` in unix seconds."""

    slot: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Missed:
    """Duties of one kind that were missed, of ``total``; ``rate`` from 0 to 1, None when there was no such duty: that
    is no 0."""

    count: int
    current_streak: int
    total: int
    rate: float | None


@dataclass(frozen=True, slots=True)
class ValidatorStats:
    """One validator within the node's window. Its history holds only slots in which it had a duty, as
    ``(slot, status)``; a validator that was not drawn has none, which is not missing."""

    last_attestation: Event | None
    last_proposal: Event | None
    total_slots: int
    missed_attestations: Missed
    missed_proposals: Missed
    history: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class NodeStats:
    """All validators the node has seen, by address in lower case."""

    validators: dict[str, ValidatorStats]
    last_processed_slot: int | None
    initial_slot: int | None
    slot_window: int

    @property
    def sentinel_off(self) -> bool:
        """The node does not watch: an empty answer that says nothing about anyone."""
        return self.slot_window == 0


def read_stats(answer: Any) -> NodeStats:
    """The answer of ``getValidatorsStats``; about 50 ms for 10,000 validators.

    :raises KeyError, TypeError, ValueError, AttributeError: it is something else
    """
    return NodeStats(
        validators={str(key).lower(): _validator(raw) for key, raw in answer["stats"].items()},
        last_processed_slot=_optional(answer.get("lastProcessedSlot")),
        initial_slot=_optional(answer.get("initialSlot")),
        slot_window=int(answer["slotWindow"]),
    )


def compact(raw: dict[str, Any]) -> Any:
    """For the JSON reader: a validator becomes ``ValidatorStats`` as soon as it is read, anything else stays as it is.

    A hundred thousand of them as dictionaries would not fit into the memory of a small function.
    """
    if "totalSlots" not in raw:
        return raw
    try:
        return _read(raw)
    except (AttributeError, KeyError, TypeError, ValueError):
        return raw  # Whoever needs it says what is wrong with it.


def _validator(raw: Any) -> ValidatorStats:
    return raw if isinstance(raw, ValidatorStats) else _read(raw)


def _read(raw: Any) -> ValidatorStats:
    history = tuple((int(entry["slot"]), sys.intern(str(entry["status"]))) for entry in raw["history"])
    return ValidatorStats(
        last_attestation=_event(raw.get("lastAttestation")),
        last_proposal=_event(raw.get("lastProposal")),
        total_slots=int(raw["totalSlots"]),
        missed_attestations=_missed(raw["missedAttestations"], _kinds(history, ATTESTATION)),
        missed_proposals=_missed(raw["missedProposals"], _kinds(history, PROPOSAL)),
        history=history,
    )


def _kinds(history: tuple[tuple[int, str], ...], kinds: tuple[str, ...]) -> int:
    """How many entries are about a duty of these kinds."""
    return sum(status.startswith(kinds) for _, status in history)


def _missed(raw: Any, in_history: int) -> Missed:
    """The node's own rate, else over the total, else over the history; never over ``totalSlots``, which holds duties of
    the other kind too and would say 80 % of a dead validator."""
    count, given = int(raw["count"]), _optional(raw.get("total"))
    total = in_history if given is None else given
    if raw.get("rate") is not None:
        rate: float | None = float(raw["rate"])
    else:
        rate = min(count / total, 1.0) if total else None
    return _shared(count, int(raw["currentStreak"]), total, rate)


@lru_cache(maxsize=1024)
def _shared(count: int, current_streak: int, total: int, rate: float | None) -> Missed:
    """Most validators of a large set had no duty: they share one value."""
    return Missed(count, current_streak, total, rate)


def _event(raw: Any) -> Event | None:
    return None if raw is None else Event(int(raw["slot"]), int(raw["timestamp"]))


def _optional(value: Any) -> int | None:
    return None if value is None else int(value)
