"""The bot: at most one task at any time, reached by nobody; and alive, which only its own health check can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from templates.rules.contract import BOT, HEALTHY_FILE
from templates.rules.ecs_services import SCALABLE, percentages
from templates.rules.finding import Finding, rule
from templates.rules.programs import SERVICE, Running, origins, running, runs, services_of
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, items, mapping, number, text, walk

CHECK = {"Interval": 30, "Timeout": 5, "Retries": 3, "StartPeriod": 0}  # what ECS takes by itself
TARGETS = ("AWS::Events::Rule", "AWS::Scheduler::Schedule")


def bots(system: System) -> list[Running]:
    return [each for each in running(system) if each.program is BOT]


@rule("two bots answer every command twice: never may a second one start, also not during a deployment")
def bot_runs_alone(system: System) -> Iterator[Finding]:
    for service in services_of(system, BOT):
        count = number(service.get("DesiredCount"))
        low, high = percentages(service)
        if count is not None and count > 1:
            yield service.finding(f"DesiredCount {count:g} runs several bots; give 1 at most")
        if high > 100:
            yield service.finding(f"MaximumPercent {high:g} starts the new bot beside the old one; set it to 100")
        if low != 0:
            yield service.finding(f"MinimumHealthyPercent {low:g} keeps the old bot until a new one runs; set it to 0")
        if text(service.get("AvailabilityZoneRebalancing")) == "ENABLED":
            yield service.finding("AvailabilityZoneRebalancing starts a second bot elsewhere first; set it to DISABLED")


@rule("a parameter that takes 2 lets somebody start two bots")
def bot_count_limited(system: System) -> Iterator[Finding]:
    for service in services_of(system, BOT):
        node = get(service.raw, "Properties", "DesiredCount")
        for name in sorted(origins(system, system.stacks[service.stack], node)):
            for top in (stack for stack in system.stacks.values() if not stack.parent):
                declared = top.section("Parameters").get(name)
                if declared is not None and not _at_most_one(declared):
                    yield top.finding(f"Parameters.{name}", "takes more than 1; let AllowedValues be 0 and 1")


def _at_most_one(declared: Mapping[str, Any]) -> bool:
    highest = number(declared.get("MaxValue"))
    allowed = [number(value) for value in items(declared.get("AllowedValues"))]
    return (highest is not None and highest <= 1) or bool(allowed and all(n is not None and n <= 1 for n in allowed))


@rule("auto-scaling would start more bots under load")
def bot_not_scaled(system: System) -> Iterator[Finding]:
    for target in system.of_type(SCALABLE):
        for service in _scaled(system, target):
            if service in services_of(system, BOT):
                yield target.finding(f"scales {service.id}, the bot; scale the API only")


def _scaled(system: System, target: Resource) -> list[Resource]:
    """The services that a scalable target changes, by reference or by their name in its id."""
    name = text(target.get("ResourceId")).rsplit("/", 1)[-1]
    referred = [each for each in system.targets(target.get("ResourceId")) if each.type == SERVICE]
    return referred or [each for each in system.of_type(SERVICE) if text(each.get("ServiceName")) == name]


@rule("a task of the bot that something else starts is a second bot")
def bot_started_by_its_service_only(system: System) -> Iterator[Finding]:
    for starter in system.of_type(*TARGETS):
        for _, node in walk(starter.props):
            parameters = mapping(get(node, "EcsParameters")) if isinstance(node, dict) else {}
            if system.target(parameters.get("TaskDefinitionArn")) in runs(system, BOT):
                yield starter.finding("starts the bot's task beside its service; remove it")


@rule("nobody connects to the bot: whatever leads to it is an opening for an attacker")
def bot_is_unreachable(system: System) -> Iterator[Finding]:
    for each in bots(system):
        if dicts(each.container.get("PortMappings")):
            yield each.finding("the bot maps a port; remove PortMappings")
    for service in services_of(system, BOT):
        for key in ("LoadBalancers", "ServiceRegistries", "ServiceConnectConfiguration", "VpcLatticeConfigurations"):
            if service.get(key):
                yield service.finding(f"the bot has {key}; remove it")


@rule("a bot that hangs looks alive to ECS: only its health check gets it restarted")
def bot_is_checked(system: System) -> Iterator[Finding]:
    for each in bots(system):
        command = items(get(each.container, "HealthCheck", "Command"))
        if not command or text(command[0]) not in ("CMD", "CMD-SHELL"):
            yield each.finding("the bot has no HealthCheck with a command; add it")
            continue
        if objection := _command_objection(" ".join(text(word) for word in command[1:])):
            yield each.finding(f"the bot's health check {objection}")


def _command_objection(command: str) -> str:
    """Why a command says nothing about the bot; "" when it does."""
    age = re.search(r"-mmin\s+(\S+)", command)
    if HEALTHY_FILE not in command:
        return f"does not look at {HEALTHY_FILE}, which the bot touches; look at that file's age"
    if age is None or not re.fullmatch(r"-[1-5]", age[1]):
        return "must ask for a file touched in the last minutes; use find ... -mmin -1"
    if "find" in command and not command.rstrip().endswith("| grep -q ."):
        return "is content with an old file, since find succeeds without a hit; add | grep -q ."
    if re.search(r"\|\|\s*(true|:|exit 0)|;\s*(true|exit 0)", command):
        return "succeeds in any case; remove what follows the check"
    return ""


@rule("a check that comes too early kills a starting bot; one that comes too late leaves a dead one for long")
def bot_is_checked_in_time(system: System) -> Iterator[Finding]:
    for each in bots(system):
        check = mapping(each.container.get("HealthCheck"))
        interval, timeout, retries, start = (_given(check, key, usual) for key, usual in CHECK.items())
        if not check:
            continue
        if not 60 <= interval * retries <= 300 or retries < 2:
            yield each.finding(
                f"Interval {interval:g} s and Retries {retries:g}: give 60 to 300 s in all, 2 or more tries"
            )
        if not 30 <= start <= 300:
            yield each.finding(f"StartPeriod {start:g} s; the bot needs 30 to 300 s to log in")
        if not 2 <= timeout < interval:
            yield each.finding(f"Timeout {timeout:g} s; give 2 s or more, and less than Interval")


def _given(check: Mapping[str, Any], key: str, usual: float) -> float:
    value = number(check.get(key))
    return usual if value is None else value
