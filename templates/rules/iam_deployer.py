"""Who deploys may create and change each resource of the templates, and reads no data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from templates.rules.finding import Finding, rule
from templates.rules.iam import (
    Statement,
    arn_named,
    arn_of,
    covers,
    grants,
    permitting,
    plain,
    services_trusted,
    statements,
    uses,
)
from templates.rules.iam_actions import BY_TYPE
from templates.rules.iam_things import done_by_cloudformation, nested
from templates.rules.kinds import ROLE
from templates.rules.physical import FIRST, physical_name
from templates.rules.render import REGION
from templates.rules.scope import ACCOUNT
from templates.rules.system import Resource, System
from templates.rules.values import text
from templates.rules.variants import IDENTITY

CLOUDFORMATION = "cloudformation.amazonaws.com"
CHANGING = re.compile(r":(Create|Put|Update|Register)")
FOLLOWING = ("DescribeChangeSet", "DescribeStackEvents", "DescribeStackResources", "DescribeStacks", "GetTemplate")
WORKFLOW = (*FOLLOWING, "CreateChangeSet", "ExecuteChangeSet", "DeleteChangeSet", "ListStackResources")
PUSH = tuple(
    f"ecr:{action}"
    for action in "BatchCheckLayerAvailability InitiateLayerUpload UploadLayerPart CompleteLayerUpload PutImage".split()
)
# Types whose service has a role of its own in the account (IAM: service-linked roles).
LINKED = {
    "AWS::ApplicationAutoScaling::ScalableTarget": "ecs.application-autoscaling.amazonaws.com",
    "AWS::Backup::BackupSelection": "backup.amazonaws.com",
    "AWS::ECS::Service": "ecs.amazonaws.com",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "elasticloadbalancing.amazonaws.com",
}
READING_DATA = re.compile(
    r"dynamodb:(Get\w*Item|BatchGetItem|Query|Scan|PartiQL\w+|PutItem|UpdateItem|DeleteItem|BatchWriteItem|Export\w+)"
    r"|secretsmanager:(GetSecretValue|BatchGetSecretValue|PutSecretValue|UpdateSecret)|sqs:ReceiveMessage"
    r"|logs:(GetLogEvents|FilterLogEvents|StartQuery|GetQueryResults)|backup:StartRestoreJob|ssm:GetParameters?",
    re.IGNORECASE,
)


@lru_cache(maxsize=2)
def deployers(system: System) -> tuple[Resource, ...]:
    """The roles that CloudFormation works as."""
    return tuple(role for role in system.of_type(ROLE) if CLOUDFORMATION in services_trusted(system, role))


def workflows(system: System) -> list[Resource]:
    """The roles that a workflow outside AWS deploys with."""
    trusting = [each for each in statements(system) if each.kind == "trust" and each.principals("Federated")]
    return list(dict.fromkeys(each.resource for each in trusting))


@lru_cache(maxsize=16)
def _by_action(system: System, role: Resource) -> dict[str, list[Statement]]:
    """The statements of a role by the actions they name; looked up thousands of times."""
    found: dict[str, list[Statement]] = {}
    for statement in grants(system, role):
        for action in statement.all("Action"):
            found.setdefault(action, []).append(statement)
    return found


def _may(system: System, role: Resource, action: str, arn: str) -> bool:
    """Whether a role may do something on a resource, or on "*" where the action knows none."""
    own = [each for each in _by_action(system, role).get(action, ()) if covers(system, each, arn)]
    if own and all(each.allows for each in own):
        return True
    return bool(permitting(system, role, action, arn))


@rule("what CloudFormation may not create, change or delete stops the deployment half-way, or its rollback")
def deployer_may_create(system: System) -> Iterator[Finding]:
    for role in deployers(system):
        lacking = {
            action: f"{resource.id} ({arn})"
            for (action, arn), resource in done_by_cloudformation(system).items()
            if not _may(system, role, action, arn)
        }
        for action, where in sorted(lacking.items()):
            yield role.finding(f"lacks {action}, which {where} needs; allow it")


@rule("AWS makes a service's own role at its first use in an account, in the name of who asks for it")
def deployer_may_link_services(system: System) -> Iterator[Finding]:
    wanted = {LINKED[each.type] for each in nested(system) if each.type in LINKED}
    for role in deployers(system):
        for service in sorted(wanted):
            arn = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/{service}/AWSServiceRoleFor"
            permits = permitting(system, role, "iam:CreateServiceLinkedRole", arn)
            if not any(service in (each.condition("iam:AWSServiceName") or [service]) for each in permits):
                yield role.finding(f"may not make the role of {service}; allow iam:CreateServiceLinkedRole for it")


@rule("functions and nested templates are read from the artifact bucket in the name of CloudFormation's role")
def deployer_may_read_artifacts(system: System) -> Iterator[Finding]:
    for role in deployers(system):
        for bucket in (each for each in system.of_type("AWS::S3::Bucket") if each.stack == role.stack):
            if not _may(system, role, "s3:GetObject", f"{arn_of(system, bucket)}/x"):
                yield role.finding(f"lacks s3:GetObject on the objects of {bucket.id}; allow it")


@rule("a kind of resource that CloudFormation's role was given no right for cannot be created")
def deployer_knows_service(system: System) -> Iterator[Finding]:
    for role in deployers(system):
        held = {
            action.partition(":")[0] for each in grants(system, role) if each.allows for action in each.all("Action")
        }
        for resource in nested(system):
            service = resource.type.split("::")[1].lower() if resource.type.count("::") > 1 else ""
            known = resource.type in BY_TYPE or not service or service in held | {"iam", "*"}
            if not known and not resource.type.startswith(("AWS::CloudFormation::", "Custom::")):
                yield resource.finding(
                    f"is an {resource.type}, for which {role.id} has no rights; grant them or remove it"
                )


@rule("CloudFormation hands each role to the service that uses it, and needs the right to")
def deployer_may_hand_over(system: System) -> Iterator[Finding]:
    for role in deployers(system):
        for use in uses(system):
            permits = permitting(system, role, "iam:PassRole", arn_of(system, use.role))
            to = [service for each in permits for service in each.condition("iam:PassedToService") or [use.service]]
            if use.service not in to and use.role in nested(system):
                yield role.finding(f"may not hand {use.role.id} to {use.service}; add it to iam:PassedToService")


@rule("a service that may be handed a role and uses none is a way to somebody else's rights")
def hands_over_to_users_only(system: System) -> Iterator[Finding]:
    used = {use.service for use in uses(system)}
    for role in deployers(system) if used else ():
        for statement in grants(system, role):
            for service in statement.condition("iam:PassedToService"):
                if statement.allows and service not in used:
                    yield statement.finding(f"hands roles to {service}, which uses none here; remove it")


def _steps(system: System, role: Resource) -> Iterator[tuple[str, str]]:
    """(action, ARN) of all that a workflow does itself while it deploys."""
    stack = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/sparta-{system.values.get(IDENTITY, '')}"
    yield from ((f"cloudformation:{action}", f"{stack}/0") for action in WORKFLOW)
    yield from ((f"cloudformation:{action}", f"{stack}-Network-1A2B3C/0") for action in FOLLOWING)
    for resource in (each for each in system.resources if each.stack == role.stack):
        arn = arn_of(system, resource)
        if resource.type == "AWS::S3::Bucket":
            yield from (("s3:ListBucket", arn), ("s3:GetObject", f"{arn}/x"), ("s3:PutObject", f"{arn}/x"))
        if resource.type == "AWS::ECR::Repository":
            yield from (("ecr:GetAuthorizationToken", "*"), *((action, arn) for action in PUSH))
    for service in system.of_type("AWS::ECS::Service"):
        yield "ecs:DescribeServices", arn_of(system, service)


@rule("a workflow that lacks one step of a deployment fails at it, after the others are done")
def workflow_may_deploy(system: System) -> Iterator[Finding]:
    for role in workflows(system):
        lacking = {action: arn for action, arn in _steps(system, role) if not _may(system, role, action, arn)}
        for action, arn in lacking.items():
            yield role.finding(f"lacks {action} on {arn}; allow it")


@rule("a role that nobody can assume deploys nothing; one for another service deploys in its name")
def deploying_role_trusted(system: System) -> Iterator[Finding]:
    used, inner = {use.role for use in uses(system)}, nested(system)
    for role in (each for each in system.of_type(ROLE) if each not in used and each not in inner):
        trusting = [each for each in statements(system) if each.kind == "trust" and each.resource is role]
        fitting = [s for s in trusting if CLOUDFORMATION in s.principals("Service") or s.principals("Federated")]
        if not fitting or not all(each.allows for each in trusting):
            yield role.finding(f"is trusted to nobody who deploys; trust {CLOUDFORMATION}, or the workflows' provider")


@rule("a workflow deploys through CloudFormation's role: it hands that one over, to CloudFormation")
def workflow_hands_over(system: System) -> Iterator[Finding]:
    for role in workflows(system):
        for deployer in deployers(system):
            permits = permitting(system, role, "iam:PassRole", arn_of(system, deployer))
            if not any(CLOUDFORMATION in each.condition("iam:PassedToService") for each in permits):
                yield role.finding(f"may not hand {deployer.id} to {CLOUDFORMATION}; allow iam:PassRole for it")
        for statement in grants(system, role):
            named = [plain(system, each) for each in statement.all("Resource")]
            known = [arn_of(system, deployer) for deployer in deployers(system)]
            if "iam:PassRole" in statement.all("Action") and not set(named) <= set(known):
                yield statement.finding(f"hands over {', '.join(named)}; name CloudFormation's role alone")


@rule("who deploys changes tables and secrets, but has no business with what is in them")
def deployer_reads_no_data(system: System) -> Iterator[Finding]:
    for role in (*deployers(system), *workflows(system)):
        for statement in grants(system, role):
            for action in statement.all("Action") if statement.allows else []:
                if READING_DATA.fullmatch(action):
                    yield statement.finding(f"allows {action}; deployments do not read or write data, remove it")


@rule("the artifacts are all that a deployment reads and writes itself")
def deployer_touches_artifacts_only(system: System) -> Iterator[Finding]:
    for role in (*deployers(system), *workflows(system)):
        own = [each for each in system.of_type("AWS::S3::Bucket") if each.stack == role.stack]
        allowed = {f"{arn_of(system, bucket)}/*" for bucket in own if physical_name(bucket)}
        for statement in grants(system, role) if allowed else ():
            objects = [a for a in statement.all("Action") if re.match(r"s3:(Get|Put|Delete)Object", text(a))]
            for resource in (plain(system, each) for each in statement.all("Resource")):
                if objects and statement.allows and resource not in allowed:
                    yield statement.finding(f"allows {objects[0]} on {resource}; name the artifact bucket's objects")


@rule("a workflow that may push elsewhere replaces the images of another environment")
def workflow_pushes_to_own_repository(system: System) -> Iterator[Finding]:
    for role in workflows(system):
        own = [each for each in system.of_type("AWS::ECR::Repository") if each.stack == role.stack]
        known = {arn_of(system, repository) for repository in own}
        for statement in grants(system, role) if known else ():
            pushing = any(text(action) in PUSH for action in statement.all("Action"))
            for resource in (plain(system, each) for each in statement.all("Resource")):
                if pushing and statement.allows and resource not in known:
                    yield statement.finding(f"allows pushing to {resource}; name {own[0].id} alone")


@rule("environments share an account: who deploys one must not be able to change production's things")
def deployer_stays_in_its_environment(system: System) -> Iterator[Finding]:
    environment = system.values.get(IDENTITY, FIRST)
    for role in deployers(system) if environment != FIRST else ():
        reached = {
            (statement.resource, text(statement.body.get("Sid"))): (statement, arn)
            for action, arn in _of_production(system, f"-{environment}")
            for statement in permitting(system, role, action, arn)
        }
        for statement, arn in reached.values():
            yield statement.finding(f"reaches production's {arn}; end the names there in -<environment>")


def _of_production(system: System, suffix: str) -> Iterator[tuple[str, str]]:
    """(an action that changes it, ARN) of what production calls as this environment does, but for the suffix."""
    for resource in nested(system):
        name = physical_name(resource)
        changing = [action for action in BY_TYPE.get(resource.type, ()) if CHANGING.search(action)]
        arn = arn_named(resource, name.removesuffix(suffix))
        if name.endswith(suffix) and changing and arn:
            yield changing[0], arn
