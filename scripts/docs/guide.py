"""The deployment guide's tables and lists, row by row, and who meets each."""

from __future__ import annotations

from scripts.docs.rows import Row

PUBLIC_SUBNETS = "network EC2::Subnet PublicSubnetA PublicSubnetB"
PRIVATE_SUBNETS = "network EC2::Subnet PrivateSubnetA PrivateSubnetB"
SECRETS = "bootstrap SecretsManager::Secret BotTokenSecret EthereumPrivateKeySecret ApiKeySecret"
SERVICES = "services ECS::Service ApiService BotService"
GROUPS = "security EC2::SecurityGroup LoadBalancerSecurityGroup BotSecurityGroup RotationSecurityGroup ApiSecurityGroup"
TABLES = (
    "data DynamoDB::Table OperatorsTable ValidatorsTable ValidatorHistoryTable NetworkStatsTable ConfigTable "
    "AlertsTable"
)
LOG_GROUPS = (
    "network Logs::LogGroup FlowLogGroup",
    "services Logs::LogGroup ApiLogGroup BotLogGroup",
    "monitor Logs::LogGroup MonitorLogGroup RotationLogGroup",
    "observability Logs::LogGroup TrailLogGroup",
)
ROLES = (
    "security IAM::Role ApiTaskRole ApiExecutionRole BotTaskRole BotExecutionRole MonitorRole RotationRole "
    "SchedulerRole"
)
TABLE_ALARMS = (
    "observability CloudWatch::Alarm OperatorsTableErrorsAlarm ValidatorsTableErrorsAlarm "
    "ValidatorHistoryTableErrorsAlarm NetworkStatsTableErrorsAlarm ConfigTableErrorsAlarm AlertsTableErrorsAlarm"
)

CORE = [
    Row(
        ("Networking: VPC", "CIDR: 10.10.0.0/16"),
        ("network EC2::VPC Vpc",),
        "{Vpc.CidrBlock}",
    ),
    Row(
        ("Networking: public subnets", "ALB, NAT gateway"),
        (
            PUBLIC_SUBNETS,
            "network EC2::RouteTable PublicRouteTable",
        ),
        "{=PublicSubnetA.CidrBlock}, {=PublicSubnetB.CidrBlock}; no public address by default: "
        "{PublicSubnetA.MapPublicIpOnLaunch}",
    ),
    Row(
        ("Networking: private subnets", "ECS tasks, Lambda"),
        (PRIVATE_SUBNETS,),
        "{=PrivateSubnetA.CidrBlock}, {=PrivateSubnetB.CidrBlock}. The tasks run here; the functions run outside the "
        "VPC, since they need nothing inside it",
    ),
    Row(
        ("Networking: internet gateway", "Public subnet routing"),
        (
            "network EC2::InternetGateway InternetGateway",
            "network EC2::VPCGatewayAttachment InternetAttachment",
            "network EC2::Route PublicInternetRoute",
        ),
        "{=PublicInternetRoute.DestinationCidrBlock} leads to it",
    ),
    Row(
        ("Networking: NAT gateway", "Lambda/ECS egress"),
        (
            "network EC2::NatGateway NatGatewayA NatGatewayB",
            "network EC2::Route PrivateNatRouteA PrivateNatRouteB",
        ),
        "One per zone; one for both with parameter `NatGatewayMode: single`",
    ),
    Row(
        ("Compute: ECS cluster", "Fargate launch type"),
        (
            "services ECS::Cluster Cluster",
            SERVICES,
        ),
        "{ApiService.LaunchType}",
    ),
    Row(
        ("Compute: ECS services", "Auto-scaling enabled"),
        (
            SERVICES,
            "services ApplicationAutoScaling::ScalableTarget ApiScaling",
        ),
        "{ApiScaling.MinCapacity}, {ApiScaling.MaxCapacity}. The API only: two bots would answer every command twice",
    ),
    Row(
        ("Compute: Lambda functions", "Event-driven execution"),
        ("monitor Lambda::Function MonitorFunction RotationFunction",),
        "The monitor is started by its schedule, the rotation by Secrets Manager",
    ),
    Row(
        ("Storage: DynamoDB tables", "On-demand billing"),
        (TABLES,),
        "{OperatorsTable.BillingMode}",
    ),
    Row(
        ("Storage: S3 buckets", "Versioning enabled"),
        (
            "bootstrap S3::Bucket ArtifactBucket",
            "data S3::Bucket BackupBucket",
        ),
        "Versioning: {=BackupBucket.VersioningConfiguration.Status}",
    ),
    Row(
        ("Security: Secrets Manager", "Automatic rotation"),
        (
            SECRETS,
            "monitor SecretsManager::RotationSchedule ApiKeyRotation",
        ),
        "The API key: {ApiKeyRotation.RotationRules.AutomaticallyAfterDays}. "
        "The token and the private key are made elsewhere, by a person",
    ),
    Row(
        ("Security: IAM roles", "Least privilege principle"),
        (ROLES,),
        "One role per program and purpose, each statement with a Sid; see [IAM roles](#iam-roles)",
    ),
    Row(
        ("Security: security groups", "Port-specific rules"),
        (GROUPS,),
        "API port from the load balancer and the bot only; nothing comes in to the bot",
    ),
    Row(
        ("Monitoring: CloudWatch", "Log retention 30 days"),
        (*LOG_GROUPS,),
        "{ApiLogGroup.RetentionInDays}, in every log group",
    ),
    Row(
        ("Monitoring: EventBridge", "Cron-based triggers"),
        ("monitor Scheduler::Schedule MonitorSchedule",),
        "{=MonitorSchedule.ScheduleExpression}; rate or cron, by parameter `ValidatorMonitorSchedule`",
    ),
]

