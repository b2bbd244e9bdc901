"""Whatever the document allows or forbids, over real parts: no crash, and no answer that it does not declare.

Schemathesis makes the requests: those of the document's examples, at every limit, at random, and in sequences.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread
from typing import Any, NamedTuple

import pytest
import schemathesis
from flask import Flask
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.engine import Status, events
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.openapi.checks import RejectedPositiveData
from werkzeug.serving import WSGIRequestHandler, make_server

from scripts.devnet.network import Devnet
from tests.sparta.api.client import Caller
from tests.sparta.api.conftest import register

EXAMPLE = {"discordId": "1144692727120937080", "discordUsername": "leonidas"}
"""The operator of the document's own examples, so that they reach somebody."""
BEYOND_A_SCHEMA = (
    "Missing discordId or discordUsername parameter",
    "Missing address, discordId or discordUsername parameter",
    "Invalid discordUsername: a username has 1 to 64 printable characters",
    "pageToken is not one that this service gave for this list",
    "fromDiscordId and toDiscordId are the same operator",
    "Block ",
    "The proof ",
    "ipAddress is not an IP address",
)
"""Refusals with a reason that JSON Schema cannot say: one of two parameters, a token, a proof, an address."""


class Answer(NamedTuple):
    """To one request that was made up."""

    path: str
    method: str
    status: int


class Found(NamedTuple):
    """What a run showed."""

    failures: list[str]
    answers: list[Answer]


class Quiet(WSGIRequestHandler):
    """Without a line for each request."""

    def log(self, *_: Any, **__: Any) -> None:
        """Nothing."""


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """The application on a port; the engine cannot ask it without one. Its URL."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def url(app: Flask, call: Caller) -> Iterator[str]:
    """An API that knows the operator of the examples, and knocks at nobody's port."""
    services = app.extensions["sparta"]
    app.extensions["sparta"] = replace(services, node_readiness=replace(services.node_readiness, knock=lambda *_: True))
    register(call, **EXAMPLE)
    call("PUT", "/api/operator/approve", discordId=EXAMPLE["discordId"])
    with listening(app) as address:
        yield address
    call("DELETE", "/api/operator", discordId=EXAMPLE["discordId"])


def configuration(key: str | None, examples: int) -> SchemathesisConfig:
    """All checks and all phases, with the same examples on every run."""
    return SchemathesisConfig.from_dict(
        {
            "headers": {"x-api-key": key} if key else {},
            "continue-on-failure": True,
            "cache": {"enabled": False},
            "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
            # A contract's refusal is 502; whether an operation declares that is another check.
            "checks": {"not_a_server_error": {"expected-statuses": ["2xx", "4xx", "502"]}},
        }
    )


def is_our_mistake(failure: Failure, response: Response) -> bool:
    """Whether we could have kept the document, and did not."""
    if not isinstance(failure, RejectedPositiveData):
        return True
    body = json.loads(response.content)
    sentence, detail = body["error"], body.get("detail", "")
    excused = sentence.startswith(BEYOND_A_SCHEMA) or "address of the public internet" in sentence or "EIP-55" in detail
    return not excused


def explore(url: str, key: str | None, examples: int) -> Found:
    """Run everything against the API at ``url``."""
    schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json", config=configuration(key, examples))

    @schema.hook
    def filter_failure(_context: Any, failure: Failure, _case: Any, response: Response) -> bool:
        return is_our_mistake(failure, response)

    found = Found([], [])
    for event in engine.from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            found.failures.extend(failures(event.recorder))
            found.answers.extend(answers(event.recorder))
        elif isinstance(event, events.NonFatalError | events.FatalError):
            found.failures.append(str(event))
    return found


def failures(recorder: ScenarioRecorder) -> Iterator[str]:
    """What is wrong, and the request that shows it."""
    for check in (check for checks in recorder.checks.values() for check in checks):
        if check.status is Status.FAILURE and check.failure_info:
            yield f"{recorder.label}: {check.failure_info.failure}\n{check.failure_info.code_sample}"


def answers(recorder: ScenarioRecorder) -> Iterator[Answer]:
    for case_id, interaction in recorder.interactions.items():
        if interaction.response is not None:
            case = recorder.cases[case_id].value
            yield Answer(case.operation.path, case.method, interaction.response.status_code)


@pytest.mark.timeout(300)
def test_who_has_the_key_is_answered_as_declared(url: str, net: Devnet) -> None:
    """Most operations are brought to do something; none breaks, and none answers what it does not declare."""
    found = explore(url, net.env["BACKEND_API_KEY"], 10)
    assert found.failures == [], "\n\n".join(found.failures)
    assert len(found.answers) > 1000
    assert {answer.status for answer in found.answers if answer.status >= 500} <= {502}
    done = {(answer.path, answer.method) for answer in found.answers if answer.status < 300}
    assert len({(path, method) for path, method in done if method != "OPTIONS"}) >= 20


@pytest.mark.timeout(300)
def test_who_has_no_key_is_answered_nothing(url: str) -> None:
    """401, whatever the request; only OPTIONS tells which methods there are."""
    found = explore(url, None, 3)
    assert found.failures == [], "\n\n".join(found.failures)
    assert len(found.answers) > 500
    below_api = [answer for answer in found.answers if answer.path.startswith("/api/") and answer.method != "OPTIONS"]
    assert {answer.status for answer in below_api} == {401}
