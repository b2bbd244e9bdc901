"""What holds data or keys to data stays when its stack goes, and is encrypted."""

from __future__ import annotations

from collections.abc import Iterator

from templates.rules.finding import Finding, rule
from templates.rules.system import System
from templates.rules.values import number, text

KEEP = {"Retain", "RetainExceptOnCreate"}
# Type -> what is lost with it.
STATEFUL = {
    "AWS::Backup::BackupVault": "every backup in it",
    "AWS::DynamoDB::GlobalTable": "its items",
    "AWS::DynamoDB::Table": "its items",
    "AWS::ECR::Repository": "the images that a rollback needs",
    "AWS::EFS::FileSystem": "its files",
    "AWS::KMS::Key": "everything that was encrypted with it",
    "AWS::Kinesis::Stream": "its records",
    "AWS::Logs::LogGroup": "the log of the incident that it was deleted for",
    "AWS::RDS::DBCluster": "its rows",
    "AWS::RDS::DBInstance": "its rows",
    "AWS::S3::Bucket": "its objects",
    "AWS::SecretsManager::Secret": "a value that nobody else may have",
}


@rule("data that goes with its stack, or with a property that replaces it, is gone")
def stateful_is_kept(system: System) -> Iterator[Finding]:
    for resource in system.of_type(*STATEFUL):
        for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
            given = text(resource.raw.get(policy))
            if given not in KEEP:
                lost = STATEFUL[resource.type]
                yield resource.finding(f"{policy} is {given or 'missing'}: {lost} would go; set it to Retain")


@rule("a bucket that outlives its stack without its policy is open to plain HTTP from then on")
def policy_outlives_with_bucket(system: System) -> Iterator[Finding]:
    for policy in system.of_type("AWS::S3::BucketPolicy"):
        bucket = system.target(policy.get("Bucket"))
        if (
            bucket
            and text(bucket.raw.get("DeletionPolicy")) in KEEP
            and text(policy.raw.get("DeletionPolicy")) not in KEEP
        ):
            yield policy.finding(f"goes while {bucket.id} stays; set DeletionPolicy and UpdateReplacePolicy to Retain")


@rule("a key that is deleted by mistake can be called back only while its waiting period lasts")
def key_deletion_waits(system: System) -> Iterator[Finding]:
    for key in system.of_type("AWS::KMS::Key"):
        days = number(key.get("PendingWindowInDays"))
        if days is not None and days < 30:
            yield key.finding(f"PendingWindowInDays is {days:g}; set it to 30")
