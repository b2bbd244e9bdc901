"""Whether the process runs, and whether everything behind it answers: open to all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr

from scripts.devnet.network import Devnet
from tests.sparta.api.client import Caller, Reply
from tests.sparta.api.conftest import NOWHERE

Another = Callable[..., Caller]


@pytest.fixture
def anybody(app: Flask) -> Caller:
    """Somebody without the key."""
    return Caller(app, None)


def rows(reply: Reply) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in reply.body["dependencies"]}


def test_the_process_runs(anybody: Caller) -> None:
    """As the load balancer asks, exactly so."""
    reply = anybody("GET", "/health")
    assert (reply.status, reply.body) == (200, {"status": "ok"})
    assert reply.headers["content-type"] == "application/json"


def test_health_touches_nothing_else(lonely: Flask) -> None:
    """It is well with everything behind it gone: restarting the process would mend none of that."""
    assert Caller(lonely, None)("GET", "/health").body == {"status": "ok"}


def test_all_is_ready(anybody: Caller) -> None:
    """A row for each dependency, with the milliseconds it took."""
    reply = anybody("GET", "/ready")
    assert (reply.status, reply.body["status"]) == (200, "ready")
    assert list(rows(reply)) == ["DynamoDB", "Ethereum", "Aztec node"]
    for row in rows(reply).values():
        assert sorted(row) == ["latencyMs", "name", "ok"]
        assert row["ok"] is True
        assert 0 <= row["latencyMs"] < 5000


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("DynamoDB", {"aws_endpoint_url_dynamodb": NOWHERE}),
        ("Ethereum", {"ethereum_host": (SecretStr(NOWHERE),)}),
        ("Ethereum", {"l1_chain_id": 1}),
        ("Aztec node", {"aztec_rpc_url": (SecretStr(NOWHERE),)}),
    ],
)
def test_what_is_not_ready_is_named(another: Another, name: str, change: dict[str, Any]) -> None:
    """503 with the reason in its row; the others are told apart from it."""
    reply = another(**change)("GET", "/ready")
    assert (reply.status, reply.body["status"]) == (503, "not ready")
    assert {row["name"] for row in rows(reply).values() if not row["ok"]} == {name}
    assert rows(reply)[name]["error"]
    assert NOWHERE not in str(reply.body)


def test_a_node_that_catches_up_is_not_ready(net: Devnet, anybody: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers, and says so itself."""
    monkeypatch.setattr(net.aztec.world, "ready", False)
    reply = anybody("GET", "/ready")
    assert reply.status == 503
    assert "says that it is not ready" in rows(reply)["Aztec node"]["error"]


def test_asking_often_asks_nobody_often(net: Devnet, app: Flask, anybody: Caller) -> None:
    """Anybody may ask, so an answer stands for five seconds; after them it is asked again."""
    service = app.extensions["sparta"].health
    time = [1000.0]
    service.clock = lambda: time[0]

    def asked() -> int:
        return sum(net.aztec.requests.values())

    assert anybody("GET", "/ready").status == 200
    before = asked()
    for _ in range(20):
        time[0] += 0.2
        assert anybody("GET", "/ready").status == 200
    assert asked() == before
    time[0] += 1.1
    assert anybody("GET", "/ready").status == 200
    assert asked() == before + 1


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_nothing_but_get(anybody: Caller, path: str) -> None:
    """Other methods are 405, HEAD is GET without the body."""
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        reply = anybody(method, path)
        assert reply.status == 405
        assert set(reply.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert anybody("HEAD", path).status == 200
