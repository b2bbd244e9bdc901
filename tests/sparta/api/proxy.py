"""A TCP proxy in front of a dependency, which can be away, silent, slow, garbled, or cut off in the middle."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

LOOK_SECONDS = 0.1
MOST = 65536


@dataclass(frozen=True)
class Fault:
    """What happens to an answer: it comes ``delay`` seconds late, is ``instead``, or ends after its first half."""

    delay: float = 0.0
    instead: bytes | None = None
    cut: bool = False
    silent: bool = False


WELL = Fault()
SILENT = Fault(silent=True)
CUT = Fault(cut=True)


def slow(seconds: float) -> Fault:
    """The right answers, later."""
    return Fault(delay=seconds)


def says(status: str, body: bytes, kind: str = "application/json") -> Fault:
    """This page, whatever is asked."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return Fault(instead=head.encode() + body)


class Proxy:
    """On a port of its own, which it keeps over ``stop`` and ``start``; ``fault`` may be changed at any time."""

    def __init__(self, target: str) -> None:
        host, _, port = target.removeprefix("http://").partition(":")
        self._target = (host, int(port))
        self.fault = WELL
        self.questions = 0
        """Pieces of them that came."""
        self._port = 0
        self._listener: socket.socket | None = None
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Listen, on the same port as before."""
        self._stopped = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", self._port), backlog=256)
        self._listener.settimeout(LOOK_SECONDS)
        self._port = self._listener.getsockname()[1]
        self._run(self._accept, self._listener)

    def stop(self) -> None:
        """Refuse connections, and end those that are open."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

    def _run(self, work: Callable[[socket.socket], None], connection: socket.socket) -> None:
        thread = threading.Thread(target=work, args=(connection,), daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with listener:
            while not self._stopped.is_set():
                with suppress(TimeoutError):
                    self._run(self._serve, listener.accept()[0])

    def _serve(self, client: socket.socket) -> None:
        # A side that hangs up in the middle is what this is for.
        with (
            client,
            suppress(OSError),
            socket.create_connection(self._target, timeout=5) as server,
            selectors.DefaultSelector() as waiting,
        ):
            waiting.register(client, selectors.EVENT_READ)
            waiting.register(server, selectors.EVENT_READ)
            while not self._stopped.is_set():
                for key, _ in waiting.select(timeout=LOOK_SECONDS):
                    is_question = key.fileobj is client
                    data = (client if is_question else server).recv(MOST)
                    if not data or not self._pass_on(data, client, server, is_question=is_question):
                        return

    def _pass_on(self, data: bytes, client: socket.socket, server: socket.socket, *, is_question: bool) -> bool:
        """Whether the connection goes on."""
        fault = self.fault
        self.questions += is_question
        if fault.silent:
            return True
        if is_question and fault.instead is None:
            server.sendall(data)
        elif is_question:
            # Read to its end before we hang up, or else the caller would see a reset and not what was said.
            client.sendall(fault.instead or b"")
            client.shutdown(socket.SHUT_WR)
        elif fault.cut:
            client.sendall(data[: len(data) // 2])
            return False
        else:
            self._stopped.wait(fault.delay)
            client.sendall(data)
        return True
