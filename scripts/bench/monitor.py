"""``python -m scripts.bench.monitor [validators ...]``: requests, time and memory of a run after one committee's epoch.

Each run is a process of its own, as a function of AWS is when it starts cold.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.bench.crowd import CHAIN_ID, ROLLUP, Crowd
from scripts.bench.measure import run as measured
from scripts.devnet.dynamodb import DynamoDbLocal
from sparta import telemetry
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
_LINE = "{:>10} {:>9} {:>7} {:>9} {:>7} {:>6} {:>5} {:>7}"
PATIENT = Limits(read=20)
"""A local DynamoDB takes seconds for a page of a large table."""
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}


def main() -> None:
    """Measure and print; or be the process that is measured."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.monitor", description=__doc__)
    parser.add_argument("validators", type=int, nargs="*", default=[1_000, 10_000], help="sizes of the set")
    parser.add_argument("--one-run", nargs=3, metavar=("DYNAMODB", "ETHEREUM", "AZTEC"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one_run:
        telemetry.configure(level="error")
        run_once(*arguments.one_run)
        return
    os.environ |= CREDENTIALS
    print(_LINE.format("validators", "requests", "target", "recorded", "wall s", "CPU s", "MiB", "target"))
    for size in arguments.validators:
        print(row(size), flush=True)


def row(size: int) -> str:
    """One line of the table."""
    with DynamoDbLocal() as dynamodb, Crowd(size) as crowd, tempfile.TemporaryDirectory() as folder:
        settings = tables(dynamodb.url)
        create(connect(settings), settings.table_name)
        crowd.register(open_stores(connect(settings), settings))
        places = [dynamodb.url, crowd.ethereum_url, crowd.node.url]
        command = [sys.executable, "-m", "scripts.bench.monitor", "--one-run", *places]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - the first run knows nobody yet
        crowd.next_epoch()
        process = measured(command, Path(folder))
        output = (Path(folder) / "output").read_text(encoding="utf-8").splitlines()[-1]
    found = json.loads(output)
    requests, mebibytes = TARGETS.get(size, ("-", "-"))
    wall, cpu = f"{process.wall:.2f}", f"{process.cpu:.2f}"
    return _LINE.format(size, found["requests"], requests, found["recorded"], wall, cpu, found["mebibytes"], mebibytes)


def run_once(dynamodb: str, ethereum: str, aztec: str) -> None:
    """Write what the run says of itself as the last line."""
    settings = tables(dynamodb)
    finished = a_run(open_stores(connect(settings, limits=PATIENT), settings), ethereum, aztec)
    said = {"requests": finished.requests, "recorded": finished.recorded, "doubts": finished.doubts}
    print(json.dumps({**said, "mebibytes": _peak() // 2**20}))
    if finished.doubts:
        raise SystemExit(f"the run believed nothing: {finished.doubts}")


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


def _peak() -> int:
    """Bytes. Linux lets a process begin with its parent's peak in ``getrusage``, but not here."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (line,) = (line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def tables(url: str) -> Tables:
    """Of the local DynamoDB."""
    return Tables.model_validate({"environment": "bench", "aws_endpoint_url_dynamodb": url})


if __name__ == "__main__":
    main()
