"""Everything stateful: tables, backups, and the key that encrypts logs, messages and backups.

All of it is retained when the stack goes and protected against replacement.
"""

from __future__ import annotations

from typing import Any

from awacs.aws import ArnLike, AWSPrincipal, Condition, Principal, Statement, StringEquals
from troposphere import GetAtt, Ref, Sub, Template, backup, dynamodb, kms

from templates import policies, storage
from templates.acceptance import AWS_KEY, accepted
from templates.stack import named, output
from templates.storage import KEEP
from templates.tables import TABLES, Table


def build() -> Template:
    """Stack ``data``."""
    template = Template(Description="Sparta data: DynamoDB tables, backups and their encryption key, all retained.")
    _key(template)
    for table in TABLES:
        _table(template, table)
    _backup_bucket(template)
    _backup_plan(template)
    return template


_ADMINISTRATION = (
    "CancelKeyDeletion CreateAlias CreateGrant Decrypt DeleteAlias DescribeKey DisableKey DisableKeyRotation EnableKey "
    "EnableKeyRotation Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GetKeyPolicy GetKeyRotationStatus "
    "ListAliases ListGrants ListKeyPolicies ListResourceTags PutKeyPolicy ReEncryptFrom ReEncryptTo RetireGrant "
    "RevokeGrant ScheduleKeyDeletion TagResource UntagResource UpdateAlias UpdateKeyDescription"
)


