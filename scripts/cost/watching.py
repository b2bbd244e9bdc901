"""What watches and tells: logs, metrics, alarms, dashboard, Container Insights, messages, schedules."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.cost.model import DAYS, HOURS
from scripts.cost.site import MEGA, Site, Use, starts
from scripts.cost.traffic import METRICS
from templates.rules.system import Resource
from templates.rules.values import dicts, get, items, number, text

CLUSTER_METRICS, SERVICE_METRICS, FAMILY_METRICS = 8, 11, 6
"""Metrics of Container Insights for a cluster, each service and each kind of task."""
FOR_EVER = 365.0
ALARMS_OF_A_POLICY = 2


def log_group(site: Site, resource: Resource) -> Iterator[Use]:
    """What comes in, what is kept, and the metrics that programs write as log lines."""
    size, days = site.log_gb(resource), number(resource.get("RetentionInDays")) or FOR_EVER
    flows = site.system.of_type("AWS::EC2::FlowLog")
    vended = any(site.system.target(each.get("LogGroupName")) is resource for each in flows)
    kept = size * days / DAYS * site.traffic.log_compression
    yield Use("ingestion", "logs-vended" if vended else "logs-ingested", size, f"{size * 1000:,.0f} MB a month")
    yield Use("storage", "logs-stored", kept, f"{days:g} days, compressed")
    names = METRICS.get(resource.id, ())
    if names:
        yield Use("metrics", "metric", len(names), f"{len(names)} that the programs write, all month")


def metric_filter(site: Site, resource: Resource) -> Iterator[Use]:  # noqa: ARG001 - all kinds are asked alike
    count = len(dicts(resource.get("MetricTransformations")))
    yield Use("metrics", "metric", count, "as if something matched every hour; less is billed by the hour")


def alarm(site: Site, resource: Resource) -> Iterator[Use]:  # noqa: ARG001 - all kinds are asked alike
    """An alarm on a formula costs once for each metric in it."""
    queries = [each for each in dicts(resource.get("Metrics")) if get(each, "MetricStat")]
    periods = [number(get(each, "MetricStat", "Period")) for each in queries] or [number(resource.get("Period"))]
    quick = any(period is not None and period < 60 for period in periods)
    count = max(len(queries), 1)
    said = f"a formula over {count} metrics" if count > 1 else ""
    yield Use("alarm", "alarm-quick" if quick else "alarm", count, said)


def composite(site: Site, resource: Resource) -> Iterator[Use]:  # noqa: ARG001 - all kinds are asked alike
    yield Use("composite alarm", "alarm-composite", 1)


def dashboard(site: Site, resource: Resource) -> Iterator[Use]:  # noqa: ARG001 - all kinds are asked alike
    yield Use("dashboard", "dashboard", 1)


def scaling_policy(site: Site, resource: Resource) -> Iterator[Use]:  # noqa: ARG001 - all kinds are asked alike
    if text(resource.get("PolicyType")) == "TargetTrackingScaling":
        yield Use("alarms", "alarm", ALARMS_OF_A_POLICY, "target tracking makes two alarms of its own")


def cluster(site: Site, resource: Resource) -> Iterator[Use]:
    """Container Insights where it is on; a cluster itself costs nothing."""
    settings = {text(get(each, "Name")): text(get(each, "Value")) for each in items(resource.get("ClusterSettings"))}
    if settings.get("containerInsights") in (None, "disabled"):
        return
    services = len(site.system.of_type("AWS::ECS::Service"))
    families = len(site.system.of_type("AWS::ECS::TaskDefinition"))
    count = CLUSTER_METRICS + SERVICE_METRICS * services + FAMILY_METRICS * families
    events = (1 + services + 2 * site.tasks) * HOURS * 60
    size = events * site.traffic.insights_kb / MEGA
    said = (
        f"{CLUSTER_METRICS} of the cluster, {SERVICE_METRICS} a service, {FAMILY_METRICS} a kind of task: unconfirmed"
    )
    yield Use("Container Insights metrics", "metric", count, said)
    yield Use(
        "Container Insights events", "logs-ingested", size, f"{site.traffic.insights_kb:g} KB an event and minute"
    )


def topic(site: Site, resource: Resource) -> Iterator[Use]:  # noqa: ARG001 - there is one
    count = site.traffic.messages
    yield Use("requests", "topic-requests", count * DAYS / MEGA, f"{count:g} messages a day")


def subscription(site: Site, resource: Resource) -> Iterator[Use]:
    if text(resource.get("Protocol")).startswith("email"):
        count = site.traffic.messages
        yield Use("e-mails", "topic-mail", count * DAYS / 1e5, f"{count:g} messages a day")


def queue(site: Site, resource: Resource) -> Iterator[Use]:  # noqa: ARG001 - all kinds are asked alike
    count = site.traffic.queue_requests
    yield Use("requests", "queue-requests", count * DAYS / MEGA, f"{count:g} requests a day")


def schedule(site: Site, resource: Resource) -> Iterator[Use]:  # noqa: ARG001 - all kinds are asked alike
    count = starts(resource)
    yield Use("starts", "schedule", count / MEGA, f"{count:,.0f} a month")
