"""What was looked at, and what it points to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

CERTAIN, LIKELY, POSSIBLE = 3, 2, 1
"""AWS says so itself; it would explain the failure; it may have to do with it."""


@dataclass
class Report:
    """``sections`` in the order of looking; ``causes`` with how likely each is."""

    sections: list[tuple[str, list[str]]] = field(default_factory=list)
    causes: list[tuple[int, str]] = field(default_factory=list)

    def add(self, title: str, lines: Iterable[str]) -> None:
        self.sections.append((title, list(lines)))

    def blame(self, likelihood: int, cause: str) -> None:
        if cause not in [each for _, each in self.causes]:
            self.causes.append((likelihood, cause))

    def by_likelihood(self) -> list[str]:
        return [cause for _, cause in sorted(self.causes, key=lambda each: -each[0])]
