"""The network that the stand-in node talks about."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

DATA = Path(__file__).parents[1] / "data"
PROPOSED = {"block-mined", "block-proposed", "checkpoint-mined", "checkpoint-proposed"}
PROPOSAL_MISSED = {"block-missed", "blocks-missed", "checkpoint-missed"}
HISTORY_SLOTS = 32
# Blocks that the network of a local chain is ahead of its slots, so that proven blocks exist from the start.
HEAD_START, PROVEN_START = 120, 96

# A slot and what the validator did in it: ``attestation-missed`` and the like.
Duty = tuple[int, str]


@dataclass
class World:
    """Set its fields at any time; the next answer shows it.

    ``duties`` maps a validator's lower-case address to its duties in the window; ``paths`` holds the archive sibling
    paths that are not made up; ``source`` brings the world up to date before each answer.
    """

    latest: int = HEAD_START
    proven: int = PROVEN_START
    finalized: int = 0
    ready: bool = True
    healthy: bool = True
    chain_id: int = 31337
    rollup_version: int = 2243970287
    l1_addresses: dict[str, str] = field(default_factory=dict)
    enr: str | None = None
    sentinel: bool = True
    duties: dict[str, list[Duty]] = field(default_factory=dict)
    offline: set[str] = field(default_factory=set)
    genesis_time: int = 1750000000
    slot_seconds: int = 36
    first_slot: int = 0
    last_slot: int = 0
    window: int = 768
    proven_performance: list[dict[str, Any]] = field(default_factory=list)
    paths: dict[int, bytes] = field(default_factory=dict)
    source: Callable[["World"], None] | None = None

    @classmethod
    def recorded(cls) -> Self:
        """The network of a real node 4.1.2 with four validators, one of them offline."""
        answers = recording("4.1.2-validators")
        stats = answers["getValidatorsStats"]["response"]["result"]
        duties = {
            address: [(entry["slot"], entry["status"]) for entry in validator["history"]]
            for address, validator in stats["stats"].items()
        }
        return cls(
            latest=1,
            proven=0,
            rollup_version=answers["getVersion"]["response"]["result"],
            l1_addresses=answers["getL1ContractAddresses"]["response"]["result"],
            duties=duties,
            genesis_time=1795361738,
            slot_seconds=24,
            first_slot=stats["initialSlot"],
            last_slot=stats["lastProcessedSlot"],
            window=stats["slotWindow"],
        )

    def follow(self, slot: int, validators: Iterable[str]) -> None:
        """Let the network be where its chain is: all validators do their duties but those in ``offline``."""
        self.latest, self.proven = HEAD_START + slot, PROVEN_START + slot
        self.last_slot = max(slot - 2, 0)
        self.first_slot = max(self.last_slot - HISTORY_SLOTS + 1, 0)
        addresses = sorted(address.lower() for address in validators)
        slots = range(self.first_slot, self.last_slot + 1)
        self.duties = {
            address: [self._duty(address, number % len(addresses) == place, number) for number in slots]
            for place, address in enumerate(addresses)
        }

    def _duty(self, address: str, proposes: bool, slot: int) -> Duty:
        away = address in self.offline
        if proposes:
            return slot, "block-missed" if away else "block-mined"
        return slot, "attestation-missed" if away else "attestation-sent"

    def path(self, block: int) -> bytes:
        """29 nodes of 32 bytes after their number, the same for a block each time, another for each block."""
        nodes = (hashlib.sha256(f"{block}:{level}".encode()).digest() for level in range(29))
        return self.paths.get(block, (29).to_bytes(4) + b"".join(nodes))

    def time_of(self, slot: int) -> int:
        return self.genesis_time + slot * self.slot_seconds


def recording(name: str) -> dict[str, dict[str, Any]]:
    """What a node answered, by the name of the exchange: ``request``, ``http_status``, ``headers``, ``response``."""
    lines = (DATA / f"aztec-{name}.jsonl").read_text(encoding="utf-8").splitlines()
    exchanges = [json.loads(line) for line in lines]
    return {exchange.pop("name"): exchange for exchange in exchanges}
