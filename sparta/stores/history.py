"""Attestation history: one item per validator and epoch that holds its slots, each recorded once."""

from __future__ import annotations

from collections.abc import Iterable

from sparta.addresses import address_key
from sparta.models import History
from sparta.stores.clock import Clock, expiry, now
from sparta.stores.codec import Item
from sparta.stores.table import Key, Table

KEPT_DAYS = 30


class ValidatorHistory:
    """The table ``validator-history``."""

    def __init__(self, table: Table, clock: Clock = now) -> None:
        self._table = table
        self._clock = clock

    def record(self, histories: Iterable[History]) -> int:
        """Add slots to what is known of their epochs; how many items that changed.

        A slot that is known stays as it was first recorded, so that recording twice changes nothing, and a node that
        forgot its past takes nothing away.
        """
        wanted = {(address_key(each.address), each.epoch): each for each in histories}
        known = {
            (item["pk"], item["sk"]): item["slots"]
            for item in self._table.get_many(_key(address, epoch) for address, epoch in wanted)
        }
        changed = [
            self._item(each, {str(slot): status for slot, status in each.slots.items()} | known.get(key, {}))
            for key, each in wanted.items()
            if {str(slot) for slot in each.slots} - set(known.get(key, {}))
        ]
        self._table.put_many(changed)
        return len(changed)

    def last(self, address: str, epochs: int) -> list[History]:
        """The newest ``epochs`` in which the validator had a duty, newest first."""
        page = self._table.query("#pk = :pk", limit=epochs, backwards=True, pk=address_key(address))
        return [History(address=item["address"], epoch=item["sk"], slots=item["slots"]) for item in page.items]

    def _item(self, history: History, slots: dict[str, str]) -> Item:
        return {
            **_key(history.address, history.epoch),
            "address": history.address,
            "slots": slots,
            "expiresAt": expiry(self._clock(), KEPT_DAYS),
        }


def _key(address: str, epoch: int) -> Key:
    return {"pk": address_key(address), "sk": epoch}
