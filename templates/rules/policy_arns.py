"""ARNs in policies: of the service the actions speak to, and of the thing they act on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from templates.rules.finding import Finding, rule
from templates.rules.kinds import kind
from templates.rules.system import Resource, System
from templates.rules.values import TOKEN, dicts, get, items, mapping, text, tokens

ACCOUNT = re.compile(r"\d{12}")
SUFFIXED = re.compile(r".+-[A-Za-z0-9]{6}")
"""A secret's ARN as Secrets Manager shows it."""
# Services whose actions name resources of another service; "*" where of several.
SEVERAL = ["application-autoscaling", "ec2", "elasticloadbalancing", "tag", "wafv2"]
ACTING_ON = {**dict.fromkeys(SEVERAL, "*"), "sts": "iam"}
SERVICES = {"ElasticLoadBalancingV2": "elasticloadbalancing"}
OBJECTS = re.compile(r"s3:(Get|Put|Delete|Restore|Abort)(Object|Multipart)|s3:ListMultipartUploadParts", re.IGNORECASE)
BUCKET = re.compile(r"s3:(ListBucket|GetBucket|PutBucket|GetLifecycle|GetEncryption)", re.IGNORECASE)


class Statement(NamedTuple):
    """One statement of a policy, where it stands."""

    resource: Resource
    body: dict[str, Any]

    def all(self, key: str) -> list[str]:
        return [text(item) for item in items(self.body.get(key))]

    def finding(self, advice: str) -> Finding:
        sid = text(self.body.get("Sid")) or "without Sid"
        return self.resource.finding(f"statement {sid} {advice}")


@lru_cache(maxsize=2)
def statements(system: System) -> tuple[Statement, ...]:
    """Every statement of every policy document, identity and resource policies alike."""
    documents = (
        (resource, node)
        for resource in system.resources
        for path, node in resource.nodes
        if path and path[-1] == "Statement"
    )
    return tuple(Statement(resource, body) for resource, found in documents for body in dicts(found))


def _service(value: str, system: System) -> str:
    """The service an ARN in a policy speaks of; "" where that is open."""
    target = system.target(value)
    if value.startswith("arn:"):
        service = value.split(":")[2] if value.count(":") > 1 else ""
        return "" if service in ("", "*") else service
    if target and tokens(value):
        namespace = target.type.split("::")[1] if target.type.count("::") else ""
        return SERVICES.get(namespace, namespace.lower())
    return ""


@rule("a permission on another service's resource allows nothing: the call is denied at run time")
def arn_fits_action(system: System) -> Iterator[Finding]:
    for statement in statements(system):
        acting = {action.split(":")[0].lower() for action in statement.all("Action") if ":" in action}
        meant = {ACTING_ON.get(service, service) for service in acting}
        named = {_service(value, system) for value in statement.all("Resource")}
        if not meant or not named or {"*", ""} & (meant | named):
            continue
        for service in sorted(named - meant):
            yield statement.finding(f"names {service} ARNs but no {service} action; move them")
        for service in sorted(meant - named):
            yield statement.finding(f"allows {service} actions on no {service} ARN; name one")


@rule("IAM compares ARNs: a name, a URL or an id there matches nothing")
def policy_names_arns(system: System) -> Iterator[Finding]:
    for statement in statements(system):
        for key in ("Resource", "NotResource"):
            for value in statement.all(key):
                if value != "*" and kind(value, system) not in ("arn", ""):
                    yield statement.finding(f"has {key} {value}, which is no ARN; use Fn::GetAtt ... Arn")
        for value in (text(each) for each in items(get(mapping(statement.body.get("Principal")), "AWS"))):
            if value != "*" and not ACCOUNT.fullmatch(value) and kind(value, system) not in ("arn", ""):
                yield statement.finding(f"trusts {value}, which is no ARN; use Fn::GetAtt ... Arn")


@rule("object actions need the bucket's objects (/*), bucket actions the bucket: else every call is denied")
def bucket_or_objects(system: System) -> Iterator[Finding]:
    for statement in statements(system):
        named = [value for value in statement.all("Resource") if _service(value, system) == "s3"]
        actions = statement.all("Action")
        whole = [value for value in named if "/" not in TOKEN.sub("", value).rsplit(":", 1)[-1]]
        if named and len(whole) == len(named) and (hit := next(filter(OBJECTS.match, actions), None)):
            yield statement.finding(f"allows {hit} on the bucket; add /* to its ARN")
        if named and not whole and (hit := next(filter(BUCKET.match, actions), None)):
            yield statement.finding(f"allows {hit} on objects; give the bucket's own ARN")


@rule("a secret's ARN ends in six random characters: an ARN made from its name alone matches nothing")
def secret_arn_has_suffix(system: System) -> Iterator[Finding]:
    given = set(system.values.values())
    for statement in statements(system):
        for value in statement.all("Resource"):
            if (
                _service(value, system) == "secretsmanager"
                and value.startswith("arn:")
                and not value.endswith(("*", "-??????"))
                and not (value in given and SUFFIXED.fullmatch(value))
            ):
                yield statement.finding(f"names {value}; end it in -?????? or use the secret's ARN")
