"""A stand-in Discord without hurry, and our client to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from sparta.notify.discord import Connection, Discord
from tests.discord.server import DiscordStandIn


@pytest.fixture
def stand_in() -> Iterator[DiscordStandIn]:
    """At the end nothing was asked that Discord does not know."""
    with DiscordStandIn() as server:
        yield server
    assert server.violations == []


@pytest.fixture
def connection(stand_in: DiscordStandIn) -> Iterator[Connection]:
    made = Connection(stand_in.url, SecretStr(stand_in.world.token))
    yield made
    made.close()


@pytest.fixture
def discord(connection: Connection) -> Discord:
    """For a run of ten seconds."""
    return connection.run(10)
