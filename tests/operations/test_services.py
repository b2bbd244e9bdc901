"""Scale, restart, stop and disable, on a deployed system."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.deployment.system import System
from tests.operations.answering import Between
from tests.operations.running import Done

Command = Callable[..., Done]
CLUSTER = "sparta-staging"
NAMES = {"api": "sparta-api", "bot": "sparta-discord"}


@pytest.fixture(autouse=True)
def as_deployed(staging: System) -> Iterator[None]:
    """One task of each afterwards, as staging's parameters say."""
    yield
    for name in NAMES.values():
        staging.emulator.client("ecs").update_service(cluster=CLUSTER, service=name, desiredCount=1)


def wanted(staging: System, component: str) -> int:
    return int(described(staging, component)["desiredCount"])


def described(staging: System, component: str) -> dict[str, Any]:
    ecs = staging.emulator.client("ecs")
    found: dict[str, Any] = ecs.describe_services(cluster=CLUSTER, services=[NAMES[component]])["services"][0]
    return found


def running(staging: System, component: str) -> list[str]:
    listed = staging.emulator.client("ecs").list_tasks(cluster=CLUSTER, serviceName=NAMES[component])["taskArns"]
    return [arn.rpartition("/")[2] for arn in listed]


def test_scale_says_from_what_to_what_and_waits(command: Command, staging: System) -> None:
    """More tasks run at the end, and the person knows what would undo it."""
    done = command("scale", SERVICE="api", COUNT="2", YES="1")
    assert (done.code, done.err) == (0, "")
    assert "sparta-api has 1 of 1 task running" in done.out
    assert "Steady: sparta-api, 2 of 2 tasks running" in done.out
    assert "sets it back to ApiDesiredCount=1" in done.out
    assert wanted(staging, "api") == 2


def test_scale_asks_first(command: Command, staging: System) -> None:
    """Where nobody agrees nothing is changed, and the question says what it would have been."""
    done = command("scale", SERVICE="api", COUNT="2")
    assert done.code == 1
    assert "Nothing was changed. Change the tasks of sparta-api in staging from 1 to 2?" in done.err
    assert wanted(staging, "api") == 1


def test_scale_past_auto_scaling_is_refused(command: Command, staging: System) -> None:
    """What auto-scaling would undo is not done; the bounds and where to change them are named."""
    done = command("scale", SERVICE="api", COUNT="4", YES="1")
    assert done.code == 1
    assert "Auto-scaling keeps the API between 1 and 3 tasks" in done.err
    assert "templates/environments/staging.json" in done.err
    assert wanted(staging, "api") == 1


def test_the_api_is_switched_off_and_on_again(command: Command, staging: System) -> None:
    """As before a table's items are put back: auto-scaling leaves a service without tasks alone."""
    off = command("scale", SERVICE="api", COUNT="0", YES="1")
    assert off.code == 0, off.err
    assert wanted(staging, "api") == 0
    assert "sets it back to ApiDesiredCount=1" in off.out
    on = command("scale", SERVICE="api", COUNT="1", YES="1")
    assert on.code == 0, on.err
    assert "sets it back" not in on.out


def test_stop_without_a_task_lists_them(command: Command, staging: System, between: Between) -> None:
    """One a line; each id stands whole, to be copied."""
    done = command("stop", YES="1", AWS_ENDPOINT_URL=between.url)
    assert done.code == 1
    (api,), (bot,) = running(staging, "api"), running(staging, "bot")
    assert done.out.splitlines() == [f"{api}  sparta-api", f"{bot}  sparta-discord"]
    assert done.err == "Which task? Name one with TASK=. Nothing was changed.\n"
    assert between.changed == []


def test_two_bots_are_refused(command: Command, staging: System, between: Between) -> None:
    done = command("scale", SERVICE="bot", COUNT="2", YES="1", AWS_ENDPOINT_URL=between.url)
    assert done.code == 1
    assert "would answer every command 2 times" in done.err
    assert between.changed == []
    assert wanted(staging, "bot") == 1


