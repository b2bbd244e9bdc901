"""One local network for the tests of a module, and an application on it: the real database, contracts and node."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from flask import Flask

from scripts.devnet.network import Devnet
from sparta import wiring
from sparta.api import create_app
from sparta.settings import ApiSettings
from tests.sparta.api.client import Caller

_NUMBERS = count(1)


@pytest.fixture(scope="module")
def net() -> Iterator[Devnet]:
    """DynamoDB, an EVM with the contracts of 0.87.9, an Aztec node."""
    with Devnet() as network:
        yield network


@pytest.fixture
def aws(net: Devnet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials that the local database wants; any will do."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, net.env[name])


@pytest.fixture
def settings(net: Devnet, aws: None) -> ApiSettings:
    """As the network's own environment file has them."""
    del aws
    return ApiSettings.model_validate({name.lower(): value for name, value in net.env.items()})


@pytest.fixture
def app(settings: ApiSettings) -> Flask:
    """The application over real parts."""
    return create_app(wiring.api(settings))


@pytest.fixture
def call(app: Flask, net: Devnet) -> Caller:
    """Somebody with the key."""
    return Caller(app, net.env["BACKEND_API_KEY"])


@pytest.fixture
def person(call: Caller) -> str:
    """The id of an operator that no other test has."""
    return register(call)


def register(call: Caller, **more: str) -> str:
    """Somebody new; returns the id."""
    number = next(_NUMBERS)
    given = {"discordId": f"person-{number}", "walletAddress": f"0x{number:040x}", "discordUsername": f"user-{number}"}
    reply = call("POST", "/api/operator", **{**given, **more})
    assert reply.status == 201, reply.body
    return str(reply.body["discordId"])
