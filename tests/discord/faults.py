"""What goes wrong on demand."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """``LOST`` and ``ERROR_AFTER`` fail after the work was done, ``DROPPED`` and the rest instead of it."""

    ERROR = "error"
    UNAVAILABLE = "unavailable"
    ERROR_AFTER = "error-after"
    LOST = "lost"
    DROPPED = "dropped"
    SLOW = "slow"
    GARBAGE = "garbage"
    LIMITED = "limited"
    LIMITED_GLOBALLY = "limited-globally"
    CLOUDFLARE = "cloudflare"
    UNAUTHORIZED = "unauthorized"


@dataclass
class Fault:
    """Hits requests of ``method`` whose path matches ``path``, ``times`` times (None: always); ``seconds`` is how slow
    it is, or how long a limit lasts.
    """

    kind: Kind
    method: str | None = None
    path: str = ""
    times: int | None = None
    seconds: float = 0.2

    def hits(self, method: str, path: str) -> bool:
        """Whether it hits this request; counts it if so."""
        if self.times == 0 or (self.method and self.method != method) or not re.search(self.path, path):
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass
class Chaos:
    """Any of ``kinds`` hits one request in so many, the same ones for the same seed."""

    seed: int
    chance: float
    kinds: Sequence[Kind]
    seconds: float = 0.05
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - it decides what fails in a test

    def next(self) -> Fault | None:
        """The fault of this request."""
        if self._random.random() >= self.chance:
            return None
        return Fault(self._random.choice(self.kinds), seconds=self.seconds)


@dataclass
class Faults:
    """Those of one stand-in."""

    chosen: list[Fault] = field(default_factory=list)
    chaos: Chaos | None = None

    def next(self, method: str, path: str) -> Fault | None:
        """What happens to this request."""
        found = next((fault for fault in self.chosen if fault.hits(method, path)), None)
        return found or (self.chaos.next() if self.chaos else None)
