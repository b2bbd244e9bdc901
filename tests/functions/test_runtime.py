"""A packaged function runs as on AWS Lambda: from its zip alone, read-only, under AWS's own runtime client."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from scripts.package.build import build
from scripts.package.functions import Function, existing
from scripts.package.platforms import PLATFORMS
from tests.functions import sample
from tests.functions.runtime_api import Failure, Ready, Result, running, unpacked
from tests.functions.runtime_api import Function as Running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The sample's zip for this machine, unpacked."""
    checkout = sample.checkout(tmp_path_factory.mktemp("checkout"))
    with unpacked(build(sample.SAMPLE, PLATFORMS["this"], checkout / "build", checkout)) as folder:
        yield folder


@pytest.fixture(scope="module")
def function(folder: Path) -> Iterator[Running]:
    """The sample, started."""
    with running(folder, sample.SAMPLE.handler) as function:
        assert function.start() == Ready(), function.log
        yield function


def test_a_result_reaches_lambda(function: Running) -> None:
    """The handler gets event and context, and has its own modules and their data."""
    said = function.invoke({"do": "greet", "name": "Ada"})
    assert said == Result({"said": "Good day, Ada!", "request": True})


def test_compiled_packages_work(function: Running) -> None:
    """keccak-256 of nothing is the value that Ethereum knows."""
    empty = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert function.invoke({"do": "hash", "text": ""}) == Result(empty)


class _Tables(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"TableNames": [self.headers["X-Amz-Target"]]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """The tests' output is theirs."""


def test_a_packaged_service_can_be_called(function: Running) -> None:
    """What is left of botocore is enough for a service that the source names."""
    with HTTPServer(("127.0.0.1", 0), _Tables) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            answer = function.invoke({"do": "table", "url": f"http://127.0.0.1:{server.server_port}"})
        finally:
            server.shutdown()
            thread.join()
    assert answer == Result(["DynamoDB_20120810.ListTables"])


def test_an_error_is_an_error(function: Running) -> None:
    """Lambda is told type and message, so that it counts, retries and alarms; the next event is served."""
    assert function.invoke({"do": "fail"}) == Failure("ValueError", "The shop is closed.")
    assert isinstance(function.invoke({"do": "greet", "name": "Ada"}), Result)


def test_the_code_cannot_be_written(function: Running, folder: Path) -> None:
    """As on Lambda, whoever runs the tests; so no run leaves byte code that the next one would profit from."""
    outcome = function.invoke({"do": "write"})
    assert isinstance(outcome, Failure)
    assert outcome.type == "PermissionError"
    assert not list(folder.rglob("__pycache__"))


def test_what_is_not_packaged_is_not_there(tmp_path: Path) -> None:
    """A package of the development environment is no help: the function fails at its start, and Lambda is told."""
    checkout = sample.checkout(tmp_path)
    broken = Function("broken", lock="monitor")
    package = build(broken, PLATFORMS["this"], tmp_path / "build", checkout)
    with unpacked(package) as folder, running(folder, broken.handler) as function:
        outcome = function.start()
    assert isinstance(outcome, Failure)
    assert outcome.at_start
    assert outcome.type == "Runtime.ImportModuleError"
    assert "No module named 'flask_openapi'" in outcome.message


def test_every_function_starts(tmp_path: Path) -> None:
    """From its zip alone, and without a setting: those are read when an event comes, and a wrong one is its error."""
    for function in existing():
        package = build(function, PLATFORMS["this"], tmp_path)
        with unpacked(package) as folder, running(folder, function.handler) as started:
            assert started.start() == Ready(), started.log
