"""One DynamoDB and one chain for all tests of the services; contracts, tables and a node of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from scripts.devnet.anvil import CHAIN_ID, Anvil, deploy_contracts
from scripts.devnet.aztec.server import AztecStandIn
from scripts.devnet.aztec.world import World
from scripts.devnet.deploy import Contracts as Deployed
from scripts.devnet.dynamodb import DynamoDbLocal
from sparta.chain.aztec import AztecNode
from sparta.chain.rpc import JsonRpc
from sparta.stores import open_stores
from sparta.stores.database import connect
from sparta.stores.definitions import create
from tests.sparta.services.network import SLOT, Network
from tests.sparta.stores.world import tables

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def dynamodb_url() -> Iterator[str]:
    with DynamoDbLocal() as dynamodb:
        yield dynamodb.url


@pytest.fixture(scope="session")
def anvil() -> Iterator[Anvil]:
    with Anvil() as chain:
        yield chain


@pytest.fixture(autouse=True)
def any_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB Local takes any, but wants some."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")


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
    with AztecStandIn("0.87", _world(deployed)) as node:
        client = AztecNode([node.url], timeout=3)
        yield Network(deployed, node, rpc, client, stores)
        client.close()
    rpc.close()


def _world(deployed: Deployed) -> World:
    rollup = deployed.rollup
    world = World(chain_id=CHAIN_ID, genesis_time=rollup.read("getGenesisTime"), slot_seconds=SLOT)
    world.l1_addresses = {"rollupAddress": rollup.address}

    def follow(seen: World) -> None:
        number = rollup.read("getActiveAttesterCount")
        attesters = [rollup.read("getAttesterAtIndex", index) for index in range(number)]
        seen.follow(rollup.read("getCurrentSlot"), attesters)

    world.source = follow
    return world
