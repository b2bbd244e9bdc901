"""Which validators an operator has: a map in the operator's own item, so that one consistent read answers both.

Who has a validator stands in the validator's item too, and how many operators have none in the counters; all of these
change in one transaction.
"""

from __future__ import annotations

from sparta.addresses import address_key
from sparta.models import OwnedValidator
from sparta.stores.codec import Item
from sparta.stores.expressions import Change, path
from sparta.stores.table import Table, Transaction

COUNTERS = {"pk": "counters"}
MOST = 1000
"""An entry takes 130 bytes of the 400 kB that an item may have."""


def owned(operator: Item) -> list[OwnedValidator]:
    """The validators of an operator's item, in the order of their addresses."""
    return [
        OwnedValidator.model_construct(
            address=entry["address"], operator_id=operator["discordId"], is_active=entry["isActive"]
        )
        for _, entry in sorted(operator["validators"].items())
    ]


def move(
    transaction: Transaction,
    operators: Table,
    address: str,
    *,
    giver: Item | None = None,
    taker: Item | None = None,
    active: bool = False,
) -> None:
    """Add the parts by which a validator leaves ``giver`` and comes to ``taker``, both as read before.

    Only the first and the last validator of an operator touch the counters that all operators share, and only then must
    the number be the one that was read: so many at once do not wait for each other.
    """
    place = f"validators.{address_key(address)}"
    without = 0
    if giver:
        last = len(giver["validators"]) <= 1
        condition, number = ("=", len(giver["validators"])) if last else (">", 1)
        _change(transaction, operators, giver, Change(remove=[place]), condition, number)
        without += last
    if taker:
        first = not taker["validators"]
        entry = {"address": address, "isActive": active}
        _change(transaction, operators, taker, Change(assign={place: entry}), "=" if first else ">", 0)
        without -= first
    if without:
        transaction.update(operators, COUNTERS, Change(add={"withoutValidators": without}))


def mark(transaction: Transaction, operators: Table, operator_key: Item, address: str, *, active: bool) -> None:
    """Add the part that says in the operator's item whether its validator is in the chain's set."""
    place = f"validators.{address_key(address)}"
    change = Change(assign={f"{place}.isActive": active})
    transaction.update(operators, operator_key, change, f"attribute_exists({path(place)})")


def _change(
    transaction: Transaction, operators: Table, operator: Item, change: Change, compare: str, number: int
) -> None:
    condition = f"size(#validators) {compare} :number"
    transaction.update(operators, {"pk": operator["pk"]}, change, condition, number=number)
