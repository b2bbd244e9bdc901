"""Secrets read at run time: cached, refreshed, rotated, and good while Secrets Manager is away."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws
from pydantic import SecretStr

from sparta.errors import DependencyFailed
from sparta.masking import MASK
from sparta.secret_store import WAIT_SECONDS, ApiKeys, SecretStore, connect, resolve, resolve_urls
from sparta.settings import ApiKey, Common
from sparta.telemetry import masker
from tests.sparta.chain.http_server import Server, raw

NAME = "sparta/production/api-key"
BY_SECRET = ApiKey.model_construct(backend_api_key=None, backend_api_key_secret=NAME)


class World:
    """Secrets Manager in this process, which can go away, and a clock."""

    def __init__(self) -> None:
        self.client: Any = boto3.client("secretsmanager", region_name="eu-west-2")
        self.time = 1000.0
        self.away = False
        self.requests = 0
        self.away_after = 10**9
        self.begun, self.goes_on = Event(), Event()
        self.goes_on.set()
        self.store = SecretStore(lambda: self, clock=lambda: self.time)  # type: ignore[arg-type, return-value]

    def get_secret_value(self, **asked: str) -> Any:
        self.requests += 1
        self.begun.set()
        self.goes_on.wait(timeout=30)
        if self.away or self.requests > self.away_after:
            raise EndpointConnectionError(endpoint_url="https://secretsmanager.invalid")
        return self.client.get_secret_value(**asked)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    with mock_aws():
        made = World()
        made.client.create_secret(Name=NAME, SecretString="first-key-of-the-api\n")
        yield made


def shown(keys: tuple[SecretStr, ...]) -> list[str]:
    return [key.get_secret_value() for key in keys]


def test_a_secret_is_read_once_in_a_while(world: World) -> None:
    """The same value without another request, until it is five minutes old."""
    assert [world.store.value(NAME).get_secret_value() for _ in range(9)] == ["first-key-of-the-api"] * 9
    assert world.requests == 1
    world.time += 301
    world.store.value(NAME)
    assert world.requests == 2


def test_a_value_that_was_read_is_masked(world: World) -> None:
    """It cannot reach a log line from then on."""
    world.store.value(NAME)
    assert masker.text("got first-key-of-the-api") == f"got {MASK}"


def test_both_keys_open_the_api_after_a_rotation(world: World) -> None:
    """The new one is noticed when a caller brings it, the old one stays good."""
    keys = ApiKeys(BY_SECRET, world.store)
    assert shown(keys.all()) == ["first-key-of-the-api"]
    world.client.put_secret_value(SecretId=NAME, SecretString="second-key-of-the-api")
    assert shown(keys.all()) == ["first-key-of-the-api"]
    world.time += 11
    assert shown(keys.all(fresh=True)) == ["second-key-of-the-api", "first-key-of-the-api"]
    assert keys.current().get_secret_value() == "second-key-of-the-api"


def test_wrong_keys_do_not_make_a_storm(world: World) -> None:
    """However many unknown keys come, Secrets Manager is asked at most every ten seconds, for each stage."""
    keys = ApiKeys(BY_SECRET, world.store)
    for _ in range(100):
        keys.all(fresh=True)
        world.time += 0.2
    assert world.requests <= 3 * 3


def test_a_key_of_the_settings_needs_no_secret(world: World) -> None:
    """And nothing is asked."""
    keys = ApiKeys(ApiKey.model_construct(backend_api_key=SecretStr("plain"), backend_api_key_secret=None), world.store)
    assert shown(keys.all(fresh=True)) == ["plain"] == [keys.current().get_secret_value()]
    assert world.requests == 0


def test_what_was_read_is_good_while_secrets_manager_is_away(world: World) -> None:
    """And what never was read says that it cannot be."""
    world.away = True
    with pytest.raises(DependencyFailed) as caught:
        world.store.value(NAME)
    assert (caught.value.dependency, caught.value.status) == ("Secrets Manager", 503)
    world.away = False
    world.store.value(NAME)
    world.away = True
    world.time += 1000
    assert world.store.value(NAME).get_secret_value() == "first-key-of-the-api"
    requests = world.requests
    world.store.value(NAME)
    assert world.requests == requests


def test_a_secret_that_is_not_there(world: World) -> None:
    """Is a failure with a sentence, not an empty key."""
    with pytest.raises(DependencyFailed, match="cannot be read"):
        world.store.value("sparta/production/nothing")
    keys = ApiKeys(ApiKey.model_construct(backend_api_key=None, backend_api_key_secret="nothing"), world.store)
    assert keys.all() == ()


def test_others_go_on_while_one_waits_for_secrets_manager(world: World) -> None:
    """It hangs: callers whose value is good ask nothing, and those whose value is old take it after a second."""
    world.store.value(NAME)
    world.begun.clear()
    world.goes_on.clear()
    world.time += 100
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(world.store.valid, NAME, older_than=0)
        assert world.begun.wait(timeout=10)
        started = time.monotonic()
        assert world.store.value(NAME).get_secret_value() == "first-key-of-the-api"
        assert time.monotonic() - started < WAIT_SECONDS / 2
        world.time += 1000
        assert world.store.value(NAME).get_secret_value() == "first-key-of-the-api"
        assert time.monotonic() - started < 2 * WAIT_SECONDS
        assert not waiting.done()
        world.goes_on.set()
    assert shown(waiting.result()) == ["first-key-of-the-api"]


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"<html>", b'{"SecretString": ""}', b'{"SecretString": "hal'])
def test_nonsense_is_no_secret(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    """Neither an empty one nor a bug of ours."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    with Server(raw(body)) as nonsense:
        settings = Common.model_construct(aws_region="eu-west-2", aws_endpoint_url=nonsense.url)
        with pytest.raises(DependencyFailed, match="cannot be read"):
            SecretStore(lambda: connect(settings)).value(NAME)


