"""A front before DynamoDB Local: it answers what that lacks (backups), and ends a client in the midst of a write.

Everything else goes through as it is, so that a migration meets the real DynamoDB's rules.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import httpx

TARGET = "X-Amz-Target"
Json = dict[str, Any]


class DynamoDbFront:
    """On a free port. ``before`` and ``after`` are told of each write with its number, and may end its sender."""

    def __init__(self, behind: str) -> None:
        self._behind = behind
        self.backups: dict[str, Json] = {}
        self.unsaved: set[str] = set()
        """Tables of which no backup can be made."""
        self.writes: list[Json] = []
        self.before: Callable[[int], None] = _nothing
        self.after: Callable[[int], None] = _nothing
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                operation = self.headers[TARGET].rpartition(".")[2]
                own = getattr(front, f"_{operation.lower()}", None)
                status, answer = own(json.loads(body)) if own else front._through(operation, body, dict(self.headers))
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", str(len(answer)))
                self.send_header("x-amzn-RequestId", "front")
                self.end_headers()
                try:
                    self.wfile.write(answer)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                """Nothing: a test's screen is for its own words."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._client = httpx.Client(timeout=30, trust_env=False)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._client.close()

    def _through(self, operation: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        sent = {name: value for name, value in headers.items() if name.lower() not in ("host", "content-length")}
        if operation != "TransactWriteItems":
            answer = self._client.post(self._behind, content=body, headers=sent)
            return answer.status_code, answer.content
        number = len(self.writes)
        self.before(number)
        answer = self._client.post(self._behind, content=body, headers=sent)
        if answer.status_code == 200:
            self.writes.append(json.loads(body))
        self.after(number)
        return answer.status_code, answer.content

    def _createbackup(self, asked: Json) -> tuple[int, bytes]:
        if asked["TableName"] in self.unsaved:
            refusal = {
                "__type": "com.amazonaws.dynamodb.v20120810#BackupInUseException",
                "message": "Another one runs.",
            }
            return 400, json.dumps(refusal).encode()
        table = f"arn:aws:dynamodb:eu-west-2:000000000000:table/{asked['TableName']}"
        arn = f"{table}/backup/{len(self.backups):014}-00000000"
        self.backups[arn] = {
            "BackupArn": arn,
            "BackupName": asked["BackupName"],
            "TableName": asked["TableName"],
            "BackupStatus": "AVAILABLE",
            "BackupSizeBytes": 1,
            "BackupCreationDateTime": 1_790_000_000,
        }
        return 200, json.dumps({"BackupDetails": self.backups[arn]}).encode()

    def _describebackup(self, asked: Json) -> tuple[int, bytes]:
        details = self.backups[asked["BackupArn"]]
        return 200, json.dumps({"BackupDescription": {"BackupDetails": details}}).encode()

    def _listbackups(self, asked: Json) -> tuple[int, bytes]:
        found = [each for each in self.backups.values() if each["TableName"] == asked["TableName"]]
        return 200, json.dumps({"BackupSummaries": found}).encode()


def _nothing(_: int) -> None:
    return
