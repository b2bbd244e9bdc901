"""Which backups there are: those made on demand, and the daily and monthly ones of AWS Backup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scripts.operations.errors import explain
from scripts.operations.target import Target

KINDS = {"USER": "on demand", "SYSTEM": "at deletion", "AWS_BACKUP": "AWS Backup"}


@dataclass(frozen=True)
class Backup:
    """One copy of one table. ``name`` is what ``make restore BACKUP=`` takes."""

    table: str
    name: str
    arn: str
    kind: str
    created: datetime
    bytes: int | None
    status: str


def backups(dynamodb: Any, tables: Iterable[str]) -> list[Backup]:
    """What DynamoDB knows of, newest first; also of tables that are gone."""
    found = [each for table in tables for each in _of_table(dynamodb, table)]
    return newest_first(found)


def recovery_points(target: Target, tables: Iterable[str]) -> tuple[list[Backup], str]:
    """What stands in the vault of AWS Backup; and why not, when it cannot be read."""
    wanted = set(tables)
    try:
        pages = target.client("backup").get_paginator("list_recovery_points_by_backup_vault")
        points = [each for page in pages.paginate(BackupVaultName=target.root) for each in page["RecoveryPoints"]]
    except (ClientError, BotoCoreError) as error:
        return [], explain(error) or str(error)
    return [each for point in points if (each := _point(point)).table in wanted], ""


def newest_first(found: Iterable[Backup]) -> list[Backup]:
    """Each once: AWS Backup and DynamoDB both tell of some."""
    once = {each.arn: each for each in found}
    return sorted(once.values(), key=lambda each: (each.created, each.name), reverse=True)


def size(number: int | None) -> str:
    """``1.5 MB``; ``?`` while it is not known."""
    if number is None:
        return "?"
    value = float(number)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def _of_table(dynamodb: Any, table: str) -> Iterator[Backup]:
    pages = dynamodb.get_paginator("list_backups").paginate(TableName=table, BackupType="ALL")
    for each in (summary for page in pages for summary in page["BackupSummaries"]):
        if each["BackupStatus"] != "DELETED":
            yield Backup(
                table=each["TableName"],
                name=each["BackupName"],
                arn=each["BackupArn"],
                kind=KINDS.get(each.get("BackupType", "USER"), each.get("BackupType", "")),
                created=each["BackupCreationDateTime"].astimezone(UTC),
                bytes=each.get("BackupSizeBytes"),
                status=each["BackupStatus"].lower(),
            )


def _point(point: dict[str, Any]) -> Backup:
    arn = point["RecoveryPointArn"]
    return Backup(
        table=point.get("ResourceArn", "").rpartition("/")[2],
        name=arn,
        arn=arn,
        kind=KINDS["AWS_BACKUP"],
        created=point["CreationDate"].astimezone(UTC),
        bytes=point.get("BackupSizeInBytes"),
        status=point["Status"].lower(),
    )
