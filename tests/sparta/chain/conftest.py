"""A real chain with the real contracts of 0.87.9, fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from scripts.devnet.anvil import Anvil, deploy_contracts
from scripts.devnet.deploy import Contracts
from sparta.chain.rpc import JsonRpc

_ATTESTERS = count(0xA77E57E5000)


@pytest.fixture(scope="module")
def anvil() -> Iterator[Anvil]:
    """One chain per module; tests do not share contracts on it."""
    with Anvil() as chain:
        yield chain


@pytest.fixture
def deployed(anvil: Anvil) -> Contracts:
    """The first generation's contracts: slots of 12 s, epochs of 4, committees of 3, 3 adds an hour."""
    return deploy_contracts(anvil.url)


@pytest.fixture
def rpc(anvil: Anvil) -> Iterator[JsonRpc]:
    """Our client to it."""
    client = JsonRpc([anvil.url], chain_id=31337)
    yield client
    client.close()


@pytest.fixture
def attesters() -> Iterator[str]:
    """Addresses that no test had before."""
    return (f"0x{number:040x}" for number in _ATTESTERS)
