"""The local DynamoDB: Amazon's own DynamoDB Local where there is Java, moto's server where there is none."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from scripts.devnet.errors import DevnetError, UnavailableError
from scripts.devnet.packages import DYNAMODB_LOCAL, fetch
from scripts.devnet.processes import Process, answers, free_port
from scripts.devnet.screen import Say, say

START_SECONDS = 120
JAVA_CHECK_SECONDS = 30
PORTS_TO_TRY = 3
OLDEST_JAVA = 17
# One set of tables for all callers, in memory; nothing is reported to anybody.
OPTIONS = ["-inMemory", "-sharedDb", "-disableTelemetry"]
# A small heap; the quick compiler only, which halves the work of starting; and no performance file beside the temporary
# folder that is ours.
JVM_OPTIONS = ["-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Djava.io.tmpdir={home}"]


@dataclass(frozen=True)
class Program:
    """``{port}`` in the command is the port to be; ``started`` is what it writes as it begins to listen."""

    command: list[str]
    started: str


class DynamoDbLocal:
    """An empty DynamoDB on a free port; any credentials will do.

    Amazon's program listens on every address of the machine and cannot be told otherwise; ours is used on 127.0.0.1.
    """

    def __init__(self, say: Say = say) -> None:
        self._say = say
        self._process: Process | None = None
        self._program: Program | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def prepare(self) -> Program:
        """Find or fetch the program."""
        if self._program is None:
            self._program = _program(self._say)
        return self._program

    def start(self) -> None:
        program = self.prepare()
        for _ in range(PORTS_TO_TRY - 1):
            try:
                return self._start_on(program, free_port())
            except DevnetError as error:
                # Another program may have been quicker to take the port.
                if "in use" not in str(error):
                    raise
        return self._start_on(program, free_port())

    def _start_on(self, program: Program, port: int) -> None:
        command = [part.replace("{port}", str(port)) for part in program.command]
        self._process = Process("DynamoDB", command)
        self._process.wait_for(lambda: self._listening(program, port), START_SECONDS)
        self.url = f"http://127.0.0.1:{port}"

    def _listening(self, program: Program, port: int) -> bool | None:
        log = self.process.log
        if "in use" in log:
            # Java does not end by itself when it could not have the port.
            self.process.kill()
            return None
        return True if program.started in log and answers(port) else None

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    @property
    def process(self) -> Process:
        if self._process is None:
            raise DevnetError("DynamoDB is not running; use it inside `with DynamoDbLocal() as dynamodb:`.")
        return self._process


def _program(say: Say) -> Program:
    try:
        java = find_java()
        emulator = fetch(DYNAMODB_LOCAL, say) / "emulator"
    except UnavailableError as error:
        say(f"{error} Taking moto's imitation of DynamoDB instead: the same calls, but no real concurrency.")
        return _moto()
    library = f"-Djava.library.path={emulator / 'DynamoDBLocal_lib'}"
    jar = str(emulator / "DynamoDBLocal.jar")
    return Program([java, *JVM_OPTIONS, library, "-jar", jar, *OPTIONS, "-port", "{port}"], started="CorsParams")


def find_java() -> str:
    """A Java that can run DynamoDB Local: from ``JAVA_HOME``, else from the PATH."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if java is None:
        raise UnavailableError(f"There is no Java on the PATH; DynamoDB Local needs Java {OLDEST_JAVA}.")
    try:
        shown = subprocess.run(  # noqa: S603 - our own words
            [java, "-version"], capture_output=True, text=True, timeout=JAVA_CHECK_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        raise UnavailableError(f"{java} does not run; DynamoDB Local needs Java {OLDEST_JAVA}.") from None
    found = re.search(r'version "(\d+)', shown.stderr)
    if shown.returncode != 0 or found is None or int(found[1]) < OLDEST_JAVA:
        raise UnavailableError(f"{java} is not Java {OLDEST_JAVA} or later, which DynamoDB Local needs.")
    return java


def _moto() -> Program:
    if importlib.util.find_spec("moto") is None:
        raise UnavailableError(
            f"Neither DynamoDB Local nor moto can run here. Install Java {OLDEST_JAVA} and npm, "
            "or moto: `make test` does that."
        )
    return Program([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "{port}"], started="Running on")
