"""What Ref and Fn::GetAtt of each resource type return (CloudFormation's resource type reference)."""

from __future__ import annotations

_TABLE = """
AWS::ApplicationAutoScaling::ScalableTarget id Id
AWS::ApplicationAutoScaling::ScalingPolicy arn Arn
AWS::Backup::BackupPlan id BackupPlanArn BackupPlanId VersionId
AWS::Backup::BackupSelection id BackupPlanId Id SelectionId
AWS::Backup::BackupVault name BackupVaultArn BackupVaultName
AWS::CertificateManager::Certificate arn CertificateArn
AWS::CloudFront::CachePolicy id Id LastModifiedTime
AWS::CloudFront::Distribution id DomainName Id
AWS::CloudFront::OriginAccessControl id Id
AWS::CloudFront::VpcOrigin id AccountId Arn CreatedTime Id LastModifiedTime Status
AWS::CloudTrail::Trail name Arn SnsTopicArn
AWS::CloudWatch::Alarm name Arn
AWS::CloudWatch::CompositeAlarm name Arn
AWS::CloudWatch::Dashboard name
AWS::DynamoDB::Table name Arn StreamArn
AWS::EC2::EIP address AllocationId PublicIp
AWS::EC2::FlowLog id Id
AWS::EC2::InternetGateway id InternetGatewayId
AWS::EC2::NatGateway id NatGatewayId EniId
AWS::EC2::NetworkAcl id Id
AWS::EC2::PrefixList id Arn OwnerId PrefixListId Version
AWS::EC2::Route id CidrBlock
AWS::EC2::RouteTable id RouteTableId
AWS::EC2::SecurityGroup id GroupId GroupName Id VpcId
AWS::EC2::SecurityGroupEgress id Id
AWS::EC2::SecurityGroupIngress id Id
AWS::EC2::Subnet id AvailabilityZone AvailabilityZoneId CidrBlock Ipv6CidrBlocks NetworkAclAssociationId SubnetId VpcId
AWS::EC2::SubnetRouteTableAssociation id Id
AWS::EC2::VPC id CidrBlock CidrBlockAssociations DefaultNetworkAcl DefaultSecurityGroup Ipv6CidrBlocks VpcId
AWS::EC2::VPCEndpoint id CreationTimestamp DnsEntries Id NetworkInterfaceIds
AWS::ECR::Repository name Arn RepositoryUri
AWS::ECS::Cluster name Arn
AWS::ECS::Service arn Name ServiceArn
AWS::ECS::TaskDefinition arn TaskDefinitionArn
ELB::Listener arn ListenerArn
ELB::ListenerRule arn IsDefault RuleArn
ELB::LoadBalancer arn CanonicalHostedZoneID DNSName LoadBalancerArn LoadBalancerFullName LoadBalancerName
ELB::TargetGroup arn LoadBalancerArns TargetGroupArn TargetGroupFullName TargetGroupName
AWS::Events::EventBus name Arn Name
AWS::Events::Rule name Arn RuleName
AWS::IAM::InstanceProfile name Arn
AWS::IAM::ManagedPolicy arn PolicyArn PolicyId
AWS::IAM::OIDCProvider arn Arn
AWS::IAM::Policy id Id
AWS::IAM::Role name Arn RoleId
AWS::KMS::Alias name
AWS::KMS::Key id Arn KeyId
AWS::Lambda::Alias arn AliasArn
AWS::Lambda::EventInvokeConfig id
AWS::Lambda::EventSourceMapping id EventSourceMappingArn Id
AWS::Lambda::Function name Arn SnapStartResponse
AWS::Lambda::LayerVersion arn LayerVersionArn
AWS::Lambda::Permission id Id
AWS::Lambda::Url arn FunctionArn FunctionUrl
AWS::Lambda::Version arn FunctionArn Version
AWS::Logs::LogGroup name Arn
AWS::Logs::LogStream name
AWS::Logs::MetricFilter name
AWS::Logs::SubscriptionFilter name
AWS::Route53::HostedZone id Id NameServers
AWS::Route53::RecordSet name
AWS::S3::Bucket name Arn DomainName DualStackDomainName RegionalDomainName WebsiteURL
AWS::S3::BucketPolicy name
AWS::SNS::Subscription arn Arn
AWS::SNS::Topic arn TopicArn TopicName
AWS::SNS::TopicPolicy id Id
AWS::SQS::Queue url Arn QueueName QueueUrl
AWS::SQS::QueuePolicy id Id
AWS::SSM::Parameter name Arn Name Type Value
AWS::Scheduler::Schedule name Arn
AWS::Scheduler::ScheduleGroup name Arn CreationDate LastModificationDate State
AWS::SecretsManager::ResourcePolicy id Id
AWS::SecretsManager::RotationSchedule id Id
AWS::SecretsManager::Secret arn Id
AWS::SecretsManager::SecretTargetAttachment arn Id
AWS::ServiceDiscovery::PrivateDnsNamespace id Arn HostedZoneId Id
AWS::ServiceDiscovery::Service id Arn Id Name
AWS::WAFv2::WebACL compound Arn Capacity Id LabelNamespace
"""

_ROWS = [row.replace("ELB::", "AWS::ElasticLoadBalancingV2::").split() for row in _TABLE.strip().splitlines()]
REF = {kind: returned for kind, returned, *_ in _ROWS}
ATTRIBUTES = {kind: set(attributes) for kind, _, *attributes in _ROWS}
ENDINGS = {
    "Arn": "arn",
    "Arns": "arn",
    "FullName": "full name",
    "DNSName": "host",
    "DomainName": "host",
    "Name": "name",
    "AllocationId": "allocation",
    "Id": "id",
    "ID": "id",
    "Uri": "url",
    "Url": "url",
    "URL": "url",
}


def returned(resource_type: str, attribute: str) -> str:
    """The kind of value: arn, name, id, url, host, full name, ..., or "" where it is not known."""
    if not attribute:
        return REF.get(resource_type, "")
    if resource_type == "AWS::SecretsManager::Secret" and attribute == "Id":
        return "arn"
    return next((kind for ending, kind in ENDINGS.items() if attribute.endswith(ending)), "other")
