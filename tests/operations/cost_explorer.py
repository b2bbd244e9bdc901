"""A stand-in for Cost Explorer, which MiniStack lacks: answers over HTTP, and keeps what it was asked."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

SERVICE = "AWSInsightsIndexService."


class CostExplorer:
    """On a free port of 127.0.0.1. ``pages`` are the costs by service, a dictionary for each page of the answer."""

    def __init__(self, pages: list[dict[str, str]], *, tags: tuple[str, ...] = (), refuse: str = "") -> None:
        self.pages, self.tags, self.refuse = pages, tags, refuse
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def questions(self, name: str) -> list[dict[str, Any]]:
        return [body for asked, body in self.asked if asked == name]

    def answer(self, name: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.asked.append((name, body))
        if self.refuse:
            return 400, {"__type": self.refuse, "message": "User is not authorized to perform: ce:GetCostAndUsage"}
        if name == "ListCostAllocationTags":
            wanted = [tag for tag in body["TagKeys"] if tag in self.tags]
            tags = [{"TagKey": tag, "Type": "UserDefined", "Status": "Active"} for tag in wanted]
            return 200, {"CostAllocationTags": tags}
        number = int(body.get("NextPageToken", "0"))
        groups = [
            {"Keys": [service], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}}
            for service, amount in self.pages[number].items()
        ]
        result = {"TimePeriod": body["TimePeriod"], "Total": {}, "Groups": groups, "Estimated": False}
        more = {"NextPageToken": str(number + 1)} if number + 1 < len(self.pages) else {}
        return 200, {"ResultsByTime": [result]} | more

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = outer.answer(self.headers["X-Amz-Target"].removeprefix(SERVICE), body)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Tests read the screen."""

        return Handler
