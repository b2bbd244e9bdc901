"""A stand-in between a command and the emulator that says, for a while, that it is asked too often."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

THROTTLED = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error>"
    "<RequestId>0</RequestId></ErrorResponse>"
)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    beyond: str
    action: str
    times = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if f"Action={self.server.action}&".encode() in body and self.server.times > 0:
            self.server.times -= 1
            self._answer(400, {"Content-Type": "text/xml"}, THROTTLED.encode())
            return
        kept = {name: value for name, value in self.headers.items() if name.lower() != "transfer-encoding"}
        with httpx.Client(trust_env=False) as client:
            found = client.request(self.command, f"{self.server.beyond}{self.path}", headers=kept, content=body)
        dropped = ("transfer-encoding", "content-length", "content-encoding", "connection")
        self._answer(
            found.status_code,
            {name: value for name, value in found.headers.items() if name not in dropped},
            found.content,
        )

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _forward  # noqa: N815 - the names that http.server calls

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Says nothing on the screen of the tests."""


@contextmanager
def throttling(beyond: str, action: str) -> Iterator[_Server]:
    """It hands on all requests, but refuses ``action`` as many ``times`` as it is told."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.beyond, server.action = beyond, action
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
