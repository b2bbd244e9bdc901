"""What people decide is a parameter: a setting fixed in the template, or taken from another, cannot be changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from templates.rules.contract import API, BOT, Program
from templates.rules.finding import Finding, rule
from templates.rules.programs import SERVICE, TASK, chosen, deployed_as_a_whole, origins, runs, services_of
from templates.rules.system import Resource, System
from templates.rules.values import get, text


class Setting(NamedTuple):
    """A property and the parameter it comes from; for one program's resources only, when one is named."""

    type: str
    path: tuple[str | int, ...]
    parameter: str
    program: Program | None = None


SETTINGS = (
    Setting("AWS::ECS::Cluster", ("ClusterSettings", 0, "Value"), "ContainerInsights"),
    Setting(TASK, ("Cpu",), "ApiCpu", API),
    Setting(TASK, ("Memory",), "ApiMemory", API),
    Setting(TASK, ("Cpu",), "BotCpu", BOT),
    Setting(TASK, ("Memory",), "BotMemory", BOT),
    Setting(TASK, ("ContainerDefinitions", 0, "Image"), "ImageUri", API),
    Setting(TASK, ("ContainerDefinitions", 0, "Image"), "ImageUri", BOT),
    Setting(TASK, ("ContainerDefinitions", 0, "PortMappings", 0, "ContainerPort"), "ApiPort", API),
    Setting(SERVICE, ("DesiredCount",), "ApiDesiredCount", API),
    Setting(SERVICE, ("DesiredCount",), "BotDesiredCount", BOT),
    Setting("AWS::ApplicationAutoScaling::ScalableTarget", ("MinCapacity",), "ApiMinCount"),
    Setting("AWS::ApplicationAutoScaling::ScalableTarget", ("MaxCapacity",), "ApiMaxCount"),
    Setting("AWS::ElasticLoadBalancingV2::TargetGroup", ("Port",), "ApiPort"),
    Setting("AWS::Scheduler::Schedule", ("ScheduleExpression",), "ValidatorMonitorSchedule"),
    Setting("AWS::SecretsManager::RotationSchedule", ("RotationRules", "AutomaticallyAfterDays"), "ApiKeyRotationDays"),
)


def _bearers(system: System, setting: Setting) -> list[Resource]:
    if setting.program is None:
        return system.of_type(setting.type)
    found = services_of(system, setting.program) if setting.type == SERVICE else runs(system, setting.program)
    return [each for each in found if each.type == setting.type]


@rule("a setting people change by its parameter does not change when the template says something else")
def setting_from_its_parameter(system: System) -> Iterator[Finding]:
    for setting in SETTINGS if deployed_as_a_whole(system) else ():
        for resource in _bearers(system, setting):
            stack = system.stacks[resource.stack]
            node = chosen(stack, get(resource.raw, "Properties", *setting.path))
            found = origins(system, stack, node)
            if node is not None and found != {setting.parameter}:
                place = ".".join(text(step) for step in setting.path if isinstance(step, str))
                made_of = f"comes from {', '.join(sorted(found))}" if found else f"is fixed to {text(node)}"
                yield resource.finding(f"{place} {made_of}; take it from the parameter {setting.parameter}")
