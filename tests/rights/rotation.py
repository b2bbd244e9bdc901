"""The rotation of the API's key at work: its steps, each once more than needed, at an API that takes the key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from sparta import rotation as program
from sparta.services import api_key
from tests.functions.rotating import STEPS, begin, end, event, keys
from tests.rights.account import Account, at_work
from tests.rights.comparison import parted_by_name
from tests.rights.programs import Worked, noting_idle_functions

ROLE, FUNCTION, SECRET = "sparta-api-key-rotation-role", "sparta-api-key-rotation", "sparta/production/api-key"
OF_LAMBDA = {"WriteLogs", "StandInVpc"}
"""Statements for what Lambda does in the function's name: ``test_lambda.py``."""


def worked(account: Account) -> Worked:
    """A whole rotation, as its function is told and allowed."""
    client = account.emulator.client("secretsmanager")
    before = keys(client, SECRET)["AWSCURRENT"]
    token = begin(client, SECRET)
    with (
        pytest.MonkeyPatch.context() as patch,
        _api() as url,
        at_work(account, ROLE, account.function_environment(FUNCTION) | {"API_URL": url}) as recorder,
        noting_idle_functions([api_key]) as idle,
    ):
        patch.setattr(api_key, "SETTLE_SECONDS", 0)
        for step in (each for each in STEPS for _ in range(2)):
            program.run(event(step, SECRET, token))
    end(client, SECRET, token)
    assert keys(client, SECRET)["AWSPREVIOUS"] == before
    own, _ = parted_by_name(account.policies(ROLE), OF_LAMBDA)
    return Worked(own, recorder, idle)


class _Welcome(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """The tests' output is theirs."""


@contextmanager
def _api() -> Iterator[str]:
    """One that takes every key."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Welcome) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
