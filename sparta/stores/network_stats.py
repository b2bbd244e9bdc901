"""Statistics of the whole set: one item per epoch."""

from __future__ import annotations

from sparta.models import NetworkStats as Stats
from sparta.stores.clock import expiry
from sparta.stores.codec import Item
from sparta.stores.table import Table, Transaction

KEPT_DAYS = 90
NETWORK = "network"


class NetworkStats:
    """The table ``network-stats``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def record(self, stats: Stats) -> None:
        """The row of one epoch; a later one of the same epoch takes its place."""
        self._table.put(_item(stats))

    def add_to(self, transaction: Transaction, stats: Stats) -> None:
        """The same as a part of an act."""
        transaction.put(self._table, _item(stats))

    def get(self, epoch: int) -> Stats | None:
        """The row of one epoch."""
        item = self._table.get({"pk": NETWORK, "sk": epoch})
        return _stats(item) if item else None

    def last(self, epochs: int) -> list[Stats]:
        """The newest rows, newest first."""
        page = self._table.query("#pk = :pk", limit=epochs, backwards=True, pk=NETWORK)
        return [_stats(item) for item in page.items]


def _item(stats: Stats) -> Item:
    key = {"pk": NETWORK, "sk": stats.epoch}
    return {**key, **stats.to_json(), "expiresAt": expiry(stats.recorded_at, KEPT_DAYS)}


def _stats(item: Item) -> Stats:
    return Stats.model_validate(item, extra="ignore")
