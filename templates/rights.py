"""Rights to create and change what the stacks hold, for CloudFormation's execution role.

Names are scoped to ``sparta``; where AWS makes the name (``vpc-0a1b...``) or knows no resource for an action, the
statement says so by its account-wide ARN or by ``*``.
"""

from __future__ import annotations

from typing import Any

from awacs.aws import Statement
from troposphere import If, Sub

from templates.policies import allow

ENDING = If("IsProduction", "", Sub("-${Environment}"))


def arn(service: str, resource: str, *, region: str = "${AWS::Region}", account: str = "${AWS::AccountId}") -> Sub:
    """ARN of this account and region unless said otherwise.

    ``${Ending}`` in ``resource`` keeps environments apart where names carry none in production: it is what the names of
    every other environment end with.
    """
    text = f"arn:${{AWS::Partition}}:{service}:{region}:{account}:{resource}"
    return Sub(text, Ending=ENDING) if "${Ending}" in text else Sub(text)


def grant(sid: str, service: str, actions: str, *resources: Any) -> Statement:
    return allow(sid, service, " ".join(actions.split()), list(resources) or ["*"])


def network() -> list[Statement]:
    return [
        grant(
            "LookAtNetwork",
            "ec2",
            "DescribeAccountAttributes DescribeAddresses DescribeAvailabilityZones DescribeFlowLogs "
            "DescribeInternetGateways DescribeManagedPrefixLists DescribeNatGateways DescribeNetworkInterfaces "
            "DescribePrefixLists DescribeRouteTables DescribeSecurityGroupRules DescribeSecurityGroups "
            "DescribeSubnets DescribeTags DescribeVpcEndpoints DescribeVpcs",
        ),
        grant(
            "ChangeNetwork",
            "ec2",
            "AllocateAddress AssociateRouteTable AttachInternetGateway AuthorizeSecurityGroupEgress "
            "AuthorizeSecurityGroupIngress CreateFlowLogs CreateInternetGateway CreateNatGateway CreateRoute "
            "CreateRouteTable CreateSecurityGroup CreateSubnet CreateTags CreateVpc CreateVpcEndpoint "
            "DeleteFlowLogs DeleteInternetGateway DeleteNatGateway DeleteRoute DeleteRouteTable "
            "DeleteSecurityGroup DeleteSubnet DeleteTags DeleteVpc DeleteVpcEndpoints DetachInternetGateway "
            "DescribeVpcAttribute DisassociateAddress DisassociateRouteTable ModifySubnetAttribute "
            "ModifyVpcAttribute ModifyVpcEndpoint "
            "ReleaseAddress ReplaceRoute ReplaceRouteTableAssociation RevokeSecurityGroupEgress "
            "RevokeSecurityGroupIngress UpdateSecurityGroupRuleDescriptionsEgress "
            "UpdateSecurityGroupRuleDescriptionsIngress",
            arn("ec2", "*/*"),
        ),
        grant(
            "LookAtLoadBalancers",
            "elasticloadbalancing",
            "DescribeListenerAttributes DescribeListenerCertificates DescribeListeners "
            "DescribeLoadBalancerAttributes DescribeLoadBalancers DescribeRules DescribeTags "
            "DescribeTargetGroupAttributes DescribeTargetGroups DescribeTargetHealth SetWebAcl",
        ),
        grant(
            "ChangeLoadBalancer",
            "elasticloadbalancing",
            "AddTags CreateListener CreateLoadBalancer CreateRule CreateTargetGroup DeleteListener "
            "DeleteLoadBalancer DeleteRule DeleteTargetGroup ModifyListener ModifyListenerAttributes "
            "ModifyLoadBalancerAttributes ModifyRule ModifyTargetGroup ModifyTargetGroupAttributes RemoveTags "
            "SetIpAddressType SetRulePriorities SetSecurityGroups SetSubnets",
            arn("elasticloadbalancing", "listener-rule/app/sparta-${Environment}/*"),
            arn("elasticloadbalancing", "listener/app/sparta-${Environment}/*"),
            arn("elasticloadbalancing", "loadbalancer/app/sparta-${Environment}/*"),
            arn("elasticloadbalancing", "targetgroup/*/*"),
        ),
        grant("MakeZone", "route53", "CreateHostedZone ListHostedZonesByName"),
        grant(
            "ChangeRecords",
            "route53",
            "ChangeResourceRecordSets DeleteHostedZone GetChange GetHostedZone ListResourceRecordSets",
            arn("route53", "change/*", region="", account=""),
            arn("route53", "hostedzone/*", region="", account=""),
        ),
        grant("RequestCertificate", "acm", "RequestCertificate ListCertificates"),
        grant(
            "ManageCertificate",
            "acm",
            "AddTagsToCertificate DeleteCertificate DescribeCertificate ListTagsForCertificate",
            arn("acm", "certificate/*"),
        ),
    ]


