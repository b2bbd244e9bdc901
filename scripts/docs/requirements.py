"""What must be true of the templates, resource by resource, and who makes it true."""

from __future__ import annotations

from scripts.docs.guide import GROUPS, LOG_GROUPS, PRIVATE_SUBNETS, PUBLIC_SUBNETS, ROLES, SECRETS, TABLE_ALARMS, TABLES
from scripts.docs.rows import Row

_NETWORK = [
    Row(
        ("VPC: DNS support and hostnames on; flow logs",),
        (
            "network EC2::VPC Vpc",
            "network EC2::FlowLog FlowLog",
            "network Logs::LogGroup FlowLogGroup",
            "network IAM::Role FlowLogRole",
        ),
        "{Vpc.EnableDnsSupport}, {Vpc.EnableDnsHostnames}, {FlowLog.TrafficType}",
    ),
    Row(
        ("Subnets: load balancer and NAT public, tasks private, no public IP on tasks",),
        (
            PUBLIC_SUBNETS,
            PRIVATE_SUBNETS,
            "network EC2::SubnetRouteTableAssociation PublicSubnetARoutes PublicSubnetBRoutes",
            "network EC2::SubnetRouteTableAssociation PrivateSubnetARoutes PrivateSubnetBRoutes",
            "network EC2::RouteTable PublicRouteTable PrivateRouteTableA PrivateRouteTableB",
        ),
        "{BotService.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp}",
    ),
    Row(
        ("Gateways: private egress, one NAT per zone in production, single selectable",),
        (
            "network EC2::InternetGateway InternetGateway",
            "network EC2::NatGateway NatGatewayA NatGatewayB",
            "network EC2::EIP NatAddressA NatAddressB",
            "network EC2::Route PrivateNatRouteA PrivateNatRouteB",
        ),
        "`NatGatewayMode`; with `single`, zone B's route leads to `NatGatewayA`",
    ),
    Row(
        ("Data transfer: gateway endpoints for S3 and DynamoDB, interface endpoints selectable",),
        (
            "network EC2::VPCEndpoint S3Endpoint DynamoDbEndpoint EcrApiEndpoint",
            "network EC2::VPCEndpoint EcrDockerEndpoint LogsEndpoint SecretsManagerEndpoint",
            "network EC2::SecurityGroup EndpointSecurityGroup",
        ),
        "`InterfaceEndpoints: true` adds the last four and their group",
    ),
]

_COMPUTE = [
    Row(
        ("ECS on Fargate: load balancer, circuit breaker with rollback, Container Insights, no `latest` image",),
        (
            "services ECS::Cluster Cluster",
            "services ECS::Service ApiService",
            "services ECS::TaskDefinition ApiTask BotTask",
            "services ElasticLoadBalancingV2::LoadBalancer LoadBalancer",
            "services ElasticLoadBalancingV2::TargetGroup TargetGroup",
            "services ElasticLoadBalancingV2::Listener HttpListener HttpsListener",
            "services CertificateManager::Certificate Certificate",
            "root Route53::RecordSet DomainRecord",
        ),
        "{ApiService.DeploymentConfiguration.DeploymentCircuitBreaker.Rollback}, "
        "Container Insights {=Cluster.ClusterSettings.0.Value}; `ImageUri` takes a digest only",
    ),
    Row(
        ("Bot: one task at any time, no inbound, API inside the VPC, no permission on data or keys",),
        (
            "services ECS::Service BotService",
            "security EC2::SecurityGroup BotSecurityGroup",
            "security IAM::Role BotTaskRole",
            "services ServiceDiscovery::PrivateDnsNamespace InternalNamespace",
            "services ServiceDiscovery::Service ApiDiscovery",
        ),
        "{BotService.DeploymentConfiguration.MaximumPercent}, "
        "{BotService.DeploymentConfiguration.MinimumHealthyPercent}; "
        "`BotDesiredCount` is 0 or 1; the API is {=ApiDiscovery.Name} in {=InternalNamespace.Name}",
    ),
    Row(
        ("Auto-scaling: API only, 1 to 10, CPU 70 %, and memory",),
        (
            "services ApplicationAutoScaling::ScalableTarget ApiScaling",
            "services ApplicationAutoScaling::ScalingPolicy ApiCpuScaling ApiMemoryScaling",
        ),
        "{ApiScaling.MinCapacity}, {ApiScaling.MaxCapacity}, CPU "
        "{=ApiCpuScaling.TargetTrackingScalingPolicyConfiguration.TargetValue}, memory "
        "{=ApiMemoryScaling.TargetTrackingScalingPolicyConfiguration.TargetValue}",
    ),
    Row(
        ("Lambda: arm64, pinned Python, reserved concurrency, failure destination, bounded retries",),
        (
            "monitor Lambda::Function MonitorFunction RotationFunction",
            "monitor Lambda::EventInvokeConfig MonitorRetries",
            "monitor SQS::Queue MonitorFailures",
        ),
        "`arm64`, {=MonitorFunction.Runtime}, {MonitorFunction.ReservedConcurrentExecutions}, "
        "{MonitorRetries.MaximumRetryAttempts}, {MonitorRetries.MaximumEventAgeInSeconds}",
    ),
    Row(
        ("EventBridge: cron or rate, role for this one function, can be switched off",),
        (
            "monitor Scheduler::Schedule MonitorSchedule",
            "security IAM::Role SchedulerRole",
        ),
        "{MonitorSchedule.State}; `EnableValidatorMonitorSchedule: false` switches it off",
    ),
]

