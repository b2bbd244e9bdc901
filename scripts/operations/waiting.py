"""Waiting for ECS: until a service is steady, or with what ECS says about it when it is not."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import click
from rich.markup import escape

from scripts.operations.components import cluster, service
from scripts.operations.errors import OperationError
from scripts.operations.screen import ERR, say
from scripts.operations.target import Target

SECONDS = 900
EVERY = 5.0
EVENTS = 5
wait_option = click.option(
    "--wait",
    envvar="WAIT",
    type=click.IntRange(1),
    default=SECONDS,
    show_default=True,
    help="How many seconds to wait until the service is steady.",
)


def describe(target: Target, component: str) -> dict[str, Any]:
    """The service as ECS describes it.

    :raises OperationError: when ECS has none
    """
    name = service(target, component)
    found = target.client("ecs").describe_services(cluster=cluster(target), services=[name])["services"]
    if not found or found[0]["status"] != "ACTIVE":
        raise OperationError(f"ECS has no running service {name}, though the stack does: `make drift` tells more.")
    described: dict[str, Any] = found[0]
    return described


def state(described: dict[str, Any]) -> str:
    """ "1 of 2 tasks run, 1 starts", for a person."""
    waiting = described["pendingCount"]
    starting = f", {waiting} starting" if waiting else ""
    tasks = "task" if described["desiredCount"] == 1 else "tasks"
    return f"{described['runningCount']} of {described['desiredCount']} {tasks} running{starting}"


def primary(described: dict[str, Any]) -> dict[str, Any]:
    """The deployment that ECS works towards; empty where there is none."""
    return next((each for each in described.get("deployments", []) if each["status"] == "PRIMARY"), {})


def until_steady(
    target: Target,
    component: str,
    *,
    seconds: int,
    deployment: str = "",
    gone: Callable[[], bool] = lambda: True,
) -> None:
    """Return when all tasks run, no other deployment is left, and what was to go is ``gone``.

    :param deployment: id of the deployment that must win; "" where any will do
    :raises OperationError: when it failed or is not steady in time, with what ECS said
    """
    deadline = time.monotonic() + seconds
    with ERR.status("Waiting for ECS ...") as shown:
        while True:
            described = describe(target, component)
            _refuse_failure(described, deployment)
            if _steady(described) and gone():
                break
            if time.monotonic() >= deadline:
                raise OperationError(_hangs(described, seconds))
            shown.update(f"{described['serviceName']}: {state(described)} ...")
            time.sleep(min(EVERY, max(0.1, deadline - time.monotonic())))
    say(f"[green]Steady:[/green] {described['serviceName']}, {state(described)}.")


def events(described: dict[str, Any], most: int = EVENTS) -> list[str]:
    """What ECS said last of the service, oldest first."""
    lines = [f"{each['createdAt']:%Y-%m-%d %H:%M:%S} {each['message']}" for each in described.get("events", [])[:most]]
    return lines[::-1]


def say_state(target: Target, described: dict[str, Any]) -> None:
    """One line: where, which service, and how it is."""
    say(f"{escape(target.root)}: {described['serviceName']} has {state(described)}.")


def _steady(described: dict[str, Any]) -> bool:
    one = len(described.get("deployments", [])) <= 1
    counted = described["runningCount"] == described["desiredCount"] and not described["pendingCount"]
    return one and counted and primary(described).get("rolloutState", "COMPLETED") == "COMPLETED"


def _refuse_failure(described: dict[str, Any], deployment: str) -> None:
    now = primary(described)
    if now.get("rolloutState") == "FAILED" or (deployment and now.get("id") != deployment):
        reason = now.get("rolloutStateReason", "").rstrip(".") or "no reason was given"
        raise OperationError(
            f"ECS gave the deployment of {described['serviceName']} up: {reason}. {_said(described)} "
            "`make troubleshoot CASE=tasks` shows why its tasks stopped."
        )


def _hangs(described: dict[str, Any], seconds: int) -> str:
    return (
        f"{described['serviceName']} is not steady after {seconds} s: {state(described)}. The change stands and "
        f"ECS goes on trying. {_said(described)} `make troubleshoot CASE=tasks` shows why "
        "tasks stop; WAIT=1800 waits longer."
    )


def _said(described: dict[str, Any]) -> str:
    said = events(described)
    return f"ECS said last: {'; '.join(said)}" if said else "ECS said nothing of it."