INDICATORS = [
    Row(
        ("ECS CPU utilization", "< 70%", "> 85%"),
        (
            "services ApplicationAutoScaling::ScalingPolicy ApiCpuScaling",
            "observability CloudWatch::Alarm ApiHighCpuAlarm ApiCriticalCpuAlarm BotHighCpuAlarm",
        ),
        "Scaled to {=ApiCpuScaling.TargetTrackingScalingPolicyConfiguration.TargetValue}; {ApiHighCpuAlarm}; "
        "{ApiCriticalCpuAlarm}; {BotHighCpuAlarm}",
    ),
    Row(
        ("ECS memory utilization", "< 80%", "> 90%"),
        (
            "services ApplicationAutoScaling::ScalingPolicy ApiMemoryScaling",
            "observability CloudWatch::Alarm ApiHighMemoryAlarm BotHighMemoryAlarm",
        ),
        "Scaled to {=ApiMemoryScaling.TargetTrackingScalingPolicyConfiguration.TargetValue}; {ApiHighMemoryAlarm}; "
        "{BotHighMemoryAlarm}",
    ),
    Row(
        ("API response time", "< 500ms", "> 1000ms"),
        ("observability CloudWatch::Alarm ApiSlowAlarm",),
        "{ApiSlowAlarm}, in seconds, {ApiSlowAlarm.ExtendedStatistic}",
    ),
    Row(
        ("DynamoDB read/write errors", "0", "> 0"),
        (TABLE_ALARMS,),
        "One for each table, throttled requests included: {OperatorsTableErrorsAlarm}",
    ),
    Row(
        ("Lambda error rate", "< 1%", "> 5%"),
        ("observability CloudWatch::Alarm MonitorErrorRateAlarm RotationFailedAlarm",),
        "{MonitorErrorRateAlarm}; the rotation runs too seldom for a rate: {RotationFailedAlarm}",
    ),
    Row(
        ("Discord bot uptime", "> 99.9%", "< 99%"),
        ("observability CloudWatch::Alarm BotUptimeAlarm BotDownAlarm",),
        "{BotUptimeAlarm}; no heartbeat at all: {BotDownAlarm}",
    ),
]

ALERTING = [
    Row(
        ("Critical", "Service down, high error rates"),
        ("observability CloudWatch::Alarm @critical",),
        "[Alarms](alerts.md) whose text begins with `critical:`",
    ),
    Row(
        ("Warning", "High resource usage, slow responses"),
        (
            "observability CloudWatch::Alarm @warning",
            "observability Events::Rule BackupNotice",
        ),
        "Alarms and notices whose text begins with `warning:`",
    ),
    Row(
        ("Info", "New deployments, configuration changes"),
        (
            "observability CloudWatch::Alarm @info",
            "observability Events::Rule DeploymentNotice StackNotice ChangeNotice",
        ),
        "Deployments of API and bot; changes of stacks, security groups and secrets; refused calls",
    ),
    Row(
        ("SNS topic", "`sparta-<environment>-alerts`"),
        (
            "observability SNS::Topic AlertsTopic",
            "observability SNS::TopicPolicy AlertsTopicPolicy",
        ),
        "{=AlertsTopic.TopicName}; CloudWatch and EventBridge may publish",
    ),
    Row(
        ("E-mail subscription", "alerts@yourcompany.com"),
        ("observability SNS::Subscription AlertEmailSubscription",),
        "{AlertEmailSubscription.Protocol}, address from parameter `AlertEmail`",
    ),
]
