"""A name where an ARN is needed, an id of the wrong thing, nothing where something must be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from templates.rules.finding import Finding, rule
from templates.rules.kinds import FUNCTION, IN_SECRETS_MANAGER, Wanted, article, fits, kind, wanted
from templates.rules.scope import NESTED
from templates.rules.system import Resource, System
from templates.rules.values import dicts, items, mapping, split, text, token

ELB = "AWS::ElasticLoadBalancingV2::"
URL = re.compile(r"https?://(\$\{[^}]+\})")
# What stands below these keys is no property of the resource itself.
NOT_PROPERTIES = {
    *("Tags", "Environment", "DashboardBody", "LoadBalancerAttributes", "TargetGroupAttributes"),
    *("PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy", "ResourcePolicy", "RepositoryPolicyText"),
}


def _want(kinds: str, types: str = "") -> Wanted:
    return Wanted(frozenset(kinds.split("|")), frozenset(types.split()))


DIMENSIONS = {
    "ClusterName": _want("name", "AWS::ECS::Cluster"),
    "ServiceName": _want("name", "AWS::ECS::Service"),
    "LoadBalancer": _want("full name", f"{ELB}LoadBalancer"),
    "TargetGroup": _want("full name", f"{ELB}TargetGroup"),
    "FunctionName": _want("name", "AWS::Lambda::Function"),
    "TableName": _want("name", "AWS::DynamoDB::Table"),
    "QueueName": _want("name", "AWS::SQS::Queue"),
    "TopicName": _want("name", "AWS::SNS::Topic"),
    "BucketName": _want("name", "AWS::S3::Bucket"),
    "DistributionId": _want("id", "AWS::CloudFront::Distribution"),
    "NatGatewayId": _want("id", "AWS::EC2::NatGateway"),
    "RuleName": _want("name", "AWS::Events::Rule"),
    "LogGroupName": _want("name", "AWS::Logs::LogGroup"),
    "BackupVaultName": _want("name", "AWS::Backup::BackupVault"),
    "ScheduleGroup": _want("name", "AWS::Scheduler::ScheduleGroup"),
}
# What the end of an environment variable's name says about its value.
VARIABLES = {
    "_TABLE_NAME": _want("name", "AWS::DynamoDB::Table"),
    "_TABLE": _want("name", "AWS::DynamoDB::Table"),
    "_BUCKET": _want("name", "AWS::S3::Bucket"),
    "_BUCKET_NAME": _want("name", "AWS::S3::Bucket"),
    "_SECRET": _want("name|arn", IN_SECRETS_MANAGER),
    "_SECRET_ARN": _want("arn", IN_SECRETS_MANAGER),
    "_TOPIC_ARN": _want("arn", "AWS::SNS::Topic"),
    "_QUEUE_URL": _want("url", "AWS::SQS::Queue"),
    "_FUNCTION_NAME": _want("name", FUNCTION),
    "_ARN": _want("arn"),
    "_URL": _want("url"),
}
# What the end of an output's or parameter's name says about its value.
PUBLISHED = {
    "Arn": _want("arn"),
    "Arns": _want("arn"),
    "Name": _want("name"),
    "FullName": _want("full name"),
    "DnsName": _want("host"),
    "DomainName": _want("host"),
    "Url": _want("url"),
    "Id": _want("id|name|allocation|compound"),
    "Ids": _want("id|name|allocation"),
}


class Place(NamedTuple):
    """One rendered value that a property, dimension or variable gives, and what it should be."""

    resource: Resource
    what: str
    value: Any
    want: Wanted


def _leaves(value: Any) -> list[Any]:
    return [leaf for leaf in items(value) if isinstance(leaf, str)]


def _properties(resource: Resource) -> Iterator[Place]:
    for path, node in resource.nodes:
        if isinstance(node, str) and not NOT_PROPERTIES.intersection(path):
            keys = [step for step in path[-2:] if isinstance(step, str)]
            want = wanted(resource.type, keys[-1]) if keys else None
            if want:
                yield Place(resource, keys[-1], node, want)


def _dimensions(resource: Resource) -> Iterator[Place]:
    for path, node in resource.nodes:
        for dimension in dicts(node) if path and path[-1] == "Dimensions" else []:
            want = DIMENSIONS.get(text(dimension.get("Name")))
            if want:
                yield Place(resource, f"dimension {dimension.get('Name')}", dimension.get("Value"), want)


def variables(resource: Resource) -> dict[str, Any]:
    """The plain environment variables of a task definition's containers or of a function."""
    found = dict(mapping(resource.get("Environment", "Variables")))
    for container in dicts(resource.get("ContainerDefinitions")):
        found |= {text(entry.get("Name")): entry.get("Value") for entry in dicts(container.get("Environment"))}
    return found


