"""The gateway refuses what Discord's refuses, with the same codes."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from tests.discord.gateway.events import MEMBERS
from tests.discord.plain_bot import GUILDS, PROPERTIES, QUERY, Bot, begun, connected, run
from tests.discord.server import DiscordStandIn
from tests.discord.world import TOKEN


@pytest.mark.parametrize(
    ("code", "identify"),
    [
        (4004, {"token": "wrong"}),
        (4010, {"shard": [1, 1]}),
        (4013, {"intents": 1 << 30}),
        (4014, {"intents": GUILDS | MEMBERS}),
        (4002, {"intents": "all"}),
    ],
)
def test_who_is_refused(discord: DiscordStandIn, code: int, identify: dict[str, Any]) -> None:
    """A wrong token, shard or payload, intents that there are not or that were not granted; no session comes of it."""

    async def test() -> None:
        async with connected(discord) as bot:
            assert await bot.identify(**identify) == code

    run(test)
    assert discord.gateway.sessions == {}
    assert bool(discord.violations) == (code not in {4004, 4014}), "a wrong set-up is no wrong bot"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (4001, '{"op": 99, "d": null}'),
        (4002, "no JSON"),
        (4002, json.dumps({"op": 1, "d": None, "x": "y" * 4096})),
        (4003, '{"op": 3, "d": {"since": null, "activities": [], "status": "online", "afk": false}}'),
        (4005, json.dumps({"op": 2, "d": {"token": TOKEN, "intents": 1, "properties": PROPERTIES}})),
    ],
)
def test_what_cannot_be_said(discord: DiscordStandIn, code: int, said: str) -> None:
    """Unknown, unreadable, too long, too early, or for a second time."""

    async def test() -> None:
        async with connected(discord) as bot:
            if code == 4005:
                await begun(bot)
            await bot.socket.send_str(said)
            assert await bot.hear() == code

    run(test)
    assert len(discord.violations) == 1


def test_who_talks_too_much(discord: DiscordStandIn) -> None:
    """More than 120 payloads in a minute."""

    async def test() -> None:
        async with connected(discord) as bot:
            for _ in range(121):
                await bot.say(1, None)
            heard = [await bot.hear() for _ in range(121)]
            assert heard[-1] == 4008

    run(test)


@pytest.mark.parametrize(
    ("code", "query"), [(4012, {"v": "9"}), (4002, {"encoding": "etf"}), (4002, {"compress": "zstd-stream"})]
)
def test_how_it_is_not_spoken(discord: DiscordStandIn, code: int, query: dict[str, str]) -> None:
    """Another version, encoding or compression."""

    async def test() -> None:
        url = discord.world.gateway_url
        async with aiohttp.ClientSession() as session, session.ws_connect(url, params=QUERY | query) as socket:
            assert await Bot(socket).hear() == code

    run(test)


def test_what_cannot_be_resumed(discord: DiscordStandIn) -> None:
    """A session that there is not (any more), one that the bot itself ended, a number that was never told."""

    async def test() -> None:
        async with connected(discord) as bot:
            session = await begun(bot)
            async with connected(discord, "/resume") as other:
                assert await other.resume(session, 99) == 4007
            await bot.socket.close(code=1000)
        assert discord.world.wait_for(lambda: not discord.gateway.sessions, 5)
        async with connected(discord, "/resume") as bot:
            assert await bot.resume(session, 2) == {"op": 9, "d": False, "s": None, "t": None}
            assert (await bot.identify())["t"] == "READY"
        async with connected(discord, "/resume") as bot:
            assert await bot.resume(session, 2, token="wrong") == 4004

    run(test)


def test_starts_are_counted(discord: DiscordStandIn) -> None:
    """One too many ends all sessions, and the token is another from then on."""
    discord.world.starts_left = 1

    async def test() -> None:
        async with connected(discord) as first, connected(discord) as second:
            await begun(first)
            assert await second.identify() == 4004
            assert await first.hear() == 4004

    run(test)
    assert discord.world.token != TOKEN
    assert discord.gateway.sessions == {}


def test_starts_in_too_quick_succession(discord: DiscordStandIn) -> None:
    """Are invalid where a pause is demanded, and cost none of the starts."""
    discord.gateway.identify_pause = 5

    async def test() -> None:
        async with connected(discord) as first, connected(discord) as second:
            await begun(first)
            assert await second.identify() == {"op": 9, "d": False, "s": None, "t": None}

    run(test)
    assert discord.world.starts_left == 999