def test_scale_to_what_it_is_changes_nothing(command: Command, between: Between) -> None:
    done = command("scale", SERVICE="api", COUNT="1", YES="1", AWS_ENDPOINT_URL=between.url)
    assert done.code == 0
    assert "nothing was changed" in done.out
    assert between.changed == []


def test_disable_stops_the_bot_and_says_how_to_start_it(command: Command, staging: System) -> None:
    """The way back that is printed works."""
    done = command("disable", YES="1")
    assert done.code == 0
    assert (wanted(staging, "bot"), wanted(staging, "api")) == (0, 1)
    assert "make scale ENV=staging SERVICE=bot COUNT=1" in done.out
    assert command("scale", SERVICE="bot", COUNT="1", YES="1").code == 0
    assert wanted(staging, "bot") == 1


def test_restart_replaces_the_tasks(command: Command, staging: System) -> None:
    before = running(staging, "api")
    done = command("restart", SERVICE="api", YES="1")
    assert (done.code, done.err) == (0, "")
    assert "Steady: sparta-api" in done.out
    assert len(running(staging, "api")) == 1
    assert not set(before) & set(running(staging, "api"))


def test_restart_that_ecs_gives_up_says_why(command: Command, between: Between) -> None:
    """The circuit breaker put the old deployment back: that is no success."""

    def rolled_back(answer: dict[str, Any]) -> dict[str, Any]:
        for service in answer["services"]:
            service["deployments"][0] |= {"id": "ecs-svc/older", "rolloutStateReason": "tasks failed to start."}
        return answer

    between.change("DescribeServices", rolled_back)
    done = command("restart", SERVICE="api", YES="1", AWS_ENDPOINT_URL=between.url)
    assert done.code == 1
    assert "ECS gave the deployment of sparta-api up: tasks failed to start." in done.err
    assert "make troubleshoot CASE=tasks" in done.err


def test_what_hangs_is_told_with_what_ecs_says(command: Command, between: Between) -> None:
    def hanging(answer: dict[str, Any]) -> dict[str, Any]:
        for service in answer["services"]:
            service |= {"runningCount": 0, "events": [{"id": "1", "createdAt": 1.7e9, "message": "no room for tasks."}]}
        return answer

    between.change("DescribeServices", hanging)
    done = command("restart", SERVICE="bot", YES="1", WAIT="1", AWS_ENDPOINT_URL=between.url)
    assert done.code == 1
    assert "sparta-discord is not steady after 1 s: 0 of 1 task running" in done.err
    assert "no room for tasks." in done.err


def test_stop_of_what_is_not_there_is_refused(command: Command, between: Between) -> None:
    done = command("stop", TASK="ffffffff", YES="1", AWS_ENDPOINT_URL=between.url)
    assert done.code == 1
    assert "0 tasks are called ffffffff" in done.err
    assert between.changed == []


def test_stop_gives_its_reason_and_waits_for_another(command: Command, staging: System, between: Between) -> None:
    """ECS keeps the reason; the command ends when another task runs in its place."""
    ecs, task = staging.emulator.client("ecs"), running(staging, "api")[0]

    def replaced(answer: dict[str, Any]) -> dict[str, Any]:
        # The emulator does not do what ECS does: start another.
        ecs.update_service(cluster=CLUSTER, service="sparta-api", forceNewDeployment=True)
        return answer

    between.change("StopTask", replaced)
    done = command("stop", TASK=task[:12], REASON="hangs since 02:10", YES="1", AWS_ENDPOINT_URL=between.url)
    assert (done.code, done.err) == (0, "")
    assert f"task {task} of sparta-api is to stop" in done.out
    stopped = ecs.describe_tasks(cluster=CLUSTER, tasks=[task])["tasks"][0]
    assert (stopped["lastStatus"], stopped["stoppedReason"]) == ("STOPPED", "hangs since 02:10")
    assert task not in running(staging, "api")
