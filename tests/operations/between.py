"""A server between a command and S3, which counts what is uploaded, refuses what it is told to, or lets a person pull
the plug."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import httpx

HOP = {"connection", "transfer-encoding", "content-length", "keep-alive", "host", "expect"}


class Between:
    """Passes requests on to ``behind``. ``AWS_ENDPOINT_URL_S3`` leads a command here.

    ``uploads`` lists the keys that were put. ``watch`` is called before each upload with their number so far.
    ``refuse`` answers every request with that status instead.
    """

    def __init__(self, behind: str, *, refuse: int = 0, watch: Callable[[int], None] = lambda _: None) -> None:
        self.behind = behind
        self.refuse = refuse
        self.watch = watch
        self.uploads: list[str] = []
        between = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                between.answer(self)

            do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer  # noqa: N815 - http.server's names

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: BaseHTTPRequestHandler) -> None:
        if asked.headers.get("Expect", "").lower() == "100-continue":
            asked.send_response_only(100)
            asked.end_headers()
        body = asked.rfile.read(int(asked.headers.get("Content-Length", 0)))
        if asked.command == "PUT" and not self.refuse:
            self.watch(len(self.uploads))
        status, headers, content = (self.refuse, {}, b"") if self.refuse else self._passed_on(asked, body)
        if asked.command == "PUT" and status == 200:
            self.uploads.append(asked.path.partition("?")[0])
        asked.send_response_only(status)
        for name, value in headers.items():
            asked.send_header(name, value)
        length = headers.get("Content-Length") if asked.command == "HEAD" else None
        if length is None:
            asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        asked.wfile.write(b"" if asked.command == "HEAD" else content)

    def _passed_on(self, asked: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        headers = {name: value for name, value in asked.headers.items() if name.lower() not in HOP}
        with httpx.Client(trust_env=False) as client:
            answer = client.request(asked.command, self.behind + asked.path, headers=headers, content=body)
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP}
        return answer.status_code, kept, answer.content
