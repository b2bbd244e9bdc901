"""End a command where it hurts: between what AWS has done and what the command knows of it, or at a question."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from queue import SimpleQueue

from tests.emulator.emulator import REPOSITORY
from tests.operations.answering import Between
from tests.operations.deploying import SECONDS, Ground, ended

CTRL_C, KILL = signal.SIGINT, signal.SIGKILL
COMMAND = [sys.executable, "-u", "-m", "scripts"]


def broken_off(ground: Ground, by: signal.Signals, after: str, *arguments: str, **variables: str) -> tuple[int, str]:
    """Run a command and end it when AWS has done ``after`` but has not answered; its exit code and what it said."""
    begun: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()

    def end() -> None:
        process = begun.get(timeout=SECONDS)
        process.send_signal(by)
        process.wait(SECONDS)

    with Between(ground.system.emulator) as between:
        between.after(after, end)
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=REPOSITORY,
            env=ground.variables | variables | {"AWS_ENDPOINT_URL": between.url},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        begun.put(process)
        code, said = ended(process)
    assert after in between.asked, said
    return code, said


def at_the_question(
    ground: Ground,
    *arguments: str,
    by: signal.Signals | None = None,
    answer: str = "",
    question: str = "[y/N]",
    **variables: str,
) -> tuple[int, str]:
    """Run a command at a terminal up to a question; then end it, or answer. Its exit code and the screen."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=REPOSITORY,
        env=ground.variables | {"YES": "", "TERM": "dumb"} | variables,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        screen = _read(ours, until=question)
        if by is None:
            os.write(ours, f"{answer}\n".encode())
        else:
            process.send_signal(by)
            # A signal right before the reading begins is seen when the reading ends: a line ends it, and is a no too.
            os.write(ours, b"\n")
        screen += _read(ours)
        return process.wait(SECONDS), screen
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _read(screen: int, *, until: str = "") -> str:
    """What appears on a terminal until the text does, or until its program ends."""
    seen, deadline = b"", time.monotonic() + SECONDS
    while not until or until.encode() not in seen:
        assert time.monotonic() < deadline, seen.decode(errors="replace")
        try:
            read = os.read(screen, 4096)
        except OSError:  # Linux says so when the program at the other side has ended.
            break
        if not read:
            break
        seen += read
    return seen.decode(errors="replace").replace("\r\n", "\n")
