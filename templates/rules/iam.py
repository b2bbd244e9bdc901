"""Policies as IAM reads them: who uses a role, what it may do, and which ARN a resource has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from templates.rules.finding import Finding
from templates.rules.kinds import ROLE, kind
from templates.rules.physical import physical_name
from templates.rules.render import REGION
from templates.rules.scope import ACCOUNT
from templates.rules.system import Resource, System
from templates.rules.values import TOKEN, Token, dicts, get, items, mapping, text, token, walk

MANAGED = "AWS::IAM::ManagedPolicy"
SUFFIX = "-??????"

# resource type -> its ARN after "arn:aws:", by its name.
_REGIONAL = {
    "AWS::Backup::BackupVault": "backup:{here}:backup-vault:{name}",
    "AWS::CloudTrail::Trail": "cloudtrail:{here}:trail/{name}",
    "AWS::CloudWatch::Alarm": "cloudwatch:{here}:alarm:{name}",
    "AWS::CloudWatch::Dashboard": "cloudwatch::{account}:dashboard/{name}",
    "AWS::DynamoDB::Table": "dynamodb:{here}:table/{name}",
    "AWS::ECR::Repository": "ecr:{here}:repository/{name}",
    "AWS::ECS::Cluster": "ecs:{here}:cluster/{name}",
    "AWS::ECS::TaskDefinition": "ecs:{here}:task-definition/{name}:1",
    "AWS::Events::Rule": "events:{here}:rule/{name}",
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::IAM::ManagedPolicy": "iam::{account}:policy/{name}",
    "AWS::KMS::Alias": "kms:{here}:{name}",
    "AWS::Lambda::Function": "lambda:{here}:function:{name}",
    "AWS::Logs::LogGroup": "logs:{here}:log-group:{name}:*",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "elasticloadbalancing:{here}:loadbalancer/app/{name}/0",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::SNS::Topic": "sns:{here}:{name}",
    "AWS::SQS::Queue": "sqs:{here}:{name}",
    "AWS::Scheduler::Schedule": "scheduler:{here}:schedule/default/{name}",
    "AWS::SecretsManager::Secret": "secretsmanager:{here}:secret:{name}" + SUFFIX,
    "AWS::WAFv2::WebACL": "wafv2:{here}:regional/webacl/{name}/0",
}


class Statement(NamedTuple):
    """One statement of a policy: the resource it stands in, the document's kind, place and version.

    Kinds: "grant" (what a role may do), "trust" (who may be the role), "key", "resource" (who may use it), "endpoint".
    """

    resource: Resource
    kind: str
    document: tuple[str | int, ...]
    version: str
    body: dict[str, Any]

    @property
    def allows(self) -> bool:
        return text(self.body.get("Effect")) == "Allow"

    @property
    def conditions(self) -> list[tuple[str, str, list[str]]]:
        """(operator, key, values) of each condition."""
        return [
            (operator, key, [text(value) for value in items(values)])
            for operator, keys in mapping(self.body.get("Condition")).items()
            for key, values in mapping(keys).items()
        ]

    def all(self, key: str) -> list[str]:
        return [text(item) for item in items(self.body.get(key))]

    def principals(self, kind: str) -> list[str]:
        """The principals of a kind (Service, AWS, Federated); everybody is "*" of kind AWS."""
        principal = self.body.get("Principal")
        if isinstance(principal, str):
            return [principal] if kind == "AWS" else []
        return [text(item) for item in items(get(principal, kind))]

    def condition(self, key: str) -> list[str]:
        """The values that a condition key is compared with, whatever the operator."""
        return [value for _, name, values in self.conditions if name.lower() == key.lower() for value in values]

    def finding(self, advice: str) -> Finding:
        sid = text(self.body.get("Sid")) or "without Sid"
        return self.resource.finding(f"statement {sid} {advice}")


def _kind(resource: Resource, path: tuple[str | int, ...]) -> str:
    if "AssumeRolePolicyDocument" in path:
        return "trust"
    if resource.type.startswith("AWS::IAM::"):
        return "grant"
    return {"AWS::KMS::Key": "key", "AWS::EC2::VPCEndpoint": "endpoint"}.get(resource.type, "resource")


def _may_hold(resource: Resource) -> bool:
    return "Policy" in resource.type or any("Polic" in key for key in resource.props)


@lru_cache(maxsize=2)
def statements(system: System) -> tuple[Statement, ...]:
    """Every statement of every policy document."""
    return tuple(
        Statement(resource, _kind(resource, path), path, text(node.get("Version")), body)
        for resource in system.resources
        if _may_hold(resource)
        for path, node in walk(resource.props)
        if isinstance(node, dict) and "Statement" in node
        for body in dicts(node["Statement"])
    )


def _attached(system: System, role: Resource) -> Iterator[Resource]:
    """The role itself and the policies attached to it, from either side."""
    yield role
    yield from (each for each in system.targets(role.get("ManagedPolicyArns")) if each.type == MANAGED)
    for policy in system.of_type(MANAGED, "AWS::IAM::Policy", "AWS::IAM::RolePolicy"):
        names = [*items(policy.get("Roles")), policy.get("RoleName")]
        if any(system.target(name) is role or text(name) == physical_name(role) for name in names if name):
            yield policy


@lru_cache(maxsize=512)
def grants(system: System, role: Resource) -> tuple[Statement, ...]:
    """What a role may and must not do."""
    holders = set(_attached(system, role))
    return tuple(each for each in statements(system) if each.kind == "grant" and each.resource in holders)


class Use(NamedTuple):
    """Somebody who works as a role: `service` assumes it, for the sake of `user`."""

    role: Resource
    service: str
    what: str
    user: Resource


# (type, path to the role) -> (service, what for).
_USERS: dict[tuple[str, tuple[str, ...]], tuple[str, str]] = {
    ("AWS::ECS::TaskDefinition", ("TaskRoleArn",)): ("ecs-tasks", "task"),
    ("AWS::ECS::TaskDefinition", ("ExecutionRoleArn",)): ("ecs-tasks", "start"),
    ("AWS::Lambda::Function", ("Role",)): ("lambda", "function"),
    ("AWS::EC2::FlowLog", ("DeliverLogsPermissionArn",)): ("vpc-flow-logs", "flow log"),
    ("AWS::CloudTrail::Trail", ("CloudWatchLogsRoleArn",)): ("cloudtrail", "trail"),
    ("AWS::Backup::BackupSelection", ("BackupSelection", "IamRoleArn")): ("backup", "backup"),
    ("AWS::Scheduler::Schedule", ("Target", "RoleArn")): ("scheduler", "schedule"),
    ("AWS::Events::Rule", ("Targets", "RoleArn")): ("events", "event rule"),
    ("AWS::Logs::SubscriptionFilter", ("RoleArn",)): ("logs", "subscription"),
}


def _values(node: Any, path: tuple[str, ...]) -> list[Any]:
    """What a path leads to, through each item of the lists on the way."""
    nodes = items(node)
    for step in path:
        nodes = [value for each in nodes for value in items(get(each, step))]
    return nodes


@lru_cache(maxsize=2)
def uses(system: System) -> tuple[Use, ...]:
    """Who uses which role."""
    found = []
    for (resource_type, path), (service, what) in _USERS.items():
        for user in system.of_type(resource_type):
            roles = [system.target(value) for value in _values(user.props, path)]
            found += [Use(role, f"{service}.amazonaws.com", what, user) for role in roles if role and role.type == ROLE]
    return tuple(found)


def arn_of(system: System, resource: Resource) -> str:
    """A resource's ARN in a policy: by its name, or one made of its reference where AWS chooses name or id."""
    if resource.type == "AWS::ECS::Service":
        cluster, name = system.target(resource.get("Cluster")), text(resource.get("ServiceName"))
        where = physical_name(cluster) if cluster else text(resource.get("Cluster"))
        return f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{where}/{name}"
    if resource.type == "AWS::KMS::Key":
        return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{resource.stack}-{resource.id}"
    path = text(resource.get("Path")).strip("/") if resource.type.startswith("AWS::IAM::") else ""
    name = physical_name(resource)
    return arn_named(resource, f"{path}/{name}" if path and name else name)


