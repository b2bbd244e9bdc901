"""The time as the stores write it. Passed as an argument, so that a test decides what time it is."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], int]
"""Milliseconds since 1970."""


def now() -> int:
    """This moment."""
    return time.time_ns() // 1_000_000


def expiry(milliseconds: int, days: int) -> int:
    """When DynamoDB may delete an item written at ``milliseconds``: in seconds, as its time to live wants it."""
    return milliseconds // 1000 + days * 86_400
