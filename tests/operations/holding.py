"""A resource whose deletion takes as long as a test wants, and fails if it wants: a custom one of people's own."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.emulator.emulator import Emulator

SECONDS = 60
FUNCTION = f"""
import json
from urllib.request import Request, urlopen

def handler(event, context):
    asked = json.dumps(event).encode()
    answer = urlopen(event["ResourceProperties"]["Ask"], data=asked, timeout={SECONDS}).read()
    urlopen(Request(event["ResponseURL"], data=answer, method="PUT"))
"""


class Held:
    """``resource`` is to be planted in a template. Its deletion waits until ``let_go``; with ``reason`` it fails."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._go = threading.Event()
        self.reason = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("index.py", FUNCTION)
        made = self._emulator.client("lambda").create_function(
            FunctionName="held",
            Runtime="python3.13",
            Role="arn:aws:iam::000000000000:role/held",
            Handler="index.handler",
            Code={"ZipFile": packed.getvalue()},
            Timeout=SECONDS,
        )
        ask = f"http://127.0.0.1:{self._server.server_port}/"
        self.resource = {
            "Type": "Custom::Held",
            "DeletionPolicy": "Delete",
            "Properties": {"ServiceToken": made["FunctionArn"], "Ask": ask},
        }
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.let_go()
        self._server.shutdown()
        self._server.server_close()

    def let_go(self) -> None:
        self._go.set()

    def answer(self, event: dict[str, Any]) -> dict[str, str]:
        """What CloudFormation is told of a creation, an update or a deletion."""
        done = {"Status": "SUCCESS", "PhysicalResourceId": "held"}
        if event["RequestType"] == "Delete":
            self._go.wait(SECONDS)
            done |= {"Status": "FAILED", "Reason": self.reason} if self.reason else {}
        return done

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        held = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                body = json.dumps(held.answer(event)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                """Says nothing on the screen of the tests."""

        return Handler