def arn_named(resource: Resource, name: str) -> str:
    """A resource's ARN if it had that name; "" when its type's ARNs hold none."""
    pattern = _REGIONAL.get(resource.type, "")
    if not name or not pattern:
        return ""
    return "arn:aws:" + pattern.format(here=f"{REGION}:{ACCOUNT}", account=ACCOUNT, name=name)


@lru_cache(maxsize=8192)
def plain(system: System, value: str) -> str:
    """A value of a policy with references written out: "${data/Table.Arn}/index/*" is arn:aws:dynamodb:.../index/*."""

    def spelled(match: re.Match[str]) -> str:
        reference = Token(match[1], match[2], match[3] or "", bool(match[4]))
        target = system.resource(reference.stack, reference.id)
        if target is None or reference.part:
            return match[0]
        if kind(str(reference), system) == "arn":
            return arn_of(system, target) or match[0]
        return physical_name(target) or match[0]

    return TOKEN.sub(spelled, value)


@lru_cache(maxsize=8192)
def _pattern(written: str) -> re.Pattern[str]:
    parts = (re.escape(each) if each not in "*?" else {"*": ".*", "?": "."}[each] for each in written)
    return re.compile("".join(parts), re.DOTALL)


def matches(pattern: str, value: str) -> bool:
    """Whether a policy's pattern (* and ?) covers a value, which may be a narrower pattern itself."""
    return pattern == value or _pattern(pattern).fullmatch(value) is not None


