"""What differs from run to run, replaced by what looks like it and stays the same."""

from __future__ import annotations

import re
from itertools import pairwise

DATE, UUID, HEX = "20261126", "0a1b2c3d-4e5f-4061-8273-94a5b6c7d8e9", "0a1b2c3d4e5f60718293"
TIME = r"(?:\d+ min )?\d+ s"
MASKS: tuple[tuple[str, str], ...] = (
    # Names of change sets, records and backups: date, time, and four letters by chance.
    (r"(changeset|release|bootstrap|rollback-\w+)-\d{8}-\d{6}-[0-9a-f]{4}\b", rf"\1-{DATE}-120000-0a1b"),
    (r"\b\d{8}T\d{9}Z\b", f"{DATE}T120000000Z"),
    (r"\b\d{8}T\d{6}\b", f"{DATE}T120000"),
    (r"\b\d{4}-\d\d-\d\d([T ])\d\d:\d\d\b", r"2026-11-26\g<1>12:00"),
    (r"(12:00):\d\d\b", r"\1:00"),
    (r"^\d\d:\d\d:\d\d ", "12:00:00 "),
    # What AWS makes up.
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", UUID),
    (r"\b(vpc)-[0-9a-f]{17}\b", rf"\1-{HEX[:17]}"),
    (r"(:secret:\S+)-\w{6}$", rf"\1-{HEX[:6]}"),
    (r"-[0-9a-z]{8}(\.[a-z0-9-]+\.elb\.)", rf"-{HEX[:8]}\1"),
    (r"\bversion [0-9a-f]{8}\b", f"version {HEX[:8]}"),
    # How long it took, when it was.
    (rf"\b(after|about) {TIME}\b", r"\1 2 s"),
    (rf"(\b[A-Z]+_[A-Z_]+ +){TIME}$", r"\g<1>2 s"),
    (r"Looking again for \d+ s", "Looking again for 600 s"),
    (r"\b(heartbeat|finished) (within the last minute|\d+ min ago)", r"\1 within the last minute"),
    (r"\bdue before \d\d:\d\d UTC", "due before 16:00 UTC"),
    # GNU make before 4 does not say where in the Makefile a verb stands.
    (r"^make: \*\*\* \[(?:Makefile:\d+: )?", "make: *** ["),
)
WAITING = "Not good yet: "


def masked(screen: str) -> str:
    """A screen as it looks on every run."""
    lines = [_line(line) for line in screen.splitlines()]
    # A slow machine says more often that it waits.
    again = [before.startswith(WAITING) and line.startswith(WAITING) for before, line in pairwise(["", *lines])]
    return "\n".join(line for line, repeated in zip(lines, again, strict=True) if not repeated)


def _line(line: str) -> str:
    for pattern, stand_in in MASKS:
        line = re.sub(pattern, stand_in, line)
    return line
