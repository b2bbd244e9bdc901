"""What is asked once and kept, while the server is slow."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from sparta.chain.handler import StakingHandler
from sparta.chain.rollup import Rollup
from sparta.chain.rpc import JsonRpc
from sparta.errors import DependencyFailed
from tests.sparta.chain.http_server import Answer, Server

ADDRESS = "0x" + "1" * 40
QUESTIONS: dict[str, Callable[[JsonRpc], object]] = {
    "the rollup's generation": lambda rpc: Rollup(rpc, ADDRESS).generation,
    "the rollup's timing": lambda rpc: Rollup(rpc, ADDRESS).timing,
    "the handler's generation": lambda rpc: StakingHandler(rpc, ADDRESS).generation,
}
CALLERS = 12
TIMEOUT = 0.5


@pytest.mark.parametrize("question", QUESTIONS)
def test_many_callers_wait_together(question: str) -> None:
    """Before it is known: nobody waits for another's answer first, and all give up at the same time."""
    with Server(lambda _: Answer([b"{}"], delay=60)) as silent, ThreadPoolExecutor(CALLERS) as pool:
        rpc, started = JsonRpc([silent.url], timeout=TIMEOUT), time.monotonic()
        asked = [pool.submit(QUESTIONS[question], rpc) for _ in range(CALLERS)]
        for future in asked:
            with pytest.raises(DependencyFailed):
                future.result()
        assert time.monotonic() - started < 4 * TIMEOUT
        rpc.close()