def services() -> list[Statement]:
    return [
        grant("DescribeTasks", "ecs", "DeregisterTaskDefinition DescribeTaskDefinition ListTaskDefinitions"),
        grant(
            "ManageCluster",
            "ecs",
            "CreateCluster CreateService DeleteCluster DeleteService DescribeClusters DescribeServices "
            "ListTagsForResource RegisterTaskDefinition TagResource UntagResource UpdateCluster "
            "UpdateClusterSettings UpdateService",
            arn("ecs", "cluster/sparta-${Environment}"),
            arn("ecs", "service/sparta-${Environment}/*"),
            arn("ecs", "task-definition/sparta-*${Ending}:*"),
        ),
        grant("LookAtScaling", "application-autoscaling", "DescribeScalableTargets DescribeScalingPolicies"),
        grant(
            "ManageScaling",
            "application-autoscaling",
            "DeleteScalingPolicy DeregisterScalableTarget ListTagsForResource PutScalingPolicy "
            "RegisterScalableTarget TagResource",
            arn("application-autoscaling", "scalable-target/*"),
        ),
        grant(
            "MakeNamespace",
            "servicediscovery",
            "CreatePrivateDnsNamespace GetOperation ListNamespaces ListServices ListTagsForResource TagResource "
            "UntagResource",
        ),
        grant(
            "ManageDiscovery",
            "servicediscovery",
            "CreateService DeleteNamespace DeleteService GetNamespace GetService UpdatePrivateDnsNamespace "
            "UpdateService",
            arn("servicediscovery", "namespace/*"),
            arn("servicediscovery", "service/*"),
        ),
        grant(
            "ManageFunctions",
            "lambda",
            "AddPermission CreateFunction DeleteFunction DeleteFunctionConcurrency DeleteFunctionEventInvokeConfig "
            "GetFunction GetFunctionCodeSigningConfig GetFunctionConfiguration GetFunctionEventInvokeConfig "
            "GetPolicy InvokeFunction ListTags PutFunctionConcurrency PutFunctionEventInvokeConfig "
            "PutRuntimeManagementConfig GetRuntimeManagementConfig RemovePermission TagResource UntagResource "
            "UpdateFunctionCode UpdateFunctionConfiguration UpdateFunctionEventInvokeConfig",
            arn("lambda", "function:sparta-*${Ending}"),
        ),
        grant(
            "ManageSchedules",
            "scheduler",
            "CreateSchedule DeleteSchedule GetSchedule UpdateSchedule",
            arn("scheduler", "schedule/default/sparta-*${Ending}"),
        ),
        grant(
            "RotateSecrets",
            "secretsmanager",
            "CancelRotateSecret DescribeSecret RotateSecret",
            arn("secretsmanager", "secret:sparta/${Environment}/*"),
        ),
        grant(
            "ManageQueues",
            "sqs",
            "CreateQueue DeleteQueue GetQueueAttributes GetQueueUrl ListQueueTags SetQueueAttributes TagQueue "
            "UntagQueue",
            arn("sqs", "sparta-*${Ending}"),
        ),
    ]


