"""Waiting for what other processes do, without knowing how long it takes."""

import time
from collections.abc import Callable

WAIT_SECONDS = 60


def comes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()
