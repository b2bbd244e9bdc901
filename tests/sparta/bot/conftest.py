"""One local network and one API for all tests of the bot; a guild and a running bot for each module that asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.devnet.network import Devnet
from tests.sparta.api.client import Served
from tests.sparta.bot.scene import Scene
from tests.sparta.bot.scene import scene as made_scene


@pytest.fixture(scope="session")
def net() -> Iterator[Devnet]:
    """DynamoDB, an EVM with the contracts of 0.87.9, an Aztec node."""
    with Devnet() as network:
        yield network


@pytest.fixture(scope="session", autouse=True)
def any_credentials() -> Iterator[None]:
    """DynamoDB Local takes any, but wants some."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "devnet")
        yield


@pytest.fixture(scope="session")
def api(net: Devnet) -> Iterator[Served]:
    """The API as it is deployed."""
    with Served(net.env) as served:
        yield served


@pytest.fixture(scope="module")
def guild(net: Devnet, api: Served) -> Iterator[Scene]:
    """Discord with the bot's commands, and no bot yet."""
    with made_scene(net, api) as made:
        yield made


@pytest.fixture(scope="module")
def running(guild: Scene) -> Iterator[Scene]:
    """The same with the bot, which must not end by itself."""
    with guild.bot() as program:
        yield guild
        assert program.running, program.log


@pytest.fixture
def scene(running: Scene) -> Iterator[Scene]:
    """With the bot; whatever a test does, Discord's document is kept to."""
    yield running
    running.discord.heal()
    running.proxy.heal()
    assert running.discord.violations == []
