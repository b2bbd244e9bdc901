"""The earlier service's way over the same validators: one question for each, and writes by fives with pauses.

Per 1,000 validators and epoch it made about 6,840 DynamoDB requests and paused for 174 s, which is after each 5 of
3,480 writes; the others were reads. The requests are made here, to the same DynamoDB and node; nothing is computed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx

from sparta.stores.table import Table

WRITES, READS = 3.48, 3.36
"""Of a validator."""
AT_ONCE = 5
PAUSE_SECONDS = 0.25


def seconds(validators: Sequence[str], node: str, table: Table) -> float:
    """For these validators."""
    began = time.perf_counter()
    with httpx.Client(base_url=node) as client:
        for address in validators:
            question = {"jsonrpc": "2.0", "id": 1, "method": "node_getValidatorStats", "params": [address]}
            client.post("", json=question).raise_for_status()
    for number in range(round(READS * len(validators))):
        table.get({"pk": validators[number % len(validators)]})
    writes = [_row(validators, number) for number in range(round(WRITES * len(validators)))]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for first in range(0, len(writes), AT_ONCE):
            list(pool.map(table.put, writes[first : first + AT_ONCE]))
            time.sleep(PAUSE_SECONDS)
    return time.perf_counter() - began


def _row(validators: Sequence[str], number: int) -> dict[str, str | int | bool]:
    """Of its size."""
    address = validators[number % len(validators)]
    return {"pk": f"earlier#{number}", "address": address, "isActive": True, "createdAt": 1, "updatedAt": number}
