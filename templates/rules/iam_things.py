"""The ARNs that CloudFormation acts on while it creates the resources of a system."""

from __future__ import annotations

from collections.abc import Iterator

from templates.rules.iam import arn_named, arn_of, secret_arns
from templates.rules.iam_actions import BY_TYPE, KEY_OF_VAULT, needs_star
from templates.rules.physical import physical_name
from templates.rules.render import REGION
from templates.rules.scope import ACCOUNT, NESTED
from templates.rules.system import Resource, System
from templates.rules.variants import IDENTITY

VAULT = "AWS::Backup::BackupVault"
ROTATION = "AWS::SecretsManager::RotationSchedule"
# What AWS names: an ARN with some id.
_WITH_ID = {
    "AWS::ApplicationAutoScaling::ScalableTarget": "application-autoscaling:{here}:scalable-target/0",
    "AWS::ApplicationAutoScaling::ScalingPolicy": "application-autoscaling:{here}:scalable-target/0",
    "AWS::Backup::BackupPlan": "backup:{here}:backup-plan:0",
    "AWS::Backup::BackupSelection": "backup:{here}:backup-plan:0",
    "AWS::CertificateManager::Certificate": "acm:{here}:certificate/0",
    "AWS::CloudFront::Distribution": "cloudfront::{account}:distribution/0",
    "AWS::KMS::Key": "kms:{here}:key/0",
    "AWS::Route53::RecordSet": "route53:::hostedzone/0",
    "AWS::ServiceDiscovery::PrivateDnsNamespace": "servicediscovery:{here}:namespace/0",
    "AWS::ServiceDiscovery::Service": "servicediscovery:{here}:service/0",
}
# What is a part of something else: the property that says of what.
_PART_OF = {
    "AWS::Lambda::EventInvokeConfig": "FunctionName",
    "AWS::Lambda::Permission": "FunctionName",
    "AWS::Logs::MetricFilter": "LogGroupName",
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SNS::Subscription": "TopicArn",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueuePolicy": "Queues",
    "AWS::WAFv2::WebACLAssociation": "WebACLArn",
}


def nested(system: System) -> list[Resource]:
    """What a root stack and its nested stacks hold."""
    parents = {stack.parent for stack in system.stacks.values()}
    return [each for each in system.resources if system.stacks[each.stack].parent or each.stack in parents]


def _spell(pattern: str) -> str:
    return "arn:aws:" + pattern.format(here=f"{REGION}:{ACCOUNT}", account=ACCOUNT)


def _generated(system: System, resource: Resource) -> str:
    """The kind of name that CloudFormation makes up in the stack sparta-<environment>."""
    parent = system.stacks[resource.stack].parent_id
    name = f"sparta-{system.values.get(IDENTITY, '')}-{parent}-1A2B3C4D5E6F-{resource.id}-1A2B3C4D5E6F"
    return name.lower() if resource.type == "AWS::S3::Bucket" else name


def _load_balancing(system: System, resource: Resource) -> str:
    """ARN of a target group, or of a listener or rule, which carry the load balancer's name; "" for others."""
    kind = resource.type.rpartition("::")[2]
    if kind == "TargetGroup":
        name = physical_name(resource) or _generated(system, resource)[:32]
        return _spell(f"elasticloadbalancing:{{here}}:targetgroup/{name}/0")
    listener = system.target(resource.get("ListenerArn")) or resource
    balancer = system.target(listener.get("LoadBalancerArn"))
    if balancer is None or kind not in ("Listener", "ListenerRule"):
        return ""
    ids = {"Listener": "listener/app/{}/0/0", "ListenerRule": "listener-rule/app/{}/0/0/0"}[kind]
    return _spell("elasticloadbalancing:{here}:" + ids.format(physical_name(balancer) or _generated(system, balancer)))


def _arn(system: System, resource: Resource) -> str:
    """A resource's ARN, as far as a policy can know it; "" where it cannot."""
    if resource.type == ROTATION:
        return secret_arns(system, resource.get("SecretId"))[-1]
    if resource.type == NESTED:
        return _spell(f"cloudformation:{{here}}:stack/sparta-{system.values.get(IDENTITY, '')}-{resource.id}-1A2B3C/0")
    if resource.type in _PART_OF:
        whole = system.target(resource.get(_PART_OF[resource.type]))
        return _arn(system, whole) if whole else ""
    if resource.type in _WITH_ID:
        return _spell(_WITH_ID[resource.type])
    if resource.type.startswith("AWS::EC2::"):
        return _spell("ec2:{here}:" + f"{resource.type.rpartition('::')[2].lower()}/0")
    named = arn_of(system, resource) or arn_named(resource, _generated(system, resource))
    return named or _load_balancing(system, resource)


def _actions(system: System, resource: Resource) -> Iterator[tuple[str, str]]:
    """(action, ARN) of all that CloudFormation does with a resource; "*" for actions that know no resource."""
    own = _arn(system, resource)
    for action in BY_TYPE.get(resource.type, ()):
        if needs_star(action):
            yield action, "*"
        elif action.startswith("route53:"):
            yield action, _spell(f"route53:::{'change' if action.endswith('GetChange') else 'hostedzone'}/0")
        else:
            yield action, own
    if resource.type == VAULT and resource.get("EncryptionKeyArn"):
        yield from ((f"kms:{action}", _spell("kms:{here}:key/0")) for action in KEY_OF_VAULT)
    if resource.type == "AWS::WAFv2::WebACLAssociation":
        yield from (("wafv2:AssociateWebACL", arn_of(system, each)) for each in system.targets(resource.props))
    if resource.type == "AWS::WAFv2::WebACL":
        yield "wafv2:CreateWebACL", _spell("wafv2:{here}:regional/managedruleset/AWS/0")
    if resource.type == ROTATION:
        for function in system.targets(resource.get("RotationLambdaARN")):
            yield "lambda:InvokeFunction", arn_of(system, function)


def done_by_cloudformation(system: System) -> dict[tuple[str, str], Resource]:
    """Every (action, ARN) that creating, changing and deleting a system takes, with a resource that needs it."""
    return {pair: each for each in reversed(nested(system)) for pair in _actions(system, each)}
