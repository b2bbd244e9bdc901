"""What a deletion of the system takes and what it leaves, by the templates that are deployed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scripts.operations.target import NESTED, Target
from templates.rules.reader import parse

KEEPS = ("Retain", "RetainExceptOnCreate")

COSTS: dict[str, str] = {
    "AWS::DynamoDB::Table": "tables: $0.30 per GB and month; nothing while nobody asks",
    "AWS::S3::Bucket": "buckets: $0.024 per GB and month",
    "AWS::KMS::Key": "encryption key: $1 a month; without it nothing encrypted can be read",
    "AWS::Logs::LogGroup": "logs: $0.03 per GB and month, until their retention is over",
    "AWS::Backup::BackupVault": "backup vault: $0.12 per GB and month of what is in it",
    "AWS::SQS::Queue": "queues: nothing while nobody uses them",
}
"""What is kept costs on. London, November 2026, aws.amazon.com/pricing."""


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
        cost = COSTS.get(kind, "")
        lines.append(f"{kind.removeprefix('AWS::')}: {names}" + (f" ({cost})" if cost else ""))
    return lines
