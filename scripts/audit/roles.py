"""What each role of the system may do, as IAM has it now: its own policies, the attached ones, its boundary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from scripts.audit.part import Part
from scripts.audit.words import as_list, in_words
from scripts.operations.target import Resource, Target
from templates.rules.iam_actions import may_have_star

ROLE = "AWS::IAM::Role"


class Held(NamedTuple):
    """A role as it is: who may assume it, and its statements with the name of the policy each stands in."""

    name: str
    account: str
    trust: list[dict[str, Any]]
    statements: list[tuple[str, dict[str, Any]]]
    attached: list[str]
    boundary: str


def of_type(target: Target, *types: str) -> list[Resource]:
    """Resources of the system and of its bootstrap stack."""
    found = [each for each in target.resources.values() if each.type in types]
    pages = target.cloudformation.get_paginator("list_stack_resources").paginate(StackName=target.bootstrap)
    for item in (each for page in pages for each in page["StackResourceSummaries"]):
        if item["ResourceType"] in types and item["ResourceStatus"] != "DELETE_COMPLETE":
            path, physical = f"bootstrap/{item['LogicalResourceId']}", item.get("PhysicalResourceId", "")
            found.append(Resource(path, item["ResourceType"], physical, item["ResourceStatus"]))
    return found


def read(target: Target) -> list[Held]:
    iam = target.client("iam")
    return [_held(iam, target.account, name) for name in sorted(each.physical_id for each in of_type(target, ROLE))]


def report(held: list[Held]) -> Part:
    part = Part("What each role may do")
    for role in held:
        part.findings += [f"Role {role.name}: {text}" for text in _findings(role)]
        part.lines.append(f"{role.name}, assumed by {', '.join(_trusted(role))}")
        part.lines += [f"  {line}" for _, statement in role.statements for line in in_words(statement)]
        if role.boundary:
            part.lines.append(f"  never more than the boundary {role.boundary} allows")
    return part


def _held(iam: Any, account: str, name: str) -> Held:
    role = iam.get_role(RoleName=name)["Role"]
    inline = iam.get_paginator("list_role_policies").paginate(RoleName=name)
    attached = iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
    statements = [
        (policy, statement)
        for page in inline
        for policy in page["PolicyNames"]
        for statement in as_list(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]["Statement"])
    ]
    arns = [each["PolicyArn"] for page in attached for each in page["AttachedPolicies"]]
    statements += [(arn.rpartition("/")[2], each) for arn in arns for each in _managed(iam, arn)]
    trust = as_list(role["AssumeRolePolicyDocument"]["Statement"])
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "").rpartition("/")[2]
    return Held(name, account, trust, statements, arns, boundary)


def _managed(iam: Any, arn: str) -> list[dict[str, Any]]:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    return as_list(document["Statement"])


def _findings(role: Held) -> Iterator[str]:
    for arn in role.attached:
        if arn.split(":")[4] == "aws":
            yield f"has AWS's own policy {arn.rpartition('/')[2]}, wider than it needs; detach it."
    for policy, statement in role.statements:
        if statement["Effect"] == "Allow":
            yield from (f"{text} (policy {policy})" for text in _too_wide(statement))
    for who in _trusted(role):
        named = re.match(r"arn:[\w-]+:(?:iam|sts)::(\d*):(?!oidc-provider|saml-provider)", who)
        if who == "*" or (named and named[1] != role.account):
            yield f"may be assumed by {who}, which is not of this account; correct its trust policy."
    if any("Federated" in _principal(each) and not each.get("Condition") for each in role.trust):
        yield "may be assumed by everybody its identity provider knows; its trust policy needs conditions."


def _too_wide(statement: dict[str, Any]) -> Iterator[str]:
    if "NotAction" in statement or "NotResource" in statement:
        yield "allows everything but a list; allow what is needed instead."
        return
    actions = as_list(statement["Action"])
    yield from (f"may do {action}, that is anything; name the actions." for action in actions if action.endswith("*"))
    if "*" in as_list(statement["Resource"]):
        wide = [each for each in actions if not each.endswith("*") and not may_have_star(each)]
        if wide:
            yield f"may do {', '.join(wide)} on every resource; name the resources."


def _trusted(role: Held) -> list[str]:
    """Who may assume it: ``*``, a service, a provider or an ARN, an account's number as its root's ARN."""
    allowing = [each for each in role.trust if each["Effect"] == "Allow"]
    found = [who for each in allowing for value in _principal(each).values() for who in as_list(value)]
    return [f"arn:aws:iam::{each}:root" if each.isdigit() else each for each in found]


def _principal(statement: dict[str, Any]) -> dict[str, Any]:
    given = statement.get("Principal", "*")
    return given if isinstance(given, dict) else {"AWS": given}
