"""``python -m scripts.bench.monitor [validators ...]``: requests, time and memory of a run after one committee's epoch.

Each run is the packaged handler in a process of its own. At 1,000 validators the earlier service's way is measured
beside it, over a tenth of them.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import httpx

from scripts.bench import earlier, handler
from scripts.bench.crowd import CHAIN_ID, ROLLUP, Crowd
from scripts.bench.handler import Invocation
from scripts.devnet.dynamodb import DynamoDbLocal
from sparta.chain.aztec import AztecNode
from sparta.chain.contracts import Contracts
from sparta.chain.rpc import JsonRpc
from sparta.models import Delivery
from sparta.services import monitor
from sparta.services.announce import Audience
from sparta.services.monitor import Run, Task
from sparta.services.reading import Sources
from sparta.settings import Tables
from sparta.stores import Stores, open_stores
from sparta.stores.database import Limits, connect
from sparta.stores.definitions import create

TARGETS = {1_000: (12, 128), 10_000: (25, 128), 100_000: (120, 256)}
"""Validators: requests, MiB."""
COMPARED, SAMPLE = 1_000, 100
"""Where the earlier way is measured, and with how many validators."""
SHARE = 150
"""So many runs are to fit into one of the earlier way."""
_LINE = "{:>10} {:>9} {:>8} {:>9} {:>7} {:>9} {:>6} {:>7} {:>6} {:>5} {:>7}"
_HEAD = ("validators", "operators", "stats MB", "requests", "target", "recorded", "run s", "wall s", "CPU s", "MiB")
PATIENT = Limits(read=20)
"""A local DynamoDB takes seconds for a page of a large table."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.monitor", description=__doc__)
    parser.add_argument("validators", type=int, nargs="*", default=[1_000, 10_000], help="sizes of the set")
    os.environ |= handler.CREDENTIALS
    print(_LINE.format(*_HEAD, "target"))
    for size in parser.parse_args().validators:
        print(rows(size), flush=True)


def rows(size: int) -> str:
    """One line of the table, and the comparison below it."""
    with DynamoDbLocal() as dynamodb, Crowd(size) as crowd, tempfile.TemporaryDirectory() as folder:
        settings = tables(dynamodb.url)
        stores = open_stores(connect(settings, limits=PATIENT), settings)
        create(stores.database, settings.table_name)
        crowd.register(stores)
        place = handler.unpack(Path(folder))
        handler.invoke(place, dynamodb.url, crowd)  # The first run knows nobody yet.
        crowd.next_epoch()
        found = handler.invoke(place, dynamodb.url, crowd)
        lines = [_row(size, found, _stats_bytes(crowd))]
        if size == COMPARED:
            sample = earlier.seconds(crowd.validators[:SAMPLE], crowd.node.url, stores.config_table)
            lines.append(_comparison(found, sample * COMPARED / SAMPLE))
    return "\n".join(lines)


def _row(size: int, found: Invocation, stats: int) -> str:
    requests, mebibytes = TARGETS.get(size, ("-", "-"))
    record = found.record
    seconds = (f"{each:.2f}" for each in (record["duration"] / 1000, found.wall, found.cpu))
    counted = (size, record["operators"], f"{stats / 1e6:.1f}", record["requests"], requests, record["recorded"])
    return _LINE.format(*counted, *seconds, found.peak // 2**20, mebibytes)


def _comparison(found: Invocation, before: float) -> str:
    ratio, whole = before * 1000 / found.record["duration"], before / found.wall
    return (
        f"  the earlier way: {before:.0f} s (measured with {SAMPLE} validators, times {COMPARED // SAMPLE}), "
        f"{ratio:.0f} times a run, target {SHARE}: {'met' if ratio >= SHARE else 'MISSED'}; "
        f"{whole:.0f} times one with its process's start"
    )


def _stats_bytes(crowd: Crowd) -> int:
    question = {"jsonrpc": "2.0", "id": 1, "method": "node_getValidatorsStats", "params": []}
    return len(httpx.post(crowd.node.url, json=question, timeout=60).content)


def a_run(stores: Stores, ethereum: str, aztec: str) -> Run:
    """With fresh connections."""
    rpc = JsonRpc([ethereum], chain_id=CHAIN_ID, timeout=30)
    node = AztecNode([aztec], timeout=60)

    def deliver() -> Delivery:
        stores.alerts.due()
        return Delivery()

    sources = Sources(stores, rpc, Contracts(rpc, rollup=ROLLUP), node, account=ROLLUP)
    finished = monitor.run(Task(sources, deliver, Audience("1", CHAIN_ID)))
    rpc.close()
    node.close()
    return finished


def tables(url: str) -> Tables:
    """Of the local DynamoDB."""
    return Tables.model_validate({"environment": "bench", "aws_endpoint_url_dynamodb": url})


if __name__ == "__main__":
    main()
