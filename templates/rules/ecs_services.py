"""ECS services: on Fargate, safely deployed, with the task, container and port they name."""

from __future__ import annotations

from collections.abc import Iterator

from templates.rules.contract import API
from templates.rules.contract_values import environment
from templates.rules.finding import Finding, rule
from templates.rules.network import BALANCER, placed
from templates.rules.physical import FIRST
from templates.rules.programs import SERVICE, TASK, deployed_as_a_whole, services_of
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, items, mapping, number, text, truth

CLUSTER = "AWS::ECS::Cluster"
SCALABLE = "AWS::ApplicationAutoScaling::ScalableTarget"
MOST_PERCENT = 300
OLD_PLATFORMS = ("1.0.0", "1.1.0", "1.2.0", "1.3.0")


def task_of(system: System, service: Resource) -> Resource | None:
    task = system.target(service.get("TaskDefinition"))
    return task if task and task.type == TASK else None


@rule("a service that names another container or port than its task has cannot be created")
def service_names_its_container(system: System) -> Iterator[Finding]:
    for service in system.of_type(SERVICE):
        task = task_of(system, service)
        registries = [entry for entry in dicts(service.get("ServiceRegistries")) if entry.get("ContainerName")]
        named = [*dicts(service.get("LoadBalancers")), *registries]
        for entry in named if task else []:
            yield from _named_container(
                service, task, text(entry.get("ContainerName")), number(entry.get("ContainerPort"))
            )


def _named_container(service: Resource, task: Resource | None, name: str, port: float | None) -> Iterator[Finding]:
    if task is None:
        return
    own = {text(each.get("Name")): each for each in dicts(task.get("ContainerDefinitions"))}
    if name not in own:
        yield service.finding(f"names container {name or 'none'}, which {task.id} does not have; use {', '.join(own)}")
        return
    mapped = [number(entry.get("ContainerPort")) for entry in dicts(own[name].get("PortMappings"))]
    if port not in mapped:
        ports = ", ".join(f"{each:g}" for each in mapped if each is not None)
        yield service.finding(f"names port {port} of {name}, which maps {ports or 'none'}; use that")


@rule("without LaunchType ECS looks for EC2 machines, and there are none; Spot takes tasks away at any time")
def launched_on_fargate(system: System) -> Iterator[Finding]:
    for service in system.of_type(SERVICE):
        providers = {text(each.get("CapacityProvider")) for each in dicts(service.get("CapacityProviderStrategy"))}
        if text(service.get("LaunchType")) != "FARGATE" and providers != {"FARGATE"}:
            yield service.finding("does not run on Fargate alone; set LaunchType FARGATE")
        if text(service.get("PlatformVersion")) in OLD_PLATFORMS:
            yield service.finding(f"PlatformVersion {service.get('PlatformVersion')} is out of date; remove it")
        if service.get("PlacementStrategies") or service.get("PlacementConstraints"):
            yield service.finding("places tasks on machines, which Fargate does not offer; remove the placement")
        if text(service.get("SchedulingStrategy") or "REPLICA") != "REPLICA":
            yield service.finding("SchedulingStrategy DAEMON is not for Fargate; remove it")
        if text(service.get("DeploymentController", "Type") or "ECS") != "ECS":
            yield service.finding("another DeploymentController: CloudFormation cannot roll it back; remove it")


@rule("a service without its cluster goes into one called default, where nobody looks")
def services_in_one_cluster(system: System) -> Iterator[Finding]:
    services = system.of_type(SERVICE)
    clusters = {text(service.get("Cluster")) for service in services}
    for service in services:
        if not text(service.get("Cluster")):
            yield service.finding("names no Cluster; refer to the cluster")
        elif len(clusters) > 1 and text(service.get("Cluster")) != text(services[0].get("Cluster")):
            yield service.finding(f"is in another cluster than {services[0].id}; put it into the same")


@rule("the console and the API fill in different values: only what is written keeps public addresses away")
def public_address_decided(system: System) -> Iterator[Finding]:
    for service in system.of_type(SERVICE):
        if not text(service.get("NetworkConfiguration", "AwsvpcConfiguration", "AssignPublicIp")):
            yield service.finding("does not say whether tasks get public addresses; set AssignPublicIp DISABLED")
        if not items(service.get("NetworkConfiguration", "AwsvpcConfiguration", "Subnets")):
            yield service.finding("names no Subnets, which Fargate needs; give it the private ones")


@rule("a group shared by two services, or with the load balancer, opens the one to whoever may reach the other")
def service_has_its_own_group(system: System) -> Iterator[Finding]:
    owners: dict[Resource, Resource] = {}
    for each in placed(system):
        for group in each.groups if each.resource.type in (BALANCER, SERVICE) else []:
            owner = owners.setdefault(group, each.resource)
            if owner is not each.resource:
                yield each.resource.finding(f"uses {group.id}, the group of {owner.id}; give it its own")


