"""Whether the bot is of use: the gateway acknowledges heartbeats, and the API answers. Being a process is not enough.

While both hold a file is touched, which the container's health check looks at, and a metric counts each minute.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sparta.bot.client import ApiClient
from sparta.errors import SpartaError
from sparta.telemetry import log, metric

HEALTHY_FILE = Path(tempfile.gettempdir()) / "sparta-bot.healthy"
"""``/tmp/sparta-bot.healthy`` in the container, which is where its health check looks."""
EVERY_SECONDS, SOON_SECONDS, METRIC_SECONDS = 10.0, 5.0, 60.0
FRESH_SECONDS = 90.0
"""Discord asks for a heartbeat every 41 seconds, so this is two of them."""
HEARTBEAT_ACK = 11
LONGEST_ACK = 200


class Pulse:
    """Hears what the gateway says, asks the API, and tells the world."""

    def __init__(self, api: ApiClient, file: Path = HEALTHY_FILE, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._file = file
        self._clock = clock
        self._acknowledged: float | None = None
        self._healthy: bool | None = None
        self._next_metric = clock()

    def heard(self, message: str) -> None:
        """A message of the gateway, as it came."""
        if len(message) < LONGEST_ACK and json.loads(message).get("op") == HEARTBEAT_ACK:
            self._acknowledged = self._clock()

    async def beat(self) -> None:
        """For as long as the bot runs."""
        self._file.unlink(missing_ok=True)
        while True:
            await asyncio.sleep(EVERY_SECONDS if await self.look() else SOON_SECONDS)

    async def look(self) -> bool:
        """Whether all is well now; if so, that is told."""
        healthy = await self._is_healthy()
        if healthy:
            self._file.touch()
            late = self._clock() - self._next_metric
            if late >= 0:
                metric("BotHeartbeat", 1)
                # By the minute and not by the look, so that none lacks after an hour; but what was missed is missed.
                self._next_metric += METRIC_SECONDS if late < METRIC_SECONDS else late + METRIC_SECONDS
        return healthy

    async def _is_healthy(self) -> bool:
        reason = self._gateway() or await self._service()
        healthy = reason is None
        if healthy is not self._healthy:
            self._healthy = healthy
            log().info("healthy") if healthy else log().warning("not healthy", reason=reason)
        return healthy

    def _gateway(self) -> str | None:
        if self._acknowledged is None:
            return "not connected to the gateway yet"
        age = self._clock() - self._acknowledged
        return f"the gateway has acknowledged no heartbeat for {age:.0f} s" if age > FRESH_SECONDS else None

    async def _service(self) -> str | None:
        try:
            return None if await self._api.healthy() else "the API is not well"
        except SpartaError:
            return "the API does not answer"
