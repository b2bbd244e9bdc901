"""Two processes over the journal in DynamoDB, on the real contracts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest

from scripts.devnet.anvil import CHAIN_ID, OWNER, Anvil
from scripts.devnet.deploy import Contracts
from scripts.devnet.dynamodb import DynamoDbLocal
from sparta.chain.journal import IntentState
from sparta.chain.rollup import Rollup
from sparta.chain.rpc import JsonRpc
from sparta.settings import Tables
from sparta.stores.database import connect
from sparta.stores.definitions import create
from tests.sparta.chain.adder import stores
from tests.sparta.chain.world import nonce_of


@pytest.fixture
def dynamodb(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database with the tables of the adder's environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    with DynamoDbLocal() as database:
        tables = Tables.model_validate({"environment": "processes", "aws_endpoint_url_dynamodb": database.url})
        create(connect(tables), tables.table_name)
        yield database.url


def start(anvil: Anvil, deployed: Contracts, dynamodb: str, attesters: Sequence[str]) -> subprocess.Popen[str]:
    """A process that adds these."""
    where = (anvil.url, deployed.handler.address, dynamodb)
    command = [sys.executable, "-m", "tests.sparta.chain.adder", *where, *attesters]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_one_of_two_processes_is_killed_and_started_again(
    anvil: Anvil, rpc: JsonRpc, deployed: Contracts, dynamodb: str, attesters: Iterator[str]
) -> None:
    """50 validators, one process killed in the middle and started again with the same list: 50 in the set by 50
    transactions, and 50 closed intents."""
    wanted, before = [next(attesters) for _ in range(50)], nonce_of(rpc, OWNER)
    with (
        start(anvil, deployed, dynamodb, wanted[:25]) as steady,
        start(anvil, deployed, dynamodb, wanted[25:]) as unlucky,
    ):
        assert unlucky.stdout is not None
        for _ in range(5):
            assert unlucky.stdout.readline()
        unlucky.kill()
        with start(anvil, deployed, dynamodb, wanted[25:]) as again:
            assert again.communicate(timeout=100)[0].split() == wanted[25:]
        assert steady.communicate(timeout=100)[0].split() == wanted[:25]
    assert sorted(Rollup(rpc, deployed.rollup.address).validators()) == wanted
    assert nonce_of(rpc, OWNER) == before + 50
    journal = stores(dynamodb).journal(f"{CHAIN_ID}:{OWNER[0]}")
    assert not journal.pending()
    for attester in wanted:
        intent = journal.get(attester)
        assert intent is not None
        assert (intent.state, len(intent.attempts)) == (IntentState.DONE, 1)
