"""Start, use and stop the emulated AWS."""

import json
import os
import shlex
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

import boto3
from botocore.config import Config

REPOSITORY = Path(__file__).resolve().parents[2]
ENVIRONMENT = REPOSITORY / ".venv-emulator"
REGION = "eu-west-2"
START_SECONDS = 30
STOP_SECONDS = 10
PORTS_TO_TRY = 3
COMMAND_SECONDS = 90
# Any request of these keys acts as the account's root, also where permissions are enforced.
ROOT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


class EmulatorError(Exception):
    """The emulator cannot do its work; the text says what happened and what to do."""


class CommandError(EmulatorError):
    """An ``aws`` command failed; the text is what it wrote for people."""


class Emulator:
    """MiniStack on a free port of 127.0.0.1, with a home of its own that is removed at the end.

    ``enforce_permissions`` turns on IAM, for tests of least privilege.
    """

    def __init__(self, *, enforce_permissions: bool = False) -> None:
        self._enforce_permissions = enforce_permissions
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Return when the server answers; raises ``EmulatorError`` with its log when it does not."""
        python = _program("python")
        self._folder = tempfile.TemporaryDirectory(prefix="sparta-emulator-", ignore_cleanup_errors=True)
        (self._home / "tmp").mkdir()
        try:
            self.url = f"http://127.0.0.1:{self._launch_on_a_free_port(python)}"
        except EmulatorError:
            self.stop()
            raise

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def client(self, service: str, **credentials: str) -> Any:
        """A boto3 client; root's unless ``aws_access_key_id`` and ``aws_secret_access_key`` say whose."""
        no_retries = Config(retries={"total_max_attempts": 1}, proxies={})
        make: Any = _session().client
        return make(service, endpoint_url=self.url, config=no_retries, **credentials)

    def shell(self, command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a line of shell in which ``aws`` is the real client, and return how it ended."""
        return subprocess.run(
            ["/bin/sh", "-c", command],
            env=self._client_environment(),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def aws(self, *arguments: str) -> Any:
        """Run the real ``aws`` client and return the JSON it prints, ``None`` if it prints nothing."""
        done = self.shell(shlex.join(["aws", *arguments]), self._home)
        if done.returncode != 0:
            raise CommandError(f"aws {' '.join(arguments)}\n{done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def unsupported(self, types: Iterable[str]) -> list[str]:
        """Resource types that can not be deployed here: neither MiniStack's own nor in our table."""
        supported = set(json.loads(self._types.read_text(encoding="utf-8")))
        return sorted(set(types) - supported)

    @property
    def log(self) -> str:
        """What the server wrote so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def _home(self) -> Path:
        if self._folder is None:
            raise EmulatorError("The emulator is not running; use it inside `with Emulator() as emulator:`.")
        return Path(self._folder.name)

    @property
    def _log(self) -> Path:
        return self._home / "server.log"

    @property
    def _types(self) -> Path:
        return self._home / "resource-types.json"

    def _launch_on_a_free_port(self, python: str) -> int:
        for _ in range(PORTS_TO_TRY):
            port = _free_port()
            self._launch(python, port)
            if self._listens(port):
                return port
        raise EmulatorError(f"{PORTS_TO_TRY} ports were taken by others as the emulator started. Try again.")

    def _launch(self, python: str, port: int) -> None:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [python, "-m", "tests.emulator.server", str(self._types)],
                env=self._server_environment(port),
                cwd=self._home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _listens(self, port: int) -> bool:
        """Whether our server has the port, once it is ready; ``False`` if another program was quicker to take it."""
        # No proxy of the machine may stand between us and 127.0.0.1.
        opener = build_opener(ProxyHandler({}))
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                if "in use" in self.log:
                    return False
                raise EmulatorError(f"The emulator ended while starting. Its log says why:\n{self.log}")
            # Another emulator may answer on the port; only our log tells that it is ours.
            if f"Running on http://127.0.0.1:{port}" in self.log:
                with suppress(URLError), opener.open(f"http://127.0.0.1:{port}/_ministack/health", timeout=1):
                    return True
            time.sleep(0.05)
        raise EmulatorError(f"The emulator did not answer within {START_SECONDS} s. Its log:\n{self.log}")

    def _server_environment(self, port: int) -> dict[str, str]:
        return _plain_environment() | {
            "HOME": str(self._home),
            "TMPDIR": str(self._home / "tmp"),
            "PYTHONPATH": str(REPOSITORY),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_REGION": REGION,
            "S3_DATA_DIR": str(self._home / "s3"),
            "IOT_MTLS_ENABLED": "0",
            # Tasks and functions are not to start containers on a machine that has Docker.
            "DOCKER_HOST": f"unix://{self._home / 'no-docker'}",
            "AUTH": "true" if self._enforce_permissions else "false",
        }

    def _client_environment(self) -> dict[str, str]:
        return (
            _plain_environment()
            | ROOT
            | {
                "HOME": str(self._home),
                "PATH": f"{ENVIRONMENT / 'bin'}{os.pathsep}{os.environ['PATH']}",
                "AWS_CONFIG_FILE": str(self._home / "no-config"),
                "AWS_SHARED_CREDENTIALS_FILE": str(self._home / "no-credentials"),
                "AWS_DEFAULT_REGION": REGION,
                "AWS_DEFAULT_OUTPUT": "json",
                "AWS_ENDPOINT_URL": self.url,
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_PAGER": "",
                "AWS_MAX_ATTEMPTS": "1",
                "NO_PROXY": "127.0.0.1",
            }
        )


@cache
def _session() -> boto3.Session:
    """One session for all emulators: it keeps the service descriptions it has read."""
    return boto3.Session(
        aws_access_key_id=ROOT["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=ROOT["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )


def _plain_environment() -> dict[str, str]:
    """What a program needs to run, and nothing of the AWS account or proxies the person at the machine uses."""
    return {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}


def _program(name: str) -> str:
    program = ENVIRONMENT / "bin" / name
    if not program.exists():
        raise EmulatorError(
            f"{program} is missing: MiniStack and the aws client are not installed, so nothing can be deployed. "
            "Run `make test`, which installs requirements/emulator.txt into .venv-emulator."
        )
    return str(program)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
