"""Programs that the local network runs: each with a home of its own, and none that outlives us."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from scripts.devnet.errors import DevnetError

STOP_SECONDS = 10
POLL_SECONDS = 0.02
T = TypeVar("T")
END_PROGRAM = 'kill -9 "$0" 2>/dev/null; rm -rf -- "$1"'


class Guard:
    """Runs a line of shell if we die before we dismiss it, however we die: the kernel closes our end of its pipe."""

    def __init__(self, script: str, *arguments: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            ["/bin/sh", "-c", f"read -r _; {script}", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()


class Process:
    """A program in a session of its own, so that Ctrl-C reaches us first and we stop things in order."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        self.name = name
        self._folder = tempfile.TemporaryDirectory(prefix="sparta-devnet-", ignore_cleanup_errors=True)
        self.home = Path(self._folder.name)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own programs
                [part.replace("{home}", str(self.home)) for part in command],
                env=_plain_environment() | {"HOME": str(self.home), "TMPDIR": str(self.home)} | (environment or {}),
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._guard = Guard(END_PROGRAM, str(self._process.pid), str(self.home))

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def log(self) -> str:
        """What the program wrote so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def _log(self) -> Path:
        return self.home / "log"

    def wait_for(self, ready: Callable[[], T | None], seconds: float) -> T:
        """What ``ready`` returns once it is not ``None``; stops the program and raises when that does not come."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = ready()
            if found is not None and self.alive:
                return found
            if not self.alive:
                raise self._failed("ended while starting")
            time.sleep(POLL_SECONDS)
        raise self._failed(f"did not answer within {seconds:.0f} s")

    def stop(self) -> None:
        """End the program, politely first, and remove its home. Twice does no harm."""
        if self.alive:
            self._process.terminate()
            self.thaw()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._guard.dismiss()
        self._folder.cleanup()

    def kill(self) -> None:
        """End the program at once, as a crash would; its home stays until ``stop``."""
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """Let the program hang: it holds its connections and answers nothing until ``thaw``."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def _failed(self, how: str) -> DevnetError:
        log = self.log.strip()[-3000:]
        self.stop()
        return DevnetError(f"{self.name} {how}. Its log says why:\n{log}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _plain_environment() -> dict[str, str]:
    """What a program needs to run, and nothing of the accounts or proxies the person at the machine uses."""
    return {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ", "JAVA_HOME") if name in os.environ}
