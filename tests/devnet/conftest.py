"""The local network, started once for all tests of a worker."""

from collections.abc import Iterator

import pytest

from scripts.devnet.anvil import Anvil
from scripts.devnet.network import Devnet


@pytest.fixture(scope="session")
def net() -> Iterator[Devnet]:
    with Devnet() as running:
        yield running


@pytest.fixture(scope="session")
def chain() -> Iterator[Anvil]:
    with Anvil() as running:
        yield running
