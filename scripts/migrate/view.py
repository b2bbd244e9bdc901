"""The tables as a migration sees them: as they are, with the edits on top that a dry run only imagines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sparta.stores.codec import Item
from sparta.stores.table import Key, Table

Place = tuple[str, str, Any]


class View:
    """Reads; what was imagined hides what is stored."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self.tables = tables
        self._imagined: dict[Place, Item | None] = {}
        self._made: set[Place] = set()

    def get(self, table: str, key: Key) -> Item | None:
        """One item, consistently."""
        place = _place(table, key)
        return self._imagined[place] if place in self._imagined else self.tables[table].get(key)

    def scan(self, table: str, start: Key | None = None) -> Iterator[tuple[Item, Key | None]]:
        """Every item in the table's own order, with the key to go on from where a page ends; the imagined last."""
        following: Key | None = start
        while True:
            page = self.tables[table].scan(start=following)
            following = page.next_key
            for number, item in enumerate(page.items, 1):
                seen = self._imagined.get(_place(table, item), item)
                if seen is not None:
                    yield seen, following if number == len(page.items) else None
            if not following:
                break
        yield from ((item, None) for item in self._new(table))

    def imagine(self, table: str, key: Key, item: Item | None, *, made: bool) -> None:
        """See ``item`` there from now on, without writing it; ``made`` where there was none."""
        place = _place(table, key)
        if made and place not in self._imagined:
            self._made.add(place)
        self._imagined[place] = item

    def _new(self, table: str) -> list[Item]:
        """Imagined where nothing is stored."""
        found = [self._imagined[place] for place in self._made if place[0] == table]
        return [item for item in found if item is not None]


def _place(table: str, item: Mapping[str, Any]) -> Place:
    return table, str(item["pk"]), item.get("sk")
