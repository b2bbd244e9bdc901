"""What the tests of backups have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.operations.running import Done

TABLE = "sparta-operators-staging"
Command = Callable[..., Done]


def names(dynamodb: Any) -> list[str]:
    """Of all backups there are."""
    return sorted(each["BackupName"] for each in dynamodb.list_backups()["BackupSummaries"])


def tables(dynamodb: Any) -> set[str]:
    """Names of all there are."""
    return set(dynamodb.list_tables()["TableNames"])
