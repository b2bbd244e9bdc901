"""The bot's way to the API: a name in a private namespace that holds the addresses of healthy tasks."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from templates.rules.contract import API, BOT, ROTATION
from templates.rules.finding import Finding, rule
from templates.rules.programs import SERVICE, TASK, Running, foreseen, running, services_of
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, number, text

DISCOVERY = "AWS::ServiceDiscovery::Service"
LONGEST_TTL = 60


def _namespace(system: System, discovery: Resource) -> Resource | None:
    value = discovery.get("DnsConfig", "NamespaceId") or discovery.get("NamespaceId")
    return system.target(value)


def host(system: System, discovery: Resource) -> str:
    """The name that a discovery service gives to its tasks."""
    namespace = _namespace(system, discovery)
    return f"{text(discovery.get('Name'))}.{text(namespace.get('Name'))}" if namespace else ""


def _registries(system: System, service: Resource) -> list[Resource]:
    found = [system.target(entry.get("RegistryArn")) for entry in dicts(service.get("ServiceRegistries"))]
    return [each for each in found if each and each.type == DISCOVERY]


def _addresses(system: System) -> dict[str, list[str]]:
    """Each name of the API inside the VPC, with the ports its tasks map."""
    return {
        host(system, discovery): _ports(system, service)
        for service in services_of(system, API)
        for discovery in _registries(system, service)
    }


def _ports(system: System, service: Resource) -> list[str]:
    task = system.target(service.get("TaskDefinition"))
    containers = dicts(task.get("ContainerDefinitions")) if task and task.type == TASK else []
    return [text(entry.get("ContainerPort")) for each in containers for entry in dicts(each.get("PortMappings"))]


@rule("whoever looks for the API at another name or port fails at every call")
def api_is_found(system: System) -> Iterator[Finding]:
    for each in running(system):
        url = text(each.plain.get("API_URL"))
        if each.program in (BOT, ROTATION) and url and services_of(system, API) and foreseen(system, url):
            yield from (each.finding(f"API_URL {advice}") for advice in _objections(system, each))


def _objections(system: System, each: Running) -> Iterator[str]:
    url = text(each.plain.get("API_URL"))
    known = _addresses(system)
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        name, port, parts = "", None, urlsplit("")
    if name not in known:
        yield f"{url} names no service of the API; use {' or '.join(known) or 'service discovery'}"
    elif text(port or 80) not in known[name]:
        yield f"{url} has another port than {', '.join(known[name])}; use that"
    if parts.scheme != "http" or parts.path.strip("/"):
        yield f"{url} must be http://<name>:<port>; inside the VPC the API speaks plain HTTP"


@rule("Fargate tasks register their addresses as A records: other kinds are refused, or not understood by clients")
def discovery_by_address(system: System) -> Iterator[Finding]:
    for discovery in system.of_type(DISCOVERY):
        records = dicts(discovery.get("DnsConfig", "DnsRecords"))
        if [text(record.get("Type")) for record in records] != ["A"]:
            yield discovery.finding("must keep A records; set DnsRecords to one of Type A")
        for record in records:
            if not 0 <= (number(record.get("TTL")) or 0) <= LONGEST_TTL:
                yield discovery.finding(f"TTL {text(record.get('TTL'))} s keeps dead tasks' addresses; give 60 at most")
        if text(discovery.get("DnsConfig", "RoutingPolicy") or "MULTIVALUE") != "MULTIVALUE":
            yield discovery.finding("gives one address only; set RoutingPolicy MULTIVALUE")


@rule("without it the name also leads to tasks that failed; a private name cannot be checked from outside")
def discovery_knows_health(system: System) -> Iterator[Finding]:
    for discovery in system.of_type(DISCOVERY):
        if discovery.get("HealthCheckCustomConfig") is None:
            yield discovery.finding("does not learn from ECS which tasks are healthy; add HealthCheckCustomConfig")
        if discovery.get("HealthCheckConfig") is not None:
            yield discovery.finding("checks private addresses from the internet; remove HealthCheckConfig")


@rule("a name that no service registers under resolves to nothing")
def discovery_is_used(system: System) -> Iterator[Finding]:
    used = {each for service in system.of_type(SERVICE) for each in _registries(system, service)}
    for discovery in system.of_type(DISCOVERY):
        if discovery not in used and system.of_type(SERVICE):
            yield discovery.finding("is nobody's registry; refer to it in the service's ServiceRegistries")
        if _namespace(system, discovery) is None and not text(get(discovery.props, "DnsConfig", "NamespaceId")):
            yield discovery.finding("is in no namespace; give NamespaceId")
