"""Read a change set and those of its nested stacks as one list, with what failed where and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scripts.review.model import Listed

NO_CHANGES = ("didn't contain changes", "No updates are to be performed", "contains no changes")
"""AWS calls an empty change set a failure, and tells it from others by words alone."""
NESTED_FAILED = re.compile(r"arn:[^\s,]+:changeSet/[^\s,]+")
NO_CAUSE = ("early validation", "See Events", "AWS::EarlyValidation", "Currently in FAILED")
SILENT = "AWS gave no reason"
RUNNING = ("CREATE_PENDING", "CREATE_IN_PROGRESS")


@dataclass(frozen=True)
class Failure:
    """A change set that cannot be executed: the stack's path (empty for the root), and AWS's reasons."""

    path: str
    reason: str


@dataclass(frozen=True)
class Followed:
    """A change set with those below it."""

    stack_id: str
    change_set_id: str
    status: str
    listed: tuple[Listed, ...]
    failures: tuple[Failure, ...]
    empty: bool

    @property
    def running(self) -> bool:
        return self.status in RUNNING


def follow(cloudformation: Any, change_set_id: str) -> Followed:
    """The change set, its changes page by page, and every nested stack's own."""
    first, changes = _described(cloudformation, change_set_id)
    rows: list[Listed] = []
    failures: list[Failure] = []
    if first["Status"] not in RUNNING:
        _descend(cloudformation, first, changes, "", rows, failures)
    return Followed(
        stack_id=first["StackId"],
        change_set_id=first["ChangeSetId"],
        status=first["Status"],
        listed=tuple(rows),
        failures=tuple(failures),
        empty=_is_empty(first),
    )


def _descend(
    cloudformation: Any,
    described: dict[str, Any],
    changes: list[dict[str, Any]],
    path: str,
    rows: list[Listed],
    failures: list[Failure],
) -> None:
    """Add this set's rows, each nested stack's own right after its row, and what failed, the deepest first."""
    seen = set()
    for change in changes:
        here = f"{path}/{change['LogicalResourceId']}" if path else change["LogicalResourceId"]
        rows.append(_row(here, change))
        if change.get("ChangeSetId"):
            seen.add(change["ChangeSetId"])
            _descend(cloudformation, *_described(cloudformation, change["ChangeSetId"]), here, rows, failures)
    for nested in NESTED_FAILED.findall(described.get("StatusReason", "")):
        # A set that failed may list nothing at all; only its reason then names the nested one.
        if nested.rstrip(".") not in seen and nested.rstrip(".") != described["ChangeSetId"]:
            inner, below = _described(cloudformation, nested.rstrip("."))
            _descend(cloudformation, inner, below, _named(path, inner), rows, failures)
    failures.extend(_failure(cloudformation, described, path, known=bool(failures)))


def _described(cloudformation: Any, change_set_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The first page, and the resource changes of all pages."""
    first = page = cloudformation.describe_change_set(ChangeSetName=change_set_id)
    changes = [*page.get("Changes", [])]
    while page.get("NextToken"):
        page = cloudformation.describe_change_set(ChangeSetName=change_set_id, NextToken=page["NextToken"])
        changes += page.get("Changes", [])
    return first, [each["ResourceChange"] for each in changes if each.get("ResourceChange")]


def _row(path: str, change: dict[str, Any]) -> Listed:
    return Listed(
        path=path,
        action=change["Action"],
        type=change["ResourceType"],
        replacement=change.get("Replacement", ""),
        policy_action=change.get("PolicyAction", ""),
        parameters=_parameters(change.get("Details", [])),
    )


def _parameters(details: list[dict[str, Any]]) -> tuple[str, ...]:
    if {each.get("ChangeSource") for each in details} != {"ParameterReference"}:
        return ()
    return tuple(sorted({each.get("CausingEntity", "") for each in details}))


def _is_empty(described: dict[str, Any]) -> bool:
    return described["Status"] == "FAILED" and any(words in described.get("StatusReason", "") for words in NO_CHANGES)


def _named(path: str, described: dict[str, Any]) -> str:
    name = described.get("StackName", "nested stack")
    return f"{path}/{name}" if path else name


def _failure(cloudformation: Any, described: dict[str, Any], path: str, *, known: bool) -> Iterator[Failure]:
    if described.get("ExecutionStatus") == "OBSOLETE":
        yield Failure(path, "The change set is obsolete: the stack was changed after it was made.")
    elif described["Status"] != "CREATE_COMPLETE" and not _is_empty(described):
        reason = described.get("StatusReason", "")
        told = " ".join(events(cloudformation, described["ChangeSetId"])) if _lacks_cause(reason) else ""
        if not told and known and _lacks_cause(reason):
            return  # what failed below has told it
        yield Failure(path, told or reason or f"{SILENT}; its status is {described['Status']}.")


def _lacks_cause(reason: str) -> bool:
    return not reason or any(words in reason for words in NO_CAUSE)


def events(cloudformation: Any, change_set_id: str) -> list[str]:
    """What DescribeEvents tells of a change set that failed its validation; nothing where it cannot be asked."""
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        try:
            page = cloudformation.describe_events(ChangeSetName=change_set_id, Filters={"FailedEvents": True}, **token)
        except (ClientError, BotoCoreError):
            # Older emulators and roles do not know the call; the change set's own reason has to do.
            return found
        found += [sentence for event in page.get("OperationEvents", []) if (sentence := _sentence(event))]
        if not page.get("NextToken"):
            return list(dict.fromkeys(found))
        token = {"NextToken": page["NextToken"]}


def _sentence(event: dict[str, Any]) -> str:
    reason = event.get("ValidationStatusReason") or event.get("ResourceStatusReason") or event.get("HookStatusReason")
    if not reason:
        return ""
    where = " ".join(filter(None, (event.get("LogicalResourceId"), event.get("ValidationPath"))))
    return f"{where}: {reason}" if where else str(reason)
