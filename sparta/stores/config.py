"""What all tasks agree on: values by name, and leases by which one of them at a time does something."""

from __future__ import annotations

import secrets

from sparta.stores.clock import Clock, now
from sparta.stores.database import ConditionFailed
from sparta.stores.expressions import Change
from sparta.stores.table import Key, Table


class Config:
    """The table ``config``. The signer's journal has rows of its own in it."""

    def __init__(self, table: Table, clock: Clock = now) -> None:
        self._table = table
        self._clock = clock

    def get(self, name: str) -> str | None:
        """A value by name."""
        item = self._table.get(_setting(name))
        return str(item["value"]) if item else None

    def set(self, name: str, value: str) -> None:
        """Store a value."""
        self._table.put({**_setting(name), "value": value, "updatedAt": self._clock()})

    def get_or_set(self, name: str, value: str) -> str:
        """The value that stands; ``value`` where none did. All callers, also at once, get the same."""
        change = Change(default={"value": value, "updatedAt": self._clock()})
        return str(self._table.update(_setting(name), change)["value"])

    def page_key(self) -> bytes:
        """The key that signs page tokens, made by whoever needs it first."""
        return bytes.fromhex(self.get("page-key") or self.get_or_set("page-key", secrets.token_hex(32)))

    def count(self, name: str, *, most: int, seconds: int) -> bool:
        """Count one more within this span of ``seconds``; False, and nothing counted, when there were ``most``."""
        time = self._clock()
        span = time // (seconds * 1000)
        change = Change(add={"times": 1}, assign={"expiresAt": (span + 2) * seconds})
        try:
            self._table.update(
                {"pk": f"count#{name}#{span}"}, change, "attribute_not_exists(#pk) OR #times < :most", most=most
            )
        except ConditionFailed:
            return False
        return True

    def acquire(self, name: str, owner: str, seconds: float) -> bool:
        """Take the lease ``name``, or lengthen it when it is ours; False while another holds it."""
        time = self._clock()
        until = time + int(seconds * 1000)
        free = "attribute_not_exists(#pk) OR #owner = :owner OR #until <= :time"
        change = Change(assign={"owner": owner, "until": until, "expiresAt": until // 1000 + 86_400})
        try:
            self._table.update(_lease(name), change, free, owner=owner, time=time)
        except ConditionFailed:
            return False
        return True

    def release(self, name: str, owner: str) -> None:
        """Give the lease back; nothing happens when it is another's by now."""
        try:
            self._table.delete(_lease(name), "#owner = :owner", owner=owner)
        except ConditionFailed:
            return


def _setting(name: str) -> Key:
    return {"pk": f"setting#{name}"}


def _lease(name: str) -> Key:
    return {"pk": f"lease#{name}"}
