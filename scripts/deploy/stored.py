"""The system that templates in the artifact bucket make: what a change set back to them is compared with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from botocore.exceptions import ClientError

from scripts.operations.errors import OperationError, code
from scripts.operations.target import NESTED, Target
from templates.rules.reader import Template, UnreadableError, parse
from templates.rules.system import System, render

ROOT = "root"


def stored(target: Target, url: str, parameters: Mapping[str, str]) -> System:
    """The system of the root template at ``url`` and those it nests.

    :raises OperationError: when one of them is not there any more or not readable
    """
    return render({each.name: each for each in _family(target, url, ROOT)}, parameters)


def _family(target: Target, url: str, name: str) -> Iterator[Template]:
    """A template and those it nests, each named as `templates/` names it and naming the others by file."""
    body = _read(target, url)
    below: list[tuple[str, str]] = []
    for logical_id, entry in body["Resources"].items():
        if entry.get("Type") == NESTED:
            below.append((entry["Properties"]["TemplateURL"], logical_id.lower()))
            entry["Properties"]["TemplateURL"] = f"{logical_id.lower()}.yaml"
    yield Template(name, Path(f"{name}.yaml"), body, json.dumps(body, default=str))
    for inner, inner_name in below:
        yield from _family(target, inner, inner_name)


def _read(target: Target, url: str) -> dict[str, Any]:
    bucket, _, key = urlparse(url).path.lstrip("/").partition("/")
    try:
        found = target.client("s3").get_object(Bucket=bucket, Key=key, ExpectedBucketOwner=target.account)
        return parse(found["Body"].read().decode())
    except ClientError as error:
        if code(error) not in ("NoSuchKey", "NoSuchBucket", "404"):
            raise
        raise OperationError(
            f"The template s3://{bucket}/{key} is gone: that deployment cannot be put back. Nothing was changed. Its "
            "older version may be in the bucket still; else deploy forward: make changeset"
        ) from error
    except (UnreadableError, UnicodeDecodeError) as error:
        raise OperationError(f"s3://{bucket}/{key} is no template: {error}. Nothing was changed.") from error
