"""An estimate: lines of so much of something at a price. In US dollars a month of 730 hours, without tax."""

from __future__ import annotations

from dataclasses import dataclass

HOURS = 730.0
"""Hours of a month as AWS's own calculator counts them: 365 days of 24 hours in twelve parts."""
DAYS = HOURS / 24


@dataclass(frozen=True)
class Line:
    """So much of one thing. ``path`` is logical ids from the root down, ``Services/ApiService``; other stacks that
    stand alone come first with their name: ``bootstrap/ImageRepository``."""

    path: str
    type: str
    what: str
    quantity: float
    unit: str
    price: float
    monthly: float
    assumes: str

    @property
    def stack(self) -> str:
        """The nested stack that has it, as root calls it; ``root`` for what root has itself."""
        return self.path.split("/")[0] if "/" in self.path else "root"


@dataclass(frozen=True)
class Estimate:
    """Every line, what they assume in common, and resources (``path (type)``) that no price is known for."""

    lines: tuple[Line, ...]
    assumptions: tuple[str, ...]
    unpriced: tuple[str, ...]

    @property
    def monthly(self) -> float:
        return sum(line.monthly for line in self.lines)

    def biggest(self, count: int) -> tuple[Line, ...]:
        """The lines that cost most, the dearest first."""
        return tuple(sorted(self.lines, key=lambda line: (-line.monthly, line.path, line.what))[:count])


def compare(before: Estimate | None, after: Estimate) -> tuple[tuple[str, float, float], ...]:
    """What changes: ``("Services/ApiService: vCPU", before, after)`` a month, the biggest difference first.

    :param before: ``None`` where nothing stands yet
    """
    old, new = _sums(before), _sums(after)
    rows = [(name, old.get(name, 0.0), new.get(name, 0.0)) for name in {**old, **new}]
    changed = [row for row in rows if round(row[2] - row[1], 4)]
    return tuple(sorted(changed, key=lambda row: (-abs(row[2] - row[1]), row[0])))


def _sums(estimate: Estimate | None) -> dict[str, float]:
    sums: dict[str, float] = {}
    for line in estimate.lines if estimate else ():
        name = f"{line.path}: {line.what}"
        sums[name] = sums.get(name, 0.0) + line.monthly
    return sums
