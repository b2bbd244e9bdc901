"""Whether what was prepared is still what would be executed."""

from __future__ import annotations

from typing import Any

from scripts.changeset import record
from scripts.changeset.parameters import NO_IMAGE
from scripts.deploy import causes
from scripts.deploy.execute import execution
from scripts.operations.errors import RefusedError
from scripts.operations.target import Target

REASONS = {
    "GONE": "does not exist any more: it was deleted, or another change set was executed since",
    "OBSOLETE": "is obsolete: the stack was changed after it was made",
    "EXECUTE_COMPLETE": "was executed already",
    "EXECUTE_FAILED": "was executed already, and failed",
    "UNAVAILABLE": "cannot be executed: making it failed or has not ended",
}


def executable(target: Target, prepared: record.Record | None) -> record.Record:
    """The prepared change set, if it can be executed and is the newest.

    :raises RefusedError: otherwise, with the reason
    """
    again = f"make changeset ENV={target.environment}"
    if prepared is None:
        raise RefusedError(f"Nothing is prepared for {target.environment}. Make and review a change set first: {again}")
    status = execution(target, prepared)
    if status != "AVAILABLE":
        why = REASONS.get(status, f"is {status}")
        raise RefusedError(
            f"The prepared change set {prepared.name} {why}. Nothing was changed. Make a new one: {again}"
        )
    if newer := _newer(target, prepared):
        raise RefusedError(
            f"The prepared change set {prepared.name} is not the newest: {newer['ChangeSetName']} was made after it. "
            f"Nothing was changed. Make and review a new one: {again}"
        )
    _refuse_stuck(target, prepared)
    if (prepared.parameters.get("ImageUri") or "").endswith(NO_IMAGE):
        raise RefusedError(
            "ImageUri is still the example of the parameter file, so no task could start and the deployment would be "
            f"undone. Nothing was changed. Name the image: {again} IMAGE=<repository>@sha256:<digest>"
        )
    return prepared


def _newer(target: Target, prepared: record.Record) -> dict[str, Any] | None:
    """A change set that can be executed and is younger than the prepared one."""
    pages = target.cloudformation.get_paginator("list_change_sets").paginate(StackName=target.root)
    listed = {item["ChangeSetId"]: item for page in pages for item in page["Summaries"]}
    made = listed[prepared.change_set_id]["CreationTime"] if prepared.change_set_id in listed else None
    younger = [
        item
        for item in listed.values()
        if made is not None and item["CreationTime"] > made and item["ExecutionStatus"] == "AVAILABLE"
    ]
    return younger[-1] if younger else None


def _refuse_stuck(target: Target, prepared: record.Record) -> None:
    """A state in which CloudFormation executes nothing is told before it is asked."""
    found = target.cloudformation.describe_stacks(StackName=prepared.stack_id)["Stacks"][0]
    status = found["StackStatus"]
    if status.endswith("_FAILED") or status == "ROLLBACK_COMPLETE":
        what = causes.state(status, target.environment, target.root, target.region)
        raise RefusedError(f"{target.root} is in {status}, so nothing can be executed. {what}")
