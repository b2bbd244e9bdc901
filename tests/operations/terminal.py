"""A command at a terminal: what a person sees, and what they type or press when they see it."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping

from tests.emulator.emulator import REPOSITORY
from tests.operations.running import SECONDS

CTRL_C = "Ctrl-C"
PRESSED_AGAIN = 5.0


def at_terminal(
    variables: Mapping[str, str], *arguments: str, answers: Iterable[tuple[str, str]] = ()
) -> tuple[int, str]:
    """Exit code and screen of ``python -m scripts``; each answer is a text to wait for, and a line to type then."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts", *arguments],
        cwd=REPOSITORY,
        env=dict(variables),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        screen = ""
        for wanted, typed in answers:
            screen += read_until(ours, wanted)
            if typed == CTRL_C:
                _interrupt(process, ours)
            else:
                os.write(ours, f"{typed}\n".encode())
        screen += read_until(ours, None)
        return process.wait(timeout=SECONDS), screen.replace("\r\n", "\n")
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def _interrupt(process: subprocess.Popen[bytes], screen: int) -> None:
    """Ctrl-C as a person presses it: again, where Python was just about to wait for a line and so missed the first."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        process.send_signal(signal.SIGINT)
        if select.select([screen], [], [], PRESSED_AGAIN)[0]:
            return


def read_until(screen: int, text: str | None) -> str:
    """What appears on a terminal until ``text`` does, or until its program ends."""
    seen, deadline = "", time.monotonic() + SECONDS
    while text is None or text not in seen:
        left = deadline - time.monotonic()
        assert left > 0, seen
        if not select.select([screen], [], [], left)[0]:
            continue
        try:
            read = os.read(screen, 4096)
        except OSError:  # Linux says so when the program at the other side has ended.
            break
        if not read:
            break
        seen += read.decode()
    return seen
