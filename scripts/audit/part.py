"""One part of the audit: what was found wrong, and what there is."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Part:
    """``findings`` say what to do about each; ``lines`` are for the reader who wants all of it."""

    title: str
    findings: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
