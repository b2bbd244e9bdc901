"""CloudTrail: who did what in the account, to a bucket nobody writes to otherwise and to a log group."""

from __future__ import annotations

from awacs.aws import Condition, Principal, Statement, StringEquals
from troposphere import GetAtt, Ref, Sub, Template, cloudtrail

from templates import policies, storage
from templates.stack import named

KEEP_DAYS = 400
TRAIL_ARN = "arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/sparta-${Environment}"


def add(template: Template) -> None:
    """Bucket, log group, role and trail."""
    template.add_resource(
        storage.private_bucket(
            "AuditBucket",
            Sub("sparta-audit-${Environment}-${AWS::AccountId}"),
            storage.encrypted(),
            storage.expire(KEEP_DAYS),
            storage.expire_old_versions(days=30),
        )
    )
    template.add_resource(storage.tls_only("AuditBucket", *_trail_writes()))
    template.add_resource(storage.log_group("TrailLogGroup", named("cloudtrail-log-group")))
    template.add_resource(
        policies.role(
            "TrailRole",
            named("sparta-cloudtrail-role"),
            policies.trust("cloudtrail"),
            "sparta-cloudtrail-policy",
            [
                policies.allow(
                    "WriteTrail",
                    "logs",
                    "CreateLogStream PutLogEvents",
                    policies.log_group_arn("cloudtrail-log-group${NameSuffix}"),
                )
            ],
            "Lets CloudTrail write its log group, and nothing else.",
        )
    )
    template.add_resource(
        cloudtrail.Trail(
            "Trail",
            DependsOn="AuditBucketPolicy",
            TrailName=Sub("sparta-${Environment}"),
            IsLogging=True,
            IsMultiRegionTrail=True,
            IncludeGlobalServiceEvents=True,
            EnableLogFileValidation=True,
            S3BucketName=Ref("AuditBucket"),
            KMSKeyId=Ref("EncryptionKeyArn"),
            CloudWatchLogsLogGroupArn=GetAtt("TrailLogGroup", "Arn"),
            CloudWatchLogsRoleArn=GetAtt("TrailRole", "Arn"),
        )
    )


def _trail_writes() -> list[Statement]:
    service = Principal("Service", "cloudtrail.amazonaws.com")
    ours = {"aws:SourceArn": Sub(TRAIL_ARN)}
    source = StringEquals(ours)
    owned = StringEquals(ours | {"s3:x-amz-acl": "bucket-owner-full-control"})
    files = Sub("${AuditBucket.Arn}/AWSLogs/${AWS::AccountId}/*")
    return [
        policies.allow(
            "TrailChecksBucket",
            "s3",
            "GetBucketAcl",
            GetAtt("AuditBucket", "Arn"),
            Principal=service,
            Condition=Condition(source),
        ),
        policies.allow(
            "TrailWrites",
            "s3",
            "PutObject",
            files,
            Principal=service,
            Condition=Condition(owned),
        ),
    ]
