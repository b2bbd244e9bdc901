"""IAM: every action exists, every statement has a Sid, and no policy is over AWS's limits."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest

from templates import registry
from templates.stack import walk

TREES = registry.build()
MODULES = {
    "application-autoscaling": "application_autoscaling",
    "backup-storage": "backup_storage",
    "lambda": "awslambda",
}
MANAGED_POLICY_LIMIT = 6_144
INLINE_POLICIES_LIMIT = 10_240


def documents() -> list[tuple[str, dict[str, Any]]]:
    """Every policy document with the resource it stands in."""
    return [
        (f"{stack}/{title}", value)
        for stack, tree in TREES.items()
        for title, resource in tree["Resources"].items()
        for key, value in walk(resource)
        if key in ("PolicyDocument", "AssumeRolePolicyDocument", "KeyPolicy") and isinstance(value, dict)
    ]


DOCUMENTS = documents()
ACTIONS = sorted({action for _, d in DOCUMENTS for statement in d["Statement"] for action in statement["Action"]})


@pytest.mark.parametrize("action", [action for action in ACTIONS if not action.endswith(":*")])
def test_every_action_exists(action: str) -> None:
    """As awacs, which follows AWS's own list, spells it."""
    service, name = action.split(":")
    module = import_module(f"awacs.{MODULES.get(service, service)}")
    assert hasattr(module, name)


def test_wildcard_actions_stand_only_in_refusals() -> None:
    granted = {
        action
        for _, document in DOCUMENTS
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }
    assert [action for action in granted if "*" in action] == []


@pytest.mark.parametrize("document", [document for _, document in DOCUMENTS], ids=[where for where, _ in DOCUMENTS])
def test_every_statement_is_named_once(document: dict[str, Any]) -> None:
    sids = [statement.get("Sid") for statement in document["Statement"]]
    assert all(sids)
    assert len(set(sids)) == len(sids)
    assert document["Version"] == "2012-10-17"


def size(document: object) -> int:
    """Upper bound of what IAM counts: no white space, references at the length of what they become."""
    text = json.dumps(document, separators=(",", ":"))
    for name, value in (
        ("${AWS::Partition}", "aws"),
        ("${AWS::Region}", "ap-southeast-2"),
        ("${AWS::AccountId}", "1" * 12),
        ("${Environment}", "e" * 16),
        ("${NameSuffix}", "-" + "e" * 16),
        ('{"Fn::Sub":', ""),
    ):
        text = text.replace(name, value)
    return len(text)


@pytest.mark.parametrize("stack", TREES)
def test_policies_fit_into_iams_limits(stack: str) -> None:
    """A policy that is too long fails only in the middle of a deployment."""
    for title, resource in TREES[stack]["Resources"].items():
        if resource["Type"] == "AWS::IAM::ManagedPolicy":
            assert size(resource["Properties"]["PolicyDocument"]) <= MANAGED_POLICY_LIMIT, title
        if resource["Type"] == "AWS::IAM::Role":
            assert size(resource["Properties"].get("Policies", [])) <= INLINE_POLICIES_LIMIT, title
