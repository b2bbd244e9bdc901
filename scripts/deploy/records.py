"""What was deployed: ``deployments/<environment>/<time>.json`` in the artifact bucket for each success.

The templates themselves are in the same bucket under their content's hash and are never deleted, so a record is enough
to put a deployment back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from scripts.operations.errors import OperationError
from scripts.operations.target import Target

READ_FOR_DURATIONS = 10


@dataclass(frozen=True)
class Deployed:
    """One deployment that succeeded.

    ``parameters`` has a ``null`` for a NoEcho one: its value is not kept, the stack's own is used again. ``restores``
    is the key of the record that a rollback put back.
    """

    key: str
    at: str
    who: str
    type: str
    change_set_id: str
    url: str
    parameters: Mapping[str, str | None]
    seconds: Mapping[str, float]
    restores: str = ""

    @property
    def image(self) -> str:
        return self.parameters.get("ImageUri") or ""

    def is_same_as(self, other: Deployed) -> bool:
        """Whether both deploy the same system."""
        return (self.url, dict(self.parameters)) == (other.url, dict(other.parameters))


def folder(target: Target) -> str:
    return f"deployments/{target.environment}/"


def keys(target: Target) -> list[str]:
    """Keys of all records, oldest first."""
    pages = target.client("s3").get_paginator("list_objects_v2")
    # Every record's name begins with its year: prepared.json is no record.
    found = pages.paginate(Bucket=target.bucket, Prefix=f"{folder(target)}2", ExpectedBucketOwner=target.account)
    return sorted(item["Key"] for page in found for item in page.get("Contents", []))


def read(target: Target, key: str) -> Deployed:
    """One record.

    :raises OperationError: when what stands there is none
    """
    body = target.client("s3").get_object(Bucket=target.bucket, Key=key, ExpectedBucketOwner=target.account)["Body"]
    try:
        return Deployed(**json.loads(body.read()))
    except (ValueError, TypeError) as error:
        raise OperationError(
            f"s3://{target.bucket}/{key} is no record of a deployment. Look who changed it; its older version is kept "
            "in the bucket."
        ) from error


def newest(target: Target) -> Deployed | None:
    """The last deployment that succeeded; ``None`` before the first."""
    found = keys(target)
    return read(target, found[-1]) if found else None


def durations(target: Target, type_: str) -> list[Mapping[str, float]]:
    """Seconds per stack of the last deployments of this type: a creation takes longer than an update."""
    recent = [read(target, key) for key in keys(target)[-READ_FOR_DURATIONS:]]
    return [record.seconds for record in recent if record.type == type_]


def before(target: Target, present: Deployed) -> Deployed | None:
    """What ``present`` replaced: the newest older record of another system.

    After a rollback that is what stood before the deployment it put back, so that each rollback goes one further back.
    """
    origin = present.restores or present.key
    for key in reversed([each for each in keys(target) if each < origin]):
        record = read(target, key)
        if not record.is_same_as(present):
            return record
    return None


def write(
    target: Target, *, change_set_id: str, type_: str, url: str, seconds: Mapping[str, float], restores: str = ""
) -> Deployed:
    """Record what stands now."""
    now = datetime.now(UTC)
    record = Deployed(
        key=f"{folder(target)}{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03d}Z.json",
        at=now.isoformat(timespec="seconds"),
        who=str(target.client("sts").get_caller_identity()["Arn"]),
        type=type_,
        change_set_id=change_set_id,
        url=url,
        parameters=parameters(target),
        seconds=seconds,
        restores=restores,
    )
    target.client("s3").put_object(
        Bucket=target.bucket,
        Key=record.key,
        Body=json.dumps(asdict(record), indent=2, sort_keys=True).encode(),
        ContentType="application/json",
        ExpectedBucketOwner=target.account,
    )
    return record


def parameters(target: Target) -> dict[str, str | None]:
    """The deployed stack's parameters, ``None`` for one whose value AWS does not show."""
    declared: list[dict[str, Any]] = target.cloudformation.get_template_summary(StackName=target.root)["Parameters"]
    hidden = {item["ParameterKey"] for item in declared if item.get("NoEcho")}
    listed = target.stack(target.root).get("Parameters", [])
    return {
        item["ParameterKey"]: None if item["ParameterKey"] in hidden else item.get("ParameterValue", "")
        for item in listed
    }
