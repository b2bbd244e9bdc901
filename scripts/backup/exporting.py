"""Tables as files in S3, as they stand: DynamoDB writes them itself from its point-in-time recovery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scripts.operations.errors import explain
from scripts.operations.patience import wait_for
from scripts.operations.target import Target

SECONDS = 4 * 3600


@dataclass(frozen=True)
class Export:
    """How the export of one table ended; ``problem`` says why there is none."""

    table: str
    prefix: str
    items: int = 0
    bytes: int = 0
    problem: str = ""


def bucket(target: Target) -> str:
    """The environment's own bucket for exports, which the data stack makes and which outlives it."""
    return f"sparta-backups-{target.environment}-{target.account}"


def recoverable(dynamodb: Any, table: str) -> bool:
    """Is its point-in-time recovery on? Without, DynamoDB exports nothing."""
    found = dynamodb.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    return bool(found.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED")


def export(target: Target, tables: dict[str, str], stamp: str) -> list[Export]:
    """Export each table, given by name with its ARN; all begin before the first is waited for."""
    dynamodb = target.client("dynamodb")
    begun: dict[str, str] = {}
    ended: list[Export] = []
    for table, arn in tables.items():
        try:
            begun[table] = _begin(target, dynamodb, arn, f"exports/{stamp}/{table}", f"{table}-{stamp}"[-64:])
        except (ClientError, BotoCoreError) as error:
            ended.append(Export(table, "", problem=explain(error) or str(error)))
    return [*(_finish(dynamodb, table, arn, f"exports/{stamp}/{table}") for table, arn in begun.items()), *ended]


def _begin(target: Target, dynamodb: Any, arn: str, prefix: str, token: str) -> str:
    """The bucket's own encryption stays: its key is the environment's."""
    answer = dynamodb.export_table_to_point_in_time(
        TableArn=arn,
        S3Bucket=bucket(target),
        S3BucketOwner=target.account,
        S3Prefix=prefix,
        S3SseAlgorithm="KMS",
        S3SseKmsKeyId=f"alias/sparta-{target.environment}",
        ExportFormat="DYNAMODB_JSON",
        ClientToken=token,
    )
    return str(answer["ExportDescription"]["ExportArn"])


def _finish(dynamodb: Any, table: str, arn: str, prefix: str) -> Export:
    def look() -> dict[str, Any]:
        found: dict[str, Any] = dynamodb.describe_export(ExportArn=arn)["ExportDescription"]
        return found

    end = wait_for(f"The export of {table}", look, lambda it: it["ExportStatus"] != "IN_PROGRESS", seconds=SECONDS)
    if end["ExportStatus"] != "COMPLETED":
        reason = end.get("FailureMessage") or end.get("FailureCode") or "AWS gave no reason"
        return Export(table, prefix, problem=f"the export failed: {reason}")
    return Export(table, prefix, end.get("ItemCount", 0), end.get("BilledSizeBytes", 0))
