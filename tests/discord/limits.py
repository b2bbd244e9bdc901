"""Rate limits: a bucket per route and channel or guild, one for everything, and the ban of who does not listen."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zlib import crc32

INVALID_STATUSES = {401, 403, 429}
BAN_AFTER, BAN_SECONDS = 10_000, 600.0


MAJOR = ("channel_id", "guild_id", "webhook_token", "interaction_token")
"""Each of these has buckets of its own."""


class Rate(NamedTuple):
    """So many requests in so many seconds."""

    requests: int
    seconds: float


USUAL = Rate(50, 1.0)


class Limited(NamedTuple):
    """A request too many."""

    retry_after: float
    is_global: bool = False

    @property
    def headers(self) -> dict[str, str]:
        """``Via`` tells Discord's own answer from that of the wall before it."""
        found = {"Retry-After": f"{self.retry_after:.0f}", "Via": "1.1 google"}
        scope = {"X-RateLimit-Scope": "global" if self.is_global else "user"}
        return found | scope | ({"X-RateLimit-Global": "true"} if self.is_global else {})

    @property
    def body(self) -> dict[str, Any]:
        message = "You are being rate limited."
        return {"message": message, "retry_after": self.retry_after, "global": self.is_global, "code": 0}


@dataclass
class _Window:
    ends: float
    left: int


@dataclass
class Limits:
    """``rates`` by method and path of Discord's document; other routes have ``usual``."""

    rates: dict[tuple[str, str], Rate] = field(
        default_factory=lambda: {
            ("POST", "/channels/{channel_id}/messages"): Rate(5, 5.0),
            ("POST", "/webhooks/{webhook_id}/{webhook_token}"): Rate(5, 2.0),
        }
    )
    usual: Rate = USUAL
    overall: Rate = USUAL
    ban_after: int = BAN_AFTER
    invalid: deque[float] = field(default_factory=deque)
    _windows: dict[tuple[str, str], _Window] = field(default_factory=dict)
    _overall: _Window = field(default_factory=lambda: _Window(0.0, 0))

    def take(
        self, method: str, template: str, params: Mapping[str, str], *, counts_overall: bool = True
    ) -> tuple[dict[str, str], Limited | None]:
        """Count one request: the headers that say what is left, and what refuses it, if anything does. What answers an
        interaction does not count towards the limit for everything.
        """
        now = time.monotonic()
        if self._overall.ends <= now:
            self._overall = _Window(now + self.overall.seconds, self.overall.requests)
        if counts_overall:
            if self._overall.left == 0:
                return {}, Limited(self._overall.ends - now, is_global=True)
            self._overall.left -= 1
        rate = self.rates.get((method, template), self.usual)
        key = (f"{method} {template}", next((params[name] for name in MAJOR if name in params), ""))
        window = self._windows.get(key)
        if window is None or window.ends <= now:
            window = self._windows[key] = _Window(now + rate.seconds, rate.requests)
        limited = None if window.left else Limited(window.ends - now)
        window.left = max(window.left - 1, 0)
        headers = {
            "X-RateLimit-Limit": str(rate.requests),
            "X-RateLimit-Remaining": str(window.left),
            "X-RateLimit-Reset": f"{time.time() + window.ends - now:.3f}",
            "X-RateLimit-Reset-After": f"{window.ends - now:.3f}",
            "X-RateLimit-Bucket": f"{crc32(key[0].encode()):08x}",
        }
        return headers, limited

    def answered(self, status: int) -> None:
        """Count what Discord counts against an address."""
        if status in INVALID_STATUSES:
            self.invalid.append(time.monotonic())

    @property
    def banned(self) -> bool:
        """Too many invalid requests within ten minutes."""
        while self.invalid and self.invalid[0] < time.monotonic() - BAN_SECONDS:
            self.invalid.popleft()
        return len(self.invalid) >= self.ban_after
