"""Discord's side of what was said: the operators' threads, and whose each message and thread there is.

A thread and a message at Discord cannot be made and noted here as one act. So what is found there later, after a crash
between the two, belongs to whoever claims it first: two operators whose threads have the same name never share one, and
two messages with the same text are never taken for one.
"""

from __future__ import annotations

from sparta.stores.clock import Clock, expiry, now
from sparta.stores.database import ConditionFailed
from sparta.stores.expressions import Change
from sparta.stores.table import Key, Table


class Conversations:
    """Rows of its own in the table ``alerts``."""

    def __init__(self, table: Table, clock: Clock = now) -> None:
        self._table = table
        self._clock = clock

    def claim(self, discord_id: str, owner: str, days: int | None = None) -> bool:
        """Whether this message or thread is ``owner``'s: it was before, or nobody's; kept for ``days``, or for ever."""
        time = self._clock()
        ends = {"expiresAt": expiry(time, days)} if days else {}
        row = {**_claim(discord_id), "owner": owner, "createdAt": time, **ends}
        try:
            self._table.put(row, "attribute_not_exists(#pk) OR #owner = :owner", owner=owner)
        except ConditionFailed:
            return False
        return True

    def thread(self, key: str) -> str | None:
        """The id of the thread known by this key."""
        item = self._table.get(_thread(key))
        return str(item["threadId"]) if item else None

    def keep_thread(self, key: str, thread_id: str) -> str:
        """Know a thread by this key; the id that stands, which is another's where one was quicker."""
        change = Change(default={"threadId": thread_id, "createdAt": self._clock()})
        return str(self._table.update(_thread(key), change)["threadId"])

    def forget_thread(self, key: str, thread_id: str) -> None:
        """It does not exist any more; nothing happens when another took its place."""
        try:
            self._table.delete(_thread(key), "#threadId = :thread", thread=thread_id)
        except ConditionFailed:
            return


def _claim(discord_id: str) -> Key:
    return {"pk": f"claim#{discord_id}"}


def _thread(key: str) -> Key:
    return {"pk": f"thread#{key}"}
