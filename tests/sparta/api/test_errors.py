"""Errors: one shape, a sentence to act on, no internals; and the id by which a request is known."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import structlog
from flask import Flask
from pydantic import SecretStr

from sparta import telemetry
from sparta.errors import SettingsError
from sparta.masking import Masker
from tests.sparta.api.client import Caller
from tests.sparta.api.conftest import KEY

Lines = Callable[[], list[dict[str, Any]]]
NO_ROUTE = "There is no such route. See /api/docs for those there are."
NO_METHOD = "This route does not know this method. See /api/docs for those it knows."
TOO_LARGE = "The body is larger than 64 KiB, which is the most. Send less."
NO_OBJECT = "The body must be a JSON object. Send one, with Content-Type: application/json."
MESSAGE = "/api/moderator/message"
LIMIT = 64 * 1024
ID = "X-Request-Id"


@pytest.fixture
def call(lonely: Flask) -> Caller:
    """Somebody with the key; nothing stands behind the API."""
    return Caller(lonely, KEY)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """The log as it is in production; what was written since it was last asked, and the set-up of before at the end."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(telemetry, "masker", Masker())
    telemetry.configure(secrets=[KEY])
    yield lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.mark.parametrize("path", ["/api/nothing", "/", "/nothing", "/favicon.ico", "/api/docs/files/nothing.js", "/é"])
def test_an_unknown_route(call: Caller, path: str) -> None:
    """404 as JSON."""
    reply = call("GET", path)
    assert (reply.status, reply.body) == (404, {"success": False, "error": NO_ROUTE})
    assert reply.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/api/operator", {"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"}),
        ("GET", "/api/operator/approve", {"DELETE", "OPTIONS", "PUT"}),
        ("POST", "/api/docs", {"GET", "HEAD", "OPTIONS"}),
        ("TRACE", "/health", {"GET", "HEAD", "OPTIONS"}),
        ("BREW", "/api/operator/stats", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_wrong_method(call: Caller, method: str, path: str, allowed: set[str]) -> None:
    """405 as JSON, with the methods that there are."""
    reply = call(method, path)
    assert (reply.status, reply.body) == (405, {"success": False, "error": NO_METHOD})
    assert set(reply.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("path", [MESSAGE, "/api/operator", "/api/nothing", "/health"])
def test_a_body_that_is_too_large(lonely: Flask, key: str | None, path: str) -> None:
    """413 as JSON by its announced length alone, on every route, before anything is looked at."""
    reply = Caller(lonely, key).send("POST", path, data=b"x" * (LIMIT + 1))
    assert (reply.status, reply.body) == (413, {"success": False, "error": TOO_LARGE})


def test_a_body_as_large_as_may_be(call: Caller) -> None:
    """64 KiB are read."""
    body = json.dumps({"message": "x", "more": ""}).encode()
    body = body.replace(b'""', b'"' + b"x" * (LIMIT - len(body)) + b'"')
    assert len(body) == LIMIT
    reply = call.send("POST", MESSAGE, data=body, content_type="application/json")
    assert (reply.status, reply.error) == (400, "Missing channelId parameter")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'message': 1}",
        b"null",
        b"[]",
        b"7",
        b'"text"',
        b"\xff\xfe\x00",
        b'{"message": "\xff"}',
        b'{"message": "\\ud800"}',
        b'{"message": NaN}',
        b'{"message": 1' + b"0" * 9000 + b"}",
        b"[" * LIMIT,
        b'{"a":' * 10_000,
    ],
    ids=lambda body: body[:8].decode("latin-1"),
)
def test_a_body_that_is_no_object(call: Caller, body: bytes) -> None:
    """400, however it is broken."""
    reply = call.send("POST", MESSAGE, data=body, content_type="application/json")
    assert (reply.status, reply.body) == (400, {"success": False, "error": NO_OBJECT})


def test_a_body_of_another_kind(call: Caller) -> None:
    """The Content-Type counts, as it always did."""
    body = json.dumps({"message": "x", "channelId": "1"})
    for kind in ("text/plain", "application/x-www-form-urlencoded", None):
        assert call.send("POST", MESSAGE, data=body, content_type=kind).error == NO_OBJECT


