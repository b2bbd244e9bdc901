"""`make devnet`: in the foreground, with a file of settings while it runs, and nothing left afterwards."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.devnet.waiting import comes_true

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 90


@contextmanager
def running(env_file: Path) -> Iterator[subprocess.Popen[str]]:
    """The command, from when its file is there; ended at the latest here."""
    command = [sys.executable, "-m", "scripts.devnet", "--env-file", str(env_file)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stderr=subprocess.PIPE, text=True)
    with process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not env_file.exists() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            yield process
        finally:
            process.terminate()


def children(process: subprocess.Popen[str]) -> list[tuple[int, str]]:
    """Pids and commands, without the guards, which end with what they guard."""
    shown = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,command="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in shown.splitlines()]
    return [(int(pid), command) for pid, ppid, command in rows if int(ppid) == process.pid and "read -r" not in command]


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_runs_until_it_is_interrupted_and_leaves_nothing(tmp_path: Path, stop: signal.Signals) -> None:
    """The file is private and complete while it runs; afterwards neither file nor program is there."""
    env_file = tmp_path / "build" / "devnet.env"
    with running(env_file) as process:
        settings = dict(line.split("=", 1) for line in env_file.read_text(encoding="utf-8").splitlines())
        assert env_file.stat().st_mode & 0o777 == 0o600
        assert {"BACKEND_API_KEY", "SPARTA_PRIVATE_KEY_LIMITED", "AZTEC_RPC_URL"} <= settings.keys()
        started = children(process)
        assert len(started) == 2
        process.send_signal(stop)
        process.send_signal(stop)
        _, said = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 0
    assert said.endswith("The local network has stopped; nothing of it is left.\n")
    assert not [pid for pid, _ in started if exists(pid)]
    assert list(env_file.parent.iterdir()) == []


def test_nothing_is_left_even_when_it_is_killed(tmp_path: Path) -> None:
    """SIGKILL leaves no time to clean up; the guards do it."""
    env_file = tmp_path / "devnet.env"
    with running(env_file) as process:
        started = children(process)
        process.kill()
        process.communicate(timeout=START_SECONDS)
    assert comes_true(lambda: not [pid for pid, _ in started if exists(pid)])
    assert comes_true(lambda: not env_file.exists())


def test_when_a_part_dies_all_of_it_ends_and_says_so(tmp_path: Path) -> None:
    """Half a network helps nobody: the rest is stopped, the file goes, the exit code is 1."""
    env_file = tmp_path / "devnet.env"
    with running(env_file) as process:
        started = children(process)
        os.kill(next(pid for pid, command in started if "anvil" in command), signal.SIGKILL)
        _, said = process.communicate(timeout=START_SECONDS)
    assert process.returncode == 1
    assert "anvil has ended by itself, so the rest was stopped too. Start it again." in said
    assert not [pid for pid, _ in started if exists(pid)]
    assert not env_file.exists()
