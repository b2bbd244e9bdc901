"""Target groups: Fargate's addresses, the API's port, and a health check that tells a live task from a dead one."""

from __future__ import annotations

from collections.abc import Iterator

from templates.rules.finding import Finding, rule
from templates.rules.load_balancer import TARGET_GROUP, attributes
from templates.rules.programs import SERVICE
from templates.rules.system import Resource, System
from templates.rules.values import dicts, number, text, truth

HEALTH = "/health"


def _services(system: System, group: Resource) -> Iterator[tuple[Resource, float | None]]:
    """The services that register with a group, with the port of their container."""
    for service in system.of_type(SERVICE):
        for entry in dicts(service.get("LoadBalancers")):
            if system.target(entry.get("TargetGroupArn")) is group:
                yield service, number(entry.get("ContainerPort"))


@rule("Fargate tasks register by address, and the API speaks HTTP on its own port: others never get healthy")
def targets_are_tasks(system: System) -> Iterator[Finding]:
    for group in system.of_type(TARGET_GROUP):
        if text(group.get("TargetType")) != "ip":
            yield group.finding("must take addresses; set TargetType ip")
        if text(group.get("Protocol")) != "HTTP":
            yield group.finding(f"speaks {text(group.get('Protocol')) or 'nothing'} to the API; set Protocol HTTP")
        if text(group.get("ProtocolVersion") or "HTTP1") != "HTTP1":
            yield group.finding("speaks another HTTP than gunicorn; remove ProtocolVersion")
        for service, port in _services(system, group):
            if number(group.get("Port")) != port:
                yield group.finding(f"Port {text(group.get('Port'))} is not {service.id}'s {port or 0:g}; use that")


@rule("a check of another page, port or answer kills tasks that work, or keeps those that do not")
def health_check_meaningful(system: System) -> Iterator[Finding]:
    for group in system.of_type(TARGET_GROUP):
        if text(group.get("HealthCheckPath")) != HEALTH:
            path = text(group.get("HealthCheckPath")) or "/"
            yield group.finding(f"checks {path}; {HEALTH} answers without key and touches nothing else, check that")
        if truth(group.get("HealthCheckEnabled")) is False:
            yield group.finding("checks nothing; set HealthCheckEnabled")
        if text(group.get("HealthCheckProtocol") or "HTTP") != "HTTP":
            yield group.finding("checks by another protocol than the API speaks; set HealthCheckProtocol HTTP")
        port = text(group.get("HealthCheckPort") or "traffic-port")
        if port not in ("traffic-port", text(group.get("Port"))):
            yield group.finding(f"checks port {port}, where nothing answers; remove HealthCheckPort")
        if text(group.get("Matcher", "HttpCode") or "200") != "200":
            yield group.finding(
                f"takes {text(group.get('Matcher', 'HttpCode'))} for healthy; {HEALTH} says 200, take that"
            )


@rule("a task is replaced when it is dead for a minute or two: not for one slow answer, and not after an hour")
def health_check_in_time(system: System) -> Iterator[Finding]:
    for group in system.of_type(TARGET_GROUP):
        interval = _or(number(group.get("HealthCheckIntervalSeconds")), 30)
        timeout = _or(number(group.get("HealthCheckTimeoutSeconds")), 5)
        fails, passes = (
            _or(number(group.get(f"{way}ThresholdCount")), d) for way, d in (("Unhealthy", 2), ("Healthy", 5))
        )
        if timeout >= interval:
            yield group.finding(f"HealthCheckTimeoutSeconds {timeout:g} reaches into the next check; keep it below")
        if fails < 2 or not 20 <= interval * fails <= 120:
            yield group.finding(f"declares a task dead after {interval * fails:g} s; let it be 2 checks, 20 to 120 s")
        if interval * passes > 150:
            yield group.finding(f"trusts a new task after {interval * passes:g} s only; let it be 150 s at most")


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


@rule("requests under way are cut off, or every deployment waits minutes for connections that are long closed")
def draining_in_time(system: System) -> Iterator[Finding]:
    for group in system.of_type(TARGET_GROUP):
        delay = number(attributes(group, "TargetGroupAttributes").get("deregistration_delay.timeout_seconds", "300"))
        if delay is None or not 10 <= delay <= 120:
            yield group.finding("deregistration_delay.timeout_seconds must be 10 to 120 s; set it to 30")
