"""One local network for the tests of a module, and an application on it: the real database, contracts and node."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from typing import Any

import pytest
from flask import Flask

from scripts.devnet.network import Devnet
from sparta import wiring
from sparta.addresses import checksum_address
from sparta.api import create_app
from sparta.settings import ApiSettings
from tests.sparta.api.client import Caller

KEY = "the-key-of-an-api-without-anything-behind-it"
NOWHERE = "http://127.0.0.1:9"
_NUMBERS = count(1)


@pytest.fixture(scope="module")
def net() -> Iterator[Devnet]:
    """DynamoDB, an EVM with the contracts of 0.87.9, an Aztec node."""
    with Devnet() as network:
        yield network


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> ApiSettings:
    """Settings of which nothing can be reached: for all that an API does without anything behind it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "nobody")
    return ApiSettings.model_validate(
        {
            "backend_api_key": KEY,
            "aws_endpoint_url": NOWHERE,
            "ethereum_host": NOWHERE,
            "aztec_rpc_url": NOWHERE,
            "l1_chain_id": 1,
            "rollup_address": "0x" + "1" * 40,
        }
    )


@pytest.fixture
def lonely(alone: ApiSettings) -> Iterator[Flask]:
    """An application with nothing behind it."""
    with opened(alone) as application:
        yield application


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
def app(settings: ApiSettings) -> Iterator[Flask]:
    """The application over real parts."""
    with opened(settings) as application:
        yield application


@contextmanager
def opened(settings: ApiSettings, **changes: Any) -> Iterator[Flask]:
    """An application with these settings and changes to them; its connections are closed at the end."""
    services = wiring.api(settings.model_copy(update=changes))
    try:
        yield create_app(services)
    finally:
        services.close()


@pytest.fixture
def another(settings: ApiSettings) -> Iterator[Callable[..., Caller]]:
    """Makes somebody with the key at an application with changed settings, given by their names."""
    with ExitStack() as stack:
        key = settings.backend_api_key
        assert key

        def make(**changes: Any) -> Caller:
            return Caller(stack.enter_context(opened(settings, **changes)), key.get_secret_value())

        yield make


@pytest.fixture
def call(app: Flask, net: Devnet) -> Caller:
    """Somebody with the key."""
    return Caller(app, net.env["BACKEND_API_KEY"])


@pytest.fixture
def person(call: Caller) -> str:
    """The id of an operator that no other test has."""
    return register(call)


@pytest.fixture
def approved(call: Caller) -> str:
    """The id of another one, of whom moderators approve."""
    discord_id = register(call)
    assert call("PUT", "/api/operator/approve", discordId=discord_id).status == 200
    return discord_id


def somebody() -> dict[str, str]:
    """What it takes to register a person whom no other test has."""
    number = next(_NUMBERS)
    return {"discordId": f"person-{number}", "walletAddress": new_address(), "discordUsername": f"user#{number}"}


def register(call: Caller, **more: str) -> str:
    """Somebody new; returns the id."""
    reply = call("POST", "/api/operator", **{**somebody(), **more})
    assert reply.status == 201, reply.body
    return str(reply.body["discordId"])


def new_address() -> str:
    """An address that no other test has, in lower case and with letters in it."""
    return "0x" + hashlib.sha256(f"address {next(_NUMBERS)}".encode()).hexdigest()[:40]


def forms(address: str) -> tuple[str, str, str]:
    """The ways to write an address that are all right: lower case, upper case, with checksum."""
    return address.lower(), "0x" + address[2:].upper(), checksum_address(address)


def misspelt(address: str) -> str:
    """With the case of one letter turned, which its checksum notices."""
    right = checksum_address(address)
    place = next(place for place in range(2, 42) if right[place].isalpha())
    return right[:place] + right[place].swapcase() + right[place + 1 :]
