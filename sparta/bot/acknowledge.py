"""The first thing with every interaction: tell Discord, within three seconds, that it is being worked on.

Discord takes one acknowledgement of each and refuses a second (40060), so whoever has acknowledged it owns it, also
among several processes. disnake would repeat a request that failed without telling us, and then its own first attempt
looks like another process; so this one request is made here.
"""

from __future__ import annotations

import asyncio
import time
from enum import Enum
from typing import Any

import httpx

from sparta.telemetry import log

AGENT = "DiscordBot (sparta, 1)"
SECONDS = 2.5
"""After it was received; Discord forgets it after three."""
ATTEMPT_SECONDS = 1.0
PAUSE_SECONDS = 0.1
ACKNOWLEDGED_BEFORE, UNKNOWN_INTERACTION = 40060, 10062
PRIVATE_FLAG = 64


class How(Enum):
    """What the person sees meanwhile, and what the answer will be."""

    PRIVATE = "is thinking, to one person"
    PUBLIC = "is thinking, to all"
    UPDATE = "a button's message as it was, until it changes"

    @property
    def answer(self) -> dict[str, Any]:
        """As Discord takes it."""
        if self is How.UPDATE:
            return {"type": 6}
        return {"type": 5, "data": {"flags": PRIVATE_FLAG}} if self is How.PRIVATE else {"type": 5}


class Taken(Enum):
    """Whose the interaction is."""

    OURS = "ours"
    NOT_OURS = "another process has it, or it is too old"
    UNKNOWN = "Discord did not say in time"


class Acknowledger:
    """A way to Discord of its own, which nothing else can fill up; close it at the end."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, headers={"User-Agent": AGENT}, follow_redirects=False)

    async def close(self) -> None:
        """Close the connections kept alive."""
        await self._client.aclose()

    async def take(self, interaction_id: int, token: str, answer: Any, received: float) -> Taken:
        """Acknowledge, unless its time is over; ``received`` by the monotonic clock, since Discord's is another."""
        perhaps_ours = False
        while (left := received + SECONDS - time.monotonic()) > 0:
            response, may_have_arrived = await self._attempt(interaction_id, token, answer, min(ATTEMPT_SECONDS, left))
            if response is not None and response.is_success:
                return Taken.OURS
            if response is not None and 400 <= response.status_code < 500 and response.status_code != 429:
                return self._refused(response, perhaps_ours=perhaps_ours)
            perhaps_ours = perhaps_ours or may_have_arrived
            pause = _pause(response)
            if pause >= received + SECONDS - time.monotonic():
                break
            await asyncio.sleep(pause)
        log().warning("interaction not acknowledged in time")
        return Taken.UNKNOWN if perhaps_ours else Taken.NOT_OURS

    async def _attempt(
        self, interaction_id: int, token: str, answer: Any, seconds: float
    ) -> tuple[httpx.Response | None, bool]:
        """Discord's answer if any, and whether it may have done what was asked."""
        path = f"/interactions/{interaction_id}/{token}/callback"
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.post(path, json=answer, timeout=seconds)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            return None, False
        except (httpx.TransportError, TimeoutError):
            return None, True
        return response, response.status_code >= 500

    def _refused(self, response: httpx.Response, *, perhaps_ours: bool) -> Taken:
        code = _code(response)
        if code == ACKNOWLEDGED_BEFORE and perhaps_ours:
            return Taken.OURS
        log().info("interaction is not ours", status=response.status_code, code=code)
        return Taken.UNKNOWN if perhaps_ours else Taken.NOT_OURS


def _pause(response: httpx.Response | None) -> float:
    """Seconds until it is worth asking again; where Discord names them, not sooner: it bans who does not keep to it."""
    if response is None or response.status_code != httpx.codes.TOO_MANY_REQUESTS:
        return PAUSE_SECONDS
    try:
        return max(float(response.json()["retry_after"]), PAUSE_SECONDS)
    except (ValueError, KeyError, TypeError):
        return SECONDS  # Not of Discord but of the wall before it, which says no such thing.


def _code(response: httpx.Response) -> int:
    try:
        return int(response.json()["code"])
    except (ValueError, KeyError, TypeError):
        return 0
