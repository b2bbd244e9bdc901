"""ARNs written by hand: rightly built, of this account and region, of the service that the actions speak to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.rules.finding import Finding, rule
from templates.rules.render import LITERAL, REGION
from templates.rules.scope import ACCOUNT
from templates.rules.system import Resource, System
from templates.rules.values import TOKEN, place

ACCOUNT_ID = re.compile(r"(?<![\w./-])\d{12}(?![\w-])")
REGION_NAME = re.compile(
    r"\b(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov|-iso\w*)?-(?:central|(?:north|south)?(?:east|west)?)-\d\b"
)
PARTITION = re.compile(r"arn:aws(-cn|-us-gov)?:")
GIVEN_ID = re.compile(r"\b(?:vpc|subnet|sg|rtb|igw|nat|eipalloc|vpce|acl)-[0-9a-f]{8,17}\b")
FREE = {"Metadata", "Description", "Tags", "Version"}

# service -> what the last part of its ARNs may begin with; "" where the resource has no type.
RESOURCES = {
    "backup": "backup-vault: backup-plan: recovery-point: framework: report-plan:",
    "cloudtrail": "trail/ eventdatastore/",
    "cloudwatch": "alarm: dashboard/ metric-stream/",
    "dynamodb": "table/ global-table/",
    "ecr": "repository/",
    "ecs": "cluster/ service/ task/ task-definition/ task-set/ container-instance/ capacity-provider/",
    "elasticloadbalancing": "loadbalancer/ targetgroup/ listener/ listener-rule/",
    "events": "rule/ event-bus/ archive/ api-destination/ connection/",
    "iam": "role/ policy/ user/ group/ instance-profile/ oidc-provider/ server-certificate/ root saml-provider/ mfa/",
    "kms": "key/ alias/",
    "lambda": "function: layer: event-source-mapping: code-signing-config:",
    "logs": "log-group: destination:",
    "s3": "",
    "scheduler": "schedule/ schedule-group/",
    "secretsmanager": "secret:",
    "servicediscovery": "namespace/ service/",
    "sns": "",
    "sqs": "",
    "ssm": "parameter/ document/",
    "wafv2": "regional/ global/",
}
NO_REGION = {"iam", "s3", "cloudfront", "route53", "sts", "waf", "budgets", "organizations", "globalaccelerator"}
NO_ACCOUNT = {"s3", "route53"}
NO_REGION_TYPES = ("dashboard/",)


def _strings(system: System) -> Iterator[tuple[str, str, str]]:
    """(stack, resource or output, text) of every text written in a template, intrinsics unrendered."""
    for template in system.templates.values():
        for path, node in template.nodes:
            if isinstance(node, str) and path[0] in ("Resources", "Outputs") and not FREE.intersection(path):
                yield template.name, place(path), node


@rule("a template that names one account, region or partition works nowhere else, and quietly points there", once=True)
def nothing_hard_coded(system: System) -> Iterator[Finding]:
    for stack, where, written in _strings(system):
        plain = LITERAL.sub("", written)
        if PARTITION.search(plain):
            yield Finding(
                stack, where, f"writes {PARTITION.findall(plain)[0]}...; write arn:${{AWS::Partition}}: with Fn::Sub"
            )
        if found := REGION_NAME.search(plain):
            yield Finding(stack, where, f"names the region {found[0]}; use AWS::Region")
        if found := ACCOUNT_ID.search(plain):
            yield Finding(stack, where, f"names the account {found[0]}; use AWS::AccountId or a parameter")
        if found := GIVEN_ID.search(plain):
            yield Finding(stack, where, f"names {found[0]}, which exists in one account only; use Ref or a parameter")


def _arns(resource: Resource) -> Iterator[str]:
    for path, node in resource.nodes:
        if isinstance(node, str) and node.startswith("arn:") and "Tags" not in path:
            yield node


def _parts_objection(service: str, region: str, account: str, what: str) -> str:
    """What is wrong with the service, region, account or resource of an ARN; "" when nothing is."""
    known = RESOURCES.get(service)
    first = next((start for start in (known or "").split() if what.startswith(start)), "")
    regional = known is not None and service not in NO_REGION and first not in NO_REGION_TYPES
    wrongs = {
        f"begins its last part with {what[:20]!r}; {service} has {known}": known and not first and what[0] not in "*\0",
        "names no region; put AWS::Region after the service": regional and not region,
        f"names a region; ARNs of {service} have none, leave it empty": service in NO_REGION and region,
        f"names the region {region}; use AWS::Region": region not in ("", "*", "\0", REGION) and service != "acm",
        f"names an account; ARNs of {service} have none, leave it empty": service in NO_ACCOUNT and account,
        "names no account; put AWS::AccountId before the resource": known is not None
        and service not in NO_ACCOUNT
        and not account,
        f"names the account {account}; use AWS::AccountId": account not in ("", "*", "\0", ACCOUNT, "aws"),
    }
    return next((advice for advice, wrong in wrongs.items() if wrong), "")


def _objection(arn: str) -> str:
    """What is wrong with an ARN that a template puts together; references are masked, so that parts can be counted."""
    parts = TOKEN.sub("\0", arn).split(":", 5)
    if len(parts) < 6 or not parts[5]:
        return "has too few parts; write arn:partition:service:region:account:resource"
    return _parts_objection(*parts[2:])


@rule("an ARN with a wrong part names nothing: the permission or the wire silently does not work")
def arn_well_built(system: System) -> Iterator[Finding]:
    for resource in system.resources:
        for arn in dict.fromkeys(_arns(resource)):
            if objection := _objection(arn):
                yield resource.finding(f"{arn} {objection}")
