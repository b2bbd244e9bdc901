"""Buckets and log groups, all alike: private, encrypted, kept when their stack goes."""

from __future__ import annotations

from typing import Any

from awacs.aws import Action, Bool, Condition, Deny, Principal, Statement
from troposphere import Delete, GetAtt, Ref, Retain, RetainExceptOnCreate, Sub, s3
from troposphere.logs import LogGroup

from templates import policies
from templates.acceptance import accepted

KEEP: dict[str, Any] = {"DeletionPolicy": Retain, "UpdateReplacePolicy": Retain}
KEEP_ONCE_CREATED: dict[str, Any] = {"DeletionPolicy": RetainExceptOnCreate, "UpdateReplacePolicy": Retain}
"""For logs: kept when the stack goes, but a failed first creation leaves no orphan behind."""
LET_GO: dict[str, Any] = {"DeletionPolicy": Delete, "UpdateReplacePolicy": Delete}
"""For a queue of failed events: CloudFormation cannot take a queue over by its name, so that one which stayed would be
in the way of the next deployment, and what is in it concerns a system that is gone."""


def private_bucket(title: str, name: Sub, encryption: s3.BucketEncryption, *lifecycle: s3.LifecycleRule) -> s3.Bucket:
    """A bucket that nothing public reaches."""
    return s3.Bucket(
        title,
        BucketName=name,
        BucketEncryption=encryption,
        VersioningConfiguration=s3.VersioningConfiguration(Status="Enabled"),
        OwnershipControls=s3.OwnershipControls(Rules=[s3.OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]),
        PublicAccessBlockConfiguration=s3.PublicAccessBlockConfiguration(
            BlockPublicAcls=True, BlockPublicPolicy=True, IgnorePublicAcls=True, RestrictPublicBuckets=True
        ),
        LifecycleConfiguration=s3.LifecycleConfiguration(
            Rules=[
                s3.LifecycleRule(
                    Id="abandoned-uploads",
                    Status="Enabled",
                    AbortIncompleteMultipartUpload=s3.AbortIncompleteMultipartUpload(DaysAfterInitiation=7),
                ),
                *lifecycle,
            ]
        ),
        Metadata=accepted("CKV_AWS_18", "Only AWS and deployments use it; the audit trail records who changes what."),
        **KEEP,
    )


def encrypted() -> s3.BucketEncryption:
    """S3's own keys: for what several AWS services must read without rights on a key of ours."""
    return _encryption(s3.ServerSideEncryptionByDefault(SSEAlgorithm="AES256"))


def encrypted_with(key: object) -> s3.BucketEncryption:
    """A customer key, with a bucket key so that KMS is not asked for every object."""
    rule = s3.ServerSideEncryptionByDefault(SSEAlgorithm="aws:kms", KMSMasterKeyID=key)
    return _encryption(rule, BucketKeyEnabled=True)


def _encryption(default: s3.ServerSideEncryptionByDefault, **rest: Any) -> s3.BucketEncryption:
    return s3.BucketEncryption(
        ServerSideEncryptionConfiguration=[s3.ServerSideEncryptionRule(ServerSideEncryptionByDefault=default, **rest)]
    )


def expire_old_versions(days: int) -> s3.LifecycleRule:
    """Overwritten and deleted objects go after some days."""
    return s3.LifecycleRule(
        Id="old-versions",
        Status="Enabled",
        NoncurrentVersionExpiration=s3.NoncurrentVersionExpiration(NoncurrentDays=days),
        ExpiredObjectDeleteMarker=True,
    )


def expire(days: int) -> s3.LifecycleRule:
    """Objects go after some days."""
    return s3.LifecycleRule(Id="old-objects", Status="Enabled", ExpirationInDays=days)


def log_group(title: str, name: Any) -> LogGroup:
    """An encrypted log group with the environment's retention; it stands before whatever writes to it."""
    return LogGroup(
        title,
        LogGroupName=name,
        RetentionInDays=Ref("LogRetentionDays"),
        KmsKeyId=Ref("EncryptionKeyArn"),
        **KEEP_ONCE_CREATED,
    )


def tls_only(bucket: str, *statements: Statement) -> s3.BucketPolicy:
    """Policy of a bucket: refuses what is not sent over TLS; ``statements`` allow what a service needs."""
    refuse = Statement(
        Sid="RefusePlainHttp",
        Effect=Deny,
        Principal=Principal("*"),
        Action=[Action("s3", "*")],
        Resource=[GetAtt(bucket, "Arn"), Sub(f"${{{bucket}.Arn}}/*")],
        Condition=Condition(Bool("aws:SecureTransport", "false")),
    )
    return s3.BucketPolicy(
        f"{bucket}Policy", Bucket=Ref(bucket), PolicyDocument=policies.policy(refuse, *statements), **KEEP
    )