_DATA = [
    Row(
        ("DynamoDB: recovery, encryption, deletion protection, TTL, retained",),
        (TABLES,),
        "{OperatorsTable.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled}, "
        "{OperatorsTable.DeletionProtectionEnabled}, TTL on "
        "{AlertsTable.TimeToLiveSpecification.AttributeName}, {OperatorsTable.DeletionPolicy}, "
        "{OperatorsTable.UpdateReplacePolicy}",
    ),
    Row(
        ("S3: versioned, encrypted, not public, TLS only, old versions expire",),
        (
            "bootstrap S3::Bucket ArtifactBucket",
            "data S3::Bucket BackupBucket",
            "bootstrap S3::BucketPolicy ArtifactBucketPolicy",
            "data S3::BucketPolicy BackupBucketPolicy",
        ),
        "{BackupBucket.PublicAccessBlockConfiguration.BlockPublicPolicy} and the other three; old versions: "
        "{BackupBucket.LifecycleConfiguration.Rules.1.NoncurrentVersionExpiration.NoncurrentDays}",
    ),
    Row(
        ("Secrets: three, API key rotates, tasks read them as ECS secrets",),
        (
            SECRETS,
            "monitor SecretsManager::RotationSchedule ApiKeyRotation",
            "monitor Lambda::Function RotationFunction",
            "monitor Lambda::Permission RotationPermission",
            "security EC2::SecurityGroup RotationSecurityGroup",
            "services ECS::TaskDefinition ApiTask BotTask",
        ),
        "{ApiKeyRotation.RotationRules.AutomaticallyAfterDays}; the programs read the API key at run time, so that a "
        "rotation needs no restart",
    ),
    Row(
        ("Backups: daily and monthly, and on demand",),
        (
            "data Backup::BackupPlan BackupPlan",
            "data Backup::BackupSelection BackupSelection",
            "data Backup::BackupVault BackupVault",
            "data IAM::Role BackupRole",
            "observability Events::Rule BackupNotice",
        ),
        "Daily: {BackupPlan.BackupPlan.BackupPlanRule.0.Lifecycle.DeleteAfterDays}, monthly: "
        "{BackupPlan.BackupPlan.BackupPlanRule.1.Lifecycle.DeleteAfterDays}; a failed one is told",
    ),
]

