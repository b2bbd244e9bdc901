"""What an earlier deployment kept and CloudFormation cannot take over by itself, cleared away before a new creation.

Tables, buckets, the vault and log groups are imported by name. A bucket's policy has no name: creating it on a bucket
that has one already fails ("The bucket policy already exists on bucket ...").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError
from rich.markup import escape

from scripts.operations.consent import ask
from scripts.operations.errors import code
from scripts.operations.screen import say
from scripts.operations.target import Target
from templates.rules.physical import physical_name
from templates.rules.system import System

NONE_THERE = {"NoSuchBucket", "NoSuchBucketPolicy", "404"}


def clear(target: Target, system: System, *, yes: bool) -> None:
    """Delete the policies of kept buckets, if a person agrees; the deployment puts them back.

    :raises RefusedError: when nobody agrees, as the creation would fail
    """
    s3 = target.client("s3")
    kept = [bucket for bucket in _buckets(system) if _has_policy(s3, bucket, target.account)]
    if not kept:
        return
    say(
        escape(
            f"Of an earlier deployment these buckets were kept, with their policies: {', '.join(kept)}. The buckets "
            "are taken over as they are. Their policies have to go first: CloudFormation makes the same ones anew."
        )
    )
    ask("Delete the policies of these buckets until the deployment?", yes=yes)
    for bucket in kept:
        s3.delete_bucket_policy(Bucket=bucket, ExpectedBucketOwner=target.account)
    say("Deleted.")


def _buckets(system: System) -> Iterator[str]:
    """Names of the buckets that a nested stack gives a policy which outlives it."""
    for policy in system.of_type("AWS::S3::BucketPolicy"):
        bucket = system.target(policy.get("Bucket"))
        if bucket is not None and policy.raw.get("DeletionPolicy") and physical_name(bucket):
            yield physical_name(bucket)


def _has_policy(s3: Any, bucket: str, account: str) -> bool:
    try:
        s3.get_bucket_policy(Bucket=bucket, ExpectedBucketOwner=account)
    except ClientError as error:
        if code(error) in NONE_THERE:
            return False
        raise
    return True
