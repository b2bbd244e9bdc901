"""Whether what the API stands on answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

from sparta.errors import SpartaError
from sparta.telemetry import log

SECONDS = 5.0
"""A check that takes longer has failed."""
KEPT_SECONDS = 5.0
"""Anybody may ask, so what was found stands for a moment: asking more often asks nobody more often."""

Check = Callable[[], object]
"""Returns when the dependency answers, raises SpartaError when it does not."""


class State(NamedTuple):
    """What a check showed; ``error`` is None when all is well."""

    name: str
    error: str | None
    seconds: float


@dataclass(slots=True)
class HealthService:
    """``checks`` by the dependency's name."""

    checks: Mapping[str, Check]
    clock: Callable[[], float] = time.monotonic
    _lock: Lock = field(default_factory=Lock)
    _found: list[State] = field(default_factory=list)
    _at: float = 0.0

    def states(self) -> list[State]:
        """All of them, asked at the same time.

        While one caller asks, the others are told what was found before if that was lately: else whoever wants could
        have all threads wait for the slowest dependency.
        """
        if self._found_within(KEPT_SECONDS):
            return self._found
        if not self._lock.acquire(blocking=not self._found_within(KEPT_SECONDS + SECONDS)):
            return self._found
        try:
            if not self._found_within(KEPT_SECONDS):
                self._found = self._ask()
                self._at = self.clock()
            return self._found
        finally:
            self._lock.release()

    def _found_within(self, seconds: float) -> bool:
        return bool(self._found) and self.clock() - self._at < seconds

    def _ask(self) -> list[State]:
        pool = ThreadPoolExecutor(len(self.checks))
        try:
            asked = {name: pool.submit(_state, name, check) for name, check in self.checks.items()}
            wait(asked.values(), timeout=SECONDS)
            late = f"No answer within {SECONDS:g} seconds. Look at it when this lasts."
            return [future.result() if future.done() else State(name, late, SECONDS) for name, future in asked.items()]
        finally:
            pool.shutdown(wait=False)


def _state(name: str, check: Check) -> State:
    start = time.monotonic()
    try:
        check()
    except SpartaError as error:
        log().warning("dependency not ready", dependency=name, reason=error.sentence)
        return State(name, error.sentence, time.monotonic() - start)
    return State(name, None, time.monotonic() - start)