_SECURITY = [
    Row(
        ("IAM: a role per service, no `*` where a resource can be named",),
        (
            ROLES,
            "network IAM::Role FlowLogRole",
            "data IAM::Role BackupRole",
            "observability IAM::Role TrailRole",
        ),
        "Who assumes a role, and for which account, stands in its trust policy",
    ),
    Row(
        ("Security groups: 80/443 to the load balancer only, API port from it only, egress limited",),
        (GROUPS,),
        "The bot is let in to the API port too: it reaches the API inside the VPC",
    ),
    Row(
        ("CloudTrail: validated, to a locked-down bucket and a log group",),
        (
            "observability CloudTrail::Trail Trail",
            "observability S3::Bucket AuditBucket",
            "observability S3::BucketPolicy AuditBucketPolicy",
            "observability Logs::LogGroup TrailLogGroup",
            "observability IAM::Role TrailRole",
        ),
        "{Trail.EnableLogFileValidation}; only CloudTrail writes to the bucket",
    ),
    Row(
        ("CloudFront, optional: the load balancer is then reachable only through it",),
        (
            "edge CloudFront::Distribution Distribution",
            "edge WAFv2::WebACL WebAcl",
            "edge WAFv2::WebACLAssociation WebAclAssociation",
            "services ElasticLoadBalancingV2::ListenerRule CloudFrontOnly",
            "services Route53::RecordSet OriginRecord",
        ),
        "Lets in CloudFront's addresses only, and only requests with our distribution's "
        "{CloudFrontOnly.Conditions.0.HttpHeaderConfig.HttpHeaderName}",
    ),
]

_WATCHING = [
    Row(
        ("Logs: 30 days, encrypted",),
        (
            *LOG_GROUPS,
            "data KMS::Key EncryptionKey",
        ),
        "{BotLogGroup.RetentionInDays}, key {=EncryptionKeyAlias.AliasName}",
    ),
    Row(
        ("Alarms: the guide's indicators and `sparta-api-high-cpu`",),
        (
            "observability CloudWatch::Alarm ApiHighCpuAlarm ApiCriticalCpuAlarm ApiHighMemoryAlarm BotHighCpuAlarm",
            "observability CloudWatch::Alarm BotHighMemoryAlarm ApiSlowAlarm MonitorErrorRateAlarm BotUptimeAlarm",
            TABLE_ALARMS,
        ),
        "See [indicators](#indicators); {ApiHighCpuAlarm}",
    ),
    Row(
        ("Alarms: unhealthy hosts, 5xx, failures, silence, low balance",),
        (
            "observability CloudWatch::Alarm UnhealthyHostsAlarm ApiErrorsAlarm LoadBalancerErrorsAlarm",
            "observability CloudWatch::Alarm MonitorFailedAlarm MonitorSilentAlarm SignerBalanceLowAlarm",
        ),
        "{UnhealthyHostsAlarm}; {ApiErrorsAlarm}; {MonitorSilentAlarm}; {SignerBalanceLowAlarm} (ETH)",
    ),
    Row(
        ("Metric filters, and alarms on what is logged or measured",),
        (
            "observability Logs::MetricFilter ApiErrorsLoggedFilter BotErrorsLoggedFilter",
            "observability CloudWatch::Alarm ApiErrorsLoggedAlarm BotErrorsLoggedAlarm StatsStaleAlarm",
            "observability CloudWatch::Alarm DeliveryFailedAlarm RotationFailedAlarm BotDownAlarm",
        ),
        "{ApiErrorsLoggedAlarm}; {BotErrorsLoggedAlarm}; {StatsStaleAlarm}; {DeliveryFailedAlarm}",
    ),
    Row(
        ("Dashboard: indicators, health, monitor results, cost drivers",),
        ("observability CloudWatch::Dashboard Dashboard",),
        "{=Dashboard.DashboardName}; root's output `DashboardUrl` leads to it",
    ),
    Row(
        ("SNS: encrypted, e-mail, CloudWatch and EventBridge publish, info events too",),
        (
            "observability SNS::Topic AlertsTopic",
            "observability SNS::TopicPolicy AlertsTopicPolicy",
            "observability SNS::Subscription AlertEmailSubscription",
            "observability Events::Rule DeploymentNotice StackNotice ChangeNotice",
        ),
        "Encrypted with {=EncryptionKeyAlias.AliasName}, whose policy lets both services use it",
    ),
]

RESOURCES = [*_NETWORK, *_COMPUTE, *_DATA, *_SECURITY, *_WATCHING]
