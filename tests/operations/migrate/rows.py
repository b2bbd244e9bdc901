"""Rows as an earlier service left them, and what they have to become."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sparta.settings import Tables
from sparta.stores import Stores
from sparta.stores.codec import Item, decode, encode
from sparta.stores.database import Database
from tests.operations.dynamodb_front import DynamoDbFront

OPERATORS, VALIDATORS, CONFIG = (f"sparta-{name}-staging" for name in ("operators", "validators", "config"))
KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
TIMES = {"createdAt": 1, "updatedAt": 1}


def settings(url: str) -> Tables:
    return Tables(environment="staging", aws_endpoint_url_dynamodb=url)


def address(number: int) -> str:
    return f"0x{number:040x}"


def earlier_rows(database: Database) -> None:
    """As a service that knows no claims, lists and counters would have left them, and some that are wrong."""
    put(database, OPERATORS, pk="operator#1", walletAddress="0x" + "AB" * 20, discordUsername="leonidas", **TIMES)
    put(
        database,
        OPERATORS,
        pk="operator#2",
        walletAddress=address(2),
        discordUsername="gorgo",
        isApproved=True,
        **TIMES,
    )
    put(database, OPERATORS, pk="wallet#" + address(99), discordId="2")
    put(database, OPERATORS, pk="username#gone", discordId="7")
    put(database, OPERATORS, pk="username#gorgo", discordId="7")
    put(database, VALIDATORS, pk="0x" + "CD" * 20, operatorId="1", **TIMES)
    put(database, VALIDATORS, pk=address(11), address=address(11), operatorId="2", isActive=True, label="one", **TIMES)
    put(database, VALIDATORS, pk=address(12), address=address(12), operatorId="7", label="lost", isActive=True, **TIMES)
    put(database, VALIDATORS, pk=address(13), address=address(13), isActive=False, **TIMES)
    put(
        database, OPERATORS,
        pk="operator#3", kind="operator", discordId="3", walletAddress=address(3), discordUsername="ephialtes",
        isApproved=False, wasSlashed=False, validators={
            address(11): {"address": address(11), "isActive": True},
            address(13): {"address": address(13), "isActive": False},
            address(14): {"address": address(14), "isActive": True},
        },
        **TIMES,
    )  # fmt: skip


def put(database: Database, table: str, **item: Any) -> None:
    database.call("put_item", TableName=table, Item=encode(item))


def everything(database: Database) -> dict[str, Item]:
    """All items of operators and validators."""
    found: dict[str, Item] = {}
    for table in (OPERATORS, VALIDATORS):
        for wire in database.call("scan", TableName=table, ConsistentRead=True)["Items"]:
            item = decode(wire)
            found[item["pk"]] = item
    return found


def check(stores: Stores) -> None:
    """The earlier rows are what the stores of today read and write."""
    one, two, three = (stores.operators.get(number) for number in ("1", "2", "3"))
    assert one
    assert two
    assert three
    assert stores.operators.by_wallet("0x" + "ab" * 20) == one
    assert stores.operators.by_username("gorgo") == two
    assert stores.operators.by_wallet(address(99)) is None
    assert stores.operators.by_username("gone") is None
    owned = {o.discord_id: [each.address for each in o.validators or []] for o in (one, two, three)}
    assert owned == {"1": ["0x" + "CD" * 20], "2": [address(11)], "3": [address(13), address(14)]}
    assert {row.address: row.operator_id for row in stores.validators.rows()} == {
        "0x" + "cd" * 20: "1",
        address(11): "2",
        address(12): None,
        address(13): "3",
        address(14): "3",
    }
    stats = stores.operators.stats()
    assert (stats.total_operators, stats.operators_without_validators) == (3, 0)
    assert {each.discord_id for each in stores.operators.all()} == {"1", "2", "3"}


def written(front: DynamoDbFront) -> Counter[str]:
    """How often each item of the data was written, by all runs together."""
    keys: list[str] = []
    for write in front.writes:
        for part in write["TransactItems"]:
            ((_, what),) = part.items()
            if what["TableName"] != CONFIG:
                keys.append(decode(what.get("Key") or what["Item"])["pk"])
    return Counter(keys)
