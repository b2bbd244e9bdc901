"""The tables as ``tables.json`` defines them, which the templates read too: keys, indexes, expiry."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from sparta.stores.database import Database

FILE = Path(__file__).with_name("tables.json")


class Definition(BaseModel):
    """One table. Keys map attributes to their types, the partition key first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    holds: str
    key: dict[str, str]
    indexes: dict[str, dict[str, str]]
    expires: str | None

    def request(self, table_name: str) -> dict[str, Any]:
        """Parameters of CreateTable."""
        attributes = dict(self.key)
        for keys in self.indexes.values():
            attributes |= keys
        indexes = [
            {"IndexName": name, "KeySchema": _schema(keys), "Projection": {"ProjectionType": "ALL"}}
            for name, keys in self.indexes.items()
        ]
        return {
            "TableName": table_name,
            "KeySchema": _schema(self.key),
            "AttributeDefinitions": [{"AttributeName": n, "AttributeType": kind} for n, kind in attributes.items()],
            "BillingMode": "PAY_PER_REQUEST",
            **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
        }


def definitions() -> list[Definition]:
    """All six, in the file's order."""
    return [Definition.model_validate(each) for each in json.loads(FILE.read_text(encoding="utf-8"))]


def create(database: Database, table_name: Callable[[str], str]) -> list[str]:
    """Create the tables that do not exist; their names on AWS. ``table_name`` gives the name of each."""
    existing = _existing(database)
    created: list[str] = []
    for definition in definitions():
        name = table_name(definition.name)
        if name in existing:
            continue
        database.call("create_table", **definition.request(name))
        if definition.expires:
            expiry = {"Enabled": True, "AttributeName": definition.expires}
            database.call("update_time_to_live", TableName=name, TimeToLiveSpecification=expiry)
        created.append(name)
    return created


def _existing(database: Database) -> set[str]:
    """All tables of the account and region; they are told 100 at a time."""
    answer = database.call("list_tables")
    names = set(answer["TableNames"])
    while last := answer.get("LastEvaluatedTableName"):
        answer = database.call("list_tables", ExclusiveStartTableName=last)
        names |= set(answer["TableNames"])
    return names


def _schema(keys: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(keys, ("HASH", "RANGE"), strict=False)]
