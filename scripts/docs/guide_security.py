"""What the deployment guide asks for in security and compliance, row by row, and who meets each."""

from __future__ import annotations

from scripts.docs.guide import GROUPS, LOG_GROUPS, PRIVATE_SUBNETS, ROLES, SECRETS, SERVICES, TABLES
from scripts.docs.rows import Row

CHECKLIST = [
    Row(
        ("Secrets management", "All sensitive data in Secrets Manager"),
        (
            SECRETS,
            "services ECS::TaskDefinition ApiTask BotTask",
        ),
        "No secret is a parameter or a plain variable; tasks get `Secrets`, the monitor a secret's ARN; "
        "RPC URLs with a provider's key can be a secret too: `EthereumHostSecretArn`, `AztecRpcUrlSecretArn`",
    ),
    Row(
        ("Network isolation", "Private subnets for application resources"),
        (
            PRIVATE_SUBNETS,
            SERVICES,
        ),
        "{ApiService.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp}",
    ),
    Row(
        ("Least privilege", "IAM roles with minimal permissions"),
        (ROLES,),
        "Actions and resources listed one by one: [rights](rights.md); `*` only where an action knows no resource; "
        "tests run the API and the monitor with exactly their rights",
    ),
    Row(
        ("Encryption", "Data encrypted at rest and in transit"),
        (
            "data KMS::Key EncryptionKey",
            "data KMS::Alias EncryptionKeyAlias",
            TABLES,
            "data S3::BucketPolicy BackupBucketPolicy",
            "bootstrap S3::BucketPolicy ArtifactBucketPolicy",
            "observability S3::BucketPolicy AuditBucketPolicy",
            "monitor SQS::QueuePolicy MonitorFailuresPolicy",
            "services ElasticLoadBalancingV2::Listener HttpsListener",
        ),
        "{OperatorsTable.SSESpecification.SSEEnabled}, {EncryptionKey.EnableKeyRotation}, {=HttpsListener.SslPolicy}; "
        "buckets, queue and topic refuse plain HTTP",
    ),
    Row(
        ("Monitoring", "CloudTrail enabled for audit logging"),
        (
            "observability CloudTrail::Trail Trail",
            "observability S3::Bucket AuditBucket",
            "observability Logs::LogGroup TrailLogGroup",
        ),
        "{Trail.IsLogging}, {Trail.IsMultiRegionTrail}, {Trail.EnableLogFileValidation}",
    ),
    Row(
        ("Access control", "Security groups with specific port access"),
        (GROUPS,),
        "Each rule names one port, its peer and why; egress is limited too",
    ),
    Row(
        ("Regular updates", "Automated security patches"),
        (
            "monitor Lambda::Function MonitorFunction RotationFunction",
            "bootstrap ECR::Repository ImageRepository",
            SERVICES,
        ),
        "AWS patches {=MonitorFunction.Runtime} and Fargate's hosts; "
        "every pushed image is scanned: {ImageRepository.ImageScanningConfiguration.ScanOnPush}",
    ),
]

COMPLIANCE = [
    Row(
        ("Data retention",),
        (*LOG_GROUPS,),
        "Parameter `LogRetentionDays`; the audit trail's files stay "
        "{=AuditBucket.LifecycleConfiguration.Rules.1.ExpirationInDays} days",
    ),
    Row(
        ("Backup strategy",),
        (
            "data Backup::BackupPlan BackupPlan",
            "data Backup::BackupVault BackupVault",
            "data Backup::BackupSelection BackupSelection",
            TABLES,
        ),
        "{=BackupPlan.BackupPlan.BackupPlanRule.0.ScheduleExpression}, "
        "{=BackupPlan.BackupPlan.BackupPlanRule.1.ScheduleExpression}, "
        "{OperatorsTable.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled}",
    ),
    Row(
        ("Disaster recovery: several zones",),
        (
            PRIVATE_SUBNETS,
            "network EC2::NatGateway NatGatewayA NatGatewayB",
        ),
        "{=PrivateSubnetA.AvailabilityZone}, {=PrivateSubnetB.AvailabilityZone}, {ApiService.DesiredCount}",
    ),
    Row(
        ("Incident response: documented",),
        ("observability SNS::Topic AlertsTopic", "observability CloudWatch::Dashboard Dashboard"),
        "Each alarm's text says what to do and names its heading in [alerts](alerts.md)",
    ),
    Row(
        ("Access auditing",),
        (
            "observability CloudTrail::Trail Trail",
            "observability Logs::MetricFilter RootAccountUseFilter AccessDeniedFilter",
            "observability CloudWatch::Alarm RootAccountUsedAlarm AccessDeniedAlarm",
        ),
        "{RootAccountUsedAlarm}; {AccessDeniedAlarm}",
    ),
]

IAM = [
    Row(
        ("ECS task role", "DynamoDB access, Secrets Manager read"),
        ("security IAM::Role ApiTaskRole BotTaskRole",),
        "{=ApiTaskRole.RoleName}: five tables, each in its own ways, and the API key; {=BotTaskRole.RoleName}: "
        "the API key only; each statement stands in [rights](rights.md)",
    ),
    Row(
        ("ECS execution role", "CloudWatch logs, ECR image pull"),
        ("security IAM::Role ApiExecutionRole BotExecutionRole",),
        "{=ApiExecutionRole.RoleName}, {=BotExecutionRole.RoleName}: own log group, one repository, "
        "the secrets that ECS hands to the task",
    ),
    Row(
        ("Lambda execution role", "DynamoDB access, CloudWatch logs"),
        ("security IAM::Role MonitorRole RotationRole",),
        "{=MonitorRole.RoleName}: the tables, the bot's token, its failure queue; "
        "{=RotationRole.RoleName}: the API key",
    ),
    Row(
        ("EventBridge role", "Lambda function invocation"),
        ("security IAM::Role SchedulerRole",),
        "{=SchedulerRole.RoleName}: the monitor's function only",
    ),
]
