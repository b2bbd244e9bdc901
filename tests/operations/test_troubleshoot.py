"""The guide's three cases: the report names what is wrong, the likeliest cause first."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.deployment.system import System
from tests.operations.answering import Answer, Between
from tests.operations.running import Done

Command = Callable[..., Done]
SCHEDULE = "sparta-validator-monitor-staging"


def first_cause(done: Done) -> str:
    return " ".join(done.out.partition("the likeliest first")[2].partition("  2. ")[0].split())


@pytest.mark.parametrize("case", ["tasks", "database"])
def test_a_healthy_system_is_not_blamed(command: Command, between: Between, case: str) -> None:
    """Nothing is changed and no value of a secret is read by looking."""
    done = command("troubleshoot", CASE=case, AWS_ENDPOINT_URL=between.url)
    assert (done.code, done.err) == (0, "")
    assert "Nothing of this explains a failure." in done.out
    assert between.changed == []
    assert "GetSecretValue" not in between.asked


@pytest.mark.parametrize(
    ("reason", "code", "cause"),
    [
        ("CannotPullContainerError: manifest unknown", None, "The image could not be fetched"),
        ("OutOfMemoryError: Container killed due to memory usage", 137, "needed more memory than it has"),
        ("Essential container in task exited", 1, "exit code 1. Its last line: "),
    ],
)
def test_a_stopped_task_gives_its_reason(
    command: Command, staging: System, between: Between, reason: str, code: int | None, cause: str
) -> None:
    """Reason, exit code and the last lines of that very task stand in the report."""
    ecs, logs = staging.emulator.client("ecs"), staging.emulator.client("logs")
    started = ecs.run_task(cluster="sparta-staging", taskDefinition="sparta-api-staging", launchType="FARGATE")
    task = started["tasks"][0]["taskArn"]
    ecs.stop_task(cluster="sparta-staging", task=task)
    stream = f"api/api/{task.rpartition('/')[2]}"
    logs.create_log_stream(logGroupName="/ecs/sparta-api-staging", logStreamName=stream)
    event = {
        "timestamp": int(time.time() * 1000),
        "message": json.dumps({"level": "info", "event": "GUILD_ID is missing"}),
    }
    logs.put_log_events(logGroupName="/ecs/sparta-api-staging", logStreamName=stream, logEvents=[event])

    def stopped(answer: dict[str, Any]) -> dict[str, Any]:
        # Others that tests have stopped say nothing.
        answer["tasks"] = [each for each in answer["tasks"] if each["taskArn"] == task]
        for each in answer["tasks"]:
            each["stoppedReason"] = reason
            each["containers"][0] |= {"exitCode": code} if code is not None else {}
        return answer

    between.change("DescribeTasks", stopped)
    done = command("troubleshoot", CASE="tasks", AWS_ENDPOINT_URL=between.url)
    logs.delete_log_stream(logGroupName="/ecs/sparta-api-staging", logStreamName=stream)
    assert done.code == 1
    assert reason in done.out
    assert "GUILD_ID is missing" in done.out
    assert cause in first_cause(done)
    assert first_cause(done).count(reason) <= 1


def test_memory_that_is_wanting_is_raised_by_the_right_parameter(command: Command, between: Between) -> None:
    """And a reason that the task and its container both give is told once."""
    between.answer("ListTasks", lambda body: json_answer({"taskArns": ["arn:t/1"] if b"sparta-api" in body else []}))
    container = {"name": "api", "exitCode": 137, "reason": "OutOfMemoryError: killed, at 512 MB"}
    task = {"taskArn": "arn:t/1", "stoppedReason": "OutOfMemoryError: killed", "containers": [container]}
    between.answer("DescribeTasks", lambda _: json_answer({"tasks": [task]}))
    done = command("troubleshoot", CASE="tasks", AWS_ENDPOINT_URL=between.url)
    assert "raise ApiMemory in the environment's file" in first_cause(done)
    assert first_cause(done).endswith("ECS says: OutOfMemoryError: killed, at 512 MB")


def json_answer(content: dict[str, Any]) -> Answer:
    return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(content).encode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"VersionIdsToStages": {}}, "has no value: what needs it cannot start. Set it: make secret ENV=staging NAME="),
        ({"DeletedDate": 1.7e9}, "Restore it: aws secretsmanager restore-secret --secret-id sparta/staging/bot-token"),
    ],
)
def test_how_to_mend_a_secret_is_a_command(
    command: Command, between: Between, change: dict[str, Any], said: str
) -> None:
    between.change("DescribeSecret", lambda answer: answer | change)
    assert said in command("troubleshoot", CASE="tasks", AWS_ENDPOINT_URL=between.url).out


def test_a_table_that_is_gone_is_brought_back_by_a_command(command: Command, between: Between) -> None:
    gone = {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "not found"}
    between.answer("DescribeTable", lambda _: (400, *json_answer(gone)[1:]))
    done = command("troubleshoot", CASE="database", AWS_ENDPOINT_URL=between.url)
    assert first_cause(done).endswith("make restore ENV=staging TABLE=operators INTO=sparta-operators-staging")


def test_a_missing_secret_is_named(command: Command, between: Between) -> None:
    between.change("DescribeSecret", lambda answer: answer | {"VersionIdsToStages": {}})
    done = command("troubleshoot", CASE="tasks", AWS_ENDPOINT_URL=between.url)
    assert done.code == 1
    assert "Secret sparta/staging/bot-token has no value" in done.out


def test_a_right_that_is_gone_is_named(command: Command, staging: System) -> None:
    iam = staging.emulator.client("iam")
    named = {"RoleName": "sparta-ecs-task-role-staging", "PolicyName": "sparta-ecs-policy"}
    policy = iam.get_role_policy(**named)["PolicyDocument"]
    iam.delete_role_policy(**named)
    done = command("troubleshoot", CASE="database")
    iam.put_role_policy(**named, PolicyDocument=json.dumps(policy))
    assert done.code == 1
    assert "dynamodb:GetItem on table/sparta-operators-staging: implicitDeny" in done.out
    assert "Role sparta-ecs-task-role-staging lacks dynamodb:GetItem" in first_cause(done)


@pytest.fixture
def switched_off(staging: System) -> Iterator[None]:
    scheduler = staging.emulator.client("scheduler")
    found = scheduler.get_schedule(Name=SCHEDULE)
    kept = {name: found[name] for name in ("Name", "ScheduleExpression", "FlexibleTimeWindow", "Target")}
    scheduler.update_schedule(**kept, State="DISABLED")
    yield
    scheduler.update_schedule(**kept, State="ENABLED")


@pytest.mark.usefixtures("switched_off")
def test_a_schedule_that_is_off_is_the_cause(command: Command, staging: System) -> None:
    """A switch by hand is told from one by parameter."""
    done = command("troubleshoot", CASE="monitor")
    assert done.code == 1
    assert f"{SCHEDULE}: DISABLED" in done.out
    assert "The schedule is off (EnableValidatorMonitorSchedule=true). Somebody switched it off by hand" in first_cause(
        done
    )
    # Names of variables, not what is in them.
    assert "AZTEC_RPC_URL" in done.out
    assert staging.parameters["AztecRpcUrl"] not in done.out
