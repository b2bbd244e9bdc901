"""A command on a real terminal, and somebody who reads it and types."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.emulator.emulator import REPOSITORY
from tests.operations.recording.screen import shown

COLUMNS, ROWS = 100, 40
CTRL_C, CTRL_D = "\x03", "\x04"
"""As typed: the terminal makes them a signal, and the end of input."""
SECONDS = 300
# The new session takes its standard input for its terminal: so Ctrl-C reaches it, and hidden prompts find /dev/tty.
TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)


class SilentError(AssertionError):
    """The command waits, or goes on, and does not say what was expected; the text is what it said."""


@dataclass(frozen=True)
class When:
    """As soon as the screen says ``says``, type ``type`` and Enter, let something happen in the world, or kill it."""

    says: str
    type: str | None = None
    do: Callable[[], object] | None = None
    kill: bool = False


@dataclass(frozen=True)
class Played:
    """How a command ended: its exit code, and every character that it wrote, its control sequences too."""

    code: int
    written: str

    @property
    def screen(self) -> str:
        return shown(self.written)


def play(
    command: Sequence[str], variables: Mapping[str, str], folder: Path, *reactions: When, seconds: float = SECONDS
) -> Played:
    """Run a command on a terminal of 100 columns and react to what it says, each reaction once and in order.

    :raises SilentError: when it ends before all was said, or goes on for longer than ``seconds``
    """
    master, slave = pty.openpty()
    try:
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        process = subprocess.Popen(
            [sys.executable, "-c", TAKE_TERMINAL, *command],
            cwd=folder,
            env=dict(variables) | {"TERM": "xterm-256color"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
    finally:
        os.close(slave)
    try:
        written = _Sitting(master, process, list(reactions), time.monotonic() + seconds).read()
        return Played(process.wait(), written)
    finally:
        # Whoever is at work behind the terminal is told that it is gone.
        os.close(master)
        process.kill()
        process.wait()


def at_terminal(variables: Mapping[str, str], *arguments: str, answers: Sequence[When] = ()) -> Played:
    """Run a command of the runbook so; ``COLUMNS`` of the variables is how wide it takes the terminal for."""
    return play([sys.executable, "-m", "scripts", *arguments], variables, REPOSITORY, *answers)


@dataclass
class _Sitting:
    """Reading and typing until the terminal is closed by the last one who had it open."""

    terminal: int
    process: subprocess.Popen[bytes]
    reactions: list[When]
    deadline: float
    written: str = ""
    _read_up_to: int = 0

    def read(self) -> str:
        decoder = codecs.getincrementaldecoder("utf-8")()
        while (data := self._next()) is not None:
            self.written += decoder.decode(data)
            self._react()
        if self.reactions:
            raise SilentError(f"It ended before it said {self.reactions[0].says!r}:\n{shown(self.written)}")
        return self.written

    def _next(self) -> bytes | None:
        """What comes next; ``None`` at the end, which Linux reports as an error."""
        left = self.deadline - time.monotonic()
        if left <= 0 or not select.select([self.terminal], [], [], left)[0]:
            awaited = f"did not say {self.reactions[0].says!r}" if self.reactions else "did not end"
            raise SilentError(f"It {awaited}:\n{shown(self.written)}")
        try:
            return os.read(self.terminal, 65536) or None
        except OSError:
            return None

    def _react(self) -> None:
        while self.reactions:
            found = self.written.find(self.reactions[0].says, self._read_up_to)
            if found < 0:
                return
            reaction = self.reactions.pop(0)
            self._read_up_to = found + len(reaction.says)
            if reaction.do is not None:
                reaction.do()
            if reaction.kill:
                self.process.kill()
            if reaction.type is not None:
                os.write(self.terminal, f"{reaction.type}\n".encode())
