"""What a review says, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Action = Literal["add", "import", "change", "replace", "maybe-replace", "remove"]
ACTIONS: tuple[Action, ...] = ("remove", "replace", "maybe-replace", "change", "import", "add")
"""What harms most, first. What is imported exists already, outside of the stacks, and is taken over as it is."""


class _Absent:
    """The value of a property that is not there."""

    def __repr__(self) -> str:
        return "(none)"


ABSENT = _Absent()


@dataclass(frozen=True)
class PropertyChange:
    """One value that differs. ``path`` leads to it from the resource: ``SecurityGroupIngress.0.CidrIp``.

    Values are rendered; a reference reads ``Network/Vpc``, a secret ``****``, and what is not there is ``ABSENT``.
    """

    path: str
    before: Any
    after: Any


@dataclass(frozen=True)
class ResourceChange:
    """One resource that differs. ``path`` is logical ids from the root down: ``Services/ApiService``."""

    path: str
    action: Action
    type: str
    physical_id: str = ""
    properties: tuple[PropertyChange, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why it is, or may be, replaced."""
    follows: bool = False
    """Whether nothing in it differs but that something it refers to becomes another one."""

    @property
    def stack(self) -> str:
        """The nested stack it is in; empty for the root's own."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Danger:
    """Something that loses data, cuts service or cannot succeed."""

    path: str
    type: str
    sentence: str


@dataclass(frozen=True)
class Listed:
    """One change as a real change set listed it: Add, Modify, Remove, Import or Dynamic; replacement True, False,
    Conditional or empty."""

    path: str
    action: str
    type: str
    replacement: str = ""
    policy_action: str = ""
    parameters: tuple[str, ...] = ()
    """The parameters that change and that it takes, when it is listed for nothing else."""


@dataclass(frozen=True)
class CostChange:
    """Dollars a month, and the lines that make the difference: what, before, after."""

    before: float | None
    after: float | None
    lines: tuple[tuple[str, float, float], ...] = ()


class Doors(NamedTuple):
    """Sentences in plain words: what the change lets in or permits, and what it no longer does."""

    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


UNMOVED = Doors()


@dataclass(frozen=True)
class Review:
    """Everything a person must see before agreeing to a change set."""

    changes: tuple[ResourceChange, ...] = ()
    security_rules: Doors = UNMOVED
    permissions: Doors = UNMOVED
    dangers: tuple[Danger, ...] = ()
    disagreements: tuple[str, ...] = ()
    """What our own comparison and the change set's listing say differently, a sentence each."""
    notes: tuple[str, ...] = ()
    """What the change set called possible and our comparison decided, a sentence each."""
    cost: CostChange | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.changes or self.dangers or self.disagreements)

    @property
    def stacks(self) -> dict[str, tuple[ResourceChange, ...]]:
        """The changes by stack, the root's under the empty name."""
        names = dict.fromkeys(change.stack for change in self.changes)
        return {name: tuple(change for change in self.changes if change.stack == name) for name in names}
