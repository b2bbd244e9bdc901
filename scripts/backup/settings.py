"""What DynamoDB does not restore with a table: read from the original, set on the new one, the rest told."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import ClientError

from scripts.backup.tables import describe
from scripts.operations.errors import explain
from scripts.operations.patience import wait_for
from templates.tables import Table

SECONDS = 600
NONE = "none"


@dataclass(frozen=True)
class Settings:
    """Of one table, beside its keys and indexes."""

    expires: str = NONE
    """The attribute of time to live."""
    recovery: bool = True
    protection: bool = True
    stream: str = NONE
    encryption: str = "key in KMS"
    tags: dict[str, str] = field(default_factory=dict)

    def lines(self) -> dict[str, str]:
        """In words, by what each is called."""
        return {
            "time to live": self.expires,
            "point-in-time recovery": "on" if self.recovery else "off",
            "deletion protection": "on" if self.protection else "off",
            "stream": self.stream,
            "encryption": self.encryption,
            "tags": ", ".join(f"{name}={value}" for name, value in sorted(self.tags.items())) or NONE,
        }


def wanted(dynamodb: Any, original: str, definition: Table | None) -> Settings:
    """As the original has them, and what the templates define besides."""
    defined = Settings(expires=(definition.expires if definition else None) or NONE)
    if describe(dynamodb, original) is None:
        return defined
    found = read(dynamodb, original)
    if definition is None:
        return found
    expires = defined.expires if found.expires == NONE else found.expires
    return replace(found, expires=expires, recovery=True, protection=True)


def read(dynamodb: Any, name: str) -> Settings:
    """As they are."""
    table = dynamodb.describe_table(TableName=name)["Table"]
    life = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    continuous = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = continuous.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    stream = table.get("StreamSpecification", {})
    return Settings(
        expires=life.get("AttributeName", NONE) if life["TimeToLiveStatus"] in ("ENABLED", "ENABLING") else NONE,
        recovery=recovery == "ENABLED",
        protection=bool(table.get("DeletionProtectionEnabled")),
        stream=stream.get("StreamViewType", NONE) if stream.get("StreamEnabled") else NONE,
        encryption=_encryption(table),
        tags=_tags(dynamodb, table["TableArn"]),
    )


def give(dynamodb: Any, name: str, want: Settings) -> dict[str, str]:
    """Set on a table what it lacks and can be set; what that gave, by what each is called: ``set``, or why not."""
    have, arn = read(dynamodb, name), dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    done: dict[str, str] = {}

    def attempt(what: str, operation: str, **parameters: Any) -> None:
        # A table that is changing refuses the next change.
        wait_for(f"The table {name}", lambda: describe(dynamodb, name) or {}, _is_active, seconds=SECONDS)
        try:
            getattr(dynamodb, operation)(**parameters)
        except ClientError as error:
            done[what] = f"not set: {explain(error)}"
        else:
            done[what] = "set"

    if want.expires not in (NONE, have.expires):
        life = {"Enabled": True, "AttributeName": want.expires}
        attempt("time to live", "update_time_to_live", TableName=name, TimeToLiveSpecification=life)
    if want.recovery and not have.recovery:
        on = {"PointInTimeRecoveryEnabled": True}
        attempt(
            "point-in-time recovery", "update_continuous_backups", TableName=name, PointInTimeRecoverySpecification=on
        )
    if want.tags != have.tags and want.tags:
        listed = [{"Key": key, "Value": value} for key, value in want.tags.items()]
        attempt("tags", "tag_resource", ResourceArn=arn, Tags=listed)
    if want.protection and not have.protection:
        attempt("deletion protection", "update_table", TableName=name, DeletionProtectionEnabled=True)
    return done


def _is_active(table: dict[str, Any]) -> bool:
    return table.get("TableStatus") == "ACTIVE"


def _encryption(table: dict[str, Any]) -> str:
    status = table.get("SSEDescription", {}).get("Status")
    return "key in KMS" if status in ("ENABLED", "ENABLING", "UPDATING") else "key of DynamoDB"


def _tags(dynamodb: Any, arn: str) -> dict[str, str]:
    """Those that people may set; CloudFormation's own begin with ``aws:``."""
    pages = dynamodb.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    listed = [tag for page in pages for tag in page.get("Tags", [])]
    return {tag["Key"]: tag["Value"] for tag in listed if not tag["Key"].startswith("aws:")}
