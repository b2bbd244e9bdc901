"""What is known of actions: which know no resource, and which CloudFormation needs for a resource of each type."""

from __future__ import annotations

import re

# Actions that know no resource, so that a policy can only give them on "*" (AWS service authorization reference).
_WITHOUT_RESOURCE = """
acm GetAccountConfiguration ListCertificates RequestCertificate
application-autoscaling DescribeScalableTargets DescribeScalingActivities DescribeScalingPolicies
application-autoscaling DescribeScheduledActions
backup DescribeBackupJob DescribeGlobalSettings DescribeRegionSettings DescribeRestoreJob ListBackupJobs ListBackupPlans
backup ListBackupVaults ListProtectedResources ListRestoreJobs
backup-storage MountCapsule
cloudformation DescribeAccountLimits DescribeStackDriftDetectionStatus ListExports ListImports ListStacks
cloudformation ValidateTemplate
cloudfront CreateOriginAccessControl ListCachePolicies ListDistributions ListOriginRequestPolicies
cloudtrail DescribeTrails ListTrails LookupEvents
cloudwatch DescribeAlarmsForMetric GetMetricData GetMetricStatistics GetMetricWidgetImage ListDashboards ListMetrics
cloudwatch PutMetricData
dynamodb DescribeLimits ListBackups ListExports ListImports ListTables
ecr DescribeRegistry GetAuthorizationToken
ecs DeregisterTaskDefinition DescribeTaskDefinition ListClusters ListServices ListTaskDefinitionFamilies
ecs ListTaskDefinitions PutAccountSetting
elasticloadbalancing DescribeAccountLimits DescribeListenerAttributes DescribeListenerCertificates DescribeListeners
elasticloadbalancing DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeRules DescribeSSLPolicies DescribeTags
elasticloadbalancing DescribeTargetGroupAttributes DescribeTargetGroups DescribeTargetHealth SetWebAcl
events ListEventBuses ListRuleNamesByTarget ListRules
kms CreateKey ListAliases ListKeys
lambda CreateEventSourceMapping GetAccountSettings ListEventSourceMappings ListFunctions ListLayers
logs CreateLogDelivery DeleteLogDelivery DeleteResourcePolicy DescribeLogGroups DescribeResourcePolicies GetLogDelivery
logs ListLogDeliveries PutResourcePolicy
route53 CreateHealthCheck CreateHostedZone GetHostedZoneCount ListHostedZones ListHostedZonesByName ListHostedZonesByVPC
s3 GetAccountPublicAccessBlock ListAllMyBuckets
scheduler ListScheduleGroups ListSchedules
secretsmanager GetRandomPassword ListSecrets
servicediscovery CreateHttpNamespace CreatePrivateDnsNamespace ListNamespaces ListOperations ListServices
servicediscovery ListTagsForResource TagResource UntagResource
sns GetSubscriptionAttributes ListSubscriptions ListTopics SetSubscriptionAttributes Unsubscribe
sqs ListQueues
ssmmessages CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel
sts GetCallerIdentity
tag GetResources GetTagKeys GetTagValues
wafv2 DescribeManagedRuleGroup ListAvailableManagedRuleGroups ListWebACLs
xray GetSamplingRules GetSamplingStatisticSummaries GetSamplingTargets PutTelemetryRecords PutTraceSegments
"""
# Resources of these are optional, or were not always known.
_EITHER = """
cloudfront CreateDistribution
ec2 AssignPrivateIpAddresses CreateNetworkInterface DeleteNetworkInterface UnassignPrivateIpAddresses
servicediscovery GetOperation
"""
EC2_LOOKS = re.compile(r"ec2:Describe(?!\w*Attribute$)\w+", re.IGNORECASE)

