"""Validators: one item each; who runs one, and how many an operator has, change in one transaction."""

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
from sparta.stores.operators import count_validators, operator_key
from sparta.stores.table import Key, Table, Transaction

NOT_FOUND = "Validator not found"
_OWNED = "#operatorId = :operator"


class Row(NamedTuple):
    """A validator as the monitor reads them by the hundred thousand, when a model of each would not fit."""

    address: str
    operator_id: str | None
    label: str | None
    is_active: bool
    stats: Item | None
    """As ``ValidatorStats`` is stored."""


class Validators:
    """The table ``validators``, and the counts in the table ``operators``."""

    def __init__(self, table: Table, operators: Table, clock: Clock = now) -> None:
        self.table = table
        self._operators = operators
        self._clock = clock

    def get(self, address: str) -> Validator | None:
        """By address, in any case."""
        item = self.table.get(_key(address))
        return _validator(item) if item else None

    def of_operator(self, operator_id: str) -> list[Validator]:
        """All validators of one operator, in the order of their addresses; new ones appear a moment later."""
        items = self.table.query_all("#operatorId = :operator", index="by-operator", operator=operator_id)
        return [_validator(item) for item in items]

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

        :raises NotFound: no such operator
        :raises Conflict: it has an operator already
        """
        time = self._clock()
        change = Change(
            assign={"address": address, "operatorId": operator_id, "updatedAt": time}
            | ({} if is_active is None else {"isActive": is_active}),
            default={"createdAt": time} | ({"isActive": False} if is_active is None else {}),
        )

        def attempt(transaction: Transaction) -> None:
            transaction.update(self.table, _key(address), change, "attribute_not_exists(#operatorId)")
            count_validators(transaction, self._operators, (self._operator(operator_id), +1))

        self._repeat(attempt, lambda _: Conflict("This validator is already registered."))
        return self._existing(address)

    def remove(self, address: str, operator_id: str) -> None:
        """Forget a validator of this operator.

        :raises NotFound: no such operator, or it has no such validator
        """

        def attempt(transaction: Transaction) -> None:
            transaction.delete(self.table, _key(address), _OWNED, operator=operator_id)
            count_validators(transaction, self._operators, (self._operator(operator_id), -1))

        self._repeat(attempt, _not_owned)

    def transfer(self, address: str, from_id: str, to_id: str) -> Validator:
        """Give a validator of one operator to another.

        :raises NotFound: one of them does not exist, or the first has no such validator
        """
        if from_id == to_id:
            raise InvalidInput("fromDiscordId and toDiscordId are the same operator, so nothing would change.")
        change = Change(assign={"operatorId": to_id, "updatedAt": self._clock()}, remove=["label"])

        def attempt(transaction: Transaction) -> None:
            transaction.update(self.table, _key(address), change, _OWNED, operator=from_id)
            giver, taker = self._operator(from_id), self._operator(to_id)
            count_validators(transaction, self._operators, (giver, -1), (taker, +1))

        self._repeat(attempt, _not_owned)
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
        return self._change(address, {"isActive": active})

    def record_stats(self, address: str, stats: ValidatorStats) -> Validator:
        """What the Aztec node said last."""
        return self._change(address, {"stats": stats.to_json()})

    def set_label(self, address: str, operator_id: str, label: str | None) -> Validator:
        """The name its operator gives it; ``None`` takes it away."""
        change = Change(assign={"label": label, "updatedAt": self._clock()})
        try:
            return _validator(self.table.update(_key(address), change, _OWNED, operator=operator_id))
        except ConditionFailed as failed:
            raise _not_owned(failed.items[0]) from None

    def _change(self, address: str, assign: Item) -> Validator:
        change = Change(assign=assign | {"updatedAt": self._clock()})
        try:
            return _validator(self.table.update(_key(address), change, "attribute_exists(#pk)"))
        except ConditionFailed:
            raise NotFound(NOT_FOUND) from None

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

    def _repeat(self, attempt: Callable[[Transaction], None], refused: Callable[[Item | None], Exception]) -> None:
        """Try until only the validator's own condition, the first part of each transaction, can fail."""
        for pause in self.table.database.pauses():
            transaction = Transaction(self.table.database)
            attempt(transaction)
            try:
                transaction.commit()
            except ConditionFailed as failed:
                if failed.items[0] is not None:
                    raise refused(failed.items[0]) from None
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


def _not_owned(item: Item | None) -> NotFound:
    return NotFound("This operator has no such validator." if item else NOT_FOUND)
