"""Real stores, a stand-in Discord with the same clock, and a desk over both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sparta.settings import Tables
from sparta.stores import Stores
from tests.discord.server import DiscordStandIn
from tests.discord.world import World
from tests.sparta.services.world import Desk
from tests.sparta.stores.conftest import any_credentials, clock, database, dynamodb_url, settings, stores
from tests.sparta.stores.world import Ticks

__all__ = ["any_credentials", "clock", "database", "dynamodb_url", "settings", "stores"]


@pytest.fixture
def stand_in(clock: Ticks) -> Iterator[DiscordStandIn]:
    """In no hurry: its buckets are for the tests of the client. At the end nothing was asked that Discord does not
    know."""
    with DiscordStandIn(World(clock)) as server:
        server.limits.rates.clear()
        server.limits.usual = server.limits.overall = server.limits.usual._replace(requests=10_000)
        yield server
    assert server.violations == []


@pytest.fixture
def desk(stores: Stores, settings: Tables, stand_in: DiscordStandIn, clock: Ticks) -> Iterator[Desk]:
    made = Desk(stores, settings, stand_in, clock)
    yield made
    made.close()
