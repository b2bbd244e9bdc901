"""The definition of the tables, the command that creates them, and what the stores ask of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import boto3
import pytest

from sparta.models import History, Sending
from sparta.settings import Tables
from sparta.stores import Stores, open_stores
from sparta.stores.database import Database, connect
from sparta.stores.definitions import create, definitions
from sparta.stores.tokens import PageTokens
from tests.sparta.stores.world import START, address, register

HOUSE = Path(__file__).parents[3]


def run(folder: Path, url: str | None, environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m sparta.stores` in an empty folder, told where DynamoDB is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_ENDPOINT")}
    told = {"ENVIRONMENT": environment, "PYTHONPATH": str(HOUSE)}
    told |= {"AWS_ENDPOINT_URL_DYNAMODB": url} if url else {}
    command = [sys.executable, "-m", "sparta.stores"]
    return subprocess.run(command, env=kept | told, cwd=folder, capture_output=True, text=True, check=False)


def test_the_command_creates_the_tables_once(tmp_path: Path, dynamodb_url: str) -> None:
    """All six on an empty DynamoDB, and nothing the second time."""
    first, second = run(tmp_path, dynamodb_url, "by-command"), run(tmp_path, dynamodb_url, "by-command")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert first.stdout.splitlines() == [f"created sparta-{each.name}-by-command" for each in definitions()]
    assert second.stdout == "All tables exist; nothing to do.\n"


def test_the_command_does_nothing_on_aws(tmp_path: Path) -> None:
    """Without an endpoint it refuses, since there the tables belong to a stack."""
    done = run(tmp_path, None, "production")
    assert done.returncode == 1
    assert done.stderr.startswith("Nothing was created: AWS_ENDPOINT_URL_DYNAMODB is not set")


@pytest.mark.parametrize(("url", "said"), [("nowhere", "AWS_ENDPOINT_URL_DYNAMODB is not an http"),
                                           ("http://127.0.0.1:9", "The database does not answer")])  # fmt: skip
def test_the_command_says_what_is_wrong(tmp_path: Path, url: str, said: str) -> None:
    """One line for people, no traceback."""
    done = run(tmp_path, url, "wrong")
    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert len(done.stderr.splitlines()) == 1


def test_a_table_is_as_it_is_defined(database: Database, settings: Tables, dynamodb_url: str) -> None:
    """Keys with their types, indexes of all attributes, expiry, payment per request."""
    del database
    client = boto3.client("dynamodb", region_name="eu-west-2", endpoint_url=dynamodb_url)
    for each in definitions():
        name = settings.table_name(each.name)
        table: Any = client.describe_table(TableName=name)["Table"]
        assert [key["AttributeName"] for key in table["KeySchema"]] == list(each.key)
        assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        indexes = {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", [])}
        assert {name: [key["AttributeName"] for key in index["KeySchema"]] for name, index in indexes.items()} == {
            name: list(keys) for name, keys in each.indexes.items()
        }
        assert all(index["Projection"]["ProjectionType"] == "ALL" for index in indexes.values())
        expiry = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        assert expiry.get("AttributeName") == each.expires


def test_only_the_tables_that_lack_are_created(settings: Tables) -> None:
    """Beside more tables of others than are told at once, and after a start that was cut short."""
    database = connect(settings)
    for number in range(101):
        database.call("create_table", **definitions()[0].request(f"a-{settings.environment}-{number}"))
    only = {"operators": settings.table_name("operators")}
    database.call("create_table", **definitions()[0].request(only["operators"]))
    assert create(database, settings.table_name) == [settings.table_name(each.name) for each in definitions()[1:]]


def test_no_request_reads_a_whole_table(database: Database, settings: Tables) -> None:
    """Every read but the two lists of all validators is by key: counted at the connection."""
    counted = Counting(database)
    stores = open_stores(counted, settings)  # type: ignore[arg-type]
    _use_everything(stores)
    assert counted.operations["scan"] == 0
    stores.validators.see([address(9)])
    assert [each.address for each in stores.validators.all()] == [address(9)]
    assert counted.operations["scan"] == 1


def test_a_token_of_another_list_is_refused(database: Database) -> None:
    """The same key signs all lists, and each takes its own tokens only."""
    del database
    tokens = PageTokens(lambda: b"key", lambda: START / 1000)
    token = tokens.write("operators", {"pk": "operator#1"})
    assert tokens.read("operators", token) == {"pk": "operator#1"}
    for listing, reader in (("validators", tokens), ("operators", PageTokens(lambda: b"other", lambda: START / 1000))):
        with pytest.raises(Exception, match="pageToken is not one"):
            reader.read(listing, token)
    assert tokens.write("operators", None) is None
    assert tokens.read("operators", None) is None


class Counting:
    """A database that counts what it is asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.operations: Counter[str] = Counter()

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        self.operations[operation] += 1
        return self._database.call(operation, **parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


def _use_everything(stores: Stores) -> None:
    """Each call that a request to the API leads to."""
    register(stores, 1)
    register(stores, 2)
    operators, validators = stores.operators, stores.validators
    operators.by_wallet(address(10_001))
    operators.by_username("user-1")
    operators.approve("1", approved=True)
    operators.forgive("1")
    operators.update_wallet("1", address(77))
    operators.page()
    operators.stats()
    operators.preferences("1")
    validators.register(address(1), "1")
    validators.get(address(1))
    validators.of_operator("1")
    validators.transfer(address(1), "1", "2")
    validators.remove(address(1), "2")
    operators.delete("2")
    stores.history.record([History(address=address(1), epoch=1, slots={32: "attestation-sent"})])
    stores.history.last(address(1), 5)
    stores.network_stats.last(5)
    stores.alerts.add(Sending(key="k", route="channel", target="1", content="x", created_at=1, updated_at=1))
    stores.alerts.due()
    stores.watches.all()
    stores.monitor.get()
    stores.journal("1:0x").pending()
