"""The tasks of the API and the bot: more or fewer of them, anew, one less, none."""

from __future__ import annotations

from typing import Any

import click
from rich.markup import escape

from scripts.operations.command import verb, yes_option
from scripts.operations.components import SERVICES, cluster, parameter, service
from scripts.operations.consent import ask
from scripts.operations.errors import OperationError, RefusedError
from scripts.operations.screen import say
from scripts.operations.target import Target
from scripts.operations.waiting import describe, primary, say_state, until_steady, wait_option

NOTHING = " Nothing was changed."
ENVIRONMENT_FILE = "templates/environments/{}.json"
service_option = click.option(
    "--service",
    "component",
    envvar="SERVICE",
    type=click.Choice(list(SERVICES)),
    required=True,
    help="Which service.",
)


@verb("scale")
@service_option
@click.option("--count", envvar="COUNT", type=click.IntRange(0), required=True, help="How many tasks are to run.")
@wait_option
@yes_option
def scale(target: Target, component: str, count: int, wait: int, yes: bool) -> None:
    """Run more or fewer tasks of the API, and wait until they run.

    Changes the service's desired count. The bot runs once or not at all: two would answer every command twice. COUNT=0
    switches off. The next deployment sets the count back to its parameter.

    Example: make scale ENV=production SERVICE=api COUNT=3
    """
    _refuse_count(target, component, count)
    _set_count(target, component, count, wait, yes=yes)


@verb("disable")
@wait_option
@yes_option
def disable(target: Target, wait: int, yes: bool) -> None:
    """Switch the Discord bot off at once: no task of it runs any more.

    Sets the bot's desired count to 0; the API and the monitor go on. Commands in Discord stay unanswered until it is
    enabled again.

    Example: make disable ENV=production, and to enable again: make scale ENV=production SERVICE=bot COUNT=1
    """
    _set_count(target, "bot", 0, wait, yes=yes)
    say(f"To enable it again: make scale ENV={target.environment} SERVICE=bot COUNT=1")


@verb("restart")
@service_option
@wait_option
@yes_option
def restart(target: Target, component: str, wait: int, yes: bool) -> None:
    """Replace all tasks of a service by new ones of the same version, and wait until they run.

    The API keeps answering meanwhile: new tasks start first. The bot is away for a minute: its old task stops first.

    Example: make restart ENV=production SERVICE=api
    """
    described = describe(target, component)
    say_state(target, described)
    effect = "It keeps answering meanwhile." if component == "api" else "It is away for about a minute."
    ask(f"Replace the tasks of {described['serviceName']} in {target.environment}? {effect}", yes=yes)
    done = _update(target, component, forceNewDeployment=True)
    until_steady(target, component, seconds=wait, deployment=primary(done).get("id", ""))


@verb("stop")
@click.option("--task", envvar="TASK", default="", help="The task's id; left out, the tasks are listed.")
@click.option("--reason", envvar="REASON", default="Stopped by an operator", show_default=True, help="Kept by ECS.")
@wait_option
@yes_option
def stop(target: Target, task: str, reason: str, wait: int, yes: bool) -> None:
    """Stop one task; ECS starts another in its place. Without TASK, list the tasks there are.

    For a task that hangs while the others work. What it was doing gets 30 seconds to finish.

    Example: make stop ENV=production TASK=0a1b2c3d REASON="hangs since 02:10"
    """
    running = _tasks(target)
    if not task:
        for component, arn in running:
            say(f"{arn.rpartition('/')[2]}  {service(target, component)}")
        raise OperationError("Which task? " + ("Name one with TASK=." if running else "None runs.") + NOTHING)
    component, arn = _chosen(running, task)
    say(f"{escape(target.root)}: task {arn.rpartition('/')[2]} of {service(target, component)} is to stop.")
    ask(f"Stop it, for the reason {reason!r}? ECS starts another.", yes=yes)
    target.client("ecs").stop_task(cluster=cluster(target), task=arn, reason=reason)
    until_steady(target, component, seconds=wait, gone=lambda: (component, arn) not in _tasks(target))


def _set_count(target: Target, component: str, count: int, wait: int, *, yes: bool) -> None:
    described = describe(target, component)
    say_state(target, described)
    if described["desiredCount"] == count:
        say(f"{described['serviceName']} is to have {count} already: nothing was changed.")
        return
    ask(
        f"Change the tasks of {described['serviceName']} in {target.environment} from {described['desiredCount']} to "
        f"{count}?",
        yes=yes,
    )
    _update(target, component, desiredCount=count)
    until_steady(target, component, seconds=wait)
    _say_how_to_keep(target, component, count)


def _update(target: Target, component: str, **change: Any) -> dict[str, Any]:
    done = target.client("ecs").update_service(cluster=cluster(target), service=service(target, component), **change)
    updated: dict[str, Any] = done["service"]
    return updated


def _refuse_count(target: Target, component: str, count: int) -> None:
    if component == "bot":
        if count > 1:
            raise RefusedError(
                f"Nothing was changed. The bot runs once or not at all: {count} of them would answer every command "
                f"{count} times. COUNT=1 or COUNT=0."
            )
        return
    if count == 0:  # Auto-scaling acts on load, and without a task there is none.
        return
    lowest, highest = (int(parameter(target, name)) for name in ("ApiMinCount", "ApiMaxCount"))
    if not lowest <= count <= highest:
        file = ENVIRONMENT_FILE.format(target.environment)
        raise RefusedError(
            f"Nothing was changed. Auto-scaling keeps the API between {lowest} and {highest} tasks and would undo "
            f"{count}. To allow it, change ApiMinCount or ApiMaxCount in {file} and deploy."
        )


def _say_how_to_keep(target: Target, component: str, count: int) -> None:
    name = f"{component.capitalize()}DesiredCount"
    if parameter(target, name) == str(count):
        return
    file = ENVIRONMENT_FILE.format(target.environment)
    scaled = " Auto-scaling may change it as load demands." if component == "api" and count else ""
    say(
        f"The next deployment that touches the service sets it back to {name}={parameter(target, name)}; to keep it, "
        f"change {name} in {file}.{scaled}"
    )


def _tasks(target: Target) -> list[tuple[str, str]]:
    """Component and ARN of each task that runs or starts."""
    pages = target.client("ecs").get_paginator("list_tasks")
    return [
        (component, arn)
        for component in SERVICES
        for page in pages.paginate(cluster=cluster(target), serviceName=service(target, component))
        for arn in page["taskArns"]
    ]


def _listed(running: list[tuple[str, str]]) -> str:
    named = "; ".join(f"{arn.rpartition('/')[2]} ({component})" for component, arn in running)
    return f"There are {named}." if named else "None runs."


def _chosen(running: list[tuple[str, str]], task: str) -> tuple[str, str]:
    """The one task whose id is, or begins with, what was given."""
    wanted = task.rpartition("/")[2]
    found = [(component, arn) for component, arn in running if arn.rpartition("/")[2].startswith(wanted)]
    if len(found) != 1:
        raise OperationError(f"{len(found)} tasks are called {task}. {_listed(running)}{NOTHING}")
    return found[0]
