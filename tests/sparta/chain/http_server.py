"""A server that answers each request as a test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import httpx


@dataclass
class Answer:
    """What goes out: the body in pieces, a pause before each but the first, in seconds."""

    pieces: list[bytes]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    delay: float = 0.0
    hang_up: bool = False
    """Close the connection afterwards without having said so."""


def says(result: Any = None, *, status: int = 200, **reply: Any) -> Callable[[Any], Answer]:
    """A JSON-RPC reply to whatever is asked; other fields replace the usual ones."""

    def answer(question: Any) -> Answer:
        body = {"jsonrpc": "2.0", "id": question["id"], **({"result": result} if not reply else {}), **reply}
        return Answer([json.dumps(body).encode()], status)

    return answer


def raw(body: bytes, status: int = 200, **headers: str) -> Callable[[Any], Answer]:
    """These bytes."""
    return lambda _: Answer([body], status, headers)


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is its own business."""


class Server:
    """On a free port; ``behave`` may be changed at any time; ``questions`` holds all it was asked."""

    def __init__(self, behave: Callable[[Any], Answer]) -> None:
        self.behave = behave
        self.questions: list[Any] = []
        self.headers: list[dict[str, str]] = []
        self.stopped = threading.Event()

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.questions.append(question)
                outer.headers.append({name.lower(): value for name, value in self.headers.items()})
                answer = outer.behave(question)
                outer.stopped.wait(answer.delay)
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(sum(map(len, answer.pieces))))
                self.end_headers()
                try:
                    for number, piece in enumerate(answer.pieces):
                        outer.stopped.wait(answer.pause if number else 0)
                        self.wfile.write(piece)
                        self.wfile.flush()
                except OSError:
                    self.close_connection = True
                self.close_connection |= answer.hang_up

            def log_message(self, *_: object) -> None:
                """Silence."""

        self._server = _QuietServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/secret-key"

    @property
    def methods(self) -> list[str]:
        """What was asked, in order."""
        return [question["method"] for question in self.questions]


def in_front_of(url: str, change: Callable[[Any, Any], Any]) -> Server:
    """A server in front of another; ``change`` gets each single question and its reply, and says what goes out."""

    def behave(question: Any) -> Answer:
        body = httpx.post(url, json=question).json()
        if isinstance(question, list):
            replies = {reply["id"]: reply for reply in body}
            return Answer([json.dumps([change(each, replies[each["id"]]) for each in question]).encode()])
        return Answer([json.dumps(change(question, body)).encode()])

    return Server(behave)
