"""Validators: one item each; whose each is stands also in the operator's item, changed in the same transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from sparta.addresses import STORED, address_key
from sparta.errors import Conflict, DependencyFailed, InvalidInput, NotFound
from sparta.models import Validator, ValidatorStats
from sparta.stores.clock import Clock, now
from sparta.stores.codec import Item
from sparta.stores.database import BUSY, ConditionFailed
from sparta.stores.expressions import Change
from sparta.stores.operators import NOT_FOUND as OPERATOR_NOT_FOUND
from sparta.stores.operators import operator_key
from sparta.stores.ownership import MOST, mark, move
from sparta.stores.table import Key, Table, Transaction

NOT_FOUND = "Validator not found"
_OWNED = "#operatorId = :operator"
_UNCLAIMED = "attribute_not_exists(#operatorId)"


class Row(NamedTuple):
    """A validator as the monitor reads them by the hundred thousand, when a model of each would not fit."""

    address: str
    operator_id: str | None
    label: str | None
    is_active: bool
    stats: Item | None
    """As ``ValidatorStats`` is stored."""


class Validators:
    """The table ``validators``, and what the table ``operators`` knows of them."""

    def __init__(self, table: Table, operators: Table, clock: Clock = now) -> None:
        self.table = table
        self._operators = operators
        self._clock = clock

    def get(self, address: str) -> Validator | None:
        """By address, in any case."""
        item = self.table.get(_key(address))
        return _validator(item) if item else None

    def of_operator(self, operator_id: str) -> list[Validator]:
        """All validators of one operator, in the order of their addresses."""
        operator = self._operators.get(operator_key(operator_id))
        items = self.table.get_many(_key(address) for address in (operator or {}).get("validators", {}))
        return [_validator(item) for item in sorted(items, key=lambda item: str(item["pk"]))]

    def all(self) -> Iterator[Validator]:
        """Every known validator, for lists and the monitor."""
        return map(_validator, self.table.scan_all())

    def rows(self) -> Iterator[Row]:
        """Every known validator in short, for the monitor; addresses in lower case."""
        for item in self.table.scan_all():
            yield Row(
                item["pk"], item.get("operatorId"), item.get("label"), item.get("isActive", False), item.get("stats")
            )

    def register(self, address: str, operator_id: str, *, is_active: bool | None = None) -> Validator:
        """Give an unknown or unclaimed validator to an operator.

        :param is_active: in the chain's set; None when that is not known here: then it stays as it is
        :raises NotFound: no such operator
        :raises Conflict: it has an operator already
        """
        time = self._clock()

        def attempt(transaction: Transaction) -> None:
            item = self.table.get(_key(address))
            active = bool(item and item["isActive"]) if is_active is None else is_active
            new = {"address": address, "operatorId": operator_id, "isActive": active, "updatedAt": time}
            change = Change(assign=new, default={"createdAt": time})
            condition, seen = _as_seen(item)
            transaction.update(self.table, _key(address), change, f"{_UNCLAIMED} AND {condition}", **seen)
            taker = self._operator(operator_id)
            if len(taker["validators"]) >= MOST:
                raise Conflict(f"This operator has {MOST} validators, which is the most. Register another operator.")
            move(transaction, self._operators, address, taker=taker, active=active)

        def refused(item: Item) -> Exception | None:
            return Conflict("This validator is already registered.") if item.get("operatorId") else None

        self._repeat(attempt, refused)
        return self._existing(address)

    def remove(self, address: str, operator_id: str) -> None:
        """Forget a validator of this operator.

        :raises NotFound: no such operator, or it has no such validator
        """

        def attempt(transaction: Transaction) -> None:
            transaction.delete(self.table, _key(address), _OWNED, operator=operator_id)
            move(transaction, self._operators, address, giver=self._operator(operator_id))

        self._repeat(attempt, _not_owned)

    def transfer(self, address: str, from_id: str, to_id: str) -> Validator:
        """Give a validator of one operator to another.

        :raises NotFound: one of them does not exist, or the first has no such validator
        """
        if from_id == to_id:
            raise InvalidInput("fromDiscordId and toDiscordId are the same operator, so nothing would change.")
        change = Change(assign={"operatorId": to_id, "updatedAt": self._clock()}, remove=["label"])

        def attempt(transaction: Transaction) -> None:
            item = self.table.get(_key(address)) or {"address": address, "isActive": False}
            condition, seen = _as_seen(item)
            transaction.update(self.table, _key(address), change, f"{_OWNED} AND {condition}", operator=from_id, **seen)
            giver, taker = self._operator(from_id), self._operator(to_id)
            move(transaction, self._operators, item["address"], giver=giver, taker=taker, active=item["isActive"])

        def refused(item: Item) -> Exception | None:
            return None if item.get("operatorId") == from_id else _not_owned(item)

        self._repeat(attempt, refused)
        return self._existing(address)

    def see(self, addresses: Iterable[str]) -> int:
        """Know these validators of the chain, whose operators are unknown; how many were new.

        Those that are known stay as they are, also when an operator claims one at this moment.
        """
        wanted = {address_key(address): address for address in addresses}
        known = {item["pk"] for item in self.table.get_many(_key(address) for address in wanted)}
        new = [address for key, address in wanted.items() if key not in known]
        for start in range(0, len(new), 100):
            self._see_new(new[start : start + 100])
        return len(new)

    def add_to(
        self, transaction: Transaction, address: str, *, is_active: bool, stats: ValidatorStats | None = None
    ) -> None:
        """What the chain and the Aztec node say of one, as a part of an act; it is known from then on.

        Whose it is stays as it is, also when that changes at this moment. Without ``stats`` the old ones stay.
        """
        time = self._clock()
        told = {"isActive": is_active, "updatedAt": time} | ({"stats": stats.to_json()} if stats else {})
        change = Change(assign=told, default={"address": address, "createdAt": time})
        transaction.update(self.table, _key(address), change)

    def set_active(self, address: str, *, active: bool) -> Validator:
        """In the chain's set, or not."""
        change = Change(assign={"isActive": active, "updatedAt": self._clock()})

        def attempt(transaction: Transaction) -> None:
            item = self.table.get(_key(address))
            if item is None:
                raise NotFound(NOT_FOUND)
            if operator_id := item.get("operatorId"):
                transaction.update(self.table, _key(address), change, _OWNED, operator=operator_id)
                mark(transaction, self._operators, operator_key(operator_id), address, active=active)
            else:
                transaction.update(self.table, _key(address), change, f"attribute_exists(#pk) AND {_UNCLAIMED}")

        self._repeat(attempt, lambda _: None)
        return self._existing(address)

    def record_stats(self, address: str, stats: ValidatorStats) -> Validator:
        """What the Aztec node said last."""
        change = Change(assign={"stats": stats.to_json(), "updatedAt": self._clock()})
        try:
            return _validator(self.table.update(_key(address), change, "attribute_exists(#pk)"))
        except ConditionFailed:
            raise NotFound(NOT_FOUND) from None

    def set_label(self, address: str, operator_id: str, label: str | None) -> Validator:
        """The name its operator gives it; ``None`` takes it away."""
        change = Change(assign={"label": label, "updatedAt": self._clock()})
        try:
            return _validator(self.table.update(_key(address), change, _OWNED, operator=operator_id))
        except ConditionFailed as failed:
            raise _not_owned(failed.items[0] or {}) from None

    def _existing(self, address: str) -> Validator:
        found = self.get(address)
        if found is None:
            raise NotFound(NOT_FOUND)
        return found

    def _operator(self, discord_id: str) -> Item:
        item = self._operators.get(operator_key(discord_id))
        if item is None:
            raise NotFound(OPERATOR_NOT_FOUND)
        return item

    def _repeat(self, attempt: Callable[[Transaction], None], refused: Callable[[Item], Exception | None]) -> None:
        """Try until the transaction happens, or ``refused`` says that the validator's item forbids it.

        The validator is the first part of each transaction; a failure of any other is one of timing.
        """
        for pause in self.table.database.pauses():
            transaction = Transaction(self.table.database)
            attempt(transaction)
            try:
                transaction.commit()
            except ConditionFailed as failed:
                if failed.items[0] is not None and (refusal := refused(failed.items[0])):
                    raise refusal from None
                self.table.database.wait(pause)
                continue
            return
        raise DependencyFailed(BUSY, dependency="DynamoDB")

    def _see_new(self, addresses: list[str]) -> None:
        transaction = Transaction(self.table.database)
        for address in addresses:
            transaction.put(self.table, self._unclaimed(address), "attribute_not_exists(#pk)")
        try:
            transaction.commit()
        except ConditionFailed as failed:
            again = [address for address, item in zip(addresses, failed.items, strict=True) if item is None]
            if again:
                self._see_new(again)

    def _unclaimed(self, address: str) -> Item:
        time = self._clock()
        validator = Validator(address=address, created_at=time, updated_at=time)
        return {**_key(address), **validator.to_json()}


def _key(address: str) -> Key:
    return {"pk": address_key(address)}


def _validator(item: Item) -> Validator:
    return Validator.model_validate(item, extra="ignore", context=STORED)


def _as_seen(item: Item | None) -> tuple[str, Item]:
    """The condition, and its values, that a validator is as active as it was when read; it may be unknown still."""
    if item is None:
        return "attribute_not_exists(#pk)", {}
    return "#isActive = :active", {"active": item["isActive"]}


def _not_owned(item: Item) -> NotFound:
    return NotFound("This operator has no such validator." if item else NOT_FOUND)
