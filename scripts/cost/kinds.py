"""Which types of resource cost what, and which cost nothing, and why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scripts.cost import reaching, running, watching
from scripts.cost.site import Site, Use
from templates.rules.system import Resource

PRICED: dict[str, Callable[[Site, Resource], Iterator[Use]]] = {
    "AWS::ApplicationAutoScaling::ScalingPolicy": watching.scaling_policy,
    "AWS::Backup::BackupPlan": running.plan,
    "AWS::CloudFront::Distribution": reaching.distribution,
    "AWS::CloudWatch::Alarm": watching.alarm,
    "AWS::CloudWatch::CompositeAlarm": watching.composite,
    "AWS::CloudWatch::Dashboard": watching.dashboard,
    "AWS::DynamoDB::Table": running.table,
    "AWS::EC2::EIP": reaching.address,
    "AWS::EC2::NatGateway": reaching.nat,
    "AWS::EC2::VPCEndpoint": reaching.endpoint,
    "AWS::ECR::Repository": running.repository,
    "AWS::ECS::Cluster": watching.cluster,
    "AWS::ECS::Service": running.service,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": reaching.load_balancer,
    "AWS::KMS::Key": running.key,
    "AWS::Lambda::Function": running.function,
    "AWS::Logs::LogGroup": watching.log_group,
    "AWS::Logs::MetricFilter": watching.metric_filter,
    "AWS::S3::Bucket": running.bucket,
    "AWS::SNS::Subscription": watching.subscription,
    "AWS::SNS::Topic": watching.topic,
    "AWS::SQS::Queue": watching.queue,
    "AWS::Scheduler::Schedule": watching.schedule,
    "AWS::SecretsManager::Secret": running.secret,
    "AWS::ServiceDiscovery::PrivateDnsNamespace": reaching.namespace,
    "AWS::ServiceDiscovery::Service": reaching.discovery,
    "AWS::WAFv2::WebACL": reaching.firewall,
}

_SETTING = "a setting of another resource"
_NETWORK = "parts of a VPC cost nothing"
_RIGHTS = "IAM costs nothing"
FREE: dict[str, str] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": _SETTING,
    "AWS::Backup::BackupSelection": _SETTING,
    "AWS::Backup::BackupVault": "a vault costs what is in it: see the plan",
    "AWS::CertificateManager::Certificate": "public certificates cost nothing",
    "AWS::CloudFormation::Stack": "costs nothing for resources of AWS's own types",
    "AWS::CloudTrail::Trail": "the first copy of management events costs nothing; a second trail in the account does",
    "AWS::EC2::FlowLog": "costs what it writes: see its log group",
    "AWS::EC2::InternetGateway": _NETWORK,
    "AWS::EC2::Route": _NETWORK,
    "AWS::EC2::RouteTable": _NETWORK,
    "AWS::EC2::SecurityGroup": _NETWORK,
    "AWS::EC2::SecurityGroupEgress": _NETWORK,
    "AWS::EC2::SecurityGroupIngress": _NETWORK,
    "AWS::EC2::Subnet": _NETWORK,
    "AWS::EC2::SubnetRouteTableAssociation": _NETWORK,
    "AWS::EC2::VPC": _NETWORK,
    "AWS::EC2::VPCGatewayAttachment": _NETWORK,
    "AWS::ECS::TaskDefinition": "costs where a service runs it",
    "AWS::ElasticLoadBalancingV2::Listener": _SETTING,
    "AWS::ElasticLoadBalancingV2::ListenerRule": _SETTING,
    "AWS::ElasticLoadBalancingV2::TargetGroup": _SETTING,
    "AWS::Events::Rule": "events of AWS's own services and scheduled rules cost nothing",
    "AWS::IAM::ManagedPolicy": _RIGHTS,
    "AWS::IAM::OIDCProvider": _RIGHTS,
    "AWS::IAM::Policy": _RIGHTS,
    "AWS::IAM::Role": _RIGHTS,
    "AWS::KMS::Alias": _SETTING,
    "AWS::Lambda::EventInvokeConfig": _SETTING,
    "AWS::Lambda::Permission": _SETTING,
    "AWS::Route53::RecordSet": "records cost nothing, nor do questions about aliases of AWS's resources",
    "AWS::S3::BucketPolicy": _SETTING,
    "AWS::SNS::TopicPolicy": _SETTING,
    "AWS::SQS::QueuePolicy": _SETTING,
    "AWS::SecretsManager::RotationSchedule": "costs what its function costs",
    "AWS::WAFv2::WebACLAssociation": _SETTING,
}
