"""Whether secrets are renewed, and whether the audit trail is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from scripts.audit.part import Part
from scripts.audit.roles import of_type
from scripts.operations.target import Target

ROTATED = "api-key"
LATE_DAYS = 2
"""Secrets Manager rotates within a day of the time, and tries again the day after."""


def secrets(target: Target, days: int) -> Part:
    """Metadata of the secrets; no value is read."""
    part = Part("Secrets")
    client = target.client("secretsmanager")
    for arn in sorted(each.physical_id for each in of_type(target, "AWS::SecretsManager::Secret")):
        secret = client.describe_secret(SecretId=arn)
        age = (datetime.now(UTC) - _changed(secret)).days
        part.findings += _unrotated(secret, age, days)
        every = secret.get("RotationRules", {}).get("AutomaticallyAfterDays")
        how = f"rotates every {every} days" if secret.get("RotationEnabled") else "is changed by hand"
        part.lines.append(f"{secret['Name']}: {how}, last changed {age} days ago")
    return part


def _changed(secret: dict[str, Any]) -> datetime:
    """When its value last changed; ``LastChangedDate`` alone also moves with its description."""
    changed: datetime = secret.get("LastRotatedDate") or secret.get("LastChangedDate") or secret["CreatedDate"]
    return changed


def _unrotated(secret: dict[str, Any], age: int, days: int) -> Iterator[str]:
    name = secret["Name"]
    if secret.get("DeletedDate"):
        yield f"Secret {name} is to be deleted; restore it if anything still needs it."
    if name.endswith(f"/{ROTATED}") and not secret.get("RotationEnabled"):
        yield f"Secret {name} is not rotated by schedule; deploy again, or switch its rotation on."
    if secret.get("RotationEnabled"):
        every = int(secret.get("RotationRules", {}).get("AutomaticallyAfterDays") or days)
        if age > every + LATE_DAYS:
            yield (
                f"Secret {name} should have been rotated every {every} days and was last {age} days ago; look at the "
                "rotation's log: make logs COMPONENT=rotation SINCE=7d."
            )
    elif age > days:
        yield f"Secret {name} was last changed {age} days ago, more than {days}; set a new one."


def trail(target: Target) -> Part:
    """The trail of this system: it logs, everywhere, validated, and its files arrive."""
    part = Part("Audit trail")
    client = target.client("cloudtrail")
    name = target.physical("Observability/Trail")
    found = client.describe_trails(trailNameList=[name], includeShadowTrails=False)["trailList"]
    if not found:
        part.findings.append(f"There is no audit trail {name}: nobody sees who did what. Deploy again.")
        return part
    status = client.get_trail_status(Name=name)
    part.findings += [f"Audit trail {name} {text}" for text in _not_kept(found[0], status)]
    logging = "logs" if status["IsLogging"] else "does not log"
    part.lines.append(f"{name} {logging}, to bucket {found[0]['S3BucketName']}")
    return part


def _not_kept(described: dict[str, Any], status: dict[str, Any]) -> Iterator[str]:
    if not status["IsLogging"]:
        yield "does not log; start it: aws cloudtrail start-logging."
    if not described.get("LogFileValidationEnabled"):
        yield "does not validate its files: a change of them goes unseen."
    if not described.get("IsMultiRegionTrail"):
        yield "watches one region only."
    for kind in ("LatestDeliveryError", "LatestCloudWatchLogsDeliveryError"):
        if status.get(kind):
            yield f"could not deliver ({status[kind]}); look at its bucket's policy and its role."
