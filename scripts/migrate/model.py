"""What a migration is: passes over tables, each of which says of every item what it and its relatives become."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from scripts.migrate.view import View
from sparta.stores.codec import Item


@dataclass(frozen=True)
class Edit:
    """One item: as it was read, ``None`` where there is none, and as it is to be, ``None`` where it goes."""

    table: str
    """``operators``."""
    before: Item | None
    after: Item | None

    @property
    def key(self) -> Item:
        return key_of(self.before or self.after or {})


@dataclass(frozen=True)
class Problem:
    """What no program can decide; a person has to, before the migration can run."""

    table: str
    key: str
    says: str


Outcome = Edit | Problem
Become = Callable[[View, Item], Iterator[Outcome]]


@dataclass(frozen=True)
class Pass:
    """All items of ``table``, one after the other. ``become`` must find nothing more to do after its own edits."""

    table: str
    become: Become


@dataclass(frozen=True)
class Migration:
    """Its number and name are for ever: they stand in the table ``config`` once it is applied."""

    number: int
    name: str
    says: str
    changes: tuple[str, ...]
    """The tables it writes to, which are saved before."""
    passes: tuple[Pass, ...]
    closing: Callable[[View], Iterator[Outcome]] = lambda _: iter(())
    """What follows from all items together, done last."""
    repeatable: bool = False
    """Does it make sense again, once it was applied: a repair, not a change of form?"""

    @property
    def title(self) -> str:
        return f"{self.number:04} {self.name}"


def key_of(item: Item) -> Item:
    """The attributes that every table of ours has as its key."""
    return {str(name): item[name] for name in ("pk", "sk") if name in item}


def key_text(key: dict[str, Any]) -> str:
    """An item's key in one word: ``operator#1`` or ``0xab/17``."""
    return "/".join(str(value) for value in key.values())
