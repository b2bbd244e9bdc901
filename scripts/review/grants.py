"""Every policy of a system taken apart into single permissions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from scripts.review.entries import REFERENCE, Entry
from templates.rules.values import dicts, items, mapping, text

ROLE = "AWS::IAM::Role"
HOLDERS = (ROLE, "AWS::IAM::User", "AWS::IAM::Group")
ATTACHED = ("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy")
MANAGED = "AWS::IAM::ManagedPolicy"
ON_RESOURCES = {
    "AWS::ECR::Repository": ("RepositoryPolicyText", ""),
    "AWS::KMS::Key": ("KeyPolicy", ""),
    "AWS::S3::BucketPolicy": ("PolicyDocument", "Bucket"),
    "AWS::SNS::TopicPolicy": ("PolicyDocument", "Topics"),
    "AWS::SQS::QueuePolicy": ("PolicyDocument", "Queues"),
    "AWS::SecretsManager::ResourcePolicy": ("ResourcePolicy", "SecretId"),
    "AWS::Backup::BackupVault": ("AccessPolicy", ""),
}
"""Types whose policy says who may use them: the property, and the one that names what it guards (empty: itself)."""


class Grant(NamedTuple):
    """One effect of one action on one resource for one holder."""

    holder: str
    """Who: the path of a role, or a principal."""
    effect: str
    action: str
    resource: str
    condition: str = ""
    """JSON; empty when there is none."""
    guard: str = ""
    """Path of the resource whose own policy says so; empty when it is the holder's."""
    kind: str = "policy"
    """policy, trust, attachment or boundary."""


def grants(entries: Mapping[str, Entry]) -> Iterator[Grant]:
    for entry in entries.values():
        if entry.type in HOLDERS:
            yield from _of_holder(entry)
        elif entry.type in ATTACHED or entry.type == MANAGED:
            yield from _of_policy(entry)
        elif entry.type in ON_RESOURCES:
            key, guarded = ON_RESOURCES[entry.type]
            places = [_path(item) for item in items(entry.props.get(guarded))] if guarded else []
            yield from _guarding(entry.props.get(key), ", ".join(places) or entry.path)
        elif entry.type == "AWS::Lambda::Permission":
            yield _invocation(entry)


def _of_holder(entry: Entry) -> Iterator[Grant]:
    for policy in dicts(entry.props.get("Policies")):
        yield from _statements(policy.get("PolicyDocument"), entry.path)
    for arn in items(entry.props.get("ManagedPolicyArns")):
        yield Grant(entry.path, "Allow", "", text(arn), kind="attachment")
    if entry.props.get("PermissionsBoundary"):
        yield Grant(entry.path, "Deny", "", text(entry.props["PermissionsBoundary"]), kind="boundary")
    yield from (
        grant._replace(kind="trust", resource="")
        for grant in _guarding(entry.props.get("AssumeRolePolicyDocument"), entry.path)
    )


def _of_policy(entry: Entry) -> Iterator[Grant]:
    names = ("Roles", "Users", "Groups", "RoleName", "UserName", "GroupName")
    holders = [_path(item) for name in names for item in items(entry.props.get(name))]
    if entry.type == MANAGED:
        yield from (Grant(holder, "Allow", "", f"${{{entry.path}}}", kind="attachment") for holder in holders)
        holders = [entry.path]
    for holder in holders:
        yield from _statements(entry.props.get("PolicyDocument"), holder)


def _guarding(document: Any, place: str) -> Iterator[Grant]:
    """A policy on a resource: its principals are the holders."""
    for statement in dicts(mapping(_read(document)).get("Statement")):
        for holder in _principals(statement):
            for grant in _one(statement, holder):
                yield grant._replace(guard=place)


def _statements(document: Any, holder: str) -> Iterator[Grant]:
    for statement in dicts(mapping(_read(document)).get("Statement")):
        yield from _one(statement, holder)


def _one(statement: Mapping[str, Any], holder: str) -> Iterator[Grant]:
    condition = json.dumps(statement["Condition"], sort_keys=True) if statement.get("Condition") else ""
    resources = [*_plain_or_not(statement, "Resource")] or [""]
    for action in _plain_or_not(statement, "Action"):
        for resource in resources:
            yield Grant(holder, text(statement.get("Effect")), action, resource, condition)


def _plain_or_not(statement: Mapping[str, Any], key: str) -> Iterator[str]:
    """The values of a key, or of its opposite as one value."""
    yield from map(text, items(statement.get(key)))
    if f"Not{key}" in statement:
        yield "everything but " + ", ".join(map(text, items(statement[f"Not{key}"])))


def _principals(statement: Mapping[str, Any]) -> Iterator[str]:
    found = statement.get("Principal", statement.get("NotPrincipal", "*"))
    opposite = "everybody but " if "NotPrincipal" in statement else ""
    named = [item for value in found.values() for item in items(value)] if isinstance(found, dict) else items(found)
    yield from (opposite + text(item) for item in named)


def _invocation(entry: Entry) -> Grant:
    source = text(entry.props.get("SourceArn"))
    condition = json.dumps({"ArnLike": {"aws:SourceArn": source}}) if source else ""
    function = text(entry.props.get("FunctionName"))
    action, holder = text(entry.props.get("Action")), text(entry.props.get("Principal"))
    return Grant(holder, "Allow", action, function, condition, guard=_path(function))


def _path(value: Any) -> str:
    match = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    return match[1] if match else text(value)


def _read(document: Any) -> Any:
    """ECR and secrets take their policy as text too."""
    if not isinstance(document, str):
        return document
    try:
        return json.loads(document)
    except ValueError:
        return {}
