"""A backup becomes a new table, never one that exists; what does not come with it is set and told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from scripts.backup import listing
from scripts.backup.saving import STAMP, check_stamp, describe_backup
from scripts.backup.settings import Settings, give, read, wanted
from scripts.backup.tables import chosen, describe, insist
from scripts.operations.errors import OperationError, code, message
from scripts.operations.patience import wait_for
from scripts.operations.target import Target
from templates.tables import Table

SECONDS = 6 * 3600
MOMENT = "point in time"


@dataclass(frozen=True)
class Restoration:
    """What is to be restored, from what, into which new table."""

    backup: listing.Backup
    into: str
    begun: bool
    """An earlier run had begun it: the table is there, and is of this backup."""


def plan(target: Target, table: str, backup: str, moment: str, into: str) -> Restoration:
    """Find the backup by name or ARN, or ``table`` as it was at a moment, or its newest backup.

    :raises OperationError: when there is none, or the new table's name is taken
    """
    dynamodb = target.client("dynamodb")
    found = _as_of(target, dynamodb, table, moment) if moment else _find(target, dynamodb, table, backup)
    name = into or default_name(target, found)
    existing = describe(dynamodb, name)
    if existing is None:
        return Restoration(found, name, begun=False)
    if not _is_of(existing.get("RestoreSummary", {}), found):
        raise OperationError(
            f"The table {name} exists, and not from this backup. Nothing was done: a backup is never restored over a "
            "table. Name another: INTO=..."
        )
    return Restoration(found, name, begun=True)


def default_name(target: Target, backup: listing.Backup) -> str:
    """The same for the same backup, so that a restoration that was broken off is found again."""
    ending = f"-{target.environment}"
    return f"{backup.table.removesuffix(ending)}-{backup.created.strftime(STAMP)}{ending}"


def restore(target: Target, todo: Restoration) -> tuple[Settings, Settings, dict[str, str]]:
    """The new table, ready; its settings as wanted and as they are, and which were set by us."""
    dynamodb = target.client("dynamodb")
    if not todo.begun:
        _begin(dynamodb, todo)
    wait_for(f"The table {todo.into}", lambda: describe(dynamodb, todo.into) or {}, _is_ready, seconds=SECONDS)
    want = wanted(dynamodb, todo.backup.table, definition(target, todo.backup.table))
    done = give(dynamodb, todo.into, want)
    return want, read(dynamodb, todo.into), done


def definition(target: Target, name: str) -> Table | None:
    """As the templates define it; ``None`` for a table of nobody's."""
    return chosen(target).get(name)


def count(dynamodb: Any, name: str) -> int | None:
    """How many items there are, by counting them; ``None`` where there is no table."""
    if describe(dynamodb, name) is None:
        return None
    pages = dynamodb.get_paginator("scan").paginate(TableName=name, Select="COUNT", ConsistentRead=True)
    return sum(int(page["Count"]) for page in pages)


def _begin(dynamodb: Any, todo: Restoration) -> None:
    try:
        if todo.backup.kind == MOMENT:
            dynamodb.restore_table_to_point_in_time(
                SourceTableName=todo.backup.table, TargetTableName=todo.into, RestoreDateTime=todo.backup.created
            )
        else:
            dynamodb.restore_table_from_backup(TargetTableName=todo.into, BackupArn=todo.backup.arn)
    except ClientError as error:
        if code(error) == "TableAlreadyExistsException":
            raise OperationError(
                f"The table {todo.into} exists by now. Nothing was done; repeat the command."
            ) from None
        if code(error) == "TableInUseException":
            raise OperationError(f"The table {todo.into} is being made: {message(error)} Repeat the command.") from None
        raise


def _is_of(summary: dict[str, Any], backup: listing.Backup) -> bool:
    """Was a table restored from just this?"""
    if backup.kind == MOMENT:
        made = summary.get("RestoreDateTime")
        return bool(
            summary.get("SourceTableArn") == backup.arn and made and made.timestamp() == backup.created.timestamp()
        )
    return bool(summary.get("SourceBackupArn") == backup.arn)


def _as_of(target: Target, dynamodb: Any, table: str, moment: str) -> listing.Backup:
    """A table at a second; whether its point-in-time recovery reaches that far, AWS says.

    :raises OperationError: when it is off
    """
    if not table:
        raise OperationError(f"Say of which table: TABLE=operators AT={moment}")
    time = datetime.strptime(check_stamp(moment), STAMP).replace(tzinfo=UTC)
    if time > datetime.now(UTC):
        raise OperationError(f"AT={moment} has not come yet, in UTC. Nothing was done.")
    (name,) = chosen(target, table)
    arn = insist(target, dynamodb, [name])[name]["TableArn"]
    continuous = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    window = continuous.get("PointInTimeRecoveryDescription", {})
    if window.get("PointInTimeRecoveryStatus") != "ENABLED":
        raise OperationError(
            f"Point-in-time recovery is off for {name}. Nothing was done; `make backups` lists backups."
        )
    return listing.Backup(name, f"{name} as of {moment}", arn, MOMENT, time, None, "available")


def _is_ready(table: dict[str, Any]) -> bool:
    restoring = table.get("RestoreSummary", {}).get("RestoreInProgress", False)
    return table.get("TableStatus") == "ACTIVE" and not restoring


def _find(target: Target, dynamodb: Any, table: str, backup: str) -> listing.Backup:
    if backup.startswith("arn:"):
        return _by_arn(dynamodb, backup)
    if not backup and not table:
        raise OperationError("Say what to restore: TABLE=operators for its newest backup, or BACKUP= one of the list.")
    found = listing.backups(dynamodb, chosen(target, table))
    fitting = [each for each in found if each.status == "available" and backup in ("", each.name)]
    if not fitting:
        wish = f"called {backup}" if backup else f"of {table} that is available"
        raise OperationError(f"There is no backup {wish}. `make backups ENV={target.environment}` lists what there is.")
    if backup and len(fitting) > 1:
        arns = " or ".join(f"BACKUP={each.arn}" for each in fitting)
        raise OperationError(f"{len(fitting)} backups are called {backup}; name one by its ARN: {arns}")
    return fitting[0]


def _by_arn(dynamodb: Any, arn: str) -> listing.Backup:
    if ":backup:" in arn:
        raise OperationError(
            "DynamoDB cannot restore that recovery point, AWS Backup has to: aws backup start-restore-job "
            f"--recovery-point-arn {arn}. It asks for a role that may restore tables. Backups of the kinds `on demand` "
            "and those whose ARN begins with arn:aws:dynamodb are restored by this command."
        )
    described = describe_backup(dynamodb, arn)
    details = described["BackupDetails"]
    return listing.Backup(
        table=described["SourceTableDetails"]["TableName"],
        name=details["BackupName"],
        arn=arn,
        kind=listing.KINDS.get(details.get("BackupType", "USER"), ""),
        created=details["BackupCreationDateTime"],
        bytes=details.get("BackupSizeBytes"),
        status=details["BackupStatus"].lower(),
    )
