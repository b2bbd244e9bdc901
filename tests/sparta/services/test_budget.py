"""What a run may cost when one committee did its duties since the last one: requests, and memory from a cold start."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.bench import handler
from scripts.bench.crowd import COMMITTEE, Crowd
from scripts.bench.monitor import TARGETS, a_run, tables
from sparta.stores import open_stores
from sparta.stores.database import connect
from sparta.stores.definitions import create
from tests.sparta.stores.world import tables as in_tables_of


def test_a_run_over_a_thousand_validators(dynamodb_url: str) -> None:
    """The first run makes all known; the next reads and writes in at most a dozen requests, cold as it is."""
    settings = in_tables_of(dynamodb_url, "budget")
    database = connect(settings)
    create(database, settings.table_name)
    with Crowd(1_000) as crowd:
        crowd.register(open_stores(database, settings))
        first = a_run(open_stores(database, settings), crowd.ethereum_url, crowd.node.url)
        assert (first.validators_in_set, first.validators_known, first.recorded) == (1_000, 300, 1_000)
        crowd.next_epoch()
        before = crowd.node.requests.copy()
        second = a_run(open_stores(database, settings), crowd.ethereum_url, crowd.node.url)
        assert crowd.node.requests["node_getValidatorsStats"] - before["node_getValidatorsStats"] == 1
    assert (second.doubts, second.alerts) == ({}, 0)
    # Those whose turn it was, and those whose duties the node has forgotten.
    assert second.recorded == 2 * COMMITTEE
    assert second.requests <= TARGETS[1_000][0]
    assert [row.epoch for row in open_stores(database, settings).network_stats.last(2)] == [
        crowd.epoch,
        crowd.epoch - 1,
    ]


@pytest.mark.timeout(300)
def test_a_run_over_ten_thousand_validators(dynamodb_url: str, tmp_path: Path) -> None:
    """With 3,000 operators, the packaged handler in a process of its own: requests and peak memory, and no web3."""
    settings = tables(dynamodb_url)
    database = connect(settings)
    create(database, settings.table_name)
    requests, mebibytes = TARGETS[10_000]
    with Crowd(10_000) as crowd:
        crowd.register(open_stores(database, settings))
        place = handler.unpack(tmp_path)
        handler.invoke(place, dynamodb_url, crowd)
        crowd.next_epoch()
        found = handler.invoke(place, dynamodb_url, crowd)
    assert (found.record["recorded"], found.record["operators"]) == (2 * COMMITTEE, 3_000)
    assert found.record["requests"] <= requests
    assert found.peak <= mebibytes * 2**20
