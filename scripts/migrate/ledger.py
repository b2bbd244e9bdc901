"""What stands in the table ``config`` of the migrations: which are applied, how far one got, and who runs one now."""

from __future__ import annotations

import os
import socket
import time
import uuid
from dataclasses import dataclass
from typing import Any

from scripts.migrate.model import Migration
from scripts.operations.errors import OperationError
from sparta.stores.clock import Clock, now
from sparta.stores.config import Config
from sparta.stores.database import ConditionFailed
from sparta.stores.expressions import Change
from sparta.stores.table import Key, Table, Transaction

LEASE = "migrations"
LEASE_KEY = {"pk": f"lease#{LEASE}"}
SECONDS = 10.0
"""Lengthened with each write; so long the next run waits for one that was killed."""
LOST = "Another run of the migrations has taken over; this one stops here. Everything it did is noted, nothing is half."


@dataclass(frozen=True)
class Record:
    """How far a migration is."""

    number: int
    name: str
    state: str
    """``running`` or ``applied``."""
    stage: int
    """Index of the pass it is in."""
    after: Key | None
    """The last item it is done with in that pass."""
    done: int
    """Items written."""
    backup: str
    """Stamp of the backups made before it began."""
    begun: int
    ended: int | None = None


class Ledger:
    """The records, written only while the lease is ours."""

    def __init__(self, table: Table, clock: Clock = now) -> None:
        self._table = table
        self._config = Config(table, clock)
        self._clock = clock
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    def records(self) -> dict[int, Record]:
        """All there are, by number. The migrations are few, and are asked for by name."""
        listed = self._table.get({"pk": "migrations"}) or {}
        numbers = sorted(int(each) for each in listed.get("numbers", frozenset()))
        found = (self.record(number) for number in numbers)
        return {each.number: each for each in found if each}

    def record(self, number: int) -> Record | None:
        """Of one migration."""
        item = self._table.get(_key(number))
        return _record(item) if item else None

    def acquire(self) -> None:
        """Take the lease, waiting for one whose owner is dead.

        :raises OperationError: while another run is alive
        """
        seen: Any = None
        while not self._config.acquire(LEASE, self.owner, SECONDS):
            held = self._table.get(LEASE_KEY) or {}
            if seen is not None and held.get("until") != seen:
                raise OperationError(
                    f"Another run of the migrations is at work ({held.get('owner', 'unknown')}). Nothing was done here."
                )
            seen = held.get("until")
            # Until it ends by itself; a living owner lengthens it meanwhile.
            time.sleep(min(max((seen or 0) - self._clock(), 0) / 1000, SECONDS) + 0.2)

    def release(self) -> None:
        """Give it back."""
        self._config.release(LEASE, self.owner)

    def begin(self, migration: Migration, backup: str, *, again: bool) -> Record:
        """Its record as it begins, or as an earlier run left it.

        :raises OperationError: it is applied, and not to be done again
        """
        time = self._clock()
        item = {
            **_key(migration.number),
            "name": migration.name,
            "state": "running",
            "stage": 0,
            "done": 0,
            "backup": backup,
            "begun": time,
        }
        condition = "attribute_not_exists(#pk)" + (" OR #state = :applied" if again else "")
        applied = {"applied": "applied"} if again else {}
        transaction = self.hold(Transaction(self._table.database))
        transaction.put(self._table, item, condition, **applied)
        transaction.update(self._table, {"pk": "migrations"}, Change(add={"numbers": {str(migration.number)}}))
        try:
            transaction.commit()
        except ConditionFailed as failed:
            if failed.items[0] is not None:
                raise OperationError(LOST) from None
            return self._left(migration)
        return _record(item)

    def _left(self, migration: Migration) -> Record:
        found = self.record(migration.number)
        if found is None or found.state == "applied":
            raise OperationError(
                f"{migration.title} is applied by now: another run has done it. Nothing was done here."
            )
        return found

    def note(
        self, transaction: Transaction, number: int, stage: int, after: Key | None, *, done: int = 0
    ) -> Transaction:
        """Add to an act that it is done, and up to where; the act fails as a whole when the lease is lost."""
        change = Change(assign={"stage": stage, "after": after}, add={"done": done})
        self.hold(transaction)
        return transaction.update(self._table, _key(number), change, "#state = :running", running="running")

    def finish(self, number: int) -> None:
        """Applied, for good."""
        change = Change(assign={"state": "applied", "ended": self._clock(), "after": None})
        transaction = self.hold(Transaction(self._table.database))
        transaction.update(self._table, _key(number), change, "#state = :running", running="running")
        try:
            transaction.commit()
        except ConditionFailed:
            raise OperationError(LOST) from None

    def hold(self, transaction: Transaction) -> Transaction:
        """Add that the lease is still ours, and lengthen it."""
        until = self._clock() + int(SECONDS * 1000)
        change = Change(assign={"until": until, "expiresAt": until // 1000 + 86_400})
        return transaction.update(self._table, LEASE_KEY, change, "#owner = :owner", owner=self.owner)


def _key(number: int) -> Key:
    return {"pk": f"migration#{number:04}"}


def _record(item: Any) -> Record:
    return Record(
        number=int(item["pk"].partition("#")[2]),
        name=item["name"],
        state=item["state"],
        stage=item["stage"],
        after=item.get("after"),
        done=item["done"],
        backup=item["backup"],
        begun=item["begun"],
        ended=item.get("ended"),
    )
