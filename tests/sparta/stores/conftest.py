"""One DynamoDB Local for all tests of the stores, and tables of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from scripts.devnet.dynamodb import DynamoDbLocal
from sparta.settings import Tables
from sparta.stores import Stores, open_stores
from sparta.stores.database import Database, connect
from sparta.stores.definitions import create
from tests.sparta.stores.world import Ticks, tables

_numbers = count(1)


@pytest.fixture(scope="session")
def dynamodb_url() -> Iterator[str]:
    with DynamoDbLocal() as dynamodb:
        yield dynamodb.url


@pytest.fixture(autouse=True)
def any_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB Local takes any, but wants some."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")


@pytest.fixture
def settings(dynamodb_url: str) -> Tables:
    """Names that no other test has."""
    return tables(dynamodb_url, f"test-{next(_numbers)}")


@pytest.fixture
def database(settings: Tables) -> Database:
    database = connect(settings, threads=64)
    create(database, settings.table_name)
    return database


@pytest.fixture
def clock() -> Ticks:
    return Ticks()


@pytest.fixture
def stores(database: Database, settings: Tables, clock: Ticks) -> Stores:
    return open_stores(database, settings, clock)
