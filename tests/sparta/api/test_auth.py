"""The key: who has none learns nothing, and a rotation drops no request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from flask import Flask
from moto import mock_aws

from sparta import wiring
from sparta.api import create_app
from sparta.secret_store import ApiKeys, SecretStore
from sparta.settings import ApiKey, ApiSettings
from tests.sparta.api.client import Caller
from tests.sparta.api.conftest import KEY, opened

REFUSED = "Unauthorized: Invalid or missing API key"
NOTHING = "/api/nothing"
"""No route: with a good key it is 404, and nothing behind the API is asked."""
SECRET = "sparta/test/api-key"
ORIGIN = "https://sparta.example"


@pytest.fixture
def anybody(lonely: Flask) -> Caller:
    """Somebody without the key."""
    return Caller(lonely, None)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-api-key": KEY},
        {"X-API-KEY": KEY},
        {"Authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer  {KEY} "},
        {"x-api-key": KEY, "Authorization": "Bearer wrong"},
    ],
)
def test_the_key_opens(anybody: Caller, headers: dict[str, str]) -> None:
    """In either header; x-api-key decides where both are given."""
    assert anybody.send("GET", NOTHING, headers).status == 404


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-api-key": ""},
        {"x-api-key": "wrong"},
        {"x-api-key": KEY[:-1]},
        {"x-api-key": KEY + "x"},
        {"x-api-key": KEY.upper()},
        {"x-api-key": f"Bearer {KEY}"},
        {"x-api-key": "", "Authorization": f"Bearer {KEY}"},
        {"x-api-key": "é" * 300},
        {"Authorization": KEY},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": f"Bearer{KEY}"},
        {"Cookie": f"x-api-key={KEY}"},
    ],
)
def test_nothing_else_does(anybody: Caller, headers: dict[str, str]) -> None:
    """401 in the words of the contract, also for routes and methods that do not exist: nobody learns which do."""
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "TRACE"):
        for path in (NOTHING, "/api/operator", "/api/"):
            reply = anybody.send(method, path, headers)
            assert (reply.status, reply.body) == (401, {"success": False, "error": REFUSED})


@pytest.mark.parametrize("query", [{"x-api-key": KEY}, {"apiKey": KEY}, {"key": KEY}])
def test_no_key_in_the_url(anybody: Caller, query: dict[str, str]) -> None:
    """URLs are written down everywhere."""
    assert anybody("GET", NOTHING, **query).status == 401


def test_head_wants_the_key_too(anybody: Caller) -> None:
    """As GET does."""
    assert anybody("HEAD", "/api/operator/stats").status == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/API/operator/stats", 404),
        ("/./api/operator/stats", 404),
        ("/x/../api/operator/stats", 404),
        ("/api", 404),
        ("//api/operator/stats", 401),
        ("/api//operator/stats", 401),
        ("/api/docs/../operator/stats", 401),
        ("/api/docs/files/../../operator/stats", 404),
    ],
)
def test_no_way_around(anybody: Caller, path: str, status: int) -> None:
    """Another way to write a path leads nowhere."""
    reply = anybody.send("GET", "/", environ_overrides={"PATH_INFO": path})
    assert reply.status == status
    assert reply.error


def test_a_path_with_a_slash_too_many(anybody: Caller) -> None:
    """At its end it does not matter; within it there is no such route, and no redirect with a page for people."""
    key = {"x-api-key": KEY}
    assert anybody.send("GET", "/", key, environ_overrides={"PATH_INFO": "/api//operator/stats"}).status == 404
    assert anybody.send("GET", "/api/operator/", key).error == "Missing discordId or discordUsername parameter"


def test_a_wrong_key_is_not_written_down(anybody: Caller, capsys: pytest.CaptureFixture[str]) -> None:
    """The line says that somebody came without one."""
    anybody.send("GET", NOTHING, {"x-api-key": "guess-guess-guess", "Authorization": "Bearer other-other-other"})
    out = capsys.readouterr().out
    assert "request without a valid key" in out
    assert "guess" not in out
    assert "other" not in out


class Secrets:
    """Secrets Manager in this process, which can go away, and a clock; and an API whose key is a secret there."""

    def __init__(self, settings: ApiSettings) -> None:
        self.client: Any = boto3.client("secretsmanager", region_name="eu-west-2")
        self.away = False
        self.time = 1000.0
        by_secret = ApiKey.model_construct(backend_api_key=None, backend_api_key_secret=SECRET)
        store = SecretStore(lambda: self, clock=lambda: self.time)  # type: ignore[arg-type, return-value]
        self.services = replace(wiring.api(settings), keys=ApiKeys(by_secret, store))
        self._app = create_app(self.services)

    def get_secret_value(self, **asked: str) -> Any:
        if self.away:
            raise EndpointConnectionError(endpoint_url="https://secretsmanager.invalid")
        return self.client.get_secret_value(**asked)

    def status(self, key: str) -> int:
        return Caller(self._app, key)("GET", NOTHING).status


@pytest.fixture
def secrets(alone: ApiSettings) -> Iterator[Secrets]:
    with mock_aws():
        made = Secrets(alone)
        made.client.create_secret(Name=SECRET, SecretString="first-key")
        yield made
        made.services.close()


def test_a_rotation_drops_no_request(secrets: Secrets) -> None:
    """The new key opens as soon as anybody has it, the previous one goes on until the next rotation."""
    assert (secrets.status("first-key"), secrets.status("second-key")) == (404, 401)
    secrets.client.put_secret_value(SecretId=SECRET, SecretString="second-key")
    secrets.time += 11
    assert (secrets.status("second-key"), secrets.status("first-key")) == (404, 404)
    secrets.client.put_secret_value(SecretId=SECRET, SecretString="third-key")
    secrets.time += 11
    assert [secrets.status(key) for key in ("third-key", "second-key", "first-key")] == [404, 404, 401]


def test_the_keys_are_known_while_secrets_manager_is_away(secrets: Secrets) -> None:
    """Those that were read; a wrong one is still wrong."""
    assert secrets.status("first-key") == 404
    secrets.away = True
    secrets.time += 3600
    assert (secrets.status("first-key"), secrets.status("wrong")) == (404, 401)


def test_no_key_could_be_read_yet(secrets: Secrets) -> None:
    """503 rather than 401, which would send people to look for a mistake of theirs."""
    secrets.away = True
    reply = Caller(secrets._app, "first-key")("GET", NOTHING)
    assert reply.status == 503
    assert "Try again in a minute" in reply.error
    assert "secretsmanager" not in reply.error
    secrets.away = False
    assert secrets.status("first-key") == 404


def test_a_secret_that_is_gone_opens_to_nobody(secrets: Secrets) -> None:
    """Least of all to an empty key."""
    secrets.client.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
    assert (secrets.status("first-key"), secrets.status("")) == (401, 401)


@pytest.fixture
def browser(alone: ApiSettings) -> Iterator[Caller]:
    """Somebody without the key at an API that lets pages of two origins in."""
    with opened(alone, cors_allowed_origins=(ORIGIN, "http://localhost:5173")) as app:
        yield Caller(app, None)


def preflight(call: Caller, origin: str, path: str = "/api/operator") -> dict[str, str]:
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "x-api-key, content-type, idempotency-key",
    }
    reply = call.send("OPTIONS", path, asked)
    assert reply.status == 200
    return {name: value for name, value in reply.headers.items() if name.startswith("access-control")}


def test_pages_of_a_configured_origin_may_ask(browser: Caller) -> None:
    """Without the key, which a preflight cannot carry: the methods and headers that the API takes, no credentials."""
    for origin in (ORIGIN, "http://localhost:5173"):
        allowed = preflight(browser, origin)
        assert allowed["access-control-allow-origin"] == origin
        assert "PUT" in allowed["access-control-allow-methods"]
        headers = {name.strip().lower() for name in allowed["access-control-allow-headers"].split(",")}
        assert headers == {"x-api-key", "content-type", "idempotency-key"}
        assert "access-control-allow-credentials" not in allowed


@pytest.mark.parametrize("key", [None, KEY])
def test_pages_of_a_configured_origin_read_the_answers(browser: Caller, key: str | None) -> None:
    """Refusals too, and the request's id; caches are told that it depends on the origin."""
    headers = {"Origin": ORIGIN} | ({"x-api-key": key} if key else {})
    reply = browser.send("GET", NOTHING, headers)
    assert reply.status == (404 if key else 401)
    assert reply.headers["access-control-allow-origin"] == ORIGIN
    assert reply.headers["access-control-expose-headers"].lower() == "x-request-id"
    assert "Origin" in reply.headers["vary"]


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://sparta.example",
        "https://sparta.example.evil.example",
        "null",
        "https://spartaXexample",
    ],
)
def test_pages_of_other_origins_may_not(browser: Caller, origin: str) -> None:
    """Neither preflight nor answer lets them read anything."""
    assert preflight(browser, origin) == {}
    reply = browser.send("GET", "/health", {"Origin": origin})
    assert not [name for name in reply.headers if name.startswith("access-control")]


def test_without_origins_no_page_may(anybody: Caller) -> None:
    """The default."""
    assert preflight(anybody, ORIGIN) == {}
    assert "access-control-allow-origin" not in anybody.send("GET", "/health", {"Origin": ORIGIN}).headers


def test_options_tell_the_methods(anybody: Caller) -> None:
    """As HTTP has it, without a body and without the key; an unknown route has none."""
    reply = anybody("OPTIONS", "/api/operator")
    assert (reply.status, reply.body) == (200, None)
    assert set(reply.headers["allow"].split(", ")) == {"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"}
    assert anybody("OPTIONS", NOTHING).status == 404
