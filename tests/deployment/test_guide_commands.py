"""The guide's AWS CLI commands work as written on the deployed production stack, with the real ``aws`` client."""

import json
import time
from pathlib import Path

import pytest

from tests.deployment.guide import ANSWERED, REFUSED, Command, Refused
from tests.deployment.system import System
from tests.emulator.emulator import REGION


def first_line(command: Command | Refused) -> str:
    return " ".join(command.text.replace("\\\n", "").split())


def filled_in(text: str, production: System) -> str:
    """What the guide leaves to the reader: ids that only the deployment knows."""
    client = production.emulator.client
    placeholders = {"<region>": REGION, "<previous-revision>": "1"}
    if "<account>" in text:
        placeholders["<account>"] = client("sts").get_caller_identity()["Account"]
    if "<task-id>" in text:
        # A service's tasks come and go with the other commands, so this one starts its own.
        started = client("ecs").run_task(cluster="sparta-production", taskDefinition="sparta-api", launchType="FARGATE")
        placeholders["<task-id>"] = started["tasks"][0]["taskArn"].rpartition("/")[2]
    for placeholder, value in placeholders.items():
        text = text.replace(placeholder, value)
    return text


@pytest.fixture(scope="module")
def production(production: System) -> System:
    """Production with a line in the API's log, so that there is something to find."""
    logs = production.emulator.client("logs")
    logs.create_log_stream(logGroupName="/ecs/sparta-api", logStreamName="test")
    events = [{"timestamp": int(time.time() * 1000), "message": text} for text in ('{"level": "ERROR"}', "{}")]
    logs.put_log_events(logGroupName="/ecs/sparta-api", logStreamName="test", logEvents=events)
    return production


@pytest.mark.parametrize("command", ANSWERED, ids=first_line)
def test_command_answers(production: System, tmp_path: Path, command: Command) -> None:
    done = production.emulator.shell(filled_in(command.text, production), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert command.shows(json.loads(done.stdout)), done.stdout


@pytest.mark.parametrize("command", REFUSED, ids=first_line)
def test_command_that_can_not_answer_is_refused_as_listed(production: System, tmp_path: Path, command: Refused) -> None:
    """The list stays true: a command that begins to work, or fails for another reason, must leave it."""
    done = production.emulator.shell(command.text, cwd=tmp_path)
    assert done.returncode != 0, f"It works now; move it to ANSWERED. It was listed since: {command.reason}"
    assert command.words in done.stderr, done.stderr
