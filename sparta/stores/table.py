"""One table, and transactions over several: point reads, queries, conditional writes, batches that finish."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

from sparta.errors import DependencyFailed
from sparta.stores.codec import Item, decode, encode
from sparta.stores.database import BUSY, Database
from sparta.stores.expressions import Change, parameters

Key = Mapping[str, Any]
ALL_OLD = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


class Page(NamedTuple):
    """Items in order; ``next_key`` while there may be more."""

    items: list[Item]
    next_key: Item | None


class Table:
    """A table by its name on AWS."""

    def __init__(self, database: Database, name: str) -> None:
        self.database = database
        self.name = name

    def get(self, key: Key, *, consistent: bool = True) -> Item | None:
        """One item; by default it shows every write that was answered before."""
        answer = self.database.call("get_item", TableName=self.name, Key=encode(key), ConsistentRead=consistent)
        return decode(answer["Item"]) if "Item" in answer else None

    def put(self, item: Mapping[str, Any], condition: str | None = None, **values: Any) -> None:
        """Write a whole item.

        :raises ConditionFailed: when ``condition`` does not hold
        """
        rest = parameters(values, ConditionExpression=condition)
        self.database.call("put_item", TableName=self.name, Item=encode(item), **rest, **ALL_OLD)

    def update(self, key: Key, change: Change, condition: str | None = None, **values: Any) -> Item:
        """Change an item, made where it is missing unless ``condition`` forbids; as it stands afterwards.

        :raises ConditionFailed: when ``condition`` does not hold
        """
        expression, new = change.parameters()
        rest = parameters(values | new, UpdateExpression=expression, ConditionExpression=condition)
        answer = self.database.call(
            "update_item", TableName=self.name, Key=encode(key), ReturnValues="ALL_NEW", **rest, **ALL_OLD
        )
        return decode(answer["Attributes"])

    def delete(self, key: Key, condition: str | None = None, **values: Any) -> None:
        """Delete an item; none being there is no error unless ``condition`` says so."""
        rest = parameters(values, ConditionExpression=condition)
        self.database.call("delete_item", TableName=self.name, Key=encode(key), **rest, **ALL_OLD)

    def query(
        self,
        condition: str,
        *,
        index: str | None = None,
        limit: int | None = None,
        start: Key | None = None,
        backwards: bool = False,
        **values: Any,
    ) -> Page:
        """One page of the items whose key meets ``condition``; an index shows a write a moment later."""
        rest = parameters(values, KeyConditionExpression=condition)
        where = {"IndexName": index} if index else {"ConsistentRead": True}
        return self._page("query", limit, start, ScanIndexForward=not backwards, **where, **rest)

    def scan(self, *, limit: int | None = None, start: Key | None = None) -> Page:
        """One page of all items, in no order. For lists of everything only."""
        return self._page("scan", limit, start)

    def query_all(self, condition: str, *, index: str | None = None, **values: Any) -> Iterator[Item]:
        """All items of a query, page by page."""
        page = self.query(condition, index=index, **values)
        yield from page.items
        while page.next_key:
            page = self.query(condition, index=index, start=page.next_key, **values)
            yield from page.items

    def scan_all(self) -> Iterator[Item]:
        """All items of the table, page by page."""
        page = self.scan()
        yield from page.items
        while page.next_key:
            page = self.scan(start=page.next_key)
            yield from page.items

    def get_many(self, keys: Iterable[Key]) -> list[Item]:
        """The items that exist, in no order; as consistent as ``get``."""
        found: list[Item] = []
        for chunk in _batched(keys, 100):
            for answer in self._batches(
                "batch_get_item", {"Keys": [encode(key) for key in chunk], "ConsistentRead": True}, "UnprocessedKeys"
            ):
                found += [decode(item) for item in answer["Responses"].get(self.name, [])]
        return found

    def put_many(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Write whole items, unconditionally and not as one act."""
        for chunk in _batched(items, 25):
            requests = [{"PutRequest": {"Item": encode(item)}} for item in chunk]
            for _ in self._batches("batch_write_item", requests, "UnprocessedItems"):
                pass

    def _batches(self, operation: str, requests: Any, unprocessed: str) -> Iterator[dict[str, Any]]:
        """The answers, until DynamoDB has nothing left that it put off."""
        rest = {self.name: requests}
        for pause in self.database.pauses():
            answer = self.database.call(operation, RequestItems=rest)
            yield answer
            rest = answer.get(unprocessed) or {}
            if not rest:
                return
            self.database.wait(pause)
        raise DependencyFailed(BUSY, dependency="DynamoDB")

    def _page(self, operation: str, limit: int | None, start: Key | None, **rest: Any) -> Page:
        optional: dict[str, Any] = {"Limit": limit} if limit else {}
        if start:
            optional |= {"ExclusiveStartKey": encode(start)}
        answer = self.database.call(operation, TableName=self.name, **optional, **rest)
        last = answer.get("LastEvaluatedKey")
        return Page([decode(item) for item in answer["Items"]], decode(last) if last else None)


class Transaction:
    """Writes to several items, of which all happen or none. At most ``LONGEST``, each to another item."""

    LONGEST = 100

    def __init__(self, database: Database) -> None:
        self._database = database
        self._parts: list[dict[str, Any]] = []

    def __len__(self) -> int:
        return len(self._parts)

    def take(self, other: Transaction) -> Self:
        """Add the parts of another."""
        self._parts += other._parts
        return self

    def put(self, table: Table, item: Mapping[str, Any], condition: str | None = None, **values: Any) -> Self:
        """Write a whole item."""
        return self._add("Put", table, {"Item": encode(item)}, parameters(values, ConditionExpression=condition))

    def update(self, table: Table, key: Key, change: Change, condition: str | None = None, **values: Any) -> Self:
        """Change an item."""
        expression, new = change.parameters()
        rest = parameters(values | new, UpdateExpression=expression, ConditionExpression=condition)
        return self._add("Update", table, {"Key": encode(key)}, rest)

    def delete(self, table: Table, key: Key, condition: str | None = None, **values: Any) -> Self:
        """Delete an item."""
        return self._add("Delete", table, {"Key": encode(key)}, parameters(values, ConditionExpression=condition))

    def check(self, table: Table, key: Key, condition: str, **values: Any) -> Self:
        """Change nothing, but insist on ``condition``."""
        return self._add(
            "ConditionCheck", table, {"Key": encode(key)}, parameters(values, ConditionExpression=condition)
        )

    def commit(self) -> None:
        """Do it. A repetition after a lost answer does not do it twice: botocore sends the same token again.

        :raises ConditionFailed: with one entry per part, in the order they were added
        """
        self._database.call("transact_write_items", TransactItems=self._parts)

    def _add(self, verb: str, table: Table, what: Mapping[str, Any], rest: Mapping[str, Any]) -> Self:
        self._parts.append({verb: {"TableName": table.name, **what, **rest, **ALL_OLD}})
        return self


def commit_all(database: Database, groups: Iterable[Transaction]) -> int:
    """Do all of them in order, each whole, in as few requests as they fit into; how many there were.

    They are taken one by one, so that there may be more than memory would hold.
    """
    pack = Transaction(database)
    number = 0
    for group in groups:
        number += 1
        if len(pack) + len(group) > Transaction.LONGEST:
            pack.commit()
            pack = Transaction(database)
        pack.take(group)
    if len(pack):
        pack.commit()
    return number


def _batched(things: Iterable[Any], size: int) -> Iterator[Sequence[Any]]:
    collected = list(things)
    for start in range(0, len(collected), size):
        yield collected[start : start + size]
