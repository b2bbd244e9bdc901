"""The tables of an environment, found by their names: they are there also when the stack is gone."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from scripts.operations.errors import OperationError, code
from scripts.operations.target import Target
from templates.tables import TABLES, Table

MISSING = "ResourceNotFoundException"


def physical(target: Target, table: Table) -> str:
    """``sparta-operators-production``."""
    return f"sparta-{table.name}-{target.environment}"


def chosen(target: Target, table: str = "") -> dict[str, Table]:
    """All tables of the environment by their names on AWS, or the one called so: ``operators``.

    :raises OperationError: when none is called so
    """
    everything = {physical(target, each): each for each in TABLES}
    if not table:
        return everything
    found = {name: each for name, each in everything.items() if table in (name, each.name)}
    if not found:
        raise OperationError(
            f"There is no table {table!r}; there are {', '.join(each.name for each in TABLES)}. "
            "Give one: TABLE=operators."
        )
    return found


def describe(dynamodb: Any, name: str) -> dict[str, Any] | None:
    """A table as DynamoDB describes it; ``None`` where there is none."""
    try:
        found: dict[str, Any] = dynamodb.describe_table(TableName=name)["Table"]
    except ClientError as error:
        if code(error) == MISSING:
            return None
        raise
    return found


def insist(target: Target, dynamodb: Any, names: list[str]) -> dict[str, dict[str, Any]]:
    """Every one of these tables as DynamoDB describes it.

    :raises OperationError: when one is not there, before anything was done
    """
    found = {name: describe(dynamodb, name) for name in names}
    missing = [name for name, table in found.items() if table is None]
    if len(missing) == len(names):
        # Says what is wrong with the whole: other credentials, or an environment that was never deployed.
        target.stack(target.root)
    if missing:
        raise OperationError(
            f"There is no table {' and no '.join(missing)} in account {target.account}, region {target.region}. "
            "Nothing was done. If it was deleted, `make restore` brings it back from a backup."
        )
    return {name: table for name, table in found.items() if table is not None}
