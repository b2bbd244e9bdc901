"""What a node's sentinel says about validators, computed from their duties as the node computes it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from scripts.devnet.aztec.dialects import Dialect
from scripts.devnet.aztec.world import PROPOSAL_MISSED, PROPOSED, Duty, World


def all_validators(world: World, dialect: Dialect) -> dict[str, Any]:
    """The answer with the sentinel off has no validators and no window, and is not an error."""
    if not world.sentinel:
        return {"stats": {}, "slotWindow": 0}
    stats = {address: validator(world, dialect, address, duties) for address, duties in world.duties.items()}
    return {"stats": stats, **_window(world, dialect)}


def one_validator(world: World, dialect: Dialect, address: str, duties: Sequence[Duty]) -> dict[str, Any]:
    stats = validator(world, dialect, address, duties)
    return {"validator": stats, "allTimeProvenPerformance": world.proven_performance, **_window(world, dialect)}


def validator(world: World, dialect: Dialect, address: str, duties: Sequence[Duty]) -> dict[str, Any]:
    """The key of what never happened is left out."""
    proposals = [duty for duty in duties if duty[1] in PROPOSED | PROPOSAL_MISSED]
    attestations = [duty for duty in duties if duty[1].startswith("attestation-")]
    last = {
        "lastProposal": _last(world, dialect, proposals, PROPOSED),
        "lastAttestation": _last(world, dialect, attestations, {"attestation-sent"}),
    }
    return {
        "address": address,
        **{key: value for key, value in last.items() if value is not None},
        "totalSlots": len(duties),
        "missedProposals": _missed(dialect, proposals),
        "missedAttestations": _missed(dialect, attestations),
        "history": [{"slot": dialect.slot(slot), "status": dialect.word(status)} for slot, status in duties],
    }


def _last(world: World, dialect: Dialect, duties: Sequence[Duty], done: set[str]) -> dict[str, Any] | None:
    slots = [slot for slot, status in duties if status in done]
    if not slots:
        return None
    time = world.time_of(slots[-1])
    date = datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {"timestamp": str(time), "slot": dialect.slot(slots[-1]), "date": date}


def _missed(dialect: Dialect, duties: Sequence[Duty]) -> dict[str, Any]:
    """``rate`` is left out where there was no duty of the kind; ``total`` came with 2.x."""
    missed = [status.endswith("-missed") for _, status in duties]
    streak = next((place for place, miss in enumerate(reversed(missed)) if not miss), len(missed))
    found: dict[str, Any] = {"currentStreak": streak}
    if missed:
        rate = sum(missed) / len(missed)
        found["rate"] = int(rate) if rate.is_integer() else rate
    found["count"] = sum(missed)
    if dialect.totals:
        found["total"] = len(missed)
    return found


def _window(world: World, dialect: Dialect) -> dict[str, Any]:
    return {
        "lastProcessedSlot": dialect.slot(world.last_slot),
        "initialSlot": dialect.slot(world.first_slot),
        "slotWindow": world.window,
    }
