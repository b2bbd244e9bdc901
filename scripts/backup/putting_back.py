"""The items of a restored table written into the table that the system uses. Done twice it changes nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scripts.operations.errors import OperationError
from scripts.operations.patience import wait_for

SECONDS = 300
Wire = dict[str, Any]
"""An item, or a part of one, in DynamoDB's typed form, so that nothing is lost on the way."""


@dataclass(frozen=True)
class Difference:
    """What lacks or differs in the table, which items only it has (their keys), and how many are the same."""

    missing: list[Wire]
    differing: list[Wire]
    newer: list[Wire]
    same: int


def refuse_others(source: dict[str, Any], name: str, used: set[str]) -> None:
    """Some tables have keys of one form: only what was made from ``name`` is put back into it.

    :param used: the names of the tables that the system uses
    :raises OperationError: when ``source`` is one of them, or was restored from another of them
    """
    made = source.get("RestoreSummary", {})
    arn = made.get("SourceBackupArn") if ":table/" in made.get("SourceBackupArn", "") else made.get("SourceTableArn")
    origin = (arn or "").partition(":table/")[2].partition("/")[0]
    if source["TableName"] in used:
        raise OperationError(
            f"{source['TableName']} is a table that the system uses, no copy of {name}. Nothing was changed. "
            "`make restore` makes a copy from a backup."
        )
    if origin in used - {name}:
        raise OperationError(
            f"{source['TableName']} was restored from {origin}, so it is no copy of {name}. Nothing was changed."
        )


def compare(dynamodb: Any, source: dict[str, Any], table: dict[str, Any]) -> Difference:
    """Between two tables, as DynamoDB describes them.

    :raises OperationError: when their keys are not of the same form
    """
    if source["KeySchema"] != table["KeySchema"]:
        raise OperationError(
            f"{source['TableName']} has other keys than {table['TableName']}, so it is no copy of it. "
            "Nothing was changed."
        )
    attributes = [each["AttributeName"] for each in table["KeySchema"]]
    present = {_key(item, attributes): item for item in _items(dynamodb, table["TableName"])}
    missing, differing, same = [], [], 0
    for item in _items(dynamodb, source["TableName"]):
        now = present.pop(_key(item, attributes), None)
        if now is None:
            missing.append(item)
        elif _plain(now) == _plain(item):
            same += 1
        else:
            differing.append(item)
    newer = [{name: item[name] for name in attributes} for item in present.values()]
    return Difference(missing, differing, newer, same)


def write(dynamodb: Any, table: str, items: list[Wire], gone: list[Wire]) -> None:
    """Put the items and delete those of the keys, as many at once as DynamoDB takes."""
    requests: list[Wire] = [{"PutRequest": {"Item": item}} for item in items]
    requests += [{"DeleteRequest": {"Key": key}} for key in gone]
    for start in range(0, len(requests), 25):
        _send(dynamodb, table, requests[start : start + 25])


def _send(dynamodb: Any, table: str, requests: list[Wire]) -> None:
    left = {table: requests}

    def once() -> dict[str, Any]:
        nonlocal left
        left = dynamodb.batch_write_item(RequestItems=left).get("UnprocessedItems") or {}
        return left

    wait_for(f"Writing to {table}", once, lambda rest: not rest, seconds=SECONDS)


def _items(dynamodb: Any, name: str) -> Iterator[Wire]:
    for page in dynamodb.get_paginator("scan").paginate(TableName=name, ConsistentRead=True):
        yield from page["Items"]


def _key(item: Wire, attributes: list[str]) -> tuple[str, ...]:
    return tuple(next(iter(item[name].values())) for name in attributes)


def _plain(value: Any) -> Any:
    """Comparable: the members of a set come in any order."""
    if isinstance(value, dict):
        return {name: sorted(each) if name in ("SS", "NS") else _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value
