"""The templates make the very tables that the application's stores create and expect."""

from __future__ import annotations

from typing import Any

import pytest

from sparta.stores.definitions import Definition, definitions
from templates import registry
from templates.table_rights import RIGHTS

EMITTED: dict[str, dict[str, Any]] = {
    resource["Properties"]["TableName"]["Fn::Sub"]: resource["Properties"]
    for resource in registry.build()["data"]["Resources"].values()
    if resource["Type"] == "AWS::DynamoDB::Table"
}


def test_every_table_of_the_stores_is_made_and_no_other() -> None:
    assert set(EMITTED) == {f"sparta-{table.name}-${{Environment}}" for table in definitions()}


@pytest.mark.parametrize("table", definitions(), ids=lambda table: table.name)
def test_keys_indexes_and_expiry_agree(table: Definition) -> None:
    """What the stores create locally is what CloudFormation creates."""
    emitted = EMITTED[f"sparta-{table.name}-${{Environment}}"]
    wanted = table.request("any") | {"TableName": emitted["TableName"]}
    assert {key: emitted.get(key) for key in wanted} == wanted
    expiry = emitted.get("TimeToLiveSpecification", {}).get("AttributeName")
    assert expiry == table.expires


def test_a_right_is_on_a_table_or_index_that_there_is() -> None:
    """And each index is queried by some program, or every write would pay for it in vain."""
    granted = {(right.table.name, right.index) for rights in RIGHTS.values() for right in rights}
    indexes = {(table.name, index) for table in definitions() for index in table.indexes}
    assert {(table, index) for table, index in granted if index} == indexes
