"""Bots as processes of their own, pointed at a stand-in by nothing but their environment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.discord.server import DiscordStandIn

ROOT = Path(__file__).resolve().parents[2]


class Program:
    """A process that runs, or ran."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log

    @property
    def log(self) -> str:
        """What it wrote so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def tell(self, number: int = signal.SIGTERM) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def wait(self, seconds: float = 15.0) -> int:
        """Until it ends: its exit code."""
        return self._process.wait(seconds)

    def wait_for_log(self, text: str, seconds: float = 15.0) -> None:
        """Until it has written that."""
        end = time.monotonic() + seconds
        while text not in self.log:
            assert self.running, f"it ended with {self._process.returncode}:\n{self.log}"
            assert time.monotonic() < end, f"{text!r} is not in its log:\n{self.log}"
            time.sleep(0.02)


@contextmanager
def run(module: str, environment: dict[str, str]) -> Iterator[Program]:
    """``python -m module`` in this environment and no other, until the end of the block."""
    kept = {
        name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "COVERAGE_PROCESS_START"}
    }
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("wb") as file:
            command = [sys.executable, "-W", "error", "-m", module]
            process = subprocess.Popen(command, cwd=ROOT, env={**kept, **environment}, stdout=file, stderr=file)
        try:
            yield Program(process, log)
        finally:
            process.kill()
            process.wait()


@contextmanager
def sample_bot(discord: DiscordStandIn, **variables: str) -> Iterator[Program]:
    """The bot of this folder."""
    environment = {"DISCORD_API_URL": discord.url, "BOT_TOKEN": discord.world.token, "GUILD_ID": discord.world.guild_id}
    with run("tests.discord.sample_bot", {**environment, **variables}) as program:
        yield program
