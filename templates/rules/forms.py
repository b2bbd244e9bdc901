"""The form of rendered values: a range, a zone, a port, a number, a host; and no list that says one thing twice."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator

from templates.rules.arn_or_name import places
from templates.rules.finding import Finding, rule
from templates.rules.kinds import kind
from templates.rules.policy_arns import SERVICES
from templates.rules.scope import NESTED
from templates.rules.system import Resource, System
from templates.rules.values import TOKEN, number, text

HOST = r"(\*\.)?([a-z0-9_]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}\.?"
EMAIL = r"[^@\s,]+@[^@\s,]+\.[^@\s,]+"


def _range(value: str) -> bool:
    try:
        ipaddress.ip_network(value)
    except ValueError:
        return False
    return True


def _numeric(low: float, high: float) -> Callable[[str], bool]:
    def within(value: str) -> bool:
        found = number(value)
        return found is not None and low <= found <= high

    return within


def _like(pattern: str) -> Callable[[str], bool]:
    return re.compile(pattern, re.IGNORECASE).fullmatch  # type: ignore[return-value]


ANY_NUMBER = _numeric(float("-inf"), float("inf"))
NOT_NEGATIVE = _numeric(0, float("inf"))
# What a value must be, the check, and the properties that want it.
FORMS: list[tuple[str, Callable[[str], bool], str]] = [
    ("a range of addresses such as 10.10.0.0/16", _range, "CidrBlock CidrIp CidrIpv6 DestinationCidrBlock"),
    ("an availability zone such as eu-west-2a", _like(r"[a-z]{2}(-[a-z]+)+-\d[a-z]"), "AvailabilityZone"),
    ("a port from 0 to 65535, or -1 for all", _numeric(-1, 65535), "FromPort ToPort ContainerPort HostPort"),
    ("a number of days", NOT_NEGATIVE, "RetentionInDays AutomaticallyAfterDays DeleteAfterDays ExpirationInDays"),
    ("a number of seconds", NOT_NEGATIVE, "Period Timeout StopTimeout MessageRetentionPeriod VisibilityTimeout TTL"),
    ("a number", ANY_NUMBER, "Threshold EvaluationPeriods DatapointsToAlarm TargetValue Priority"),
    ("a number", NOT_NEGATIVE, "DesiredCount MinCapacity MaxCapacity MemorySize ReservedConcurrentExecutions Weight"),
    ("a number of units", NOT_NEGATIVE, "Cpu Memory MemoryReservation MaximumRetryAttempts MaximumEventAgeInSeconds"),
    ("the id of a hosted zone (Z...)", _like(r"(/hostedzone/)?Z[A-Z0-9]{1,31}"), "HostedZoneId"),
    ("a host name", _like(HOST), "DNSName"),
]
BY_KEY = {key: (what, check) for what, check, keys in FORMS for key in keys.split()}
# (resource type, property) -> what it must be, where the property's name alone does not say it.
BY_TYPE: dict[tuple[str, str], tuple[str, Callable[[str], bool]]] = {
    ("AWS::CertificateManager::Certificate", "DomainName"): ("a host name", _like(HOST)),
    ("AWS::CloudFront::Distribution", "DomainName"): ("a host name", _like(HOST)),
    ("AWS::CloudFront::Distribution", "Aliases"): ("a host name", _like(HOST)),
    ("AWS::Route53::RecordSet", "Name"): ("a host name", _like(HOST)),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "Port"): ("a port from 1 to 65535", _numeric(1, 65535)),
    ("AWS::ElasticLoadBalancingV2::Listener", "Port"): ("a port from 1 to 65535", _numeric(1, 65535)),
}
ORDERED = {"Command", "EntryPoint", "Fn::Sub", "args"}


KNOWN = {*BY_KEY, *(key for _, key in BY_TYPE)}


def _leaves(resource: Resource) -> Iterator[tuple[str, str]]:
    """(nearest key, value) of every scalar that may have a form to keep."""
    for path, node in resource.nodes:
        if isinstance(node, str | int | float) and not isinstance(node, bool) and path:
            key = path[-1] if isinstance(path[-1], str) or len(path) < 2 else path[-2]
            if key in KNOWN and "Variables" not in path:
                yield str(key), text(node)


@rule("a value of another form comes from the wrong parameter; CloudFormation notices it half way")
def value_of_right_form(system: System) -> Iterator[Finding]:
    for resource in system.resources:
        for key, value in _leaves(resource) if resource.type != NESTED else ():
            what, check = BY_TYPE.get((resource.type, key)) or BY_KEY.get(key) or ("", None)
            if check and (_is_other(value, what, system) if TOKEN.search(value) else not check(value)):
                yield resource.finding(f"{key} is {value!r}; it must be {what}")


def _is_other(value: str, what: str, system: System) -> bool:
    """Whether a reference is known to be no number, range, zone or host: an ARN, a name, an id."""
    return kind(value, system) in {"arn", "url", "mixed", "list"} | ({"name", "id"} if "host" not in what else set())


@rule("an e-mail subscription to no address is never confirmed, and nobody hears of an alarm")
def subscriber_has_address(system: System) -> Iterator[Finding]:
    for subscription in system.of_type("AWS::SNS::Subscription"):
        endpoint = text(subscription.get("Endpoint"))
        wanted = {"email": EMAIL, "https": r"https://.+", "sqs": r"arn:.+", "lambda": r"arn:.+"}
        pattern = wanted.get(text(subscription.get("Protocol")), ".+")
        if not TOKEN.search(endpoint) and not re.fullmatch(pattern, endpoint):
            yield subscription.finding(f"Endpoint is {endpoint!r}, which does not go with its Protocol; correct one")


@rule("a list that says one thing twice lacks the other that was meant")
def nothing_twice(system: System) -> Iterator[Finding]:
    for resource in system.resources:
        for path, node in resource.nodes:
            if isinstance(node, list) and path and not ORDERED.intersection(path):
                plain = [item for item in node if isinstance(item, str)]
                for item in sorted({item for item in plain if plain.count(item) > 1}):
                    yield resource.finding(f"{path[-1]} lists {item} twice; name the other one or remove it")


NAMESPACES = {**SERVICES, "CertificateManager": "acm"}


def _services(types: frozenset[str]) -> set[str]:
    spaces = {name.split("::")[1] for name in types}
    return {NAMESPACES.get(space, space.lower()) for space in spaces}


@rule("an ARN of another service is refused when the resource is created, or never works")
def arn_of_right_service(system: System) -> Iterator[Finding]:
    for resource, what, value, want in places(system):
        parts = text(value).split(":") if isinstance(value, str) and want.types else []
        if len(parts) > 5 and parts[0] == "arn" and parts[2] not in _services(want.types):
            expected = " or ".join(sorted(_services(want.types)))
            yield resource.finding(f"{what} is an ARN of {parts[2]} ({value}); give one of {expected}")
