"""Logs and errors, on a deployed system whose programs have said something."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deployment.system import System
from tests.emulator.emulator import REPOSITORY
from tests.operations.running import Done, surroundings

Command = Callable[..., Done]
API, BOT = "/ecs/sparta-api-staging", "/ecs/sparta-bot-staging"
MONITOR = "/aws/lambda/sparta-validator-monitor-staging"
STREAM = "a-test"
SECONDS = 30


@pytest.fixture(autouse=True)
def streams(staging: System) -> Iterator[None]:
    """A log stream of the test's own in each group."""
    logs = staging.emulator.client("logs")
    for group in (API, BOT, MONITOR):
        logs.create_log_stream(logGroupName=group, logStreamName=STREAM)
    yield
    for group in (API, BOT, MONITOR):
        logs.delete_log_stream(logGroupName=group, logStreamName=STREAM)


def write(staging: System, group: str, *lines: str | dict[str, Any], ago: int = 0) -> None:
    """Lines a second apart, the last of them ``ago`` seconds ago."""
    last = int(time.time() - ago) * 1000
    events = [
        {
            "timestamp": last - 1000 * (len(lines) - 1 - number),
            "message": json.dumps(each) if isinstance(each, dict) else each,
        }
        for number, each in enumerate(lines)
    ]
    staging.emulator.client("logs").put_log_events(logGroupName=group, logStreamName=STREAM, logEvents=events)


def said(level: str, event: str, **fields: Any) -> dict[str, Any]:
    return {"level": level, "event": event, "environment": "staging", **fields}


def test_a_log_is_shown_for_reading(command: Command, staging: System) -> None:
    """Level, event and fields of our own lines; others as they are; oldest first."""
    write(staging, API, said("info", "operator_registered", operator="42"), "gunicorn says [this]")
    done = command("logs", COMPONENT="api")
    assert (done.code, done.err) == (0, "")
    first, second = done.out.splitlines()
    assert first.endswith("info     operator_registered  operator=42")
    assert second.endswith("gunicorn says [this]")


def test_a_log_is_shown_as_written_when_asked(command: Command, staging: System) -> None:
    line = said("info", "started")
    write(staging, BOT, line)
    assert command("logs", COMPONENT="bot", RAW="1").out.strip() == json.dumps(line)


def test_filter_and_since_limit_what_is_shown(command: Command, staging: System) -> None:
    write(staging, API, "needle old", ago=3600)
    write(staging, API, "needle new", "hay")
    assert [line[21:] for line in command("logs", COMPONENT="api", FILTER="needle").out.splitlines()] == ["needle new"]
    assert "needle old" in command("logs", COMPONENT="api", SINCE="2h").out
    assert (
        "logged nothing that has 'absent' in the last 10 min" in command("logs", COMPONENT="api", FILTER="absent").out
    )


def test_a_time_that_is_none_is_wrong_usage(command: Command) -> None:
    done = command("logs", COMPONENT="api", SINCE="yesterday")
    assert done.code == 2
    assert "'yesterday' is no time; write 30s, 10m, 2h or 1d." in done.err


def test_a_line_cannot_steer_the_terminal(command: Command, staging: System) -> None:
    """Whoever gets text into a log does not get it to move the cursor of who reads it."""
    write(staging, API, "before \x1b[2J\x1b]0;title\x07 after", said("info", "\x1b[31mred"))
    out = command("logs", COMPONENT="api").out
    assert "before" in out
    assert not {"\x1b", "\x07"} & set(out)


def test_follow_shows_what_comes_and_ends_well(staging: System, tmp_path: Path) -> None:
    """A line that is written later is shown once; Ctrl-C is the way to end and no failure."""
    write(staging, API, "already there")
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "scripts", "logs", "--component", "api", "--follow"],
        cwd=REPOSITORY,
        env=surroundings(staging.emulator, tmp_path) | {"ENV": "staging"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert "already there" in process.stdout.readline()
        write(staging, API, "comes later")
        assert "comes later" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        rest, err = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    assert (process.returncode, rest, err) == (0, "", "")


def test_errors_are_grouped_with_the_newest_last(command: Command, staging: System) -> None:
    """The same error with other numbers is one line with a count; every program is searched; info is none."""
    failed = [
        said("error", "request_failed", error=f"RPC {number} away", request_id=f"r{number}") for number in (1, 2, 3)
    ]
    write(staging, API, *failed, said("info", "Error is only a word here"), ago=60)
    write(staging, BOT, said("critical", "token_refused"), ago=120)
    write(staging, MONITOR, "2026-11-26T10:00:00Z 0a1b Task timed out after 240.00 seconds", ago=10)
    done = command("errors")
    assert (done.code, done.err) == (0, "")
    lines = [line for line in done.out.splitlines() if "request_id" not in line]
    assert [line.split()[2] for line in lines[:-1]] == ["bot", "api", "monitor"]
    assert "once" in lines[0]
    assert "3 times" in lines[1]
    assert lines[1].endswith("request_failed: RPC 3 away")
    assert "Task timed out" in lines[2]
    assert "request_id=r3" in done.out
    assert lines[-1].startswith("5 errors in the last 1 h")


def test_an_error_s_last_line_stands_for_its_traceback(command: Command, staging: System) -> None:
    structured = [{"exc_type": "KeyError", "exc_value": "'operator'", "frames": []}]
    write(staging, API, said("error", "unexpected", exception=structured), ago=20)
    write(staging, BOT, 'Traceback (most recent call last):\n  File "x.py", line 1\nValueError: no such thing')
    out = command("errors").out
    assert "unexpected: KeyError: 'operator'" in out
    assert "ValueError: no such thing" in out


def test_an_error_of_several_lines_is_named_by_its_first(command: Command, staging: System) -> None:
    """As pydantic writes them: the last line alone would tell nobody what failed."""
    ending = "sparta.errors.SettingsError: 2 settings are wrong\nguild_id\n  Field required [type=missing]"
    traceback = f'Traceback (most recent call last):\n  File "/app/x.py", line 1, in load\n    return cls()\n{ending}'
    write(staging, API, said("error", "unexpected", exception=traceback), ago=20)
    write(staging, BOT, traceback)
    out = command("errors").out
    told = "sparta.errors.SettingsError: 2 settings are wrong guild_id Field required [type=missing]"
    assert f"unexpected: {told}" in out
    assert f"once        {told}" in out


def test_a_log_that_says_nothing_is_said(command: Command) -> None:
    """With what was looked for, if anything was."""
    assert command("logs", COMPONENT="bot", SINCE="1s").out == "bot logged nothing in the last 1 s.\n"
    found = command("logs", COMPONENT="bot", FILTER="[nowhere]").out
    assert found == "bot logged nothing that has '[nowhere]' in the last 10 min.\n"


def test_no_errors_is_said(command: Command, staging: System) -> None:
    """And what was searched, so that nobody takes it for silence."""
    write(staging, API, said("info", "fine"))
    done = command("errors", SINCE="5m")
    assert done.code == 0
    assert done.out.strip() == "No errors in the last 5 min: api, bot, monitor, rotation were searched."
