"""How far an operation is, stack by stack: what the events add up to. Nothing here asks AWS or the clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median
from typing import Self

from scripts.deploy.events import Event
from scripts.operations.target import NESTED

GONE = "DELETE_COMPLETE"


@dataclass
class StackProgress:
    """One stack of the operation. ``expected`` is how many resources the change set names, 0 if nobody knows."""

    path: str
    expected: int = 0
    usual: float | None = None
    """Seconds that earlier runs took."""
    status: str = ""
    began: datetime | None = None
    ended: datetime | None = None
    states: dict[str, str] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Resources that are as they should be, or gone as they should be."""
        return sum(status.endswith("_COMPLETE") for status in self.states.values())

    @property
    def total(self) -> int:
        return max(self.expected, len(self.states))

    @property
    def unheard(self) -> bool:
        """Whether it is gone by its parent's word alone: nobody has told how many of its resources are."""
        return self.status == GONE and not self.states

    @property
    def is_over(self) -> bool:
        return self.ended is not None

    @property
    def share(self) -> float:
        if self.is_over and self.status.endswith("_COMPLETE"):
            return 1.0
        return self.done / self.total if self.total else 0.0

    @property
    def seconds(self) -> float | None:
        """What it took, when it is over."""
        return (self.ended - self.began).total_seconds() if self.began and self.ended else None

    def left(self, now: datetime) -> float | None:
        """Seconds that it needs yet, by earlier runs; ``None`` when there were none, or it takes longer than they."""
        if self.usual is None or self.is_over:
            return None
        spent = (now - self.began).total_seconds() if self.began else 0.0
        return self.usual - spent if self.usual > spent else None


@dataclass
class Progress:
    """All stacks of the operation, root first under the empty path."""

    stacks: dict[str, StackProgress] = field(default_factory=dict)

    @classmethod
    def of(cls, expected: Mapping[str, int], usual: Mapping[str, float]) -> Self:
        """Before anything has happened."""
        paths = sorted({"", *expected})
        return cls({path: StackProgress(path, expected.get(path, 0), usual.get(path)) for path in paths})

    def apply(self, event: Event) -> bool:
        """Take the event in; whether it says anything new: AWS tells twice that something is in progress."""
        stack = self.stacks.setdefault(event.stack, StackProgress(event.stack))
        before = stack.status if event.of_stack else stack.states.get(event.name)
        if event.of_stack:
            _turn(stack, event)
        else:
            stack.states[event.name] = event.status
            self._take_away(event)
        return before != event.status

    def _take_away(self, event: Event) -> None:
        """A nested stack that was deleted may be gone before its own last events were read."""
        nested = self.stacks.get(event.path)
        if nested and event.type == NESTED and event.status == GONE:
            nested.status, nested.ended = GONE, nested.ended or event.at

    @property
    def seconds(self) -> dict[str, float]:
        """What each stack took that is over, for the record."""
        return {path: round(stack.seconds, 1) for path, stack in self.stacks.items() if stack.seconds is not None}


def _turn(stack: StackProgress, event: Event) -> None:
    stack.status = event.status
    stack.began = stack.began or event.at
    stack.ended = None if event.status.endswith("_IN_PROGRESS") else event.at


def usual(runs: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The median of what earlier runs took, per stack: one that hung does not count for much."""
    taken: dict[str, list[float]] = {}
    for run in runs:
        for path, seconds in run.items():
            taken.setdefault(path, []).append(seconds)
    return {path: median(seconds) for path, seconds in taken.items()}


def words(seconds: float) -> str:
    """``95`` as a person says it: ``1 min 35 s``."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 600 else f"{whole // 60} min"
