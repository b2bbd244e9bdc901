"""What connects: load balancer, NAT, addresses, endpoints, CloudFront and its firewall, names."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.cost.model import HOURS
from scripts.cost.site import MEGA, Site, Use
from templates.rules.system import Resource
from templates.rules.values import items, text

SECONDS = HOURS * 3600
LCU_CONNECTIONS, LCU_GB = 25, 1
"""New connections a second, gigabytes an hour: what one capacity unit carries."""
FRESH = 0.1
"""Gigabytes a month that an endpoint carries which logs do not pass: calls of a few kilobytes."""


def load_balancer(site: Site, resource: Resource) -> Iterator[Use]:
    requests = site.public_requests
    data = site.gigabytes(requests)
    capacity = max(requests / SECONDS / LCU_CONNECTIONS, data / HOURS / LCU_GB) * HOURS
    zones = len(items(resource.get("Subnets")))
    said = f"{requests:,.0f} requests a month by the internet, a connection each"
    yield Use("hours", "load-balancer-hours", HOURS)
    yield Use("capacity units", "load-balancer-capacity", capacity, said)
    if text(resource.get("Scheme")) != "internal":
        yield Use("public addresses", "public-address", zones * HOURS, f"one in each of {zones} zones")
    if not site.system.of_type("AWS::CloudFront::Distribution"):
        yield Use("data to the internet", "internet-out", data, said)


def nat(site: Site, resource: Resource) -> Iterator[Use]:  # noqa: ARG001 - all are alike
    """The gateways share what the tasks send and receive."""
    gateways = len(site.system.of_type("AWS::EC2::NatGateway"))
    logs = 0.0 if site.has_log_endpoint else site.task_log_gb
    outbound = site.traffic.outbound_gb
    said = f"{outbound:g} GB of calls and {logs:.2f} GB of logs a month, over {gateways} gateways"
    yield Use("hours", "nat-hours", HOURS)
    yield Use("data", "nat-data", (outbound + logs) / gateways, said)
    sent = outbound * site.traffic.outbound_sent / gateways
    yield Use(
        "data to the internet", "internet-out", sent, f"{site.traffic.outbound_sent:.0%} of the calls' data is sent"
    )


def address(site: Site, resource: Resource) -> Iterator[Use]:  # noqa: ARG001 - all are alike
    yield Use("public address", "public-address", HOURS)


def endpoint(site: Site, resource: Resource) -> Iterator[Use]:
    """Gateway endpoints, for S3 and DynamoDB, cost nothing."""
    if text(resource.get("VpcEndpointType")) != "Interface":
        return
    zones = len(items(resource.get("SubnetIds")))
    data = site.task_log_gb if text(resource.get("ServiceName")).endswith(".logs") else FRESH
    yield Use("hours", "endpoint-hours", zones * HOURS, f"in {zones} zones")
    yield Use("data", "endpoint-data", data, "logs of the tasks" if data != FRESH else "a few calls")


def distribution(site: Site, resource: Resource) -> Iterator[Use]:  # noqa: ARG001 - there is one
    requests = site.public_requests
    said = f"{requests:,.0f} requests a month, from Europe"
    yield Use("requests", "cdn-requests", requests / 1e4, said)
    yield Use("data to the internet", "cdn-data", site.gigabytes(requests), said)


def firewall(site: Site, resource: Resource) -> Iterator[Use]:
    rules = len(items(resource.get("Rules")))
    yield Use("web ACL", "firewall", 1)
    yield Use("rules", "firewall-rule", rules, f"{rules} rules or free managed groups")
    yield Use("requests", "firewall-requests", site.public_requests / MEGA, "requests by the internet")


def namespace(site: Site, resource: Resource) -> Iterator[Use]:  # noqa: ARG001 - there is one
    yield Use("private hosted zone", "zone", 1, "tasks that ECS registers cost nothing in Cloud Map")


def discovery(site: Site, resource: Resource) -> Iterator[Use]:  # noqa: ARG001 - there is one
    lookups = site.traffic.lookups
    yield Use("queries", "zone-queries", lookups * HOURS / 24 / MEGA, f"{lookups:,.0f} look-ups a day")