@rule("without a circuit breaker a bad release is started for hours; without rollback it stays")
def deployment_rolls_back(system: System) -> Iterator[Finding]:
    for service in system.of_type(SERVICE):
        breaker = mapping(service.get("DeploymentConfiguration", "DeploymentCircuitBreaker"))
        if truth(breaker.get("Enable")) is not True or truth(breaker.get("Rollback")) is not True:
            yield service.finding("does not roll a failed deployment back; set DeploymentCircuitBreaker, both true")


def percentages(service: Resource) -> tuple[float, float]:
    """MinimumHealthyPercent and MaximumPercent, with what ECS takes by itself."""
    given = [number(service.get("DeploymentConfiguration", key)) for key in ("MinimumHealthyPercent", "MaximumPercent")]
    low, high = given
    return (100 if low is None else low, 200 if high is None else high)


def _fewest(system: System, service: Resource) -> float:
    """The fewest tasks a running service may have: as scaled in, or as desired."""
    targets = [t for t in system.of_type(SCALABLE) if service in system.targets(t.get("ResourceId"))]
    counts = [number(t.get("MinCapacity")) for t in targets] or [number(service.get("DesiredCount"))]
    return max(1, counts[0] or 1)


def _kept(count: float, percent: float) -> float:
    """The tasks a deployment leaves running: ECS rounds up, and the highest number down."""
    return -(-count * percent // 100)


@rule("a deployment that may neither stop an old task nor start a new one never ends")
def deployment_can_proceed(system: System) -> Iterator[Finding]:
    for service in system.of_type(SERVICE):
        low, high = percentages(service)
        count = _fewest(system, service)
        if _kept(count, low) >= count * high // 100:
            advice = f"MinimumHealthyPercent {low:g} and MaximumPercent {high:g} leave no room with {count:g} task"
            yield service.finding(f"{advice}; widen them")
        if high > MOST_PERCENT:
            yield service.finding(f"MaximumPercent {high:g} starts too many tasks at once; give {MOST_PERCENT} at most")


@rule("a deployment that stops the last API task before the new one answers is an outage")
def api_stays_up(system: System) -> Iterator[Finding]:
    for service in services_of(system, API):
        low, _ = percentages(service)
        if low < 50:
            yield service.finding(f"MinimumHealthyPercent {low:g} stops too many tasks at once; give 50 or more")
        if (number(service.get("DesiredCount")) or 0) < 1:
            yield service.finding("DesiredCount runs no API task; give 1 or more")


@rule("with no time to start, a task is killed before it is ready; with too much, a broken one is kept")
def grace_period_suffices(system: System) -> Iterator[Finding]:
    for service in system.of_type(SERVICE):
        grace = number(service.get("HealthCheckGracePeriodSeconds")) or 0
        if dicts(service.get("LoadBalancers")) and not 30 <= grace <= 300:
            yield service.finding(f"HealthCheckGracePeriodSeconds is {grace:g}; give 30 to 300")


@rule("a shell in a running task is a way to its keys that no review sees")
def no_shell_into_tasks(system: System) -> Iterator[Finding]:
    for service in system.of_type(SERVICE):
        if truth(service.get("EnableExecuteCommand")) is True:
            yield service.finding("EnableExecuteCommand opens a shell into tasks; remove it")


@rule("a task without its service's tags is a cost that belongs to no environment on the bill")
def tasks_carry_tags(system: System) -> Iterator[Finding]:
    for service in system.of_type(SERVICE):
        if text(service.get("PropagateTags")) not in ("SERVICE", "TASK_DEFINITION"):
            yield service.finding("gives its tasks no tags; set PropagateTags to SERVICE")


@rule("a task definition that no service runs is a program nobody sees missing")
def task_is_run(system: System) -> Iterator[Finding]:
    used = {task_of(system, service) for service in system.of_type(SERVICE)}
    for task in system.of_type(TASK) if deployed_as_a_whole(system) else []:
        if task not in used:
            yield task.finding("is run by no service; refer to it in a service's TaskDefinition, or remove it")


@rule("without Container Insights nobody sees in production which task is short of memory, or why it stopped")
def cluster_is_observed(system: System) -> Iterator[Finding]:
    for cluster in system.of_type(CLUSTER):
        settings = {text(s.get("Name")): text(s.get("Value")) for s in dicts(cluster.get("ClusterSettings"))}
        value = settings.get("containerInsights", "")
        if value not in ("enabled", "enhanced") and (not value or environment(system) == FIRST):
            yield cluster.finding("does not turn Container Insights on; set containerInsights to enabled")


@rule("API tasks without a load balancer answer nobody outside")
def api_behind_load_balancer(system: System) -> Iterator[Finding]:
    for service in services_of(system, API):
        if not any(text(get(entry, "TargetGroupArn")) for entry in dicts(service.get("LoadBalancers"))):
            yield service.finding("registers with no target group; add LoadBalancers")
