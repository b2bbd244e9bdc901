"""An IAM statement in plain words."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

SERVICES = {
    "backup": "AWS Backup",
    "cloudformation": "CloudFormation",
    "cloudwatch": "metrics",
    "dynamodb": "DynamoDB",
    "ecr": "the image registry",
    "ecs": "ECS",
    "iam": "IAM",
    "kms": "keys",
    "lambda": "Lambda",
    "logs": "logs",
    "s3": "S3",
    "secretsmanager": "secrets",
    "sqs": "queues",
    "sts": "roles",
}
KINDS = (
    ("read", ("Get", "BatchGet", "Batch", "Query", "Scan", "Describe", "List", "Head", "Receive", "Decrypt", "Lookup")),
    ("delete", ("Delete", "Remove", "Deregister", "Release", "Revoke")),
    ("change", ("Put", "Update", "Create", "Set", "Modify", "Tag", "Untag", "Write", "Register", "Attach", "Add")),
)
MOST = 6


def as_list(value: Any) -> list[Any]:
    """IAM lets a single thing stand for a list of one."""
    return value if isinstance(value, list) else [value]


def in_words(statement: dict[str, Any]) -> list[str]:
    """A line for each service: ``may read, change DynamoDB (GetItem, PutItem): table/sparta-operators``."""
    verb = "may" if statement["Effect"] == "Allow" else "must not"
    condition = " (under conditions)" if statement.get("Condition") else ""
    if "Action" not in statement:
        return [f"{verb} do everything but {_shortened(as_list(statement['NotAction']))}{condition}"]
    resources = as_list(statement.get("Resource", statement.get("NotResource")))
    where = ("all but " if "NotResource" in statement else "") + _shortened([_short(each) for each in resources])
    return [
        f"{verb} {_kinds(actions)} {SERVICES.get(service, service)} ({_shortened(actions)}): {where}{condition}"
        for service, actions in _by_service(as_list(statement["Action"])).items()
    ]


def _by_service(actions: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for action in actions:
        service, _, name = action.partition(":")
        found[service if name else "*"].append(name or action)
    return found


def _kinds(actions: list[str]) -> str:
    return ", ".join(dict.fromkeys(_kind(action) for action in actions))


def _kind(action: str) -> str:
    if action == "*":
        return "do anything with"
    for kind, beginnings in KINDS:
        if action == "BatchWriteItem":
            return "change"
        if action.startswith(beginnings):
            return kind
    return "use"


def _shortened(names: list[str]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more


def _short(arn: str) -> str:
    """The part of an ARN that names something."""
    if arn == "*":
        return "everything"
    return arn.split(":", 5)[5] if arn.count(":") >= 5 else arn
