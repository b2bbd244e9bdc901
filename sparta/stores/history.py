"""Attestation history: one item per validator and epoch, with an attribute per slot, each recorded once."""

from __future__ import annotations

from collections.abc import Iterable

from sparta.addresses import address_key
from sparta.models import History
from sparta.stores.clock import Clock, expiry, now
from sparta.stores.codec import Item
from sparta.stores.expressions import Change
from sparta.stores.table import Key, Table, Transaction, commit_all

KEPT_DAYS = 30


class ValidatorHistory:
    """The table ``validator-history``."""

    def __init__(self, table: Table, clock: Clock = now) -> None:
        self._table = table
        self._clock = clock

    def add_to(self, transaction: Transaction, history: History) -> None:
        """Add slots to what is known of their epoch, as a part of an act.

        A slot that is known stays as it was first recorded, so that recording twice changes nothing, and a node that
        forgot its past takes nothing away. Each slot is an attribute of its own, so nothing is read before.
        """
        change = Change(
            assign={"expiresAt": expiry(self._clock(), KEPT_DAYS)},
            default={str(slot): status for slot, status in history.slots.items()},
        )
        transaction.update(self._table, _key(history.address, history.epoch), change)

    def record(self, histories: Iterable[History]) -> None:
        """The same for many."""
        merged: dict[tuple[str, int], dict[int, str]] = {}
        for each in histories:
            slots = merged.setdefault((address_key(each.address), each.epoch), {})
            slots.update({slot: status for slot, status in each.slots.items() if slot not in slots})
        commit_all(self._table.database, (self._one(*key, slots) for key, slots in merged.items()))

    def last(self, address: str, epochs: int) -> list[History]:
        """The newest ``epochs`` in which the validator had a duty, newest first."""
        page = self._table.query("#pk = :pk", limit=epochs, backwards=True, pk=address_key(address))
        return [_history(item) for item in page.items]

    def _one(self, address: str, epoch: int, slots: dict[int, str]) -> Transaction:
        transaction = Transaction(self._table.database)
        self.add_to(transaction, History(address=address, epoch=epoch, slots=slots))
        return transaction


def _key(address: str, epoch: int) -> Key:
    return {"pk": address_key(address), "sk": epoch}


def _history(item: Item) -> History:
    slots = {int(name): status for name, status in item.items() if name.isdigit()}
    return History(address=item["pk"], epoch=item["sk"], slots=dict(sorted(slots.items())))
