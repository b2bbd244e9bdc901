"""Auto-scaling of the API: the right service, between sensible bounds, on a target that leaves room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from templates.rules.contract import API
from templates.rules.ecs_services import SCALABLE
from templates.rules.finding import Finding, rule
from templates.rules.programs import SERVICE, services_of
from templates.rules.system import Resource, System
from templates.rules.values import mapping, number, text, truth

POLICY = "AWS::ApplicationAutoScaling::ScalingPolicy"
ALARM = "AWS::CloudWatch::Alarm"
METRICS = {
    "ECSServiceAverageCPUUtilization": "CPUUtilization",
    "ECSServiceAverageMemoryUtilization": "MemoryUtilization",
}
TRACKING = "TargetTrackingScalingPolicyConfiguration"
SLOWEST = 1800
GUIDE = {"api-cpu-scaling": ("ECSServiceAverageCPUUtilization", 70)}


def scaled(system: System, target: Resource) -> Resource | None:
    """The service that a scalable target changes."""
    found = [each for each in system.targets(target.get("ResourceId")) if each.type == SERVICE]
    return found[0] if found else None


def _target(system: System, policy: Resource) -> Resource | None:
    """The scalable target of a policy, by reference or by the same id."""
    by_reference = system.target(policy.get("ScalingTargetId"))
    same = [t for t in system.of_type(SCALABLE) if t.get("ResourceId") == policy.get("ResourceId") is not None]
    return by_reference or next(iter(same), None)


def _metric(policy: Resource) -> str:
    return text(policy.get(TRACKING, "PredefinedMetricSpecification", "PredefinedMetricType"))


@rule("a target of another kind or service is refused, or scales something else")
def scales_a_service(system: System) -> Iterator[Finding]:
    for target in system.of_type(SCALABLE):
        if text(target.get("ServiceNamespace")) != "ecs":
            yield target.finding(f"ServiceNamespace is {text(target.get('ServiceNamespace'))}; it must be ecs")
        if text(target.get("ScalableDimension")) != "ecs:service:DesiredCount":
            yield target.finding("ScalableDimension must be ecs:service:DesiredCount; set it")
        service, parts = scaled(system, target), text(target.get("ResourceId")).split("/")
        cluster = system.target(service.get("Cluster")) if service else None
        if service is None or parts[0] != "service":
            yield target.finding("ResourceId names no service; write service/<cluster>/<service> with references")
        elif cluster and cluster not in system.targets(target.get("ResourceId")):
            yield target.finding(f"ResourceId does not name {cluster.id}, the cluster of {service.id}; name it")


@rule("bounds that contradict each other are refused; without room the service cannot follow the load")
def scaling_bounds(system: System) -> Iterator[Finding]:
    for target in system.of_type(SCALABLE):
        low, high = number(target.get("MinCapacity")), number(target.get("MaxCapacity"))
        service = scaled(system, target)
        desired = number(service.get("DesiredCount")) if service else None
        if low is None or high is None or low < 1 or low > high:
            yield target.finding(f"MinCapacity {low} and MaxCapacity {high}: give at least 1, and no less than that")
        elif desired is not None and not low <= desired <= high and service:
            yield service.finding(
                f"DesiredCount {desired:g} is outside {low:g} to {high:g}, where scaling puts it back"
            )


@rule("switched off in one direction, scaling pays for the highest load for ever, or never follows it")
def scaling_not_suspended(system: System) -> Iterator[Finding]:
    for target in system.of_type(SCALABLE):
        if any(truth(value) for value in mapping(target.get("SuspendedState")).values()):
            yield target.finding("is suspended; remove SuspendedState")
    for policy in system.of_type(POLICY):
        if truth(policy.get(TRACKING, "DisableScaleIn")):
            yield policy.finding("never scales in; remove DisableScaleIn")


@rule("a policy for another service, or of a kind without a target, does not move the API")
def scaling_policy_tracks(system: System) -> Iterator[Finding]:
    for policy in system.of_type(POLICY):
        kind = text(policy.get("PolicyType"))
        if kind != "TargetTrackingScaling" or not mapping(policy.get(TRACKING)):
            yield policy.finding("does not track a target; set PolicyType TargetTrackingScaling and its configuration")
        elif not policy.get(TRACKING, "CustomizedMetricSpecification") and _metric(policy) not in METRICS:
            yield policy.finding(
                f"tracks {_metric(policy) or 'nothing'}, which a service has not; track its CPU or memory"
            )
        if _target(system, policy) is None:
            yield policy.finding("belongs to no scalable target; refer to one in ScalingTargetId")


@rule("a policy that says CPU and watches memory is misread by everyone who tunes it")
def scaling_policy_as_named(system: System) -> Iterator[Finding]:
    seen: dict[tuple[Any, str], Resource] = {}
    for policy in system.of_type(POLICY):
        name, metric = text(policy.get("PolicyName")), _metric(policy)
        for word, meant in (("cpu", "CPU"), ("memory", "Memory")):
            if metric and word in name.lower() and meant not in metric:
                yield policy.finding(f"is called {name} and tracks {metric}; track {meant}")
        first = seen.setdefault((_target(system, policy), metric), policy)
        if metric and first is not policy:
            yield policy.finding(f"tracks {metric}, as {first.id} does; two policies pull against each other, keep one")


@rule("a target that high makes the alarm the normal state; one that low buys tasks for nothing")
def scaling_target_sensible(system: System) -> Iterator[Finding]:
    for policy in system.of_type(POLICY):
        value = number(policy.get(TRACKING, "TargetValue"))
        if _metric(policy) not in METRICS or value is None:
            continue
        ceiling = min([*_thresholds(system, policy), 90])
        if not 40 <= value < ceiling:
            yield policy.finding(
                f"TargetValue {value:g}; give 40 or more and less than {ceiling:g}, the alarm's threshold"
            )
        metric, guided = GUIDE.get(text(policy.get("PolicyName")), ("", None))
        if guided is not None and (_metric(policy), value) != (metric, guided):
            yield policy.finding(f"tracks {_metric(policy)} at {value:g}; the guide fixes {metric} at {guided}")


def _thresholds(system: System, policy: Resource) -> list[float]:
    """What the alarms say on the same metric of the same service."""
    target = _target(system, policy)
    service = scaled(system, target) if target else None
    alarms = [each for each in system.of_type(ALARM) if text(each.get("MetricName")) == METRICS[_metric(policy)]]
    own = [each for each in alarms if service and service in system.targets(each.get("Dimensions"))]
    found = [number(each.get("Threshold")) for each in own]
    return [each for each in found if each is not None]


@rule("growing slower than shrinking lets the load pile up")
def scaling_cooldowns(system: System) -> Iterator[Finding]:
    for policy in system.of_type(POLICY):
        given = [number(policy.get(TRACKING, f"Scale{way}Cooldown")) for way in ("Out", "In")]
        grow, shrink = (300 if each is None else each for each in given)
        if not 0 <= grow <= min(shrink, 300):
            yield policy.finding(f"ScaleOutCooldown {grow:g} s is longer than ScaleInCooldown or 300 s; shorten it")
        if shrink > SLOWEST:
            yield policy.finding(f"ScaleInCooldown {shrink:g} s pays for idle tasks; give {SLOWEST} s at most")


@rule("without policies on CPU and memory the API stays as small as it started, whatever the load")
def api_scales(system: System) -> Iterator[Finding]:
    for service in services_of(system, API):
        targets = [target for target in system.of_type(SCALABLE) if scaled(system, target) is service]
        policies = [policy for policy in system.of_type(POLICY) if _target(system, policy) in targets]
        tracked = {_metric(policy) for policy in policies}
        if missing := sorted(set(METRICS) - tracked):
            yield service.finding(f"is not scaled on {', '.join(missing)}; add a policy")
        if len(targets) > 1:
            yield targets[1].finding(f"scales {service.id}, as {targets[0].id} does; keep one")