def _key(template: Template) -> None:
    template.add_resource(
        kms.Key(
            "EncryptionKey",
            Description=Sub("Sparta ${Environment}: logs, messages, audit trail and backups"),
            EnableKeyRotation=True,
            PendingWindowInDays=30,
            KeyPolicy=policies.policy(
                _may_use(
                    "AccountAdministers",
                    _ADMINISTRATION,
                    AWSPrincipal(Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")),
                ),
                _logs_use_key(),
                # CloudWatch and EventBridge name no source when they publish to an encrypted topic: no condition.
                _may_use(
                    "AlarmsAndEventsPublish",
                    "Decrypt GenerateDataKey",
                    Principal("Service", ["cloudwatch.amazonaws.com", "events.amazonaws.com"]),
                ),
                *_trail_uses_key(),
            ),
            **KEEP,
        )
    )
    template.add_resource(
        kms.Alias("EncryptionKeyAlias", AliasName=Sub("alias/sparta-${Environment}"), TargetKeyId=Ref("EncryptionKey"))
    )
    output(
        template, "EncryptionKeyArn", GetAtt("EncryptionKey", "Arn"), "ARN of the key for logs, messages and backups."
    )


def _may_use(sid: str, actions: str, principal: Any, *checks: Any) -> Statement:
    """A statement of the key's policy, where ``*`` stands for the key itself."""
    rest = {"Condition": Condition(list(checks))} if checks else {}
    return policies.allow(sid, "kms", actions, "*", Principal=principal, **rest)


def _logs_use_key() -> Statement:
    groups = Sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*")
    return _may_use(
        "LogGroupsEncrypt",
        "Decrypt DescribeKey Encrypt GenerateDataKey GenerateDataKeyWithoutPlaintext ReEncryptFrom ReEncryptTo",
        Principal("Service", Sub("logs.${AWS::Region}.${AWS::URLSuffix}")),
        ArnLike("kms:EncryptionContext:aws:logs:arn", groups),
    )


def _trail_uses_key() -> list[Statement]:
    trail = "arn:${AWS::Partition}:cloudtrail:${AWS::Region}:${AWS::AccountId}:trail/sparta-${Environment}"
    service = Principal("Service", "cloudtrail.amazonaws.com")
    source = StringEquals("aws:SourceArn", Sub(trail))
    context = ArnLike("kms:EncryptionContext:aws:cloudtrail:arn", Sub(trail))
    return [
        _may_use("TrailEncrypts", "GenerateDataKey", service, source, context),
        _may_use("TrailLooksKeyUp", "DescribeKey", service, source),
    ]


def _table(template: Template, table: Table) -> None:
    attributes = {name: kind for index in (table.key, *table.indexes.values()) for name, kind in index.items()}
    rest: dict[str, Any] = {}
    if table.indexes:
        rest["GlobalSecondaryIndexes"] = [
            dynamodb.GlobalSecondaryIndex(
                IndexName=name, KeySchema=_key_schema(key), Projection=dynamodb.Projection(ProjectionType="ALL")
            )
            for name, key in table.indexes.items()
        ]
    if table.expires:
        rest["TimeToLiveSpecification"] = dynamodb.TimeToLiveSpecification(AttributeName=table.expires, Enabled=True)
    title = f"{table.title}Table"
    template.add_resource(
        dynamodb.Table(
            title,
            TableName=Sub(f"sparta-{table.name}-${{Environment}}"),
            AttributeDefinitions=[
                dynamodb.AttributeDefinition(AttributeName=name, AttributeType=kind)
                for name, kind in attributes.items()
            ],
            KeySchema=_key_schema(table.key),
            BillingMode="PAY_PER_REQUEST",
            PointInTimeRecoverySpecification=dynamodb.PointInTimeRecoverySpecification(PointInTimeRecoveryEnabled=True),
            SSESpecification=dynamodb.SSESpecification(SSEEnabled=True),
            DeletionProtectionEnabled=True,
            Metadata=accepted("CKV_AWS_119", AWS_KEY),
            **rest,
            **KEEP,
        )
    )
    output(template, f"{title}Name", Ref(title), f"Table of {table.holds}.")
    output(template, f"{title}Arn", GetAtt(title, "Arn"), f"ARN of the table of {table.holds}.")


def _key_schema(key: dict[str, str]) -> list[dynamodb.KeySchema]:
    return [
        dynamodb.KeySchema(AttributeName=name, KeyType=kind) for name, kind in zip(key, ("HASH", "RANGE"), strict=False)
    ]


def _backup_bucket(template: Template) -> None:
    title = "BackupBucket"
    template.add_resource(
        storage.private_bucket(
            title,
            Sub("sparta-backups-${Environment}-${AWS::AccountId}"),
            storage.encrypted_with(Ref("EncryptionKey")),
            storage.expire_old_versions(days=90),
        )
    )
    template.add_resource(storage.tls_only(title))
    output(template, "BackupBucketName", Ref(title), "Bucket for exports of tables.")


def _backup_plan(template: Template) -> None:
    template.add_resource(
        backup.BackupVault(
            "BackupVault",
            BackupVaultName=Sub("sparta-${Environment}"),
            EncryptionKeyArn=GetAtt("EncryptionKey", "Arn"),
            **KEEP,
        )
    )
    template.add_resource(
        backup.BackupPlan(
            "BackupPlan",
            BackupPlan=backup.BackupPlanResourceType(
                BackupPlanName=Sub("sparta-${Environment}"),
                BackupPlanRule=[
                    _backup_rule("daily", "cron(0 3 * * ? *)", keep_days=35),
                    _backup_rule("monthly", "cron(0 4 1 * ? *)", keep_days=365),
                ],
            ),
        )
    )
    _backup_role(template)
    template.add_resource(
        backup.BackupSelection(
            "BackupSelection",
            BackupPlanId=Ref("BackupPlan"),
            BackupSelection=backup.BackupSelectionResourceType(
                SelectionName="tables",
                IamRoleArn=GetAtt("BackupRole", "Arn"),
                Resources=[GetAtt(f"{table.title}Table", "Arn") for table in TABLES],
            ),
        )
    )
    output(template, "BackupVaultName", Ref("BackupVault"), "Vault of the daily and monthly backups.")


def _backup_rule(name: str, schedule: str, keep_days: int) -> backup.BackupRuleResourceType:
    return backup.BackupRuleResourceType(
        RuleName=name,
        TargetBackupVault=Ref("BackupVault"),
        ScheduleExpression=schedule,
        StartWindowMinutes=60,
        CompletionWindowMinutes=720,
        Lifecycle=backup.LifecycleResourceType(DeleteAfterDays=keep_days),
    )


def _backup_role(template: Template) -> None:
    tables = [GetAtt(f"{table.title}Table", "Arn") for table in TABLES]
    backups = [Sub(f"${{{table.title}Table.Arn}}/backup/*") for table in TABLES]
    template.add_resource(
        policies.role(
            "BackupRole",
            named("sparta-backup-role"),
            policies.trust("backup"),
            "sparta-backup-policy",
            [
                policies.allow(
                    "BackUpTables",
                    "dynamodb",
                    "CreateBackup DescribeTable ListTagsOfResource StartAwsBackupJob",
                    tables,
                ),
                policies.allow("ManageBackups", "dynamodb", "DeleteBackup DescribeBackup", backups),
                policies.allow(
                    "FillVault",
                    "backup",
                    "CopyIntoBackupVault DescribeBackupVault",
                    GetAtt("BackupVault", "BackupVaultArn"),
                ),
                policies.allow(
                    "EncryptBackups",
                    "kms",
                    "CreateGrant Decrypt DescribeKey GenerateDataKey",
                    GetAtt("EncryptionKey", "Arn"),
                ),
            ],
            "Lets AWS Backup save the tables into the vault, and nothing else.",
        )
    )
