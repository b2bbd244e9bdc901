"""An answer of the database that breaks off on its way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

import pytest

from sparta.errors import DependencyFailed
from sparta.stores.database import Limits, connect
from sparta.stores.table import Table
from tests.sparta.stores.world import tables

BODY = b'{"Item": {"pk": {"S": "a"}}}'
HEAD = f"HTTP/1.1 200 OK\r\nx-amzn-RequestId: 5fb998e4\r\nContent-Length: {len(BODY)}\r\nServer: it\r\n\r\n"
ANSWER = HEAD.encode() + BODY
THREADS = 32


class _Server(ThreadingTCPServer):
    """Answers with so many bytes as the table's name says, and ends the connection."""

    request_queue_size = THREADS
    daemon_threads = True

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            length = 0
            while (line := self.rfile.readline()).strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            asked = json.loads(self.rfile.read(length))
            self.wfile.write(ANSWER[: int(asked["TableName"])])


@pytest.fixture
def url() -> Iterator[str]:
    with _Server(("127.0.0.1", 0), _Server.Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_an_answer_that_breaks_off_is_none(url: str) -> None:
    """At whichever byte: it is a failure, never "not found" and never an item without content."""
    database = connect(tables(url, "broken"), threads=THREADS, limits=Limits(connect=1, read=2))

    def is_refused(length: int) -> bool:
        try:
            Table(database, str(length)).get({"pk": "a"})
        except DependencyFailed:
            return True
        return False

    assert Table(database, str(len(ANSWER))).get({"pk": "a"}) == {"pk": "a"}
    with ThreadPoolExecutor(THREADS) as pool:
        refused = list(pool.map(is_refused, range(len(ANSWER))))
    assert [length for length, each in enumerate(refused) if not each] == []