def test_what_is_not_known_is_ignored(call: Caller) -> None:
    """Parameters and fields that clients send beside those of the contract."""
    body = {"message": "x", "more": {"a": [1]}}
    assert call("POST", MESSAGE, body, other="1").error == "Missing channelId parameter"


def test_the_first_thing_that_lacks_is_named_before_what_is_wrong(call: Caller) -> None:
    """One mistake at a time, in a sentence."""
    assert call("POST", MESSAGE, {"message": ""}).error == "Missing channelId parameter"
    reply = call("POST", MESSAGE, {"message": "", "channelId": "1"})
    assert reply.body == {"success": False, "error": "Invalid message: string should have at least 1 character"}


def test_a_database_out_of_reach(call: Caller) -> None:
    """503 tells to try again, and nothing of where it is."""
    reply = call("GET", "/api/operator/stats")
    assert reply.status == 503
    assert reply.error == (
        "The database does not answer at the moment, so this could not be finished. Try again in a minute."
    )


class Broken:
    """A service with a bug that quotes a secret."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def stats(self) -> None:
        private = SecretStr("a local variable")
        assert private
        raise self.error


@pytest.mark.parametrize(
    "error",
    [ValueError(f"quoted {KEY} at /usr/lib/python3"), KeyError("pk"), RecursionError(), SettingsError([f"NAME {KEY}"])],
    ids=lambda error: type(error).__name__,
)
def test_a_bug_of_ours(lonely: Flask, lines: Lines, error: Exception) -> None:
    """500 with a reference that is the request's id; the log has one line on it with the traceback, without secrets."""
    lonely.extensions["sparta"] = replace(lonely.extensions["sparta"], operators=Broken(error))
    reply = Caller(lonely, KEY).send("GET", "/api/operator/stats", {ID: "the-reference"})
    assert (reply.status, reply.headers["x-request-id"]) == (500, "the-reference")
    assert reply.body == {
        "success": False,
        "error": "Something went wrong on our side, and nothing more can be said here. "
        "Tell the maintainers: the-reference.",
    }
    (line,) = lines()
    assert (line["level"], line["event"], line["request_id"]) == ("error", "request failed", "the-reference")
    assert (line["method"], line["path"]) == ("GET", "/api/operator/stats")
    (told,) = line["exception"]
    assert told["exc_type"] == type(error).__name__
    assert told["frames"][-1]["name"] == "stats"
    assert KEY not in json.dumps(line)
    assert "a local variable" not in json.dumps(line)


def test_a_process_goes_on_after_a_bug(lonely: Flask) -> None:
    """The next request is answered."""
    healthy = lonely.extensions["sparta"]
    lonely.extensions["sparta"] = replace(healthy, operators=Broken(ValueError()))
    call = Caller(lonely, KEY)
    assert call("GET", "/api/operator/stats").status == 500
    lonely.extensions["sparta"] = healthy
    assert call("GET", "/api/operator/stats").status == 503


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/health"),
        ("GET", "/api/nothing"),
        ("PATCH", "/health"),
        ("GET", "/api/docs"),
        ("OPTIONS", "/api/operator"),
    ],
)
def test_each_answer_has_an_id(lonely: Flask, method: str, path: str) -> None:
    """The caller's where it gives a sound one, one of ours else; also without the key."""
    for given in ("a", "x" * 64, "1b2c_3.4-5"):
        answer = lonely.test_client().open(path, method=method, headers={ID: given})
        assert answer.headers.getlist(ID) == [given]
    made = set()
    for unsound in (None, "", "x" * 65, "a b", "é", "a;b", '{"a":1}'):
        headers = {} if unsound is None else {ID: unsound}
        made.add(lonely.test_client().open(path, method=method, headers=headers).headers[ID])
    assert len(made) == 7
    assert all(len(each) == 32 and each.isalnum() for each in made)


def test_the_lines_of_a_request_carry_its_id(lonely: Flask, lines: Lines) -> None:
    """Also those of a dependency that failed; the sentence stands in the log as in the answer."""
    reply = Caller(lonely, KEY).send("GET", "/api/operator/stats", {ID: "r-1"})
    (line,) = [line for line in lines() if line["event"] == "dependency failed"]
    assert (line["request_id"], line["dependency"], line["reason"]) == ("r-1", "DynamoDB", reply.error)
