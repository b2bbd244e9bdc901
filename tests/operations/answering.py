"""Stands between a command and the emulated AWS: notes what is asked, and changes answers it is told to.

For what the emulator cannot play: a deployment that fails, a task that stopped for a reason, a secret that is old.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.emulator.emulator import Emulator

Answer = tuple[int, dict[str, str], bytes]
HOP_BY_HOP = {"connection", "content-length", "host", "keep-alive", "transfer-encoding"}
# Calls that change nothing, by what their names begin with.
LOOKS = ("Describe", "List", "Get", "Filter", "Simulate", "BatchGet", "Detect", "Validate", "Estimate", "GET ", "HEAD ")


class Between:
    """``url`` is to be given to the command; ``asked`` lists the operations it called, in order."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._answers: dict[str, Callable[[bytes], Answer]] = {}
        self._changes: dict[str, Callable[[Any], Any]] = {}
        self._rewrites: dict[str, Callable[[bytes], bytes]] = {}
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def change(self, operation: str, how: Callable[[Any], Any]) -> None:
        """Pass on what the emulator answers in JSON, changed."""
        self._changes[operation] = how

    def rewrite(self, operation: str, how: Callable[[bytes], bytes]) -> None:
        """Pass on what the emulator answers, changed as it stands: for what is no JSON."""
        self._rewrites[operation] = how

    def answer(self, operation: str, how: Callable[[bytes], Answer]) -> None:
        """Answer without asking the emulator; ``*`` is every operation that is not named."""
        self._answers[operation] = how

    @property
    def changed(self) -> list[str]:
        """The operations called that are no mere looks."""
        return [each for each in self.asked if not each.startswith(LOOKS)]

    def reply(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        name = operation(method, path, headers, body)
        self.asked.append(name)
        if how := self._answers.get(name) or self._answers.get("*"):
            return how(body)
        status, answered, content = self._forward(method, path, headers, body)
        if name in self._changes and status == 200:
            content = json.dumps(self._changes[name](json.loads(content))).encode()
        if name in self._rewrites:
            content = self._rewrites[name](content)
        return status, answered, content

    def _forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        connection = HTTPConnection(str(urlsplit(self._emulator.url).netloc), timeout=30)
        connection.request(method, path, body, {k: v for k, v in headers.items() if k.lower() not in HOP_BY_HOP})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, dict(answer.getheaders()), content

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        between = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, content = between.reply(self.command, self.path, dict(self.headers), body)
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in HOP_BY_HOP | {"date", "server"}:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = handle_any  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """The test says what matters."""

        return Handler


def operation(method: str, path: str, headers: dict[str, str], body: bytes) -> str:
    """``DescribeServices``; for what is called by a path, ``GET /schedules/x``."""
    given = {name.lower(): value for name, value in headers.items()}
    if target := given.get("x-amz-target"):
        return target.rpartition(".")[2]
    form = parse_qs(body.decode(errors="replace")) if "form" in given.get("content-type", "") else {}
    return form["Action"][0] if "Action" in form else f"{method} {path}"


def expired(body: bytes) -> Answer:
    """What AWS says to credentials whose time is over, in the form of whichever protocol asked."""
    if body.startswith(b"{"):
        said = {"__type": "ExpiredTokenException", "message": "The security token included in the request is expired"}
        return 400, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(said).encode()
    error = "<Error><Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message>"
    if b"Action=" in body:
        wrapped = f"<ErrorResponse>{error}</Error><RequestId>0</RequestId></ErrorResponse>"
        return 400, {"Content-Type": "text/xml"}, wrapped.encode()
    return 400, {"Content-Type": "application/xml"}, f"{error}</Error>".encode()
