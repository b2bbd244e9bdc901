"""Put templates and function packages into the artifact bucket, each under its content's hash."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from scripts.operations.errors import OperationError, code
from scripts.operations.target import Target
from templates.rules.reader import Template
from templates.rules.system import nested_templates

THERE_ALREADY = {"PreconditionFailed", "ConditionalRequestConflict"}


class Store:
    """The artifact bucket of an environment. What was put there is never written again.

    :raises OperationError: when there is no such bucket, or it is not this account's
    """

    def __init__(self, target: Target) -> None:
        self.bucket = target.bucket
        self.region = target.region
        self.account = target.account
        self.uploaded: list[str] = []
        self._suffix = "amazonaws.com.cn" if target.region.startswith("cn-") else "amazonaws.com"
        self._s3: Any = target.client("s3")
        self._must_be_ours(target.environment)

    def put(self, key: str, content: bytes) -> None:
        """Upload unless it is there; another run that uploads the same at this moment does no harm."""
        if self.has(key):
            return
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        try:
            self._s3.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=content,
                ChecksumSHA256=digest,
                IfNoneMatch="*",
                ExpectedBucketOwner=self.account,
            )
        except ClientError as error:
            if code(error) not in THERE_ALREADY:
                raise
        self.uploaded.append(key)

    def has(self, key: str) -> bool:
        try:
            self._s3.head_object(Bucket=self.bucket, Key=key, ExpectedBucketOwner=self.account)
        except ClientError as error:
            if code(error) in ("404", "NoSuchKey", "NotFound"):
                return False
            raise
        return True

    def url(self, key: str) -> str:
        """Path style, which is what ``aws cloudformation package`` writes and every tool understands."""
        return f"https://s3.{self.region}.{self._suffix}/{self.bucket}/{key}"

    def _must_be_ours(self, environment: str) -> None:
        try:
            self._s3.head_bucket(Bucket=self.bucket, ExpectedBucketOwner=self.account)
        except ClientError as error:
            if code(error) in ("404", "NoSuchBucket"):
                raise OperationError(
                    f"There is no artifact bucket {self.bucket}. Nothing was uploaded. The bootstrap stack makes it: "
                    f"make bootstrap ENV={environment}"
                ) from error
            if code(error) in ("403", "AccessDenied"):
                raise OperationError(
                    f"The bucket {self.bucket} belongs to another account, or these credentials may not use it. "
                    f"Nothing was uploaded. Look whose it is; the bootstrap stack's belongs to {self.account}."
                ) from error
            raise


def templates(store: Store, read: Mapping[str, Template]) -> str:
    """Upload root and, before it, the templates it nests; returns root's URL.

    Killed in between, the next run finds what is there: root comes last, and names only what was uploaded.
    """
    return store.url(_template(store, read, read["root"]))


def _template(store: Store, read: Mapping[str, Template], template: Template) -> str:
    files = {each.path.name: each for each in read.values()}
    text = template.text
    for file in dict.fromkeys(nested_templates(template).values()):
        if file in files:
            text = _with_url(text, file, store.url(_template(store, read, files[file])))
    content = text.encode()
    key = f"templates/{hashlib.sha256(content).hexdigest()}/{template.name}{template.path.suffix}"
    store.put(key, content)
    return key


def _with_url(text: str, file: str, url: str) -> str:
    before, after = r"(\bTemplateURL['\"]?\s*:\s*['\"]?)(?:\./)?", r"(?=['\"]?\s*[,}]?\s*$)"
    local = re.compile(before + re.escape(file) + after, re.MULTILINE)
    return local.sub(lambda match: match[1] + url, text)


def function_key(path: Path) -> str:
    """Where a function's zip belongs: the same bytes always under the same key."""
    return f"functions/{hashlib.sha256(path.read_bytes()).hexdigest()}/{path.name}"


def function(store: Store, path: Path) -> str:
    """Upload a function's zip; returns its key."""
    key = function_key(path)
    store.put(key, path.read_bytes())
    return key
