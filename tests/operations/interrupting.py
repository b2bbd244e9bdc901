"""End a command where it hurts: between what AWS has done and what the command knows of it."""

from __future__ import annotations

import signal
import subprocess
import sys
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
