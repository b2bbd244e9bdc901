from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.deployment.system import System
from tests.operations.backup.names import TABLE


@pytest.fixture
def dynamodb(staging: System) -> Any:
    return staging.emulator.client("dynamodb")


@pytest.fixture(autouse=True)
def clean(dynamodb: Any) -> Iterator[None]:
    """No backup and no table of one test is there for the next."""
    before = set(dynamodb.list_tables()["TableNames"])
    yield
    for backup in dynamodb.list_backups()["BackupSummaries"]:
        dynamodb.delete_backup(BackupArn=backup["BackupArn"])
    for name in set(dynamodb.list_tables()["TableNames"]) - before:
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=name)


@pytest.fixture
def items(dynamodb: Any) -> Iterator[list[dict[str, Any]]]:
    """Three items in the table of operators."""
    put = [{"pk": {"S": f"operator#{number}"}, "n": {"N": str(number)}} for number in range(3)]
    for item in put:
        dynamodb.put_item(TableName=TABLE, Item=item)
    yield put
    for item in dynamodb.scan(TableName=TABLE)["Items"]:
        dynamodb.delete_item(TableName=TABLE, Key={"pk": item["pk"]})
