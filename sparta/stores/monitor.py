"""What the monitor remembers of its own: how far it read, and which sources it cannot believe at the moment."""

from __future__ import annotations

from sparta.models import Monitor
from sparta.stores.expressions import Change
from sparta.stores.table import Table, Transaction

_KEY = {"pk": "monitor"}
_PROGRESS = ("rollup", "block", "epoch", "statsAt", "slashingProposer")


class MonitorMemory:
    """One item of the table ``alerts``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self) -> Monitor:
        """As the last run left it; empty before the first."""
        return Monitor.model_validate(self._table.get(_KEY) or {}, extra="ignore")

    def add_outages(self, transaction: Transaction, monitor: Monitor) -> None:
        """Store which sources are not believed, as a part of an act, if the version before it still stands there."""
        stored = monitor.to_json()
        change = Change(
            assign={name: stored.get(name) for name in ("version", "outages", "doubtedSince")},
        )
        seen = monitor.version - 1
        condition, values = ("#version = :seen", {"seen": seen}) if seen else ("attribute_not_exists(#version)", {})
        transaction.update(self._table, _KEY, change, condition, **values)

    def add_progress(self, transaction: Transaction, monitor: Monitor) -> None:
        """Store how far this run got. Of two runs at once either may be the last: what is read twice is told once."""
        stored = monitor.to_json()
        change = Change(assign={name: stored.get(name) for name in _PROGRESS})
        transaction.update(self._table, _KEY, change)
