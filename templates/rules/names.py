"""Names the guide fixes: its commands must find what they name, and nothing else may be called so."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

from templates.rules.contract import API, BOT, MONITOR
from templates.rules.contract_values import environment
from templates.rules.finding import Finding, rule
from templates.rules.network import placed
from templates.rules.physical import FIRST, NAMED, physical_name
from templates.rules.programs import (
    FUNCTION,
    SERVICE,
    TASK,
    deployed_as_a_whole,
    foreseen,
    running,
    runs,
    services_of,
    whole_stack,
)
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, text

POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
ROLE = "AWS::IAM::Role"
GROUP = "AWS::EC2::SecurityGroup"
LOG_GROUP = "AWS::Logs::LogGroup"
SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 - a resource type
NAMESPACE = "Sparta/Application"
UNNAMED = ("AWS::ElasticLoadBalancingV2::TargetGroup",)  # replaced more often than a fixed name allows
KEYS = {POLICY: "PolicyName"}


class Guided(NamedTuple):
    """A name in the guide's commands. Without {environment} it gets -<environment> outside production, if `wide`:
    the account holds it once, not a cluster, a service or a role."""

    type: str
    name: str
    wide: bool = True

    def here(self, environment: str) -> str:
        plain = environment == FIRST or "{environment}" in self.name or not self.wide
        return self.name.format(environment=environment) + ("" if plain else f"-{environment}")


GUIDED = (
    Guided("AWS::ECS::Cluster", "sparta-{environment}"),
    Guided(SERVICE, API.runs, wide=False),
    Guided(SERVICE, BOT.runs, wide=False),
    Guided(TASK, API.runs),
    Guided(LOG_GROUP, API.log_group),
    Guided(LOG_GROUP, BOT.log_group),
    Guided(LOG_GROUP, MONITOR.log_group),
    Guided(LOG_GROUP, "cloudtrail-log-group"),
    Guided(FUNCTION, MONITOR.runs),
    *(
        Guided("AWS::DynamoDB::Table", f"sparta-{table}-{{environment}}")
        for table in ("operators", "validators", "config", "validator-history", "network-stats", "alerts")
    ),
    *(
        Guided(SECRET, f"sparta/{{environment}}/{secret}")
        for secret in ("bot-token", "ethereum-private-key", "api-key")
    ),
    Guided(ROLE, "sparta-ecs-task-role"),
    Guided(GROUP, "sparta-ecs-sg"),
    Guided("AWS::SNS::Topic", "sparta-{environment}-alerts"),
    Guided("AWS::CloudWatch::Alarm", "sparta-api-high-cpu"),
    Guided(POLICY, "api-cpu-scaling", wide=False),
)


def name_of(resource: Resource) -> str:
    return text(resource.get(KEYS[resource.type])) if resource.type in KEYS else physical_name(resource)


def named(system: System, kind: str, name: str) -> Resource | None:
    """The resource of a type that the guide calls so in production."""
    wanted = {each.here(environment(system)) for each in GUIDED if (each.type, each.name) == (kind, name)}
    return next((each for each in system.of_type(kind) if name_of(each) in wanted), None)


def meant(system: System) -> dict[tuple[str, str], list[Resource]]:
    """Which resources may bear a name of the guide, as far as the wiring shows it."""
    tasks, services = runs(system, API), services_of(system, API)
    found = {
        ("AWS::ECS::Cluster", "sparta-{environment}"): _targets(system, services, "Cluster"),
        (SERVICE, API.runs): services,
        (SERVICE, BOT.runs): services_of(system, BOT),
        (TASK, API.runs): tasks,
        (FUNCTION, MONITOR.runs): runs(system, MONITOR),
        (ROLE, "sparta-ecs-task-role"): _targets(system, tasks, "TaskRoleArn"),
        (GROUP, "sparta-ecs-sg"): [g for p in placed(system) if p.resource in services for g in p.groups],
    }
    for each in running(system):
        if each.program:
            group = system.target(each.resource.get("LoggingConfig") or each.container.get("LogConfiguration"))
            found[LOG_GROUP, each.program.log_group] = [group] if group else []
    return found


def _targets(system: System, users: list[Resource], key: str) -> list[Resource]:
    return [target for each in users for target in system.targets(each.get(key))]


@rule("the guide's commands name it so: under another name they find nothing")
def guided_name_given(system: System) -> Iterator[Finding]:
    here, wired = environment(system), meant(system)
    for guided in GUIDED if deployed_as_a_whole(system) and foreseen(system, here) else ():
        others = system.of_type(guided.type)
        wanted = guided.here(here)
        if wanted in map(name_of, others) or (guided.type == SECRET and not others):
            continue
        bearers = wired.get((guided.type, guided.name)) or _strays(others, guided, here)
        kind = guided.type.removeprefix("AWS::")
        if bearers:
            yield bearers[0].finding(
                f"no {kind} is called {wanted}; the guide's commands name this one so, call it that"
            )
        else:
            yield whole_stack(system).finding("-", f"has no {kind} called {wanted}; add it")


def _strays(others: list[Resource], guided: Guided, here: str) -> list[Resource]:
    """The resources no name of the guide belongs to, the one called most like this name first."""
    known = {each.here(here) for each in GUIDED if each.type == guided.type}

    def likeness(resource: Resource) -> float:
        return SequenceMatcher(None, name_of(resource).replace(here, ""), guided.here(here).replace(here, "")).ratio()

    return sorted((each for each in others if name_of(each) not in known), key=likeness, reverse=True)


@rule("a name on another thing than the guide means sends its reader to the wrong one")
def guided_name_on_its_own(system: System) -> Iterator[Finding]:
    for (kind, name), bearers in meant(system).items():
        owner = named(system, kind, name)
        if owner is not None and bearers and owner not in bearers:
            yield owner.finding(
                f"has the name that {bearers[0].id} must have: the guide means that one; swap the names"
            )


@rule("the guide reads the API's rights as the inline policy sparta-ecs-policy of its task role")
def guided_policy_in_task_role(system: System) -> Iterator[Finding]:
    role = named(system, ROLE, "sparta-ecs-task-role")
    policies = [text(policy.get("PolicyName")) for policy in dicts(role.get("Policies"))] if role else []
    if role and "sparta-ecs-policy" not in policies:
        yield role.finding("has no inline policy sparta-ecs-policy; call its policy so")


@rule("metrics of the application stand in one namespace: in another one nobody finds them")
def metrics_in_one_namespace(system: System) -> Iterator[Finding]:
    for resource in system.resources:
        for key in ("MetricTransformations", "Metrics"):
            for entry in dicts(resource.get(key)):
                given = text(entry.get("MetricNamespace") or get(entry, "MetricStat", "Metric", "Namespace"))
                if given and not given.startswith("AWS/") and given != NAMESPACE:
                    yield resource.finding(f"uses the namespace {given}; use {NAMESPACE}")
        given = text(resource.get("Namespace")) if resource.type.startswith("AWS::CloudWatch") else ""
        if given and not given.startswith("AWS/") and given != NAMESPACE:
            yield resource.finding(f"uses the namespace {given}; use {NAMESPACE}")


@rule("a generated name ends in random letters: commands do not find it, and rights given by name do not hold")
def resource_has_a_name(system: System) -> Iterator[Finding]:
    for resource in system.of_type(*NAMED) if deployed_as_a_whole(system) else ():
        if resource.type not in UNNAMED and not name_of(resource):
            yield resource.finding(f"has no {NAMED[resource.type].key}; name it like the others, sparta-...")


@rule("the default group of schedules is shared by the environments: the second one of a name is refused")
def schedule_says_environment(system: System) -> Iterator[Finding]:
    here = environment(system)
    for schedule in system.of_type("AWS::Scheduler::Schedule"):
        name = text(schedule.get("Name"))
        if here not in (FIRST, *name.split("-")) and not schedule.get("GroupName") and foreseen(system, here, name):
            yield schedule.finding(f"Name {name} is the same in every environment; add NameSuffix")


DEFAULTS = {
    "ApiPort": "3000",
    "ApiDesiredCount": "2",
    "ApiMinCount": "1",
    "ApiMaxCount": "10",
    "ApiCpu": "1024",
    "ApiMemory": "2048",
    "BotDesiredCount": "1",
    "LogLevel": "info",
    "LogPrettyPrint": "false",
    "LogRetentionDays": "30",
    "EnableValidatorMonitorSchedule": "true",
    "VpcCidr": "10.10.0.0/16",
    "AvailabilityZones": "eu-west-2a,eu-west-2b",
    "PublicSubnetCidrs": "10.10.1.0/24,10.10.2.0/24",
    "PrivateSubnetCidrs": "10.10.101.0/24,10.10.102.0/24",
}


@rule("who leaves a parameter alone gets what the guide recommends", once=True)
def guided_defaults(system: System) -> Iterator[Finding]:
    for stack in system.stacks.values():
        for name, declared in stack.section("Parameters").items():
            given = text(declared.get("Default"))
            if name in DEFAULTS and "Default" in declared and given != DEFAULTS[name] and not stack.parent:
                yield stack.finding(f"Parameters.{name}", f"has the default {given}; the guide's is {DEFAULTS[name]}")