def _variables(resource: Resource) -> Iterator[Place]:
    for name, value in variables(resource).items():
        ending = max((end for end in VARIABLES if name.endswith(end)), key=len, default="")
        if ending:
            yield Place(resource, f"variable {name}", value, VARIABLES[ending])


def _scaled(resource: Resource) -> Iterator[Place]:
    """service/<cluster>/<service>: the pieces of a scalable target's id."""
    pieces = split(text(resource.get("ResourceId")), "/")
    if resource.type == "AWS::ApplicationAutoScaling::ScalableTarget" and pieces[0] == "service":
        for piece, types in zip(pieces[1:], ("AWS::ECS::Cluster", "AWS::ECS::Service"), strict=False):
            yield Place(resource, "ResourceId", piece, _want("name", types))


@lru_cache(maxsize=2)
def places(system: System) -> tuple[Place, ...]:
    """Every value that is known to be an ARN, a name, an id, ... of something."""
    finds = (_properties, _dimensions, _variables, _scaled)
    resources = [resource for resource in system.resources if resource.type != NESTED]
    return tuple(place for resource in resources for find in finds for place in find(resource))


@rule("where an ARN is needed a name is refused or ignored at run time, and the other way round")
def arn_or_name(system: System) -> Iterator[Finding]:
    for resource, what, value, want in places(system):
        for leaf in _leaves(value):
            if not fits(leaf, want, system):
                found = kind(leaf, system)
                yield resource.finding(f"{what} is {_spoken(found)} ({leaf}); give {article(want.kinds)}")


def _spoken(found: str) -> str:
    return "an ARN inside another text" if found == "mixed" else article(frozenset([found]))


@rule("a reference to another kind of resource deploys late, or works on the wrong thing")
def right_type_of_target(system: System) -> Iterator[Finding]:
    for resource, what, value, want in places(system):
        for leaf in _leaves(value):
            target = system.target(leaf)
            if target and want.types and token(leaf) and target.type not in want.types:
                wished = " or ".join(sorted(name.removeprefix("AWS::") for name in want.types))
                yield resource.finding(f"{what} refers to {target.id}, a {target.type}; refer to a {wished}")


@rule("an empty reference is refused while the stack is being created")
def reference_given(system: System) -> Iterator[Finding]:
    for resource, what, value, _want_it in places(system):
        if value == "" and not what.startswith("variable "):
            yield resource.finding(f"{what} is empty for some parameter values; leave it out under a condition")


@rule("an output that says Arn and holds a name misleads the stack that takes it")
def output_as_named(system: System) -> Iterator[Finding]:
    for stack in system.stacks.values():
        for name, value in stack.outputs.items():
            want = PUBLISHED.get(max((end for end in PUBLISHED if name.endswith(end)), key=len, default=""))
            for leaf in text(value).split(","):
                if want and leaf and not fits(leaf, want, system):
                    advice = f"is {_spoken(kind(leaf, system))} ({leaf}); give {article(want.kinds)}, or rename it"
                    yield stack.finding(f"Outputs.{name}", advice)


@rule("a URL whose host is a name, an ARN or an id leads nowhere")
def url_names_host(system: System) -> Iterator[Finding]:
    for resource in system.resources:
        for _, node in resource.nodes:
            if isinstance(node, str) and (wrong := _wrong_host(node, system)):
                yield resource.finding(wrong)
    for stack in system.stacks.values():
        for name, value in stack.outputs.items():
            if wrong := _wrong_host(text(value), system):
                yield stack.finding(f"Outputs.{name}", wrong)


def _wrong_host(value: str, system: System) -> str:
    host = URL.match(value) if value.startswith("http") else None
    found = kind(host[1], system) if host else ""
    return f"{value} has {_spoken(found)} for a host; take the DNS name" if found not in ("host", "other", "") else ""


@rule("the trail writes to the streams of the group: its ARN ends in :*, else CloudTrail refuses it")
def trail_writes_to_streams(system: System) -> Iterator[Finding]:
    for trail in system.of_type("AWS::CloudTrail::Trail"):
        arn = text(trail.get("CloudWatchLogsLogGroupArn"))
        if arn.startswith("arn:") and not arn.endswith(":*"):
            yield trail.finding("CloudWatchLogsLogGroupArn must end in :*; use Fn::GetAtt of the log group")
