"""What was prepared and is to be executed: one JSON document in the artifact bucket, for ``make deploy``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from scripts.changeset.create import Prepared
from scripts.operations.errors import OperationError, code
from scripts.operations.target import Target


@dataclass(frozen=True)
class Record:
    """A prepared change set as ``deployments/<environment>/prepared.json`` keeps it. It holds no NoEcho value."""

    change_set_id: str
    name: str
    stack_id: str
    type: str
    url: str
    parameters: Mapping[str, str]
    allowed: tuple[str, ...]
    """Paths of the dangers that whoever prepared it named and accepted."""
    made_at: str
    made_by: str


def key(target: Target) -> str:
    return f"deployments/{target.environment}/prepared.json"


def write(target: Target, prepared: Prepared, *, allowed: tuple[str, ...], hidden: frozenset[str]) -> Record:
    """Remember what was prepared, without the parameters whose names are ``hidden``; replaces what stood there."""
    record = Record(
        change_set_id=prepared.change_set_id,
        name=prepared.name,
        stack_id=prepared.stack_id,
        type=prepared.type,
        url=prepared.url,
        parameters={name: value for name, value in prepared.parameters.items() if name not in hidden},
        allowed=allowed,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        made_by=str(target.client("sts").get_caller_identity()["Arn"]),
    )
    _store(target, record)
    return record


@contextmanager
def put_back(target: Target) -> Iterator[None]:
    """What is prepared within stands only if nothing breaks it off; else what was prepared before does again."""
    before = read(target)
    try:
        yield
    except BaseException:
        if before is not None:
            _store(target, before)
        raise


def _store(target: Target, record: Record) -> None:
    target.client("s3").put_object(
        Bucket=target.bucket,
        Key=key(target),
        Body=json.dumps(asdict(record), indent=2, sort_keys=True).encode(),
        ContentType="application/json",
        ExpectedBucketOwner=target.account,
    )


def read(target: Target) -> Record | None:
    """What was prepared last; ``None`` when nothing was.

    :raises OperationError: when what stands there is no such record
    """
    try:
        found = target.client("s3").get_object(
            Bucket=target.bucket, Key=key(target), ExpectedBucketOwner=target.account
        )
    except ClientError as error:
        if code(error) in ("NoSuchKey", "NoSuchBucket", "404"):
            return None
        raise
    try:
        values = json.loads(found["Body"].read())
        return Record(**values | {"allowed": tuple(values["allowed"])})
    except (ValueError, TypeError, KeyError) as error:
        raise OperationError(
            f"s3://{target.bucket}/{key(target)} is no record of a change set. Make a new one: "
            f"make changeset ENV={target.environment}"
        ) from error
