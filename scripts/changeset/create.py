"""Make the change set of the root stack, nested ones included, and wait until it says what would change."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from botocore.exceptions import ClientError

from scripts.changeset.follow import Followed, follow
from scripts.deploy.causes import advice
from scripts.operations.errors import DENIED, OperationError, code
from scripts.operations.screen import ERR, fail
from scripts.operations.target import Target
from scripts.review.model import Listed

KEPT = "****"
"""What AWS shows of a NoEcho parameter; as a value here it means: as it is deployed."""
LONGEST = 900
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0


@dataclass(frozen=True)
class Prepared:
    """A change set that is complete and can be executed, or one that was empty and is gone again."""

    stack_id: str
    change_set_id: str
    name: str
    type: Literal["CREATE", "UPDATE"]
    empty: bool
    listed: tuple[Listed, ...]
    url: str
    parameters: Mapping[str, str]


def prepare(target: Target, *, url: str, parameters: Mapping[str, str], name: str) -> Prepared:
    """The change set ``name`` of the root stack, for the root template at ``url`` with exactly these parameters.

    :raises OperationError: when it cannot be made; what failed of it is deleted again
    """
    kind: Literal["CREATE", "UPDATE"] = "UPDATE" if target.find_stack(target.root) else "CREATE"
    with _telling(target, name):
        change_set_id = _create(target, url, parameters, name, kind)
        found = _wait(target, change_set_id, name)
    if found.failures or found.empty:
        discard(target, change_set_id)
    if found.failures:
        raise OperationError(_failed(target, found))
    return Prepared(found.stack_id, change_set_id, name, kind, found.empty, found.listed, url, parameters)


def new_name(kind: str) -> str:
    """A name for a change set that sorts by time and that nobody else takes in the same second."""
    return f"{kind}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def execution_role(target: Target) -> str:
    """ARN of the role that CloudFormation works in the name of.

    :raises OperationError: when the environment was not bootstrapped
    """
    found = target.find_stack(target.bootstrap)
    outputs = {item["OutputKey"]: item["OutputValue"] for item in (found or {}).get("Outputs", [])}
    if "CloudFormationRoleArn" not in outputs:
        raise OperationError(
            f"{target.environment} has no bootstrap stack {target.bootstrap} in account {target.account}. Nothing was "
            f"done. It comes first, once per environment: make bootstrap ENV={target.environment}"
        )
    return str(outputs["CloudFormationRoleArn"])


def discard(target: Target, change_set_id: str) -> bool:
    """Delete a change set, those of nested stacks with it, and the placeholder of a stack that it alone made.

    Whether it was there to be deleted.
    """
    try:
        stack_id = target.cloudformation.describe_change_set(ChangeSetName=change_set_id)["StackId"]
        target.cloudformation.delete_change_set(ChangeSetName=change_set_id)
    except ClientError as error:
        if code(error) == "ChangeSetNotFound":
            return False
        raise
    _remove_placeholder(target, stack_id)
    return True


def _remove_placeholder(target: Target, stack_id: str) -> None:
    """Delete a stack that is in review and has no change set left: there is nothing in it."""
    cloudformation = target.cloudformation
    found = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]
    if found["StackStatus"] != "REVIEW_IN_PROGRESS" or change_sets(cloudformation, found["StackName"]):
        return
    try:
        cloudformation.delete_stack(StackName=stack_id)
    except ClientError as error:
        # The deployment workflow may not delete stacks; the next change set takes an empty one as it is.
        if code(error) not in DENIED:
            raise


def change_sets(cloudformation: Any, stack: str) -> list[dict[str, Any]]:
    """The change sets of a stack that are still there."""
    pages = cloudformation.get_paginator("list_change_sets").paginate(StackName=stack)
    listed = [each for page in pages for each in page["Summaries"]]
    return [each for each in listed if not each["Status"].startswith("DELETE_")]


def _create(target: Target, url: str, parameters: Mapping[str, str], name: str, kind: str) -> str:
    request: dict[str, Any] = {
        "StackName": target.root,
        "ChangeSetName": name,
        "ChangeSetType": kind,
        "Description": f"Made by make changeset ENV={target.environment}",
        "TemplateURL": url,
        "Parameters": [_parameter(key, value) for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "IncludeNestedStacks": True,
        "RoleARN": execution_role(target),
        "ClientToken": name,
        "Tags": [{"Key": "Project", "Value": "sparta"}, {"Key": "Environment", "Value": target.environment}],
    }
    # OnStackFailure stays unset: it would forbid DisableRollback at execution, and DELETE would take the events along
    # that tell why a creation failed.
    if kind == "CREATE":
        request["ImportExistingResources"] = True
    try:
        return str(target.cloudformation.create_change_set(**request)["Id"])
    except ClientError as error:
        if code(error) == "AlreadyExistsException":
            raise OperationError(
                f"{target.root} has a change set called {name} already. Nothing was done. Give another NAME, or none."
            ) from error
        raise


def _parameter(key: str, value: str) -> dict[str, Any]:
    if value == KEPT:
        return {"ParameterKey": key, "UsePreviousValue": True}
    return {"ParameterKey": key, "ParameterValue": value}


@contextmanager
def _telling(target: Target, name: str) -> Iterator[None]:
    """While it is made it cannot be deleted, and a request that was sent may have arrived."""
    try:
        yield
    except KeyboardInterrupt:
        fail(
            f"Nothing is executed. CloudFormation may still work out the change set {name} of {target.root}; it does "
            "no harm. Repeat the command for a new one: it says whether this one stands, and how to delete it."
        )
        raise


def _wait(target: Target, change_set_id: str, name: str) -> Followed:
    """The change set once CloudFormation has made up its mind."""
    started, pause = time.monotonic(), FIRST_PAUSE
    with ERR.status(f"CloudFormation works out the change set {name} ...") as status:
        while True:
            found = follow(target.cloudformation, change_set_id)
            seconds = time.monotonic() - started
            if not found.running:
                return found
            if seconds > LONGEST:
                raise OperationError(
                    f"The change set {name} of {target.root} was not ready after {LONGEST // 60} minutes. Nothing was "
                    f"executed. CloudFormation goes on with it; look at it in the console, or repeat the command."
                )
            status.update(f"CloudFormation works out the change set {name} ... {seconds:.0f} s")
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)


def _failed(target: Target, found: Followed) -> str:
    where = {"": target.root}
    reasons = [f"{where.get(each.path, each.path)}: {each.reason.rstrip('.')}." for each in found.failures]
    return " ".join(
        [
            "CloudFormation could not make the change set; it was deleted again, nothing else was changed.",
            *dict.fromkeys(reasons),
            *dict.fromkeys(f"What to try: {tip}" for each in found.failures if (tip := advice(each.reason))),
        ]
    )
