"""Backups on demand: one set for all tables, with names that say which table and when."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scripts.backup.tables import MISSING, insist
from scripts.operations.errors import OperationError, code, explain
from scripts.operations.patience import wait_for
from scripts.operations.screen import say
from scripts.operations.target import Target

STAMP = "%Y%m%dT%H%M%S"
SECONDS = 1800


@dataclass(frozen=True)
class Saved:
    """A backup that is available."""

    table: str
    name: str
    arn: str
    bytes: int


def now() -> str:
    """This second, in UTC, as names of backups write it: ``20261126T113000``."""
    return datetime.now(UTC).strftime(STAMP)


def new_stamp(target: Target, tables: Iterable[str]) -> str:
    """This second, or the next where one of the tables was saved in this: what changed since would not be saved."""
    dynamodb = target.client("dynamodb")
    taken = {each["BackupName"] for table in tables for each in _made(dynamodb, table)}
    while any(name.endswith(f"-{now()}") for name in taken):
        time.sleep(0.1)
    return now()


def check_stamp(stamp: str) -> str:
    """:raises OperationError: when it is none"""
    try:
        good = bool(re.fullmatch(r"\d{8}T\d{6}", stamp)) and bool(datetime.strptime(stamp, STAMP).replace(tzinfo=UTC))
    except ValueError:
        good = False
    if not good:
        raise OperationError(f"{stamp!r} is no time; one, in UTC, looks like AT=20261126T113000.")
    return stamp


def save(target: Target, tables: Iterable[str], stamp: str) -> list[Saved]:
    """A backup of each table, when all are available. One that exists under its name is not made again.

    :raises OperationError: saying which failed; the others are kept
    """
    dynamodb = target.client("dynamodb")
    names = list(tables)
    insist(target, dynamodb, names)
    begun: dict[str, str] = {}
    failed: dict[str, str] = {}
    for table in names:
        try:
            begun[table] = _begin(dynamodb, table, f"{table}-{stamp}")
        except (ClientError, BotoCoreError) as error:
            failed[table] = explain(error) or str(error)
    saved = [_finish(dynamodb, table, arn) for table, arn in begun.items()]
    if failed:
        raise OperationError(_failure(target, stamp, failed, len(saved)))
    return saved


def _made(dynamodb: Any, table: str) -> Iterator[dict[str, Any]]:
    """A table's backups on demand."""
    for page in dynamodb.get_paginator("list_backups").paginate(TableName=table, BackupType="USER"):
        yield from page["BackupSummaries"]


def _begin(dynamodb: Any, table: str, name: str) -> str:
    """Its ARN: of the one that stands under this name, or of a new one."""
    for each in _made(dynamodb, table):
        if each["BackupName"] == name and each["BackupStatus"] != "DELETED":
            say(f"  {name}: was begun before")
            return str(each["BackupArn"])
    arn = str(dynamodb.create_backup(TableName=table, BackupName=name)["BackupDetails"]["BackupArn"])
    say(f"  {name}: begun")
    return arn


def _finish(dynamodb: Any, table: str, arn: str) -> Saved:
    def look() -> dict[str, Any]:
        found: dict[str, Any] = dynamodb.describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]
        return found

    details = wait_for(f"The backup of {table}", look, lambda it: it["BackupStatus"] == "AVAILABLE", seconds=SECONDS)
    return Saved(table, details["BackupName"], arn, details.get("BackupSizeBytes", 0))


def _failure(target: Target, stamp: str, failed: dict[str, str], saved: int) -> str:
    reasons = " ".join(f"{table}: {reason}" for table, reason in failed.items())
    return (
        f"Not saved: {', '.join(failed)}; the other {saved} are. {reasons} To make the set whole: "
        f"make backup ENV={target.environment} AT={stamp}"
    )


def describe_backup(dynamodb: Any, arn: str) -> dict[str, Any]:
    """A backup with its table as it was.

    :raises OperationError: when there is none
    """
    try:
        found: dict[str, Any] = dynamodb.describe_backup(BackupArn=arn)["BackupDescription"]
    except ClientError as error:
        if code(error) in ("BackupNotFoundException", MISSING):
            raise OperationError(f"There is no backup {arn}. `make backups` lists what there is.") from None
        raise
    return found
