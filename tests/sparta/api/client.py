"""Callers of the API: of an application in this process, and of gunicorn's processes as they are deployed."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

import httpx
from flask import Flask

from scripts.devnet.network import Devnet
from scripts.devnet.processes import free_port

REPOSITORY = Path(__file__).resolve().parents[3]
COMMAND = [str(Path(sys.executable).parent / "gunicorn"), "sparta.api:create_app()"]
START_SECONDS = 30
TLS = ssl.create_default_context()
"""Not used, and made once: httpx would make one for each request, which takes longer than the request."""


@dataclass(frozen=True)
class Reply:
    """An answer: its status, its body as JSON where it has one, its headers in lower case."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def error(self) -> str:
        """The sentence of an error, whose shape is checked."""
        assert self.body["success"] is False
        return str(self.body["error"])


class Caller:
    """Somebody with the key, or with another, or with none, in front of an application in this process."""

    def __init__(self, app: Flask, key: str | None) -> None:
        self._client = app.test_client()
        self._key = key

    def __call__(self, method: str, path: str, body: Any = None, **query: str) -> Reply:
        """One request; ``query`` holds parameters by their names outside."""
        return self.send(method, path, query_string=query, json=body)

    def send(self, method: str, path: str, headers: Mapping[str, str] | None = None, **options: Any) -> Reply:
        """One request with headers of its own; ``options`` are those of werkzeug's client."""
        own = {"x-api-key": self._key} if self._key else {}
        answer = self._client.open(path, method=method, headers={**own, **(headers or {})}, **options)
        text = answer.get_data(as_text=True)
        return Reply(answer.status_code, json.loads(text) if text else None, _lower(answer.headers))


class Served:
    """``gunicorn 'sparta.api:create_app()'`` as a process of its own, with the settings that ship."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="sparta-api-")
        self.home = Path(self._home.name)
        self.key = env.get("BACKEND_API_KEY", "")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = self.home / "log"
        self._env = {**_bare(self.home), **env, "API_PORT": str(self.port)}
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        self._home.cleanup()

    def start(self) -> None:
        """Return when ``/health`` answers."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                COMMAND,
                cwd=REPOSITORY,
                env=self._env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.05)

    def answers(self) -> bool:
        """It says that it runs."""
        try:
            return httpx.get(f"{self.url}/health", timeout=1, verify=TLS).status_code == 200
        except httpx.TransportError:
            return False

    @property
    def is_alive(self) -> bool:
        """It was started and has not ended."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """All of its processes, as by SIGKILL from outside."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else 0
        self.process.terminate()
        try:
            return self.process.wait(timeout=35)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    @property
    def log(self) -> str:
        """All it has written."""
        return self._log.read_text(encoding="utf-8")

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The log, line by line; each must be JSON."""
        return [json.loads(line) for line in self.log.splitlines()]

    def line_of(self, reply: Reply) -> dict[str, Any]:
        """The one line about a request; it is written after the answer has gone out."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            about = [line for line in self.lines if line.get("request_id") == reply.headers["x-request-id"]]
            found = [line for line in about if line["event"] == "request"]
            if found or time.monotonic() > deadline:
                (line,) = found
                return line
            time.sleep(0.02)

    def call(self, method: str, path: str, body: Any = None, *, timeout: float = 60, **query: str) -> Reply:
        """One request with the key, over a connection of its own."""
        url = f"{self.url}{path}" + (f"?{urlencode(query)}" if query else "")
        answer = httpx.request(method, url, json=body, headers={"x-api-key": self.key}, timeout=timeout, verify=TLS)
        return Reply(answer.status_code, answer.json() if answer.content else None, _lower(answer.headers))


def refused(env: Mapping[str, str], home: Path) -> tuple[int, str, str]:
    """A start that must fail: exit status, standard output, standard error."""
    done = subprocess.run(
        COMMAND,
        cwd=REPOSITORY,
        env={**_bare(home), **env, "API_PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def settings_of(net: Devnet, **more: str) -> dict[str, str]:
    """The environment that the local network's settings make."""
    return {**net.env, **more}


def _bare(home: Path) -> dict[str, str]:
    """What any process needs."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(home)}


def _lower(headers: Any) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}
