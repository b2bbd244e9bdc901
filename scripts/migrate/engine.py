"""Runs a migration: each step's items and how far it is are written as one act, so nothing is done twice or by half."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from scripts.migrate.ledger import LOST, Ledger, Record
from scripts.migrate.model import Become, Edit, Migration, Outcome, Problem, key_of, key_text
from scripts.migrate.view import View
from scripts.operations.errors import OperationError
from sparta.stores.codec import Item
from sparta.stores.database import ConditionFailed
from sparta.stores.expressions import Change
from sparta.stores.table import Key, Table, Transaction

ATTEMPTS = 5
MOST = 90
"""Items in one transaction, which has a hundred parts and some of the ledger's."""
_NAME = re.compile(r"\w+", re.ASCII)


class Run:
    """One migration, from where its record stands to its end."""

    def __init__(self, migration: Migration, view: View, ledger: Ledger) -> None:
        self._migration = migration
        self._view = view
        self._ledger = ledger

    def go(self, record: Record) -> None:
        """:raises OperationError: the lease is lost, or a person has to decide something"""
        passes = self._migration.passes
        for stage in range(record.stage, len(passes)):
            start = record.after if stage == record.stage else None
            self._pass(stage, passes[stage].table, passes[stage].become, start)
        # The closing is the stage after all passes.
        self._closing(len(passes))

    def _pass(self, stage: int, table: str, become: Become, start: Key | None) -> None:
        for item, page_end in self._view.scan(table, start):
            key = key_of(item)
            if not self._item(stage, key, become, table, item) and page_end:
                # Nothing to write on a page's last item: the place is noted, and the lease lengthened.
                self._commit(self._ledger.note(self._transaction(), self._number, stage, key))

    def _item(self, stage: int, key: Key, become: Become, table: str, item: Item) -> bool:
        """Whether there was something to write. Read again when somebody else has changed it meanwhile."""
        seen: Item | None = item
        for _ in range(ATTEMPTS):
            if seen is None:
                return False
            edits = _edits(become(self._view, seen))
            if not edits:
                return False
            if self._write(edits, stage, key):
                return True
            seen = self._view.get(table, key)
        raise OperationError(
            f"{table} {key_text(dict(key))} is changed by others all the time. Stop the API, the bot and the monitor, "
            "then repeat the command: it goes on from here."
        )

    def _closing(self, stage: int) -> None:
        for _ in range(ATTEMPTS):
            edits = _edits(self._migration.closing(self._view))
            if not edits or self._write(edits, stage, None):
                return
        raise OperationError(
            "The tables change all the time. Stop the API, then repeat the command: it goes on from here."
        )

    def _write(self, edits: Sequence[Edit], stage: int, key: Key | None) -> bool:
        """False when an item is not as it was read. The place is noted with the last of the edits."""
        for start in range(0, len(edits), MOST):
            chunk = edits[start : start + MOST]
            transaction = self._transaction()
            for edit in chunk:
                _add(transaction, self._view.tables[edit.table], edit)
            if start + MOST < len(edits):
                self._ledger.hold(transaction)
            else:
                self._ledger.note(transaction, self._number, stage, key, done=len(edits))
            if not self._commit(transaction, len(chunk)):
                return False
        return True

    def _commit(self, transaction: Transaction, edits: int = 0) -> bool:
        """:raises OperationError: when the lease, or the record, is not ours any more"""
        try:
            transaction.commit()
        except ConditionFailed as failed:
            if any(item is not None for item in failed.items[edits:]):
                raise OperationError(LOST) from None
            return False
        return True

    @property
    def _number(self) -> int:
        return self._migration.number

    def _transaction(self) -> Transaction:
        return Transaction(self._view.tables["config"].database)


def _edits(outcomes: Iterable[Outcome]) -> list[Edit]:
    found = list(outcomes)
    for each in found:
        if isinstance(each, Problem):
            raise OperationError(f"{each.table} {each.key}: {each.says} Put that right, then repeat the command.")
    return [each for each in found if isinstance(each, Edit)]


def _add(transaction: Transaction, table: Table, edit: Edit) -> None:
    """The write, on condition that the item is as it was read."""
    if edit.before is None:
        transaction.put(table, edit.after or {}, "attribute_not_exists(#pk)")
        return
    after = edit.after or {}
    same = {name: value for name, value in edit.before.items() if value is not None and _NAME.fullmatch(name)}
    terms = [f"#{name} = :was_{name}" for name in same]
    terms += [f"attribute_not_exists(#{name})" for name in after if name not in edit.before]
    condition, values = " AND ".join(terms), {f"was_{name}": value for name, value in same.items()}
    if edit.after is None:
        transaction.delete(table, edit.key, condition, **values)
        return
    changed = {name: value for name, value in after.items() if edit.before.get(name) != value}
    removed = [name for name in edit.before if name not in after]
    transaction.update(table, edit.key, Change(assign=changed, remove=removed), condition, **values)
