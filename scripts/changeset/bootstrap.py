"""``make bootstrap``: what must exist before everything else, as a change set that is shown before it is executed."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from botocore.exceptions import ClientError
from rich.markup import escape
from rich.table import Table

from scripts.changeset import create, sources
from scripts.changeset.follow import Followed, follow
from scripts.changeset.parameters import is_example
from scripts.operations.command import verb, yes_option
from scripts.operations.consent import ask
from scripts.operations.errors import OperationError, code
from scripts.operations.screen import ERR, OUT, say
from scripts.operations.target import ENVIRONMENTS, Target

LARGEST = 51_200
LONGEST = 1800
PAUSE = 1.0
DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


@verb("bootstrap")
@click.option(
    "--templates",
    envvar="TEMPLATES",
    type=click.Path(path_type=Path),
    help="A folder of templates, in place of this checkout's.",
)
@yes_option
def bootstrap(target: Target, templates: Path | None, yes: bool) -> None:
    """Make or update what comes before everything else: bucket, image repository, secrets, roles.

    Makes a change set of the stack sparta-bootstrap-<environment>, shows it, asks, executes it and waits. It never
    touches the values of secrets.

    Example: make bootstrap ENV=staging
    """
    body = _body(sources.checked(templates)["bootstrap"].text)
    values = _values(target.environment)
    _warn(values)
    before = _status(target)
    change_set_id = _create(target, body, values, kind="UPDATE" if before else "CREATE")
    found = _ready(target, change_set_id)
    if found is None:
        say(f"Nothing would change: {target.bootstrap} is as the template and its parameters say.")
    else:
        _show(target, found)
        _ask(target, change_set_id, kind="updated" if before else "created", yes=yes)
        target.cloudformation.execute_change_set(ChangeSetName=change_set_id)
        _wait(target, found.stack_id)
        say(f"{target.bootstrap} is {'updated' if before else 'created'}.")
    _outputs(target)


def _body(text: str) -> str:
    """There is no bucket yet to read it from, so that it is sent along."""
    if len(text.encode()) > LARGEST:
        raise OperationError(
            f"bootstrap.yaml is larger than {LARGEST} bytes, which is what AWS takes. Nothing was done."
        )
    return text


def _values(environment: str) -> dict[str, str]:
    listed = json.loads((ENVIRONMENTS / f"{environment}.bootstrap.json").read_text(encoding="utf-8"))
    return {item["ParameterKey"]: item["ParameterValue"] for item in listed}


def _warn(values: Mapping[str, str]) -> None:
    for name, value in values.items():
        if is_example(value):
            say(f"[yellow]{escape(f'{name}: {value} is an example; put your own into the bootstrap file')}[/yellow]")


def _status(target: Target) -> str:
    """The stack's status; empty when it does not exist yet.

    :raises OperationError: when it is in no state to be changed
    """
    found = target.find_stack(target.bootstrap)
    status = str(found["StackStatus"]) if found else ""
    if status.endswith("_IN_PROGRESS"):
        raise OperationError(
            f"{target.bootstrap} is being changed right now ({status}). Nothing was done. Wait for it."
        )
    if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED"):
        raise OperationError(
            f"{target.bootstrap} is {status}: an earlier run failed. Nothing was done. Its events in the console tell "
            "why. A stack that was never created (ROLLBACK_COMPLETE) has to be deleted there first; secrets and the "
            "bucket stay."
        )
    return status


def _create(target: Target, body: str, values: Mapping[str, str], *, kind: str) -> str:
    name = create.new_name("bootstrap")
    request: dict[str, Any] = {
        "StackName": target.bootstrap,
        "ChangeSetName": name,
        "ChangeSetType": kind,
        "TemplateBody": body,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "ClientToken": name,
    }
    try:
        return str(target.cloudformation.create_change_set(**request)["Id"])
    except ClientError as error:
        if code(error) == "AlreadyExistsException":
            raise OperationError("Another bootstrap is under way. Nothing was done. Try again in a minute.") from error
        raise


def _ready(target: Target, change_set_id: str) -> Followed | None:
    """The change set once it is complete; ``None`` when it has nothing in it and is gone again.

    :raises OperationError: when it failed
    """
    with ERR.status("CloudFormation works out the change set ..."):
        found = follow(target.cloudformation, change_set_id)
        while found.running:
            time.sleep(PAUSE)
            found = follow(target.cloudformation, change_set_id)
    if found.empty or found.failures:
        create.discard(target, change_set_id)
    if found.failures:
        reasons = " ".join(f"{each.reason.rstrip('.')}." for each in found.failures)
        raise OperationError(f"The change set of {target.bootstrap} failed; nothing was changed. {reasons}")
    return None if found.empty else found


def _show(target: Target, found: Followed) -> None:
    table = Table(title=f"{target.bootstrap}, account {target.account}, {target.region}", title_justify="left")
    for heading in ("change", "resource", "type"):
        table.add_column(heading)
    for row in found.listed:
        replaced = row.replacement in ("True", "Conditional")
        table.add_row(f"[red]{row.action}, replaced[/red]" if replaced else row.action, escape(row.path), row.type)
    OUT.print(table)


def _ask(target: Target, change_set_id: str, *, kind: str, yes: bool) -> None:
    """Whoever says no leaves nothing behind."""
    try:
        ask(f"Shall {target.bootstrap} be {kind} so?", yes=yes)
    except OperationError:
        create.discard(target, change_set_id)
        raise


def _wait(target: Target, stack_id: str) -> None:
    end = time.monotonic() + LONGEST
    with ERR.status("CloudFormation is at work ..."):
        while time.monotonic() < end:
            found = target.cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
            status = found["StackStatus"]
            if status in DONE:
                return
            if not status.endswith("_IN_PROGRESS"):
                raise OperationError(f"{target.bootstrap} ended as {status}. {_cause(target, stack_id)}")
            time.sleep(PAUSE)
    raise OperationError(
        f"{target.bootstrap} was not done after {LONGEST // 60} minutes; CloudFormation goes on with it."
    )


def _cause(target: Target, stack_id: str) -> str:
    """The first thing that failed, which is the reason of all that followed."""
    pages = target.cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack_id)
    failed = [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'AWS gives no reason')}"
        for page in pages
        for event in page["StackEvents"]
        if event.get("ResourceStatus", "").endswith("_FAILED")
    ]
    return f"The first failure: {failed[-1]}" if failed else "Its events in the console tell why."


def _outputs(target: Target) -> None:
    for item in target.stack(target.bootstrap).get("Outputs", []):
        say(escape(f"{item['OutputKey']}: {item['OutputValue']}"))
