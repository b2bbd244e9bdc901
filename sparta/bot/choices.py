"""What Discord offers while a person types. It waits three seconds and asks at each key, so answers are kept."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from disnake import OptionChoice

from sparta.addresses import checksum_address
from sparta.bot.client import ApiClient, Who
from sparta.bot.statistics import short
from sparta.errors import SpartaError
from sparta.models import Operator
from sparta.telemetry import log

MOST = 25
NAME_LENGTH = 100
KEPT_SECONDS = 15.0
KEPT_PEOPLE = 500
MOST_PAGES = 20
"""Of 100 operators each; who comes later is found by typing the whole name."""


@dataclass(slots=True)
class _Kept:
    """What was found a moment ago, by what it was asked for."""

    found: dict[str, tuple[float, Sequence[tuple[str, str]]]] = field(default_factory=dict)

    async def get(
        self, key: str, find: Callable[[], Awaitable[Sequence[tuple[str, str]]]]
    ) -> Sequence[tuple[str, str]]:
        at, known = self.found.get(key, (0.0, ()))
        if time.monotonic() - at < KEPT_SECONDS and at:
            return known
        if len(self.found) >= KEPT_PEOPLE:
            self.found.clear()
        fresh = await find()
        self.found[key] = (time.monotonic(), fresh)
        return fresh


class Choices:
    """None where the API does not answer in time: people can still type."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api
        self._kept = _Kept()

    async def validators(self, who: Who, typed: str) -> list[OptionChoice]:
        """Those of an operator, by label or address."""
        return await self._offer(f"validators {who}", lambda: self._validators(who), typed)

    async def operators(self, typed: str) -> list[OptionChoice]:
        """All operators, by name or id; the choice is the id."""
        return await self._offer("operators", self._operators, typed)

    async def _offer(
        self, key: str, find: Callable[[], Awaitable[Sequence[tuple[str, str]]]], typed: str
    ) -> list[OptionChoice]:
        try:
            known = await self._kept.get(key, find)
        except SpartaError as error:
            log().info("no choices", reason=error.sentence)
            return []
        wanted = typed.strip().lower()
        fitting = [(name, value) for name, value in known if wanted in name.lower() or wanted in value.lower()]
        return [OptionChoice(name[:NAME_LENGTH], value) for name, value in fitting[:MOST]]

    async def _validators(self, who: Who) -> list[tuple[str, str]]:
        details = await self._api.details(who, quick=True)
        addresses = [(each.label, checksum_address(each.address)) for each in details]
        return [(f"{label} · {short(address)}" if label else address, address) for label, address in addresses]

    async def _operators(self) -> list[tuple[str, str]]:
        found: list[Operator] = []
        token: str | None = None
        for _ in range(MOST_PAGES):
            page = await self._api.operators(token, quick=True)
            found += page.operators
            token = page.next_page_token
            if token is None:
                break
        return [(f"{each.discord_username} · {each.discord_id}", each.discord_id) for each in found]
