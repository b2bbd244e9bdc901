"""What an Aztec node knows of each validator's duties. Slots come as strings up to 2.x and as numbers in 4.x."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """The last time a duty was done; ``timestamp`` in unix seconds."""

    slot: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Missed:
    """Duties of one kind that were missed; ``rate`` from 0 to 1, None when there was no such duty: that is no 0."""

    count: int
    current_streak: int
    total: int | None
    rate: float | None


@dataclass(frozen=True, slots=True)
class ValidatorStats:
    """One validator within the node's window. Its history holds only slots in which it had a duty, as
    ``(slot, status)``; a validator that was not drawn has none, which is not missing."""

    address: str
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
        validators={str(key).lower(): _validator(str(key).lower(), raw) for key, raw in answer["stats"].items()},
        last_processed_slot=_optional(answer.get("lastProcessedSlot")),
        initial_slot=_optional(answer.get("initialSlot")),
        slot_window=int(answer["slotWindow"]),
    )


def _validator(address: str, raw: Any) -> ValidatorStats:
    history = tuple((int(entry["slot"]), str(entry["status"])) for entry in raw["history"])
    return ValidatorStats(
        address=address,
        last_attestation=_event(raw.get("lastAttestation")),
        last_proposal=_event(raw.get("lastProposal")),
        total_slots=int(raw["totalSlots"]),
        missed_attestations=_missed(raw["missedAttestations"], _kinds(history, "attestation")),
        missed_proposals=_missed(raw["missedProposals"], _kinds(history, "block", "checkpoint")),
        history=history,
    )


def _kinds(history: tuple[tuple[int, str], ...], *kinds: str) -> int:
    """How many entries are about a duty of these kinds: ``attestation-sent`` and the like."""
    return sum(status.startswith(kinds) for _, status in history)


def _missed(raw: Any, in_history: int) -> Missed:
    """The node's own rate, else over the total, else over the history; never over ``totalSlots``, which holds duties of
    the other kind too and would say 80 % of a dead validator."""
    count, total = int(raw["count"]), _optional(raw.get("total"))
    of = total if total is not None else in_history
    if raw.get("rate") is not None:
        rate: float | None = float(raw["rate"])
    else:
        rate = min(count / of, 1.0) if of else None
    return Missed(count, int(raw["currentStreak"]), total, rate)


def _event(raw: Any) -> Event | None:
    return None if raw is None else Event(int(raw["slot"]), int(raw["timestamp"]))


def _optional(value: Any) -> int | None:
    return None if value is None else int(value)
