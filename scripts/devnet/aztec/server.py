"""The stand-in node as a server on a free port of 127.0.0.1."""

import gzip
import json
import socket
import threading
from contextlib import suppress
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from scripts.devnet.aztec import jsonrpc
from scripts.devnet.aztec.dialects import DIALECTS, Dialect
from scripts.devnet.aztec.faults import MIB, PAGES, Fault, Kind
from scripts.devnet.aztec.world import World
from scripts.devnet.errors import DevnetError

# koa-compress leaves short answers alone.
GZIP_FROM_BYTES = 1024


class AztecStandIn:
    """Change ``world``, ``dialect`` and ``faults`` at any time; ``requests`` counts what was called."""

    def __init__(self, dialect: str = "0.87", world: World | None = None) -> None:
        self.world = World.recorded() if world is None else world
        self.faults: list[Fault] = []
        self.requests: dict[str, int] = {}
        self.stopping = threading.Event()
        self._counting = threading.Lock()
        self._refreshing = threading.Lock()
        self.url = ""
        self._server: _Server | None = None
        self.speak(dialect)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self, port: int = 0) -> None:
        """On a free port, or on the one it had before, as a node that comes back."""
        self.stopping.clear()
        self._server = _Server(self, port)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self.stopping.set()
        if self._server is not None:
            self._server.close()
            self._server = None

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def speak(self, dialect: str) -> None:
        """From now on answer as a node of this version does."""
        if dialect not in DIALECTS:
            raise DevnetError(
                f"The stand-in node does not know the dialect {dialect}; choose one of {', '.join(DIALECTS)}."
            )
        self.dialect: Dialect = DIALECTS[dialect]

    def fail(self, kind: str, **details: Any) -> Fault:
        """From now on answer wrongly; ``heal`` ends it."""
        fault = Fault(Kind(kind), **details)
        self.faults.append(fault)
        return fault

    def heal(self) -> None:
        self.faults.clear()

    def fault_for(self, called: set[str]) -> Fault | None:
        with self._counting:
            for name in called:
                self.requests[name] = self.requests.get(name, 0) + 1
            return next((fault for fault in list(self.faults) if fault.hits(called)), None)

    def current(self) -> World:
        """Brought up to date by one request at a time: a chain that hangs does not hold up the others."""
        if self.world.source is not None and self._refreshing.acquire(blocking=False):
            try:
                # A chain out of reach leaves the network as it was last seen, as it does for a real node.
                with suppress(DevnetError, OSError, HTTPException):
                    self.world.source(self.world)
            finally:
                self._refreshing.release()
        return self.world


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, node: AztecStandIn, port: int) -> None:
        self.node = node
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is its own business."""

    def close(self) -> None:
        """Callers that keep their connection open are cut off too."""
        self.shutdown()
        self._thread.join()
        for connection in list(self._open):
            self.shutdown_request(connection)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        node = self.server.node
        if self.path == "/status":
            healthy = node.current().healthy
            self._send(200 if healthy else 500, b"OK" if healthy else b"Unhealthy", "text/plain")
        else:
            self._send(404, b"Not Found", "text/plain")

    def do_POST(self) -> None:
        node = self.server.node
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/":
            self._send(404, b"Not Found", "text/plain")
            return
        fault = node.fault_for(jsonrpc.called(body))
        if fault is not None and not self._survives(fault):
            return
        is_json = self.headers.get_content_type() == "application/json"
        status, answer = jsonrpc.answer(node.current(), node.dialect, body, is_json=is_json)
        content = json.dumps(answer, separators=(",", ":")).encode()
        if fault is not None and fault.kind is Kind.TRUNCATED:
            self._send_half(content)
        else:
            self._send(status, content, "application/json; charset=utf-8")

    def _survives(self, fault: Fault) -> bool:
        """Whether an answer is still to come."""
        if fault.kind is Kind.SLOW:
            self.server.node.stopping.wait(fault.seconds)
        elif fault.kind is Kind.DROPPED:
            self.close_connection = True
            return False
        elif fault.kind is Kind.HUGE:
            self._send_huge(fault.mebibytes)
            return False
        elif fault.kind in PAGES:
            status, page = PAGES[fault.kind]
            self._send(status, page, "text/html")
            return False
        return True

    def _send(self, status: int, content: bytes, kind: str) -> None:
        dialect = self.server.node.dialect
        compress = (
            dialect.gzip and len(content) >= GZIP_FROM_BYTES and "gzip" in self.headers.get("Accept-Encoding", "")
        )
        if compress:
            content = gzip.compress(content, 6)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if compress:
            self.send_header("Content-Encoding", "gzip")
        if dialect.checkpoints:
            self.send_header("x-aztec-packageVersion", dialect.node_version)
        self.end_headers()
        self.wfile.write(content)

    def _send_half(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2])
        self.close_connection = True

    def _send_huge(self, mebibytes: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(mebibytes * MIB + 2))
        self.end_headers()
        self.wfile.write(b'"')
        for _ in range(mebibytes):
            self.wfile.write(b"a" * MIB)
        self.wfile.write(b'"')

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """What is called is counted, not written."""
