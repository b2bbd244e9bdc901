"""Programs of the local network: started with a home of their own, and never left behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.devnet.errors import DevnetError
from scripts.devnet.processes import Process
from tests.devnet.waiting import WAIT_SECONDS, comes_true

REPOSITORY = Path(__file__).resolve().parents[2]
# Starts a program as the network does, tells its pid and home, and waits to be killed.
PARENT = """
import time
from scripts.devnet.processes import Process
process = Process("sleeper", ["sleep", "600"])
print(process.pid, process.home, flush=True)
time.sleep(600)
"""


def runs(pid: int) -> bool:
    """A process that has ended but that nobody has asked about yet does not run."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(shown.strip()) and not shown.strip().startswith("Z")


def test_stop_ends_the_program_and_removes_its_home() -> None:
    """And a second stop does no harm."""
    process = Process("sleeper", ["sleep", "600"])
    assert process.alive
    assert process.home.is_dir()
    process.stop()
    process.stop()
    assert not runs(process.pid)
    assert not process.home.exists()


def test_nothing_outlives_a_parent_that_was_killed() -> None:
    """Not even SIGKILL leaves a program or its files behind."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    with parent:
        assert parent.stdout is not None
        pid, _, home = parent.stdout.readline().strip().partition(" ")
        assert runs(int(pid))
        parent.kill()
    assert comes_true(lambda: not runs(int(pid)))
    assert comes_true(lambda: not Path(home).exists())


def test_a_program_that_ends_at_once_is_reported_with_its_log() -> None:
    """The person reads what the program wrote, and its home is gone."""
    process = Process("talker", ["/bin/sh", "-c", "echo the disk is full; exit 3"])
    with pytest.raises(DevnetError, match=r"talker ended while starting\. Its log says why:\nthe disk is full"):
        process.wait_for(lambda: None, WAIT_SECONDS)
    assert not process.home.exists()


def test_a_program_that_never_answers_is_ended() -> None:
    """The wait has an end, and nothing runs on."""
    process = Process("sleeper", ["sleep", "600"])
    with pytest.raises(DevnetError, match="sleeper did not answer within 0 s"):
        process.wait_for(lambda: None, 0.1)
    assert not runs(process.pid)


def test_a_program_sees_no_account_of_the_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither credentials nor proxies reach it, and its home is not the person's."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "mine")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid")
    process = Process("env", ["/bin/sh", "-c", "env; echo done; sleep 600"])
    try:
        assert process.wait_for(lambda: "done" in process.log or None, WAIT_SECONDS)
        assert "mine" not in process.log
        assert "proxy.invalid" not in process.log
        assert f"HOME={process.home}" in process.log
    finally:
        process.stop()
