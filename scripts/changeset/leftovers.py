"""What an earlier run left behind, told in plain words, and cleared away with consent before a new change set."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError
from rich.markup import escape

from scripts.changeset.create import change_sets
from scripts.operations.consent import ask
from scripts.operations.errors import OperationError, code
from scripts.operations.screen import ERR, say
from scripts.operations.target import NESTED, Target

LONGEST = 3600
PAUSE = 2.0
NEVER_CREATED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")
"""The first creation failed: CloudFormation can only delete such a stack."""
GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE")


def clear(target: Target, *, yes: bool) -> None:
    """Return when a change set can be made: nothing is in the way, or it was cleared away.

    :raises OperationError: when something is running, or is in the way and stays
    """
    found = _stack(target, target.root)
    status = found["StackStatus"] if found else ""
    if found is None or status == "DELETE_COMPLETE":
        return
    if status == "REVIEW_IN_PROGRESS":
        _placeholder(target, yes=yes)
    elif status.endswith("_IN_PROGRESS"):
        raise OperationError(_running(target, status))
    elif status in NEVER_CREATED:
        _never_created(target, found, yes=yes)
    elif status == "UPDATE_ROLLBACK_FAILED":
        _stuck(target, found, yes=yes)
    elif status not in GOOD:
        reason = found.get("StackStatusReason", "AWS gives no reason")
        raise OperationError(
            f"{target.root} is {status}: {reason}. Nothing was done. A stack in this state takes no change set; look "
            "at its events in the console, put right what they name, and finish what was begun."
        )
    else:
        _failed_sets(target, yes=yes)


def _placeholder(target: Target, *, yes: bool) -> None:
    """A stack in review is one that does not exist yet: only its change sets do."""
    say(
        f"{target.root} does not exist yet: it is in review (REVIEW_IN_PROGRESS), that is, a change set for its "
        "creation was made and never executed. Nothing of it runs or costs anything."
    )
    _failed_sets(target, yes=yes)


def _failed_sets(target: Target, *, yes: bool) -> None:
    """Change sets that can never be executed: harmless, but they stand in the console's list."""
    dead = [
        each
        for each in change_sets(target.cloudformation, target.root)
        if each["Status"] == "FAILED" or each.get("ExecutionStatus") == "OBSOLETE"
    ]
    if not dead:
        return
    names = ", ".join(f"{each['ChangeSetName']} ({each['Status']})" for each in dead)
    say(escape(f"Earlier change sets of {target.root} that can not be executed any more: {names}."))
    if not yes and not sys.stdin.isatty():
        say("They do no harm and stay, as nobody can be asked here; YES=1 deletes them.")
        return
    ask("Delete them?", yes=yes)
    for each in dead:
        target.cloudformation.delete_change_set(ChangeSetName=each["ChangeSetId"])
    say("Deleted.")


def _running(target: Target, status: str) -> str:
    doing = [f"{path} {each}" for path, each in _unfinished(target, target.root, "")]
    what = f" At work: {', '.join(doing[:6])}{' ...' if len(doing) > 6 else ''}." if doing else ""
    return (
        f"{target.root} is being changed right now ({status}).{what} Nothing was done. Wait until it has ended, then "
        "repeat the command."
    )


def _never_created(target: Target, found: dict[str, Any], *, yes: bool) -> None:
    """Delete what a failed first creation left, if a person agrees; what its templates retain stays."""
    status, name = found["StackStatus"], target.root
    reason = found.get("StackStatusReason", "").rstrip(".")
    say(escape(f"The first creation of {name} failed ({status}{': ' + reason if reason else ''})."))
    left = [f"{path} ({kind})" for path, kind in _left(target, name, "")]
    say(escape(f"Of it there still are: {', '.join(left)}." if left else "Nothing of it is left but the stack's name."))
    say("The stack was never in use. CloudFormation can not change it any more, it has to be deleted first.")
    ask(f"Delete the stack {name}?", yes=yes)
    target.cloudformation.delete_stack(StackName=found["StackId"])
    ended = _wait(target, found["StackId"], f"Deleting {name} ...")
    if ended != "DELETE_COMPLETE":
        raise OperationError(
            f"{name} could not be deleted; it is {ended}. Look at its events in the console for what holds it up, and "
            "repeat the command."
        )
    say(f"{name} was deleted.")


def _stuck(target: Target, found: dict[str, Any], *, yes: bool) -> None:
    """An update failed, and so did undoing it. Never delete: the system is in use."""
    name = target.root
    reason = found.get("StackStatusReason", "AWS gives no reason").rstrip(".")
    say(escape(f"An update of {name} failed, and so did putting back what was before: {reason}."))
    failed = [f"{path}: {why}" for path, why in _failures(target, name, "")]
    for line in failed:
        say(escape(f"  {line}"))
    say(
        "The system may run half old, half new. CloudFormation can try once more to put back what was before "
        "(continue-update-rollback); put right first what the lines above name. The stack must not be deleted."
    )
    ask(f"Let CloudFormation continue the rollback of {name}?", yes=yes)
    target.cloudformation.continue_update_rollback(StackName=found["StackId"])
    ended = _wait(target, found["StackId"], f"Rolling {name} back ...")
    if ended != "UPDATE_ROLLBACK_COMPLETE":
        raise OperationError(
            f"{name} is {ended} after another attempt. No change set was made. Its events in the console name the "
            "resource that cannot be put back; repair that by hand, then repeat the command."
        )
    say(f"{name} is as it was before the failed update.")


def _wait(target: Target, stack_id: str, doing: str) -> str:
    """The stack's status once it is at rest."""
    end = time.monotonic() + LONGEST
    with ERR.status(doing):
        while time.monotonic() < end:
            found = _stack(target, stack_id)
            status = found["StackStatus"] if found else "DELETE_COMPLETE"
            if not status.endswith("_IN_PROGRESS"):
                return str(status)
            time.sleep(PAUSE)
    return "still at work after an hour"


def _stack(target: Target, name: str) -> dict[str, Any] | None:
    """The stack as it is, a placeholder too."""
    try:
        found: dict[str, Any] = target.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if code(error) == "ValidationError" and "does not exist" in str(error):
            return None
        raise
    return found


def _resources(target: Target, stack: str, prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each resource by path, nested stacks' too, as far as they still exist."""
    pages = target.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    for item in (each for page in pages for each in page["StackResourceSummaries"]):
        path = prefix + item["LogicalResourceId"]
        yield path, item
        nested = item.get("PhysicalResourceId", "") if item["ResourceType"] == NESTED else ""
        if nested and _stack(target, nested) is not None:
            yield from _resources(target, nested, f"{path}/")


def _left(target: Target, stack: str, prefix: str) -> Iterator[tuple[str, str]]:
    for path, item in _resources(target, stack, prefix):
        gone = item["ResourceStatus"] == "DELETE_COMPLETE" or not item.get("PhysicalResourceId")
        if not gone and item["ResourceType"] != NESTED:
            yield path, item["ResourceType"]


def _unfinished(target: Target, stack: str, prefix: str) -> Iterator[tuple[str, str]]:
    for path, item in _resources(target, stack, prefix):
        if item["ResourceStatus"].endswith("_IN_PROGRESS"):
            yield path, item["ResourceStatus"]


def _failures(target: Target, stack: str, prefix: str) -> Iterator[tuple[str, str]]:
    for path, item in _resources(target, stack, prefix):
        if item["ResourceStatus"].endswith("_FAILED") and item["ResourceType"] != NESTED:
            yield path, item.get("ResourceStatusReason", item["ResourceStatus"])
