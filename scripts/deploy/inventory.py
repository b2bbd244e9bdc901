"""What a deletion of the system takes and what it leaves, by the templates that are deployed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scripts.cost.prices import price_list
from scripts.operations.target import NESTED, Target
from templates.rules.reader import parse

KEEPS = ("Retain", "RetainExceptOnCreate")

KEPT_AT: dict[str, tuple[str, str]] = {
    "AWS::DynamoDB::Table": ("table-storage", "nothing more while nobody asks"),
    "AWS::S3::Bucket": ("bucket-storage", "of what is in it"),
    "AWS::KMS::Key": ("key", "without it nothing encrypted can be read"),
    "AWS::Logs::LogGroup": ("logs-stored", "until the retention is over"),
    "AWS::Backup::BackupVault": ("table-backup", "of what is in it"),
}
"""What is kept costs on: its key in the price list, and what to know."""


@dataclass(frozen=True)
class Item:
    """One resource, and whether it stays when its stack goes."""

    path: str
    type: str
    physical_id: str
    stays: bool

    @property
    def stack(self) -> str:
        return self.path.rpartition("/")[0]


def inventory(target: Target) -> list[Item]:
    """Every resource of the system but the nested stacks themselves."""
    policies = dict(_policies(target.cloudformation, target.root, ""))
    return [
        Item(each.path, each.type, each.physical_id, policies.get(each.path, "Delete") in KEEPS)
        for each in target.resources.values()
        if each.type != NESTED
    ]


def _policies(cloudformation: Any, stack: str, prefix: str) -> Iterator[tuple[str, str]]:
    """The deletion policy of each resource that has one, by path."""
    resources = _template(cloudformation, stack).get("Resources", {})
    listed = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    nested = {
        item["LogicalResourceId"]: item["PhysicalResourceId"]
        for page in listed
        for item in page["StackResourceSummaries"]
        if item["ResourceType"] == NESTED and item.get("PhysicalResourceId")
    }
    for name, resource in resources.items():
        if "DeletionPolicy" in resource:
            yield f"{prefix}{name}", str(resource["DeletionPolicy"])
        if name in nested:
            yield from _policies(cloudformation, nested[name], f"{prefix}{name}/")


def _template(cloudformation: Any, stack: str) -> dict[str, Any]:
    body = cloudformation.get_template(StackName=stack)["TemplateBody"]
    return parse(body) if isinstance(body, str) else dict(body)


def what_stays(items: list[Item]) -> list[str]:
    """A line for each kind of resource that is kept: which, and what that costs."""
    kept = [item for item in items if item.stays]
    lines = []
    for kind in sorted({item.type for item in kept}):
        names = ", ".join(sorted(item.physical_id.rpartition("/")[2] for item in kept if item.type == kind))
        lines.append(f"{kind.removeprefix('AWS::')}: {names}{_cost(kind)}")
    return lines


def _cost(kind: str) -> str:
    if kind not in KEPT_AT:
        return ""
    key, remark = KEPT_AT[kind]
    price = price_list().prices[key]
    return f" (${price.price:.2f} a {price.unit}; {remark})"
