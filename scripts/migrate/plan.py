"""What a migration would do, item by item, found without writing anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from scripts.migrate.model import Edit, Migration, Outcome, Problem, key_text
from scripts.migrate.view import View
from sparta.stores.codec import Item

HIDDEN = "config"
"""A table that holds a key: what stands in it is never shown."""


@dataclass
class Plan:
    """All edits in their order, and what a person has to decide first."""

    seen: int = 0
    edits: list[Edit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def take(self, view: View, outcomes: Iterable[Outcome]) -> None:
        """Note them, and see the tables as if the edits were done."""
        for each in list(outcomes):
            if isinstance(each, Problem):
                self.problems.append(each)
            else:
                self.edits.append(each)
                view.imagine(each.table, each.key, each.after, made=each.before is None)


def plan(migration: Migration, view: View) -> Plan:
    """Of a whole migration; what its earlier passes would write, its later ones see."""
    found = Plan()
    for each in migration.passes:
        for item, _ in view.scan(each.table):
            found.seen += 1
            found.take(view, each.become(view, item))
    found.take(view, migration.closing(view))
    return found


def lines(edit: Edit) -> Iterator[str]:
    """What an item would become, in words."""
    place = f"{edit.table} {key_text(edit.key)}"
    if edit.after is None:
        yield f"{place}: goes"
        return
    told = "; ".join(_attributes(edit.table, edit.before or {}, edit.after))
    yield f"{place}: {'is made' if edit.before is None else 'changes'}: {told}"


def _attributes(table: str, before: Item, after: Item) -> Iterator[str]:
    for name in sorted({*before, *after} - {"pk", "sk"}):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        if table == HIDDEN:
            yield f"{name} (not shown)"
        elif isinstance(old, dict) and isinstance(new, dict):
            yield from (f"{name}.{text}" for text in _attributes(table, old, new))
        else:
            yield f"{name} {_short(old)} → {_short(new)}" if name in before else f"{name} {_short(new)}"


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
