"""What no role may be granted: everything, by a pattern, by exception, or the means to grant itself more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.rules.finding import Finding, rule
from templates.rules.iam import MANAGED, Statement, is_runtime, plain, statements
from templates.rules.iam_actions import may_have_star, needs_star
from templates.rules.kinds import ROLE
from templates.rules.scope import ACCOUNT
from templates.rules.system import Resource, System
from templates.rules.values import items, text, tokens

NEEDS_CONDITION = {"cloudwatch:putmetricdata": "cloudwatch:namespace"}
# What the holder could use to get other rights than its own.
ATTACHED = {
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SecretsManager::ResourcePolicy",
}
ESCALATING = re.compile(
    r"iam:(AddUserToGroup|Attach(Group|Role|User)Policy|Create(AccessKey|Group|LoginProfile|PolicyVersion|User|SAMLProvider"
    r"|OpenIDConnectProvider)|Put(Group|User)Policy|PutUserPermissionsBoundary|Delete(Role|User)PermissionsBoundary"
    r"|SetDefaultPolicyVersion|UpdateLoginProfile|UpdateAccessKey|ResetServiceSpecificCredential"
    r"|AddRoleToInstanceProfile|AddClientIDToOpenIDConnectProvider|UpdateOpenIDConnectProviderThumbprint)"
    r"|organizations:\w+|account:\w+|sso:\w+|sts:AssumeRole\w*|sts:GetFederationToken|cloudshell:\w+"
    r"|ec2:RunInstances|ssm:(SendCommand|StartSession)|codebuild:\w+|sagemaker:\w+|datapipeline:\w+|glue:\w+"
    r"|kms:(ReplicateKey|ImportKeyMaterial)|s3:(PutBucketAcl|PutObjectAcl|PutAccountPublicAccessBlock)",
    re.IGNORECASE,
)
# What only those who deploy may do: it changes what others may do, or runs code under another role.
DEPLOYING = re.compile(
    r"iam:(?!Get|List).*|kms:(PutKeyPolicy|ScheduleKeyDeletion|DisableKey|CreateKey)|lambda:(Add|Update|Create|Delete)\w+"
    r"|ecs:(RunTask|RegisterTaskDefinition|UpdateService|ExecuteCommand)|cloudformation:(?!Describe|Get|List).*"
    r"|dynamodb:(CreateTable|DeleteTable|UpdateTable\w*|PutResourcePolicy|RestoreTable\w+|ExportTable\w+|ImportTable)"
    r"|secretsmanager:(DeleteSecret|PutResourcePolicy|CreateSecret|ReplicateSecret\w*)"
    r"|s3:(PutBucketPolicy|DeleteBucket\w*|PutEncryptionConfiguration|PutBucketPublicAccessBlock|PutBucketVersioning)"
    r"|logs:(CreateLogGroup|DeleteLogGroup|DeleteLogStream|PutRetentionPolicy|DeleteRetentionPolicy)"
    r"|cloudtrail:(StopLogging|DeleteTrail|UpdateTrail)|ec2:(Authorize|Create|Delete|Modify|Revoke)(?!NetworkInterface)\w*",
    re.IGNORECASE,
)
# Things whose names AWS makes up, so that who deploys can name their kind only.
NAMED_BY_AWS = re.compile(
    r"arn:aws:(ec2:[^:]*:[^:]*:(\*/\*|[a-z-]+/\*)|route53:::hostedzone/\*|acm:[^:]*:[^:]*:certificate/\*"
    r"|kms:[^:]*:[^:]*:key/\*|servicediscovery:[^:]*:[^:]*:(namespace|service)/\*|cloudfront::[^:]*:[a-z-]+/\*"
    r"|elasticloadbalancing:[^:]*:[^:]*:targetgroup/\*/\*|backup:[^:]*:[^:]*:backup-plan:\*"
    r"|application-autoscaling:[^:]*:[^:]*:scalable-target/\*|wafv2:[^:]*:[^:]*:(regional|global)/managedruleset/\*(/\*)?)"
)
# What precedes a name in the last part of an ARN, and what may follow it.
UNTYPED = {"s3", "sns", "sqs"}
TYPE = re.compile(
    r"^((loadbalancer|listener|listener-rule)/(app|net|gwy)/|schedule/default/|(regional|global)/[a-z]+/|[a-z-]+[/:])"
)
ENDINGS = re.compile(r"(:\*|/index/\*|/backup/\*|/stream/\*|-\?{6}|/\*)+$")


def granted(system: System) -> list[Statement]:
    return [each for each in statements(system) if each.kind == "grant" and each.allows]


def _administers(statement: Statement) -> bool:
    return statement.kind == "key" and all(who.endswith(":root") for who in statement.principals("AWS") or ["*"])


@rule("an action by a pattern grants what the service gets tomorrow, and what nobody thought of")
def no_wildcard_action(system: System) -> Iterator[Finding]:
    for statement in statements(system):
        for action in statement.all("Action") if statement.allows and statement.kind != "endpoint" else []:
            if "*" in action and not _administers(statement):
                yield statement.finding(f"allows {action}; name the actions that are used")


@rule("a right to all resources is one to those of every other system in the account")
def no_wildcard_resource(system: System) -> Iterator[Finding]:
    for statement in granted(system):
        for resource in statement.all("Resource"):
            wide = resource == "*" or re.fullmatch(r"arn:\*|arn:[^:]*:\*.*|\*.*", resource)
            for action in statement.all("Action") if wide else []:
                condition = NEEDS_CONDITION.get(action.lower())
                if not may_have_star(action):
                    yield statement.finding(f"allows {action} on {resource}; name the resources it is used on")
                elif condition and not statement.condition(condition):
                    yield statement.finding(f"allows {action} on everything; limit it by a Condition on {condition}")


@rule("an action that knows no resource is allowed on * only: on an ARN it allows nothing")
def resourceless_action_on_everything(system: System) -> Iterator[Finding]:
    for statement in granted(system):
        for action in statement.all("Action") if "*" not in statement.all("Resource") else []:
            if needs_star(action):
                yield statement.finding(f"allows {action} on an ARN; move it to a statement on *")


def _nameless(arn: str) -> bool:
    """Whether an ARN names a kind of thing only, and no thing."""
    service, last = arn.split(":", 5)[2], arn.split(":", 5)[-1]
    name = last if service in UNTYPED else TYPE.sub("", last, count=1)
    return not re.search(r"[A-Za-z0-9]", ENDINGS.sub("", name))


@rule("an ARN that names a kind of thing and no thing is a wildcard by another name")
def resource_names_something(system: System) -> Iterator[Finding]:
    for statement in granted(system):
        for written in statement.all("Resource"):
            resource = plain(system, written)
            known = resource.startswith("arn:") and resource.count(":") >= 5 and not tokens(resource)
            excused = NAMED_BY_AWS.fullmatch(resource) and not is_runtime(system, statement.resource)
            if known and _nameless(resource) and not excused:
                yield statement.finding(f"is on {resource}; name the resource, or the beginning of its name")


@rule("a grant by exception gives all that is not listed, and what comes later")
def no_grant_by_exception(system: System) -> Iterator[Finding]:
    for statement in statements(system):
        for key in ("NotAction", "NotResource", "NotPrincipal"):
            if key in statement.body and (statement.allows or key == "NotPrincipal"):
                yield statement.finding(f"uses {key}; list what is meant in {key.removeprefix('Not')}")


@rule("AWS's own policies grant on every resource of the account, and change without us")
def no_aws_managed_policy(system: System) -> Iterator[Finding]:
    for role in system.of_type(ROLE):
        for policy in (text(each) for each in items(role.get("ManagedPolicyArns"))):
            if re.match(r"arn:[^:]*:iam::aws:", policy):
                yield role.finding(f"has {policy.rpartition('/')[2]}; grant what is used in a policy of its own")


@rule("who may do this can give himself every other right")
def no_escalation(system: System) -> Iterator[Finding]:
    for statement in granted(system):
        for action in statement.all("Action"):
            if ESCALATING.fullmatch(action):
                yield statement.finding(f"allows {action}, which leads to further rights; remove it")


@rule("a program that serves requests must not be able to change the system it is part of")
def runtime_cannot_deploy(system: System) -> Iterator[Finding]:
    for statement in granted(system):
        for action in statement.all("Action") if is_runtime(system, statement.resource) else []:
            if DEPLOYING.fullmatch(action) and not (action == "iam:PassRole" and statement.conditions):
                yield statement.finding(f"allows {action}; leave that to deployments")


@rule("who may hand any role to any service has the rights of all of them")
def roles_handed_over_narrowly(system: System) -> Iterator[Finding]:
    for statement in granted(system):
        if "iam:passrole" in [action.lower() for action in statement.all("Action")]:
            services = statement.condition("iam:PassedToService")
            if not services or any("*" in service for service in services):
                yield statement.finding("hands roles to any service; add a Condition on iam:PassedToService")
            if len(statement.all("Action")) > 1:
                yield statement.finding("mixes iam:PassRole with other actions; give it a statement of its own")


@rule("whoever may create service-linked roles for any service may switch on services nobody asked for")
def service_linked_roles_named(system: System) -> Iterator[Finding]:
    for statement in granted(system):
        if "iam:createservicelinkedrole" in [action.lower() for action in statement.all("Action")]:
            services = statement.condition("iam:AWSServiceName")
            if not services or any("*" in service for service in services):
                yield statement.finding("is for any service; add a Condition on iam:AWSServiceName that names them")


@rule("a statement without a name cannot be talked about; a name given twice in a policy is refused")
def statement_named(system: System) -> Iterator[Finding]:
    seen: set[tuple[Resource, tuple[str | int, ...], str]] = set()
    for statement in statements(system):
        key = (statement.resource, statement.document, text(statement.body.get("Sid")))
        if not re.fullmatch(r"[A-Za-z0-9]+", key[-1]):
            yield statement.finding("needs a Sid of letters and digits that says what it is for")
        elif key in seen:
            yield statement.finding("has the Sid of another statement of the same policy; rename one")
        seen.add(key)


@rule("without the version of 2012 policy variables are plain text, and newer conditions are refused")
def policy_version_current(system: System) -> Iterator[Finding]:
    for statement in statements(system):
        if statement.version != "2012-10-17":
            yield statement.resource.finding("has a policy of another version; set its Version to 2012-10-17")


@rule("a policy attached by itself is a right that nobody sees when looking at the role")
def policies_have_holders(system: System) -> Iterator[Finding]:
    attached = {target for role in system.of_type(ROLE) for target in system.targets(role.get("ManagedPolicyArns"))}
    for policy in system.of_type(MANAGED, "AWS::IAM::Policy"):
        if policy not in attached and not policy.get("Roles"):
            yield policy.finding("belongs to no role; attach it in the role's ManagedPolicyArns or remove it")


@rule("a policy inside a repository, vault or table that admits strangers gives away what is in it")
def inline_policy_closed(system: System) -> Iterator[Finding]:
    for statement in (each for each in statements(system) if each.kind == "resource" and each.allows):
        for who in statement.principals("AWS") if statement.resource.type not in ATTACHED else []:
            if who != ACCOUNT and f":{ACCOUNT}:" not in plain(system, who):
                yield statement.finding(f"admits {who}; name a role of this account")
