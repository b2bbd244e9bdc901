from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scripts.devnet.dynamodb import DynamoDbLocal
from sparta.stores import Stores, open_stores
from sparta.stores.database import connect
from sparta.stores.definitions import create
from tests.operations.dynamodb_front import DynamoDbFront
from tests.operations.migrate.rows import (
    KEYS,
    settings,
)
from tests.operations.running import Done, run


@pytest.fixture(scope="module")
def dynamodb_url() -> Iterator[str]:
    with DynamoDbLocal() as dynamodb:
        yield dynamodb.url


@pytest.fixture(autouse=True)
def tables(dynamodb_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empty ones for each test."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    database = connect(settings(dynamodb_url))
    create(database, settings(dynamodb_url).table_name)
    yield
    for table in database.call("list_tables")["TableNames"]:
        database.call("delete_table", TableName=table)


@pytest.fixture
def front(dynamodb_url: str) -> Iterator[DynamoDbFront]:
    """What the command takes for AWS."""
    with DynamoDbFront(dynamodb_url) as started:
        yield started


@pytest.fixture
def stores(dynamodb_url: str) -> Stores:
    """Beside the front, so that a test's own writes are not counted."""
    return open_stores(connect(settings(dynamodb_url)), settings(dynamodb_url))


@pytest.fixture
def variables(front: DynamoDbFront, tmp_path: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return (
        kept
        | KEYS
        | {
            "HOME": str(tmp_path),
            "ENV": "staging",
            "YES": "1",
            "AWS_ENDPOINT_URL": front.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
            "COLUMNS": "120",
        }
    )


@pytest.fixture
def command(variables: dict[str, str]) -> Callable[..., Done]:
    return lambda *arguments, **more: run(variables | more, *arguments)
