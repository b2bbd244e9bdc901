"""The names resources get in the account: short enough, of the right letters, once, and one per environment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from templates.rules.arn_or_name import places
from templates.rules.finding import Finding, rule
from templates.rules.system import Resource, System
from templates.rules.values import text, token
from templates.rules.variants import IDENTITY

PLAIN = r"[A-Za-z0-9_-]+"
LOWER = r"[a-z0-9][a-z0-9.-]*[a-z0-9]"


class Named(NamedTuple):
    """The property that names a resource, the longest name, its letters, and whether the account holds it once."""

    key: str
    longest: int
    letters: str = PLAIN
    once: bool = True


# Limits as the services' API references give them.
NAMED = {
    "AWS::Backup::BackupVault": Named("BackupVaultName", 50),
    "AWS::CloudTrail::Trail": Named("TrailName", 128, r"[A-Za-z0-9][\w.-]{2,}"),
    "AWS::CloudWatch::Alarm": Named("AlarmName", 255, r"[\x20-\x7e]+"),
    "AWS::CloudWatch::CompositeAlarm": Named("AlarmName", 255, r"[\x20-\x7e]+"),
    "AWS::CloudWatch::Dashboard": Named("DashboardName", 255),
    "AWS::DynamoDB::Table": Named("TableName", 255, r"[\w.-]{3,}"),
    "AWS::EC2::SecurityGroup": Named("GroupName", 255, r"(?!sg-)[\w .:/()#,@\[\]+=&;{}!$*-]+"),
    "AWS::ECR::Repository": Named("RepositoryName", 256, r"[a-z0-9]+([._/-][a-z0-9]+)*"),
    "AWS::ECS::Cluster": Named("ClusterName", 255),
    "AWS::ECS::Service": Named("ServiceName", 255, PLAIN, once=False),
    "AWS::ECS::TaskDefinition": Named("Family", 255),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": Named("Name", 32, r"(?!internal-|-)[A-Za-z0-9-]+(?<!-)"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": Named("Name", 32, r"(?!-)[A-Za-z0-9-]+(?<!-)"),
    "AWS::Events::EventBus": Named("Name", 256, r"[\w./-]+"),
    "AWS::Events::Rule": Named("Name", 64, r"[\w.-]+"),
    "AWS::IAM::InstanceProfile": Named("InstanceProfileName", 128, r"[\w+=,.@-]+"),
    "AWS::IAM::ManagedPolicy": Named("ManagedPolicyName", 128, r"[\w+=,.@-]+"),
    "AWS::IAM::Role": Named("RoleName", 64, r"[\w+=,.@-]+"),
    "AWS::KMS::Alias": Named("AliasName", 256, r"alias/(?!aws/)[\w/-]+"),
    "AWS::Lambda::Function": Named("FunctionName", 64),
    "AWS::Logs::LogGroup": Named("LogGroupName", 512, r"[\w./#-]+"),
    "AWS::S3::Bucket": Named("BucketName", 63, LOWER),
    "AWS::SNS::Topic": Named("TopicName", 256, r"[\w-]+(\.fifo)?"),
    "AWS::SQS::Queue": Named("QueueName", 80, r"[\w-]+(\.fifo)?"),
    "AWS::SSM::Parameter": Named("Name", 1011, r"[\w./-]+"),
    "AWS::Scheduler::Schedule": Named("Name", 64, r"[\w.-]+", once=False),
    "AWS::Scheduler::ScheduleGroup": Named("Name", 64, r"[\w.-]+"),
    "AWS::SecretsManager::Secret": Named("Name", 512, r"[\w/+=.@-]+"),
    "AWS::WAFv2::WebACL": Named("Name", 128),
}
FIRST = "production"
ENDS_LIKE_A_SUFFIX = re.compile(r".*-[A-Za-z0-9]{6}")


def physical_name(resource: Resource) -> str:
    """The name that the template gives a resource; "" when CloudFormation chooses one."""
    named = NAMED.get(resource.type)
    return text(resource.get(named.key)) if named else ""


def _named(system: System) -> Iterator[tuple[Resource, Named, str]]:
    for resource in system.resources:
        named, name = NAMED.get(resource.type), physical_name(resource)
        if named and name and not token(name):
            yield resource, named, name


@rule("a name that is too long or holds a wrong letter is refused, often only in the environment with a long suffix")
def name_fits(system: System) -> Iterator[Finding]:
    for resource, named, name in _named(system):
        if len(name) > named.longest:
            yield resource.finding(f"{named.key} {name} has {len(name)} letters; at most {named.longest} are allowed")
        elif "${" not in name and not re.fullmatch(named.letters, name):
            yield resource.finding(
                f"{named.key} {name!r} has letters that are not allowed there; it must be {named.letters}"
            )


@rule("the second resource of a name is refused while the stack is being created")
def name_given_once(system: System) -> Iterator[Finding]:
    owners: dict[tuple[str, str, str], Resource] = {}
    for resource, named, name in _named(system):
        within = "" if named.once else text(resource.get("Cluster")) + text(resource.get("GroupName"))
        first = owners.setdefault((resource.type, name, within), resource)
        if first is not resource:
            yield resource.finding(f"{named.key} {name} is also that of {first.stack} {first.id}; name it otherwise")


@rule("environments share an account: a name without its environment belongs to whichever comes first")
def name_says_environment(system: System) -> Iterator[Finding]:
    environment = system.values.get(IDENTITY, FIRST)
    for resource, named, name in _named(system):
        if named.once and environment != FIRST and environment not in name:
            yield resource.finding(
                f"{named.key} {name} is the same in every environment; add Environment or NameSuffix"
            )


@rule("Secrets Manager appends a hyphen and six characters: a name that ends so makes ARN lookups ambiguous")
def secret_name_unambiguous(system: System) -> Iterator[Finding]:
    for secret in system.of_type("AWS::SecretsManager::Secret"):
        name = physical_name(secret)
        if ENDS_LIKE_A_SUFFIX.fullmatch(name) and any(letter.isdigit() for letter in name[-6:]):
            yield secret.finding(f"Name {name} ends like an ARN's random suffix; end it otherwise")


@rule("a resource named by text is not waited for: it may not exist yet, or be deleted first")
def named_resource_waits(system: System) -> Iterator[Finding]:
    owners = {(resource.type, name): resource for resource, _, name in _named(system)}
    for resource, what, value, want in places(system):
        for kind in want.types if what[0].isupper() or what.startswith("awslogs") else ():
            owner = owners.get((kind, text(value)))
            family = owner and _top(owner, system) == _top(resource, system)
            if owner and family and owner is not resource and not system.waits_for(resource, owner):
                yield resource.finding(f"{what} names {text(value)} as text; refer to {owner.id}, to wait for it")


def _top(resource: Resource, system: System) -> str:
    """The stack at the top, through which the resource's stack is deployed."""
    name = resource.stack
    while system.stacks[name].parent:
        name = system.stacks[name].parent
    return name
