"""What Discord said about how often it may be asked, and how often it refused. One per token; threads may share it.

A bucket is named by Discord and holds for one channel or guild; which routes share one is learnt from the answers.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from threading import Lock
from typing import NamedTuple

MOST_REFUSALS = 100
"""Within ten minutes. Discord bans an address after 10,000, and others send from ours."""
REFUSALS_SECONDS = 600.0


class Route(NamedTuple):
    """What a bucket can depend on: ``owner`` is the id of the channel or guild."""

    method: str
    template: str
    owner: str = ""


class Limits:
    """``clock`` counts seconds from anywhere."""

    def __init__(self, most_refusals: int = MOST_REFUSALS, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_refusals = most_refusals
        self._clock = clock
        self._lock = Lock()
        self._buckets: dict[tuple[str, str], str] = {}
        self._free_at: dict[tuple[str, str], float] = {}
        self._all_free_at = 0.0
        self._refusals: deque[float] = deque()

    def pause(self, route: Route) -> float:
        """How many seconds to wait before this may be asked."""
        with self._lock:
            free_at = self._free_at.get(self._bucket(route), 0.0)
        return max(free_at - self._clock(), self.pause_of_all)

    @property
    def pause_of_all(self) -> float:
        """How many seconds to wait before anything may be asked."""
        return max(self._all_free_at - self._clock(), 0.0)

    def learn(self, route: Route, headers: Mapping[str, str]) -> None:
        """What an answer's headers say of the bucket."""
        remaining, reset_after = headers.get("X-RateLimit-Remaining"), _number(headers.get("X-RateLimit-Reset-After"))
        with self._lock:
            if bucket := headers.get("X-RateLimit-Bucket"):
                self._buckets[route.method, route.template] = bucket
            if remaining == "0" and reset_after is not None:
                self._free_at[self._bucket(route)] = self._clock() + reset_after

    def limited(self, route: Route, seconds: float, *, everything: bool) -> None:
        """It was asked too often: the bucket, or ``everything``."""
        until = self._clock() + seconds
        with self._lock:
            if everything:
                self._all_free_at = max(self._all_free_at, until)
            else:
                self._free_at[self._bucket(route)] = until

    def refused(self) -> None:
        """An answer 401, 403 or 429: Discord counts them."""
        with self._lock:
            self._refusals.append(self._clock())

    @property
    def exhausted(self) -> bool:
        """Too many refusals in the last ten minutes: no request may be made."""
        with self._lock:
            while self._refusals and self._refusals[0] <= self._clock() - REFUSALS_SECONDS:
                self._refusals.popleft()
            return len(self._refusals) >= self._most_refusals

    def _bucket(self, route: Route) -> tuple[str, str]:
        known = self._buckets.get((route.method, route.template))
        return known or f"{route.method} {route.template}", route.owner


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
