"""A stand-in for the part of AWS Lambda that a function speaks to: the Runtime API.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. AWS's own runtime interface client runs the function
against it, in an environment that holds nothing but that client.
"""

import json
import os
import queue
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
ENVIRONMENT = REPOSITORY / ".venv-lambda"
ROOT = "/2018-06-01/runtime"
SECONDS = 30
POLL_SECONDS = 0.05
# To root, permissions do not apply: the folder would not be read-only. Without capabilities they do, and it is still
# the same user, who can reach an interpreter that lies in a home.
AS_ANYBODY = ["setpriv", "--bounding-set=-all"] if os.geteuid() == 0 else []


class RuntimeApiError(Exception):
    """The function cannot be run here; the text says why."""


@dataclass(frozen=True)
class Ready:
    """The module is loaded and the function asks for its first event."""


@dataclass(frozen=True)
class Result:
    """What the handler returned."""

    value: Any


@dataclass(frozen=True)
class Failure:
    """An error that Lambda was told of: of one event, or, with ``at_start``, of the module itself."""

    type: str
    message: str
    at_start: bool = False


Outcome = Ready | Result | Failure


class Function:
    """A function that runs. Take ``start`` before the first ``invoke``."""

    def __init__(self, server: "_Server", process: subprocess.Popen[bytes], log: Path) -> None:
        self._server, self._process, self._log = server, process, log

    def start(self) -> Outcome:
        """``Ready``, or the ``Failure`` that keeps the module from loading."""
        return self._outcome()

    def invoke(self, event: Any) -> Outcome:
        """How one event ended."""
        self.hand_over(event)
        return self._outcome()

    def hand_over(self, event: Any) -> None:
        """Let it begin with an event, and return; what becomes of it nobody hears."""
        self._server.events.put(event)
        deadline = time.monotonic() + SECONDS
        while not self._server.events.empty() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)

    @property
    def log(self) -> str:
        """What it wrote, which Lambda would send to its log group."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def _outcome(self) -> Outcome:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            ended = self._process.poll() is not None
            try:
                return self._server.outcomes.get(timeout=POLL_SECONDS)
            except queue.Empty:
                if ended:
                    break
        raise RuntimeApiError(f"The function told nothing within {SECONDS} s, or ended before. Its log:\n{self.log}")


@contextmanager
def unpacked(package: Path) -> Iterator[Path]:
    """The zip as Lambda unpacks it: nothing in it can be written."""
    with tempfile.TemporaryDirectory(prefix="sparta-function-") as name:
        folder = Path(name) / "task"
        with zipfile.ZipFile(package) as archive:
            archive.extractall(folder)
        folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
        for path in folders:
            path.chmod(0o555)
        try:
            yield folder
        finally:
            for path in folders:
                path.chmod(0o755)


@contextmanager
def running(folder: Path, handler: str, variables: Mapping[str, str] | None = None) -> Iterator[Function]:
    """The function of an unpacked zip, with these environment variables and those that Lambda sets itself."""
    with _Server() as server, tempfile.TemporaryDirectory(prefix="sparta-function-") as home:
        log = Path(home) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*AS_ANYBODY, str(_python()), "-m", "awslambdaric", handler],
                cwd=folder,
                env={**_lambdas_own(folder, handler, server, home), **(variables or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            yield Function(server, process, log)
        finally:
            process.kill()
            process.wait()
            server.events.put(_NO_MORE)


def _python() -> Path:
    """Of the environment with AWS's client, which must be of the version that the zip was made for."""
    python = ENVIRONMENT / "bin" / "python"
    minor = f"python{sys.version_info.major}.{sys.version_info.minor}"
    if not (ENVIRONMENT / "lib" / minor / "site-packages" / "awslambdaric").is_dir():
        raise RuntimeApiError(f"AWS's runtime client for {minor} is not in {ENVIRONMENT}. Remove it and run make test.")
    return python


def _lambdas_own(folder: Path, handler: str, server: "_Server", home: str) -> dict[str, str]:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
    return {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
        "AWS_LAMBDA_FUNCTION_NAME": handler,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{handler}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
        "AWS_REGION": "eu-west-2",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "LAMBDA_TASK_ROOT": str(folder),
        "LANG": "en_US.UTF-8",
        "PATH": os.environ["PATH"],
        "TMPDIR": home,
        "TZ": ":UTC",
    }


_NO_MORE = object()


class _Server(ThreadingHTTPServer):
    """Hands out ``events`` one by one; ``outcomes`` are those of the start, then of each event."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.events: queue.Queue[Any] = queue.Queue()
        self.outcomes: queue.Queue[Outcome] = queue.Queue()
        self.asked = False
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": POLL_SECONDS})

    def __enter__(self) -> "_Server":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Requests(BaseHTTPRequestHandler):
    """The four requests of the Runtime API."""

    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The next event, when there is one."""
        if not self.server.asked:
            self.server.asked = True
            self.server.outcomes.put(Ready())
        event = self.server.events.get()
        if event is _NO_MORE:
            self.close_connection = True
            return
        identity = str(uuid.uuid4())
        headers = {
            "Lambda-Runtime-Aws-Request-Id": identity,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + SECONDS) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-2:123456789012:function:packaged",
            "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000;Sampled=0",
        }
        self._answer(200, json.dumps(event).encode(), headers)

    def do_POST(self) -> None:
        """A result, an error, or an error at the start."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("/response"):
            self.server.outcomes.put(Result(body))
        else:
            at_start = self.path == f"{ROOT}/init/error"
            self.server.outcomes.put(Failure(body["errorType"], body["errorMessage"], at_start))
        self._answer(202, b'{"status": "OK"}', {})

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """The tests' output is theirs."""
