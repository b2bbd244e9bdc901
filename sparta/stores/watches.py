"""What operators were told, in their own items: it goes with them, and one listing reads it with all they prefer.

Whoever has decided on the same version first is right; the others are told what stands there now, and decide again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sparta.addresses import STORED
from sparta.models import Operator, Preferences, Watch
from sparta.stores.clock import Clock, now
from sparta.stores.codec import Item
from sparta.stores.expressions import Change
from sparta.stores.operators import operator_key, record
from sparta.stores.table import Table, Transaction

_UNCHANGED = "attribute_exists(#pk) AND #watchVersion = :seen"
_UNTOUCHED = "attribute_exists(#pk) AND attribute_not_exists(#watchVersion)"


class Watched(NamedTuple):
    """An operator, what he wants to hear, and what he was told."""

    operator: Operator
    preferences: Preferences
    watch: Watch


class Watches:
    """Part of the table ``operators``."""

    def __init__(self, table: Table, clock: Clock = now) -> None:
        self._table = table
        self._clock = clock

    def all(self) -> list[Watched]:
        """Of every operator; what was written a moment ago may not show yet."""
        return [_watched(item) for item in self._table.query_all("#kind = :kind", index="listing", kind="operator")]

    def get_many(self, discord_ids: Iterable[str]) -> list[Watched]:
        """Of these operators, as they stand now; who is gone lacks."""
        return [_watched(item) for item in self._table.get_many(operator_key(each) for each in discord_ids)]

    def add_to(self, transaction: Transaction, discord_id: str, watch: Watch, *, slashed: bool = False) -> None:
        """Replace the watch, as a part of an act, if the version before it still stands there.

        ``slashed`` marks the operator and takes his approval in the same moment.
        """
        seen = watch.version - 1
        marks = {"wasSlashed": True, "isApproved": False, "updatedAt": self._clock()} if slashed else {}
        stored = watch.to_json()
        change = Change(assign={"watch": stored["states"], "watchVersion": watch.version, **marks})
        condition, values = (_UNCHANGED, {"seen": seen}) if seen else (_UNTOUCHED, {})
        transaction.update(self._table, operator_key(discord_id), change, condition, **values)


def _watched(item: Item) -> Watched:
    watch = Watch.model_validate(
        {"version": item.get("watchVersion", 0), "states": item.get("watch", {})}, context=STORED
    )
    preferences = Preferences.model_validate(item.get("preferences", {}), extra="ignore")
    return Watched(record(item), preferences, watch)
