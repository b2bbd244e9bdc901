"""The way from the bot to the API, on which answers can be late, lost or somebody else's."""

from __future__ import annotations

import json
import threading
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

from tests.discord.faults import Fault, Faults, Kind

ERRORS = {Kind.ERROR: 500, Kind.UNAVAILABLE: 503, Kind.GARBAGE: 200}
PAGE = b"<html><body>this is no JSON</body></html>"
SECONDS = 70.0


class Asked(NamedTuple):
    """A request, and what it brought along."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class ApiProxy:
    """Forwards to ``target``; ``fail`` and ``heal`` as the stand-in Discord has them. ``instead`` holds answers, a
    status and JSON, for paths that are not to be asked of the API.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.asked: list[Asked] = []
        self.faults = Faults()
        self.instead: dict[str, tuple[int, Any]] = {}
        self._lock = threading.Lock()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, kind: str, method: str | None = None, path: str = "", **details: Any) -> Fault:
        """From now on answer wrongly."""
        fault = Fault(Kind(kind), method, path, **details)
        self.faults.chosen.append(fault)
        return fault

    def heal(self) -> None:
        """All works again."""
        self.faults = Faults()
        self.instead = {}

    def paths(self, method: str) -> list[str]:
        """Of the requests of that method, in order."""
        return [each.path for each in self.asked if each.method == method]

    def next(self, asked: Asked) -> Fault | None:
        """Count a request; what is to happen to it."""
        with self._lock:
            self.asked.append(asked)
            return self.faults.next(asked.method, asked.path)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, proxy: ApiProxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, *_: Any) -> None:
        """A caller that gave up is nothing to print."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", 0)))
        fault = self.server.proxy.next(Asked(self.command, self.path, headers, body))
        if fault and fault.kind is Kind.SLOW:
            time.sleep(fault.seconds)
        if fault and fault.kind in ERRORS:
            return self._answer(ERRORS[fault.kind], PAGE, "text/html")
        if canned := self.server.proxy.instead.get(urlsplit(self.path).path):
            return self._answer(canned[0], json.dumps(canned[1]).encode(), "application/json")
        found = None if fault and fault.kind is Kind.DROPPED else self._forward(body, headers)
        if found is None or (fault and fault.kind is Kind.LOST):
            self.close_connection = True
            return None
        response, content = found
        return self._answer(response.status, content, response.headers.get_content_type())

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - as the base class wants them

    def _forward(self, body: bytes, headers: dict[str, str]) -> tuple[HTTPResponse, bytes] | None:
        target = urlsplit(self.server.proxy.target)
        connection = HTTPConnection(str(target.hostname), target.port, timeout=SECONDS)
        passed = {name: value for name, value in headers.items() if name not in {"host", "connection"}}
        try:
            connection.request(self.command, self.path, body, passed)
            response = connection.getresponse()
            return response, response.read()
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