def acts(statement: Statement, action: str) -> bool:
    """Whether a statement speaks of an action; IAM ignores the case of actions."""
    if "NotAction" in statement.body:
        return not any(matches(each.lower(), action.lower()) for each in statement.all("NotAction"))
    return any(matches(each.lower(), action.lower()) for each in statement.all("Action"))


def covers(system: System, statement: Statement, arn: str) -> bool:
    """Whether a statement speaks of a resource; "" stands for any."""
    if "NotResource" in statement.body:
        return not any(matches(plain(system, each), arn) for each in statement.all("NotResource"))
    return any(not arn or matches(plain(system, each), arn) for each in statement.all("Resource"))


def permitting(system: System, role: Resource, action: str, arn: str) -> list[Statement]:
    """The statements that let a role do something; none when another one denies it to everybody."""
    own = [each for each in grants(system, role) if acts(each, action) and covers(system, each, arn)]
    if any(not each.allows and not each.conditions for each in own):
        return []
    return [each for each in own if each.allows]


def services_trusted(system: System, role: Resource) -> set[str]:
    """The services that may assume a role."""
    trusting = [each for each in statements(system) if each.kind == "trust" and each.resource is role and each.allows]
    return {service for each in trusting for service in each.principals("Service")}


def is_runtime(system: System, role: Resource) -> bool:
    """Whether a running part of the system works as this role, rather than somebody who deploys."""
    return any(use.role is role for use in uses(system))


def secret_arns(system: System, value: Any) -> list[str]:
    """The ARNs that a secret's name, ARN or ARN with a JSON key may have in a policy."""
    written = plain(system, text(value))
    if token(written):
        return [written]
    if written.startswith("arn:"):
        written = ":".join(written.split(":")[:7])
    else:
        written = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{written}"
    bare = written.removesuffix(SUFFIX)
    return [bare, bare + SUFFIX]