# By which actions CloudFormation creates, tags, changes, looks at and deletes a resource of each type
# (permissions of the types' handlers in the CloudFormation registry).
_BY_TYPE = """
ApplicationAutoScaling::ScalableTarget application-autoscaling RegisterScalableTarget DeregisterScalableTarget
ApplicationAutoScaling::ScalableTarget application-autoscaling DescribeScalableTargets TagResource
ApplicationAutoScaling::ScalingPolicy application-autoscaling PutScalingPolicy DeleteScalingPolicy
ApplicationAutoScaling::ScalingPolicy application-autoscaling DescribeScalingPolicies
Backup::BackupPlan backup CreateBackupPlan UpdateBackupPlan DeleteBackupPlan GetBackupPlan TagResource UntagResource
Backup::BackupSelection backup CreateBackupSelection DeleteBackupSelection GetBackupSelection
Backup::BackupVault backup CreateBackupVault DescribeBackupVault TagResource ListTags
Backup::BackupVault backup-storage MountCapsule
CertificateManager::Certificate acm RequestCertificate DescribeCertificate DeleteCertificate AddTagsToCertificate
CloudFormation::Stack cloudformation CreateStack UpdateStack DeleteStack DescribeStacks CreateChangeSet ExecuteChangeSet
CloudFormation::Stack cloudformation DescribeChangeSet DeleteChangeSet
CloudFront::Distribution cloudfront CreateDistribution UpdateDistribution DeleteDistribution GetDistribution TagResource
CloudTrail::Trail cloudtrail CreateTrail UpdateTrail DeleteTrail StartLogging GetTrailStatus AddTags
CloudWatch::Alarm cloudwatch PutMetricAlarm DeleteAlarms DescribeAlarms TagResource
CloudWatch::Dashboard cloudwatch PutDashboard DeleteDashboards GetDashboard
DynamoDB::Table dynamodb CreateTable UpdateTable DescribeTable UpdateContinuousBackups DescribeContinuousBackups
DynamoDB::Table dynamodb UpdateTimeToLive DescribeTimeToLive TagResource UntagResource ListTagsOfResource
DynamoDB::Table dynamodb DescribeContributorInsights DescribeKinesisStreamingDestination GetResourcePolicy
EC2::EIP ec2 AllocateAddress ReleaseAddress DescribeAddresses DisassociateAddress
EC2::FlowLog ec2 CreateFlowLogs DeleteFlowLogs DescribeFlowLogs
EC2::FlowLog logs CreateLogDelivery DeleteLogDelivery
EC2::InternetGateway ec2 CreateInternetGateway DeleteInternetGateway DescribeInternetGateways
EC2::NatGateway ec2 CreateNatGateway DeleteNatGateway DescribeNatGateways
EC2::Route ec2 CreateRoute ReplaceRoute DeleteRoute
EC2::RouteTable ec2 CreateRouteTable DeleteRouteTable DescribeRouteTables
EC2::SecurityGroup ec2 CreateSecurityGroup DeleteSecurityGroup DescribeSecurityGroups
EC2::SecurityGroup ec2 AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress
EC2::SecurityGroup ec2 AuthorizeSecurityGroupEgress RevokeSecurityGroupEgress
EC2::Subnet ec2 CreateSubnet ModifySubnetAttribute DeleteSubnet DescribeSubnets
EC2::SubnetRouteTableAssociation ec2 AssociateRouteTable DisassociateRouteTable ReplaceRouteTableAssociation
EC2::VPC ec2 CreateVpc ModifyVpcAttribute DeleteVpc DescribeVpcs DescribeVpcAttribute CreateTags DeleteTags
EC2::VPCEndpoint ec2 CreateVpcEndpoint ModifyVpcEndpoint DeleteVpcEndpoints DescribeVpcEndpoints
EC2::VPCGatewayAttachment ec2 AttachInternetGateway DetachInternetGateway
ECS::Cluster ecs CreateCluster UpdateCluster DeleteCluster DescribeClusters TagResource UntagResource
ECS::Service ecs CreateService UpdateService DeleteService DescribeServices
ECS::TaskDefinition ecs RegisterTaskDefinition DeregisterTaskDefinition DescribeTaskDefinition
ElasticLoadBalancingV2::Listener elasticloadbalancing CreateListener ModifyListener DeleteListener DescribeListeners
ElasticLoadBalancingV2::ListenerRule elasticloadbalancing CreateRule ModifyRule DeleteRule DescribeRules
ElasticLoadBalancingV2::LoadBalancer elasticloadbalancing CreateLoadBalancer DeleteLoadBalancer DescribeLoadBalancers
ElasticLoadBalancingV2::LoadBalancer elasticloadbalancing ModifyLoadBalancerAttributes SetSecurityGroups SetSubnets
ElasticLoadBalancingV2::LoadBalancer elasticloadbalancing DescribeLoadBalancerAttributes AddTags RemoveTags
ElasticLoadBalancingV2::TargetGroup elasticloadbalancing CreateTargetGroup ModifyTargetGroup DeleteTargetGroup
ElasticLoadBalancingV2::TargetGroup elasticloadbalancing ModifyTargetGroupAttributes DescribeTargetGroups
ElasticLoadBalancingV2::TargetGroup elasticloadbalancing DescribeTargetGroupAttributes
Events::Rule events PutRule DeleteRule DescribeRule PutTargets RemoveTargets ListTargetsByRule TagResource UntagResource
IAM::Role iam CreateRole UpdateRole DeleteRole GetRole PutRolePolicy DeleteRolePolicy UpdateAssumeRolePolicy TagRole
IAM::Role iam GetRolePolicy ListRolePolicies ListAttachedRolePolicies UntagRole
KMS::Alias kms CreateAlias UpdateAlias DeleteAlias ListAliases
KMS::Key kms CreateKey DescribeKey PutKeyPolicy GetKeyPolicy EnableKeyRotation GetKeyRotationStatus TagResource
KMS::Key kms ListResourceTags UpdateKeyDescription
Lambda::EventInvokeConfig lambda PutFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig
Lambda::EventInvokeConfig lambda GetFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig
Lambda::Function lambda CreateFunction UpdateFunctionCode UpdateFunctionConfiguration DeleteFunction GetFunction
Lambda::Function lambda PutFunctionConcurrency DeleteFunctionConcurrency GetFunctionCodeSigningConfig TagResource
Lambda::Permission lambda AddPermission RemovePermission GetPolicy
Logs::LogGroup logs CreateLogGroup DeleteLogGroup PutRetentionPolicy AssociateKmsKey DescribeLogGroups TagResource
Logs::LogGroup logs ListTagsForResource
Logs::MetricFilter logs PutMetricFilter DeleteMetricFilter DescribeMetricFilters
Route53::RecordSet route53 ChangeResourceRecordSets GetChange ListResourceRecordSets
S3::Bucket s3 CreateBucket PutBucketVersioning PutEncryptionConfiguration PutLifecycleConfiguration PutBucketTagging
S3::Bucket s3 PutBucketPublicAccessBlock PutBucketOwnershipControls
S3::BucketPolicy s3 PutBucketPolicy GetBucketPolicy DeleteBucketPolicy
SNS::Subscription sns Subscribe Unsubscribe GetSubscriptionAttributes
SNS::Topic sns CreateTopic DeleteTopic SetTopicAttributes GetTopicAttributes TagResource ListTagsForResource
SNS::Topic sns ListSubscriptionsByTopic
SNS::TopicPolicy sns SetTopicAttributes
SQS::Queue sqs CreateQueue DeleteQueue SetQueueAttributes GetQueueAttributes TagQueue ListQueueTags
SQS::QueuePolicy sqs SetQueueAttributes
Scheduler::Schedule scheduler CreateSchedule UpdateSchedule DeleteSchedule GetSchedule
SecretsManager::RotationSchedule secretsmanager RotateSecret CancelRotateSecret DescribeSecret
ServiceDiscovery::PrivateDnsNamespace servicediscovery CreatePrivateDnsNamespace DeleteNamespace GetNamespace
ServiceDiscovery::PrivateDnsNamespace servicediscovery GetOperation TagResource
ServiceDiscovery::PrivateDnsNamespace route53 CreateHostedZone DeleteHostedZone GetHostedZone
ServiceDiscovery::Service servicediscovery CreateService UpdateService DeleteService GetService
WAFv2::WebACL wafv2 CreateWebACL UpdateWebACL DeleteWebACL GetWebACL TagResource ListTagsForResource
WAFv2::WebACLAssociation wafv2 AssociateWebACL DisassociateWebACL GetWebACLForResource
WAFv2::WebACLAssociation elasticloadbalancing SetWebAcl
"""
# Using the customer's key while making a vault (AWS Backup: CreateBackupVault).
KEY_OF_VAULT = ("CreateGrant", "GenerateDataKey", "Decrypt", "RetireGrant", "DescribeKey")


def _by_first(lines: str, prefix: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in lines.strip().splitlines():
        name, service, *actions = line.split()
        found.setdefault(prefix + name, []).extend(f"{service}:{action}" for action in actions)
    return found


def _names(lines: str) -> frozenset[str]:
    rows = [line.split() for line in lines.strip().splitlines()]
    return frozenset(f"{service}:{action}".lower() for service, *actions in rows for action in actions)


BY_TYPE = _by_first(_BY_TYPE, "AWS::")
_NOWHERE, _MAYBE = _names(_WITHOUT_RESOURCE), _names(_EITHER)


def needs_star(action: str) -> bool:
    """Whether an action can be allowed on "*" only."""
    return action.lower() in _NOWHERE or EC2_LOOKS.fullmatch(action) is not None


def may_have_star(action: str) -> bool:
    """Whether an action may be allowed on "*" since a resource cannot, or need not, be named."""
    return needs_star(action) or action.lower() in _MAYBE
