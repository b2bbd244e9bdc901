"""Real stores, a stand-in Discord with the same clock and a desk over both; a chain and a node for each test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from scripts.devnet.anvil import CHAIN_ID, Anvil, deploy_contracts
from scripts.devnet.aztec.server import AztecStandIn
from sparta.chain.aztec import AztecNode
from sparta.chain.rpc import JsonRpc
from sparta.settings import Tables
from sparta.stores import Stores, open_stores
from sparta.stores.database import connect
from sparta.stores.definitions import create
from tests.discord.server import DiscordStandIn
from tests.discord.world import World
from tests.sparta.services.network import Network, following
from tests.sparta.services.world import Desk
from tests.sparta.stores.conftest import any_credentials, clock, database, dynamodb_url, settings, stores
from tests.sparta.stores.world import Ticks, tables

__all__ = ["any_credentials", "clock", "database", "dynamodb_url", "settings", "stores"]
_NUMBERS = count(1)


@pytest.fixture(scope="session")
def anvil() -> Iterator[Anvil]:
    with Anvil() as chain:
        yield chain


@pytest.fixture
def generation() -> str:
    """Of the contracts; a test may ask for another."""
    return "0.87.9"


@pytest.fixture
def network(anvil: Anvil, dynamodb_url: str, generation: str) -> Iterator[Network]:
    """Nobody in it yet. The node follows the chain: who is in its set does its duties, unless it is offline."""
    deployed = deploy_contracts(anvil.url, generation)
    rpc = JsonRpc([anvil.url], chain_id=CHAIN_ID)
    settings = tables(dynamodb_url, f"services-{next(_NUMBERS)}")
    database = connect(settings)
    create(database, settings.table_name)
    stores = open_stores(database, settings, lambda: deployed.rpc.now() * 1000)
    with AztecStandIn("0.87", following(deployed)) as node:
        client = AztecNode([node.url], timeout=3)
        yield Network(deployed, node, rpc, client, stores)
        client.close()
    rpc.close()


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
