"""Verb ``drift``: what was changed past the templates, in the root stack and every nested one."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import click
from rich.markup import escape

from scripts.operations.command import verb
from scripts.operations.errors import OperationError
from scripts.operations.log_events import printable
from scripts.operations.screen import ERR, say
from scripts.operations.target import NESTED, Target

DIFFERS = {"MODIFIED", "DELETED"}
POLL_SECONDS = 3.0
LONGEST = 200
KINDS = {"ADD": "added", "REMOVE": "removed", "NOT_EQUAL": "changed"}
# The path of an RPC address may be the provider's key.
_ADDRESS_PATH = re.compile(r"(https?://[^/\s\"']+/)[^\s\"',]+")


class Stack(NamedTuple):
    """One stack under examination: its place in the system, its ARN or name, and the id of the detection."""

    path: str
    name: str
    detection: str


@verb("drift")
@click.option(
    "--wait",
    envvar="WAIT",
    type=click.IntRange(1),
    default=600,
    show_default=True,
    help="How many seconds CloudFormation may take.",
)
def drift(target: Target, wait: int) -> None:
    """Show what was changed by hand and is no longer as the templates say, in every stack. Changes nothing.

    CloudFormation compares each stack with what exists, which takes a minute or two. What it cannot compare is listed
    apart. The exit code is 1 when something differs.

    Example: make drift ENV=production
    """
    stacks = _begin(target)
    troubles = _wait(target, stacks, wait)
    found = {stack.path: _drifts(target, stack) for stack in stacks}
    differing = [(path, each) for path, drifts in found.items() for each in drifts if _status(each) in DIFFERS]
    for path, each in differing:
        _say_difference(path, each)
    _say_unsupported(_unsupported(target, found))
    for trouble in troubles:
        say(f"[yellow]{escape(trouble)}[/yellow]")
    checked = sum(_status(each) in {*DIFFERS, "IN_SYNC"} for drifts in found.values() for each in drifts)
    if differing:
        say(f"[bold red]{len(differing)} of {checked} compared resources differ from the templates.[/bold red]")
        say("To put them back, deploy a change that touches them, or undo by hand what was done by hand.")
    else:
        say(f"[green]Nothing differs:[/green] {checked} resources in {len(stacks)} stacks were compared.")
    if differing or troubles:
        click.get_current_context().exit(1)


def _begin(target: Target) -> list[Stack]:
    """Drift is found per stack: one detection each, all at the same time."""
    nested = [each for each in target.resources.values() if each.type == NESTED]
    named = [("", target.root), *((each.path, each.physical_id) for each in nested)]
    begin = target.cloudformation.detect_stack_drift
    return [Stack(path, name, begin(StackName=name)["StackDriftDetectionId"]) for path, name in named]


def _wait(target: Target, stacks: list[Stack], seconds: int) -> list[str]:
    """Return when every detection ended, with what one said that did not get to the end.

    :raises OperationError: when they take too long
    """
    deadline = time.monotonic() + seconds
    waiting, troubles = list(stacks), []
    with ERR.status("CloudFormation compares ...") as shown:
        while True:
            ended = {stack: status for stack in waiting if (status := _ended(target, stack))}
            troubles += [f"{target.root}/{stack.path}: {why}" for stack, why in ended.items() if why != "complete"]
            waiting = [stack for stack in waiting if stack not in ended]
            if not waiting:
                return troubles
            if time.monotonic() >= deadline:
                names = ", ".join(stack.path or target.root for stack in waiting)
                raise OperationError(f"CloudFormation still compares {names} after {seconds} s. Repeat with WAIT=1200.")
            shown.update(f"CloudFormation compares {len(waiting)} of {len(stacks)} stacks ...")
            time.sleep(min(POLL_SECONDS, max(0.1, deadline - time.monotonic())))


def _ended(target: Target, stack: Stack) -> str:
    """Empty while it goes on, "complete", or why it could not compare everything."""
    said = target.cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=stack.detection)
    status = said["DetectionStatus"]
    if status == "DETECTION_IN_PROGRESS":
        return ""
    if status == "DETECTION_COMPLETE":
        return "complete"
    return f"not everything could be compared: {said.get('DetectionStatusReason', status)}"


def _drifts(target: Target, stack: Stack) -> list[dict[str, Any]]:
    """Every resource that CloudFormation looked at; the operation has no paginator."""
    found: list[dict[str, Any]] = []
    more: dict[str, str] = {}
    while True:
        page = target.cloudformation.describe_stack_resource_drifts(StackName=stack.name, **more)
        found += page["StackResourceDrifts"]
        if not page.get("NextToken"):
            return found
        more = {"NextToken": page["NextToken"]}


def _status(drift: dict[str, Any]) -> str:
    return str(drift["StackResourceDriftStatus"])


def _say_difference(path: str, drift: dict[str, Any]) -> None:
    name = "/".join(part for part in (path, drift["LogicalResourceId"]) if part)
    what = "was deleted" if _status(drift) == "DELETED" else "differs"
    physical = drift.get("PhysicalResourceId", "")
    say(f"[red]{escape(name)}[/red] ({drift['ResourceType']}, {escape(physical)}) {what}")
    for each in drift.get("PropertyDifferences", []):
        kind = KINDS.get(each["DifferenceType"], "differs")
        before, now = _shown(each.get("ExpectedValue")), _shown(each.get("ActualValue"))
        say(escape(f"    {each['PropertyPath']} {kind}: template {before}, now {now}"))


def _shown(value: str | None) -> str:
    if value is None or value == "null":
        return "nothing"
    text = printable(_ADDRESS_PATH.sub(r"\1...", value))
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def _unsupported(target: Target, found: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """Types of resources that CloudFormation did not look at, or could not compare."""
    compared = {
        "/".join(part for part in (path, each["LogicalResourceId"]) if part)
        for path, drifts in found.items()
        for each in drifts
        if _status(each) in {*DIFFERS, "IN_SYNC"}
    }
    types = [each.type for each in target.resources.values() if each.path not in compared and each.type != NESTED]
    return (f"{kind} ({types.count(kind)})" for kind in sorted(set(types)))


def _say_unsupported(kinds: Iterator[str]) -> None:
    if listed := ", ".join(kinds):
        say(f"[dim]Not compared, since CloudFormation cannot: {escape(listed)}.[/dim]")