def data() -> list[Statement]:
    return [
        grant(
            "ManageTables",
            "dynamodb",
            "CreateTable DeleteTable DescribeContinuousBackups DescribeContributorInsights "
            "DescribeKinesisStreamingDestination DescribeTable DescribeTimeToLive GetResourcePolicy "
            "ListTagsOfResource TagResource UntagResource UpdateContinuousBackups UpdateTable UpdateTimeToLive",
            arn("dynamodb", "table/sparta-*-${Environment}"),
        ),
        grant("MakeKey", "kms", "CreateKey ListAliases"),
        grant(
            "ManageKey",
            "kms",
            "CreateAlias CreateGrant Decrypt DeleteAlias DescribeKey EnableKeyRotation DisableKeyRotation "
            "GenerateDataKey GetKeyPolicy GetKeyRotationStatus ListResourceTags PutKeyPolicy RetireGrant "
            "ScheduleKeyDeletion TagResource UntagResource UpdateAlias UpdateKeyDescription",
            arn("kms", "alias/sparta-${Environment}"),
            arn("kms", "key/*"),
        ),
        grant(
            "ManageBuckets",
            "s3",
            "CreateBucket DeleteBucketPolicy GetBucketAcl GetBucketLocation GetBucketOwnershipControls "
            "GetBucketPolicy GetBucketPublicAccessBlock GetBucketTagging GetBucketVersioning "
            "GetEncryptionConfiguration GetLifecycleConfiguration PutBucketOwnershipControls PutBucketPolicy "
            "PutBucketPublicAccessBlock PutBucketTagging PutBucketVersioning PutEncryptionConfiguration "
            "PutLifecycleConfiguration",
            arn("s3", "sparta-*-${Environment}-${AWS::AccountId}", region="", account=""),
        ),
        grant(
            "ReadArtifacts",
            "s3",
            "GetObject GetObjectVersion",
            arn("s3", "sparta-artifacts-${Environment}-${AWS::AccountId}/*", region="", account=""),
        ),
        grant("MountBackups", "backup-storage", "MountCapsule"),
        grant(
            "ManageBackups",
            "backup",
            "CreateBackupPlan CreateBackupSelection CreateBackupVault DeleteBackupPlan DeleteBackupSelection "
            "DeleteBackupVault DescribeBackupVault GetBackupPlan GetBackupSelection GetBackupVaultAccessPolicy "
            "GetBackupVaultNotifications ListTags TagResource UntagResource UpdateBackupPlan",
            arn("backup", "backup-plan:*"),
            arn("backup", "backup-vault:sparta-${Environment}"),
        ),
    ]


def observability() -> list[Statement]:
    names = ("/ecs/sparta-*", "/aws/lambda/sparta-*", "/vpc/sparta*", "cloudtrail-log-group*")
    groups = [f"log-group:{name}${{Ending}}{streams}" for name in names for streams in ("", ":*")]
    return [
        grant("DeliverLogs", "logs", "CreateLogDelivery DeleteLogDelivery DescribeLogGroups"),
        grant(
            "ManageLogs",
            "logs",
            "AssociateKmsKey CreateLogGroup DeleteLogGroup DeleteMetricFilter DeleteRetentionPolicy "
            "DescribeMetricFilters DisassociateKmsKey ListTagsForResource PutMetricFilter PutRetentionPolicy "
            "TagResource UntagResource",
            *(arn("logs", group) for group in groups),
        ),
        grant(
            "ManageAlarms",
            "cloudwatch",
            "DeleteAlarms DeleteDashboards DescribeAlarms GetDashboard ListTagsForResource PutDashboard "
            "PutMetricAlarm TagResource UntagResource",
            arn("cloudwatch", "alarm:sparta-*${Ending}"),
            arn("cloudwatch", "dashboard/sparta-${Environment}", region=""),
        ),
        grant("EndSubscriptions", "sns", "GetSubscriptionAttributes Unsubscribe"),
        grant("FindTrails", "cloudtrail", "DescribeTrails"),
        grant(
            "ManageTopic",
            "sns",
            "CreateTopic DeleteTopic GetTopicAttributes ListSubscriptionsByTopic "
            "ListTagsForResource SetTopicAttributes Subscribe TagResource UntagResource",
            arn("sns", "sparta-${Environment}-alerts"),
        ),
        grant(
            "ManageRules",
            "events",
            "DeleteRule DescribeRule ListTagsForResource ListTargetsByRule PutRule PutTargets RemoveTargets "
            "TagResource UntagResource",
            arn("events", "rule/sparta-*${Ending}"),
        ),
        grant(
            "ManageTrail",
            "cloudtrail",
            "AddTags CreateTrail DeleteTrail GetEventSelectors GetTrail GetTrailStatus ListTags "
            "RemoveTags StartLogging StopLogging UpdateTrail",
            arn("cloudtrail", "trail/sparta-${Environment}"),
        ),
        grant(
            "ManageDistribution",
            "cloudfront",
            "CreateDistribution DeleteDistribution GetDistribution GetDistributionConfig ListTagsForResource "
            "TagResource UntagResource UpdateDistribution",
            arn("cloudfront", "distribution/*", region=""),
        ),
        grant(
            "ManageWebAcl",
            "wafv2",
            "AssociateWebACL CreateWebACL DeleteWebACL DisassociateWebACL GetWebACL GetWebACLForResource "
            "ListTagsForResource TagResource UntagResource UpdateWebACL",
            arn("elasticloadbalancing", "loadbalancer/app/sparta-${Environment}/*"),
            arn("wafv2", "regional/managedruleset/*/*"),
            arn("wafv2", "regional/webacl/sparta-${Environment}/*"),
        ),
    ]