def test_settings_are_resolved(world: World) -> None:
    """A value given directly comes first, then the secret, then nothing; URLs in a secret are split."""
    plain = SecretStr("plain")
    assert resolve(plain, NAME, world.store) is plain
    assert resolve(None, None, world.store) is None
    found = resolve(None, NAME, world.store)
    assert found
    assert found.get_secret_value() == "first-key-of-the-api"
    world.client.create_secret(Name="urls", SecretString="https://one.example, https://two.example,")
    assert shown(resolve_urls("ETHEREUM_HOST", (), "urls", world.store)) == [
        "https://one.example",
        "https://two.example",
    ]
    assert resolve_urls("ETHEREUM_HOST", (plain,), "urls", world.store) == (plain,)
    assert resolve_urls("ETHEREUM_HOST", (), None, world.store) == ()


def test_the_client_follows_the_settings(world: World) -> None:
    """Region and endpoint are those of the settings, so that an emulator can stand in."""
    del world
    settings = Common.model_construct(aws_region="eu-west-1", aws_endpoint_url="http://127.0.0.1:1")
    client = connect(settings)
    assert client.meta.region_name == "eu-west-1"
    assert client.meta.endpoint_url == "http://127.0.0.1:1"


def test_no_key_is_missed_while_a_rotation_hands_it_on(world: World) -> None:
    """Whichever label moves between two of the questions: the key of before and the one of after are both known."""
    client = world.client
    current = client.get_secret_value(SecretId=NAME)["VersionId"]
    token = "22222222-2222-2222-2222-222222222222"
    client.put_secret_value(
        SecretId=NAME, ClientRequestToken=token, SecretString="second-key-of-the-api", VersionStages=["AWSPENDING"]
    )
    for number in range(3):
        asked: list[str] = []

        class Moving:
            """Hands the key on after the ``number``-th question."""

            def get_secret_value(self, **question: str) -> Any:
                if len(asked) == number:  # noqa: B023 - called within the same turn
                    client.update_secret_version_stage(
                        SecretId=NAME, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
                    )
                asked.append(question["VersionStage"])  # noqa: B023
                return client.get_secret_value(**question)

        store = SecretStore(Moving)  # type: ignore[arg-type]
        found = shown(store.valid(NAME))
        assert {"first-key-of-the-api", "second-key-of-the-api"} <= set(found), number
        client.update_secret_version_stage(
            SecretId=NAME, VersionStage="AWSCURRENT", MoveToVersionId=current, RemoveFromVersionId=token
        )
        client.update_secret_version_stage(SecretId=NAME, VersionStage="AWSPENDING", MoveToVersionId=token)


def test_what_could_be_read_in_part_is_not_taken(world: World) -> None:
    """Secrets Manager goes away between two questions: the keys of before stay, all of them."""
    keys = ApiKeys(BY_SECRET, world.store)
    world.client.put_secret_value(SecretId=NAME, SecretString="second-key-of-the-api")
    assert shown(keys.all()) == ["second-key-of-the-api", "first-key-of-the-api"]
    world.client.put_secret_value(SecretId=NAME, SecretString="third-key-of-the-api")
    world.away_after = world.requests + 2
    world.time += 11
    assert shown(keys.all(fresh=True)) == ["second-key-of-the-api", "first-key-of-the-api"]
