"""What a rendered value is (an ARN, a name, an id, ...), and what a property wants it to be."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from templates.rules.attributes import returned
from templates.rules.system import System
from templates.rules.values import TOKEN, Token, text, token

ID = re.compile(r"(vpc|subnet|sg|sgr|rtb|igw|nat|eipalloc|vpce|acl|eni|pl|key|Z)-?[0-9A-Za-z]{6,}|[0-9a-f-]{36}")
HOST = re.compile(r"[a-z0-9*]([a-z0-9-]*\.)+[a-z]{2,63}\.?", re.IGNORECASE)
KMS = "AWS::KMS::Key AWS::KMS::Alias"
ROLE = "AWS::IAM::Role"
GROUP = "AWS::EC2::SecurityGroup"
LOGS = "AWS::Logs::LogGroup"
IN_SECRETS_MANAGER = "AWS::SecretsManager::Secret AWS::SecretsManager::SecretTargetAttachment"
ELB = "AWS::ElasticLoadBalancingV2::"
FUNCTION = "AWS::Lambda::Function AWS::Lambda::Alias AWS::Lambda::Version"
ZONED = f"AWS::Route53::HostedZone AWS::ServiceDiscovery::PrivateDnsNamespace {ELB}LoadBalancer"
RECEIVERS = f"AWS::SQS::Queue AWS::SNS::Topic AWS::Events::EventBus AWS::S3::Bucket {FUNCTION}"


class Wanted(NamedTuple):
    """The kinds of value a property takes, and the resource types it may refer to (empty: any)."""

    kinds: frozenset[str]
    types: frozenset[str]


def _wanted(kinds: str, types: str = "") -> Wanted:
    return Wanted(frozenset(kinds.split("|")), frozenset(types.split()))


# Property key -> what it takes, for every resource type.
KEYS = {
    "VpcId": _wanted("id", "AWS::EC2::VPC"),
    "SubnetId": _wanted("id", "AWS::EC2::Subnet"),
    "SubnetIds": _wanted("id", "AWS::EC2::Subnet"),
    "Subnets": _wanted("id", "AWS::EC2::Subnet"),
    "SecurityGroups": _wanted("id", GROUP),
    "SecurityGroupIds": _wanted("id", GROUP),
    "SourceSecurityGroupId": _wanted("id", GROUP),
    "DestinationSecurityGroupId": _wanted("id", GROUP),
    "GroupId": _wanted("id", GROUP),
    "RouteTableId": _wanted("id", "AWS::EC2::RouteTable"),
    "RouteTableIds": _wanted("id", "AWS::EC2::RouteTable"),
    "GatewayId": _wanted("id", "AWS::EC2::InternetGateway AWS::EC2::VPNGateway"),
    "InternetGatewayId": _wanted("id", "AWS::EC2::InternetGateway"),
    "NatGatewayId": _wanted("id", "AWS::EC2::NatGateway"),
    "AllocationId": _wanted("allocation", "AWS::EC2::EIP"),
    "TaskRoleArn": _wanted("arn", ROLE),
    "ExecutionRoleArn": _wanted("arn", ROLE),
    "RoleArn": _wanted("arn", ROLE),
    "RoleARN": _wanted("arn", ROLE),
    "IamRoleArn": _wanted("arn", ROLE),
    "CloudWatchLogsRoleArn": _wanted("arn", ROLE),
    "DeliverLogsPermissionArn": _wanted("arn", ROLE),
    "ManagedPolicyArns": _wanted("arn", "AWS::IAM::ManagedPolicy"),
    "PermissionsBoundary": _wanted("arn", "AWS::IAM::ManagedPolicy"),
    "TargetGroupArn": _wanted("arn", f"{ELB}TargetGroup"),
    "LoadBalancerArn": _wanted("arn", f"{ELB}LoadBalancer"),
    "ListenerArn": _wanted("arn", f"{ELB}Listener"),
    "CertificateArn": _wanted("arn", "AWS::CertificateManager::Certificate"),
    "AcmCertificateArn": _wanted("arn", "AWS::CertificateManager::Certificate"),
    "Cluster": _wanted("name|arn", "AWS::ECS::Cluster"),
    "TaskDefinition": _wanted("name|arn", "AWS::ECS::TaskDefinition"),
    "awslogs-group": _wanted("name", LOGS),
    "LogGroupName": _wanted("name", LOGS),
    "LogGroup": _wanted("name", LOGS),
    "CloudWatchLogsLogGroupArn": _wanted("arn", LOGS),
    "LogDestination": _wanted("arn", f"{LOGS} AWS::S3::Bucket AWS::KinesisFirehose::DeliveryStream"),
    "AlarmActions": _wanted("arn", f"AWS::SNS::Topic AWS::ApplicationAutoScaling::ScalingPolicy {FUNCTION}"),
    "OKActions": _wanted("arn", f"AWS::SNS::Topic AWS::ApplicationAutoScaling::ScalingPolicy {FUNCTION}"),
    "InsufficientDataActions": _wanted("arn", f"AWS::SNS::Topic {FUNCTION}"),
    "TopicArn": _wanted("arn", "AWS::SNS::Topic"),
    "Topics": _wanted("arn", "AWS::SNS::Topic"),
    "Queues": _wanted("url", "AWS::SQS::Queue"),
    "S3Bucket": _wanted("name", "AWS::S3::Bucket"),
    "S3BucketName": _wanted("name", "AWS::S3::Bucket"),
    "DestinationBucketName": _wanted("name", "AWS::S3::Bucket"),
    "KmsKeyId": _wanted("arn|id|name", KMS),
    "KMSKeyId": _wanted("arn|id|name", KMS),
    "KmsMasterKeyId": _wanted("arn|id|name", KMS),
    "KMSMasterKeyId": _wanted("arn|id|name", KMS),
    "KMSMasterKeyID": _wanted("arn|id|name", KMS),
    "KmsKey": _wanted("arn|id|name", KMS),
    "KmsKeyArn": _wanted("arn", KMS),
    "KMSKeyArn": _wanted("arn", KMS),
    "EncryptionKeyArn": _wanted("arn", KMS),
    "TargetKeyId": _wanted("arn|id", KMS),
    "SecretId": _wanted("arn|name", IN_SECRETS_MANAGER),
    "ValueFrom": _wanted("arn|name", f"{IN_SECRETS_MANAGER} AWS::SSM::Parameter"),
    "RotationLambdaARN": _wanted("arn", FUNCTION),
    "FunctionName": _wanted("arn|name", FUNCTION),
    "TargetArn": _wanted("arn", "AWS::SQS::Queue AWS::SNS::Topic"),
    "deadLetterTargetArn": _wanted("arn", "AWS::SQS::Queue"),
    "TargetBackupVault": _wanted("name", "AWS::Backup::BackupVault"),
    "DestinationBackupVaultArn": _wanted("arn", "AWS::Backup::BackupVault"),
    "BackupPlanId": _wanted("id", "AWS::Backup::BackupPlan"),
    "ScalingTargetId": _wanted("id", "AWS::ApplicationAutoScaling::ScalableTarget"),
    "NamespaceId": _wanted("id", "AWS::ServiceDiscovery::PrivateDnsNamespace"),
    "RegistryArn": _wanted("arn", "AWS::ServiceDiscovery::Service"),
    "WebACLArn": _wanted("arn", "AWS::WAFv2::WebACL"),
    "WebACLId": _wanted("arn", "AWS::WAFv2::WebACL"),
    "OriginAccessControlId": _wanted("id", "AWS::CloudFront::OriginAccessControl"),
    "VpcOriginId": _wanted("id", "AWS::CloudFront::VpcOrigin"),
    "HostedZoneId": _wanted("id", ZONED),
    "DNSName": _wanted("host"),
    "EventBusName": _wanted("name|arn", "AWS::Events::EventBus"),
}

# (resource type, property key) -> what it takes there; None: nothing is known.
TYPED: dict[tuple[str, str], Wanted | None] = {
    (LOGS, "LogGroupName"): None,
    (LOGS, "KmsKeyId"): _wanted("arn", KMS),
    ("AWS::Lambda::Function", "FunctionName"): None,
    ("AWS::Lambda::Function", "Role"): _wanted("arn", ROLE),
    ("AWS::EC2::SecurityGroup", "GroupName"): None,
    ("AWS::IAM::Policy", "Roles"): _wanted("name", ROLE),
    ("AWS::IAM::ManagedPolicy", "Roles"): _wanted("name", ROLE),
    ("AWS::IAM::InstanceProfile", "Roles"): _wanted("name", ROLE),
    ("AWS::IAM::RolePolicy", "RoleName"): _wanted("name", ROLE),
    ("AWS::S3::BucketPolicy", "Bucket"): _wanted("name", "AWS::S3::Bucket"),
    ("AWS::Scheduler::Schedule", "GroupName"): _wanted("name", "AWS::Scheduler::ScheduleGroup"),
    ("AWS::Lambda::EventInvokeConfig", "Destination"): _wanted("arn", RECEIVERS),
    ("AWS::CloudFront::Distribution", "DomainName"): _wanted("host"),
    ("AWS::Events::EventBus", "EventBusName"): None,
    ("AWS::KMS::Alias", "TargetKeyId"): _wanted("arn|id", "AWS::KMS::Key"),
}
ANY_ARN = _wanted("arn")


def wanted(resource_type: str, key: str) -> Wanted | None:
    """What a property takes, by resource type and key; any key that ends in Arn takes an ARN."""
    if (resource_type, key) in TYPED:
        return TYPED[resource_type, key]
    if key in KEYS:
        return KEYS[key]
    return ANY_ARN if re.search(r"(Arn|ARN)s?$|^arn$", key) else None


def kind(value: Any, system: System) -> str:
    """What a rendered value is; "" where it cannot be known, "mixed" where an ARN stands inside another text."""
    if not isinstance(value, str):
        return ""
    whole = token(value)
    if whole:
        return _of_token(whole, system)
    inner = [_of_token(Token(m[1], m[2], m[3] or "", bool(m[4])), system) for m in TOKEN.finditer(value)]
    if value.startswith("${") and inner and inner[0] == "arn":
        return "arn" if "arn" not in inner[1:] else "mixed"
    if "arn" in inner or "arn:" in value[1:]:
        return "mixed"
    return _of_text(value, unknown="" in inner)


def _of_token(found: Token, system: System) -> str:
    target = system.resource(found.stack, found.id)
    return returned(target.type, found.attribute) if target and not found.part else ""


def _of_text(value: str, unknown: bool) -> str:
    if value.startswith("arn:"):
        return "arn"
    if re.match(r"https?://", value):
        return "url"
    if "," in value:
        return "list"
    if ID.fullmatch(value):
        return "id"
    if HOST.fullmatch(value):
        return "host"
    return "" if unknown else "name"


def article(kinds: frozenset[str]) -> str:
    """ "an ARN or a name"."""
    spoken = {"arn": "an ARN", "id": "an id", "url": "a URL", "host": "a host name", "allocation": "an AllocationId"}
    return " or ".join(spoken.get(each, f"a {each}") for each in sorted(kinds))


def fits(value: Any, want: Wanted, system: System) -> bool:
    """Whether a value may stand where `want` is; what cannot be known may."""
    found = kind(value, system)
    is_name = "name" in want.kinds and found in ("id", "host")
    return not found or found in want.kinds or is_name or text(value) == ""
