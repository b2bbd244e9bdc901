"""The signer's journal (``sparta.chain.journal``) in the table ``config``.

Per scope: one lease, one intent per attester, and one item that names the open and the unsettled intents, so that
finding them is one consistent read. An intent and its place in that item change in one transaction, which also looks at
the lease.
"""

from __future__ import annotations

from sparta.addresses import address_key
from sparta.chain.journal import Intent, IntentState, Lease, LeaseLost, Outdated
from sparta.stores.clock import Clock, now
from sparta.stores.codec import Item
from sparta.stores.database import ConditionFailed
from sparta.stores.expressions import Change
from sparta.stores.table import Key, Table, Transaction

LEASE_LOST = "Another task took over the signing before this transaction was saved; nothing was sent. Try again."
OUTDATED = "Another task went on with this validator's transaction meanwhile. Look at its state and try again."


class TableJournal:
    """Of one account on one chain, which ``scope`` names, e.g. ``31337:0xf39f…2266``."""

    def __init__(self, table: Table, scope: str, clock: Clock = now) -> None:
        self._table = table
        self._scope = scope
        self._clock = clock

    def acquire(self, owner: str, seconds: float) -> Lease | None:
        """See ``Journal.acquire``."""
        time = self._clock()
        until = time + int(seconds * 1000)
        change = Change(assign={"owner": owner, "until": until}, add={"token": 1})
        try:
            item = self._table.update(self._key("lease"), change, "attribute_not_exists(#pk) OR #until <= :t", t=time)
        except ConditionFailed:
            return None
        return Lease(owner=owner, token=item["token"], expires_at=until)

    def renew(self, lease: Lease, seconds: float) -> Lease:
        """See ``Journal.renew``."""
        until = self._clock() + int(seconds * 1000)
        self._lengthen(lease, until)
        return lease.model_copy(update={"expires_at": until})

    def release(self, lease: Lease) -> None:
        """See ``Journal.release``."""
        try:
            self._lengthen(lease, 0)
        except LeaseLost:
            return

    def get(self, attester: str) -> Intent | None:
        """See ``Journal.get``."""
        item = self._table.get(self._intent_key(attester))
        return _intent(item) if item else None

    def pending(self) -> list[Intent]:
        """See ``Journal.pending``."""
        return [intent for intent in self._listed() if intent.state is IntentState.OPEN]

    def unsettled(self) -> list[Intent]:
        """See ``Journal.unsettled``."""
        return [intent for intent in self._listed() if intent.is_unsettled]

    def _listed(self) -> list[Intent]:
        listed = self._table.get(self._key("open")) or {}
        keys = [self._intent_key(attester) for attester in listed.get("attesters", frozenset())]
        return [_intent(item) for item in self._table.get_many(keys)]

    def save(self, intent: Intent, lease: Lease | None = None) -> Intent:
        """See ``Journal.save``."""
        saved = intent.model_copy(update={"version": intent.version + 1, "attester": address_key(intent.attester)})
        unchanged = "#version = :seen" if intent.version else "attribute_not_exists(#pk)"
        seen = {"seen": intent.version} if intent.version else {}
        item = {**self._intent_key(saved.attester), "version": saved.version, "intent": saved.model_dump_json()}
        one = {"attesters": {saved.attester}}
        listed = saved.state is IntentState.OPEN or saved.is_unsettled
        listing = Change(add=one) if listed else Change(take=one)
        transaction = Transaction(self._table.database)
        transaction.put(self._table, item, unchanged, **seen)
        transaction.update(self._table, self._key("open"), listing)
        if lease:
            held = "#token = :token AND #until > :time"
            transaction.check(self._table, self._key("lease"), held, token=lease.token, time=self._clock())
        try:
            transaction.commit()
        except ConditionFailed as failed:
            raise (Outdated(OUTDATED) if failed.items[0] is not None else LeaseLost(LEASE_LOST)) from None
        return saved

    def _lengthen(self, lease: Lease, until: int) -> None:
        change = Change(assign={"until": until})
        try:
            self._table.update(self._key("lease"), change, "#token = :token", token=lease.token)
        except ConditionFailed:
            raise LeaseLost(LEASE_LOST) from None

    def _key(self, what: str) -> Key:
        return {"pk": f"signer#{self._scope}#{what}"}

    def _intent_key(self, attester: str) -> Key:
        return self._key(f"intent#{address_key(attester)}")


def _intent(item: Item) -> Intent:
    return Intent.model_validate_json(item["intent"])
