"""A stand-in of its own for each test, and a plain client to it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.discord.server import DiscordStandIn


@pytest.fixture
def discord() -> Iterator[DiscordStandIn]:
    with DiscordStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def client(discord: DiscordStandIn) -> Iterator[httpx.Client]:
    """Speaks for the bot."""
    headers = {"Authorization": f"Bot {discord.world.token}", "User-Agent": "DiscordBot (https://sparta.example, 1)"}
    with httpx.Client(base_url=discord.url, headers=headers) as client:
        yield client
