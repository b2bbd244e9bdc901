"""What is to be said: the outbox of messages.

A message is a row before it is sent, and its key says what it is about, so that it exists once. While it waits it
stands in the index ``pending`` (attributes ``queue`` and ``notBefore``); sent or given up it leaves the index.
"""

from __future__ import annotations

from sparta.models import Sending
from sparta.stores.clock import Clock, expiry, now
from sparta.stores.codec import Item
from sparta.stores.database import ConditionFailed
from sparta.stores.expressions import Change
from sparta.stores.table import Key, Table, Transaction

KEPT_DAYS = 90
QUEUE = "pending"
_UNTOUCHED = "#queue = :queue AND #attempts = :attempts"


class Alerts:
    """The table ``alerts``."""

    def __init__(self, table: Table, clock: Clock = now) -> None:
        self._table = table
        self._clock = clock

    def add(self, message: Sending) -> bool:
        """Accept a message durably; False when its key is known, and then nothing changes."""
        try:
            self._table.put(_row(message), "attribute_not_exists(#pk)")
        except ConditionFailed:
            return False
        return True

    def get(self, key: str) -> Sending | None:
        """A message by its key."""
        item = self._table.get(_message(key))
        return _sending(item) if item else None

    def due(self, limit: int = 100) -> list[Sending]:
        """Messages to send now, those first that wait longest; a new one appears a moment after it was added."""
        page = self._table.query(
            "#queue = :queue AND #notBefore <= :time", index="pending", limit=limit, queue=QUEUE, time=self._clock()
        )
        return [_sending(item) for item in page.items]

    def begin(self, message: Sending, seconds: float) -> Sending | None:
        """Take a message for one attempt to send it; ``None`` when another has it, or it is done.

        It is due again after ``seconds`` unless it is marked before: so a sender that dies is made up for.
        """
        until = self._clock() + int(seconds * 1000)
        time = self._clock()
        stamps = {"notBefore": until, "updatedAt": time}
        change = Change(assign=stamps, default={"triedAt": time}, add={"attempts": 1})
        try:
            item = self._table.update(
                _message(message.key), change, f"{_UNTOUCHED} AND #notBefore <= :time",
                queue=QUEUE, attempts=message.attempts, time=time,
            )  # fmt: skip
        except ConditionFailed:
            return None
        return _sending(item)

    def heading(self, message: Sending, channel_id: str) -> bool:
        """Note where the message is about to be written, so that it can be looked for there after a crash; False when
        another attempt has begun since, and then this one must not write.
        """
        return self._settle(message, Change(assign={"channelId": channel_id, "updatedAt": self._clock()}))

    def sent(self, message: Sending, message_id: str | None) -> None:
        """Discord has it; ``None`` when it was deleted there before we learnt its id."""
        self._close(message, {"status": "sent", "messageId": message_id})

    def fell_back(self, message: Sending) -> None:
        """Its operator cannot be reached; another message says so."""
        self._close(message, {"status": "fell-back"})

    def failed(self, message: Sending) -> None:
        """It cannot be sent, and will not be tried again."""
        self._close(message, {"status": "failed"})

    def later(self, message: Sending, seconds: float, *, counted: bool = True) -> None:
        """Try again after ``seconds``; not ``counted`` when the attempt says nothing about the message."""
        until = self._clock() + int(seconds * 1000)
        add = {} if counted else {"putOffs": 1}
        self._settle(message, Change(assign={"notBefore": until, "updatedAt": self._clock()}, add=add))

    def add_to(self, transaction: Transaction, message: Sending) -> None:
        """Accept a message as a part of an act, which fails as a whole when its key is known."""
        transaction.put(self._table, _row(message), "attribute_not_exists(#pk)")

    def _close(self, message: Sending, assign: Item) -> None:
        time = self._clock()
        stamps = {"updatedAt": time, "expiresAt": expiry(time, KEPT_DAYS)}
        self._settle(message, Change(assign=assign | stamps, remove=["queue"]))

    def _settle(self, message: Sending, change: Change) -> bool:
        """Write what came of an attempt; nothing happens, and False, when another attempt has begun since."""
        try:
            self._table.update(_message(message.key), change, _UNTOUCHED, queue=QUEUE, attempts=message.attempts)
        except ConditionFailed:
            return False
        return True


def _message(key: str) -> Key:
    return {"pk": f"message#{key}"}


def _row(message: Sending) -> Item:
    return {**_message(message.key), "queue": QUEUE, **message.to_json()}


def _sending(item: Item) -> Sending:
    return Sending.model_validate(item, extra="ignore")
