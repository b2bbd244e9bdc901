"""How long a request may take in all. Whoever is about to wait asks here how much of that is left."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sparta.errors import Dependency, DependencyFailed

_until: ContextVar[float] = ContextVar("until", default=math.inf)
_end = math.inf
"""Of everything, once the process is asked to stop."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """What is done inside, on this thread, asks no other service after this time. Without it time is endless."""
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def hurry(seconds: float) -> None:
    """The process is about to stop: nothing gets more time than this from now on."""
    global _end  # noqa: PLW0603 - a process stops once
    _end = time.monotonic() + seconds


def left() -> float:
    """In seconds; zero when the time is over."""
    return max(min(_until.get(), _end) - time.monotonic(), 0.0)


def check(dependency: Dependency) -> None:
    """Before asking another service.

    :raises DependencyFailed: there is no time left for it
    """
    if left() <= 0:
        raise DependencyFailed(
            f"Earlier answers took so long that no time was left to ask {dependency}, so this could not be finished. "
            "Try again in a minute.",
            dependency=dependency,
        )
