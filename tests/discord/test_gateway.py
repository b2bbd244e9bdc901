"""The gateway tells, remembers and obeys as Discord's does, whatever the client."""

from __future__ import annotations

import asyncio

import aiohttp
import httpx
import pytest

from tests.discord.gateway.events import MEMBERS
from tests.discord.plain_bot import GUILDS, QUERY, Bot, begun, connected, run
from tests.discord.server import DiscordStandIn
from tests.discord.world import ANNOUNCEMENT, PRIVATE_THREAD, PUBLIC_THREAD


def test_where_it_is(discord: DiscordStandIn, client: httpx.Client) -> None:
    """The API says where, and how many starts are left."""
    discord.world.starts_left = 7
    told = client.get("/gateway/bot").json()
    assert (told["url"], told["session_start_limit"]["remaining"]) == (discord.world.gateway_url, 7)
    assert discord.violations == []


def test_what_contradicts_the_types_is_noticed(discord: DiscordStandIn) -> None:
    """In an event of a wrong shape, whoever is told it; one that has no type here is taken as it is."""

    async def test() -> None:
        async with connected(discord) as bot:
            await begun(bot)
            await asyncio.to_thread(discord.gateway.tell, "GUILD_CREATE", {"id": 7})
            await asyncio.to_thread(discord.gateway.tell, "INTERACTION_CREATE", {"type": 2, "id": "1"})
            await asyncio.to_thread(discord.gateway.tell, "TYPING_START", {})

    run(test)
    assert any("GUILD_CREATE: id: 7 is not of type 'string'" in each for each in discord.violations)
    assert any("INTERACTION_CREATE: the body: 'token' is a required property" in each for each in discord.violations)
    assert not any("TYPING_START" in each for each in discord.violations)


@pytest.mark.parametrize("compress", [{}, {"compress": "zlib-stream"}])
def test_what_a_bot_is_told_first(discord: DiscordStandIn, compress: dict[str, str]) -> None:
    """Who it is, where to resume, and its guild with what it may see there; compressed or not."""
    world = discord.world
    role, person = world.add_role("guardian"), world.add_user("gorgo")
    seen = world.add_channel("operators")
    world.add_channel("secret", denied={"VIEW_CHANNEL"})
    world.add_channel("news", ANNOUNCEMENT)
    open_thread = world.add_channel("talk", PUBLIC_THREAD, parent_id=seen.id, owner_id=world.bot.id)
    world.add_channel("whispers", PRIVATE_THREAD, parent_id=seen.id, owner_id=person.id)

    async def test() -> None:
        async with connected(discord, **compress) as bot:
            ready, guild = await bot.identify(), await bot.hear()
        assert [(each["op"], each["t"], each["s"]) for each in (ready, guild)] == [
            (0, "READY", 1),
            (0, "GUILD_CREATE", 2),
        ]
        assert ready["d"]["user"]["id"] == world.bot.id
        assert ready["d"]["resume_gateway_url"].startswith("ws://127.0.0.1:")
        assert guild["d"]["id"] == ready["d"]["guilds"][0]["id"] == world.guild_id
        assert role.id in {each["id"] for each in guild["d"]["roles"]}
        assert [each["name"] for each in guild["d"]["channels"]] == ["operators", "news"]
        assert [each["id"] for each in guild["d"]["threads"]] == [open_thread.id]
        assert [each["user"]["id"] for each in guild["d"]["members"]] == [world.bot.id], "others take an intent"

    run(test)
    assert discord.violations == []


def test_members_are_told_to_those_who_may_have_them(discord: DiscordStandIn) -> None:
    """With the privileged intent granted: all at first, those who come later, those who are asked for."""
    discord.world.intents = MEMBERS
    gorgo = discord.world.add_user("gorgo")

    async def test() -> None:
        async with connected(discord) as bot:
            await bot.identify(GUILDS | MEMBERS)
            assert gorgo.id in {each["user"]["id"] for each in (await bot.hear())["d"]["members"]}
            leonidas = discord.world.add_user("leonidas")
            assert [(await bot.hear())["t"] for _ in range(1)] == ["GUILD_MEMBER_ADD"]
            await bot.say(8, {"guild_id": discord.world.guild_id, "query": "leo", "limit": 10, "nonce": "n"})
            chunk = (await bot.hear())["d"]
            assert ([each["user"]["id"] for each in chunk["members"]], chunk["nonce"]) == ([leonidas.id], "n")
            await bot.say(8, {"guild_id": discord.world.guild_id, "user_ids": [gorgo.id, "1"], "limit": 0})
            chunk = (await bot.hear())["d"]
            assert ([each["user"]["id"] for each in chunk["members"]], chunk["not_found"]) == ([gorgo.id], ["1"])

    run(test)
    assert discord.violations == []


def test_what_is_new_is_told(discord: DiscordStandIn) -> None:
    """Roles, channels and threads, as soon as there is a session."""

    async def test() -> None:
        async with connected(discord) as bot:
            await begun(bot)
            discord.world.add_role("guardian")
            parent = discord.world.add_channel("operators")
            discord.world.add_channel("talk", PUBLIC_THREAD, parent_id=parent.id, owner_id=discord.world.bot.id)
            discord.world.add_user("gorgo")
            discord.world.add_channel("secret", denied={"VIEW_CHANNEL"})
            discord.world.add_role("last")
            events = [(await bot.hear())["t"] for _ in range(4)]
        assert events == ["GUILD_ROLE_CREATE", "CHANNEL_CREATE", "THREAD_CREATE", "GUILD_ROLE_CREATE"]

    run(test)
    assert discord.violations == []


def test_heartbeats(discord: DiscordStandIn) -> None:
    """Each is acknowledged, until that is switched off; before IDENTIFY too."""

    async def test() -> None:
        async with connected(discord) as bot:
            await bot.say(1, None)
            assert (await bot.hear())["op"] == 11
            await begun(bot)
            await bot.say(1, 2)
            assert (await bot.hear())["op"] == 11
            discord.gateway.acknowledges = False
            await bot.say(1, 2)
            with pytest.raises(TimeoutError):
                await bot.socket.receive(timeout=0.2)

    run(test)


def test_a_heart_that_stops(discord: DiscordStandIn) -> None:
    """Whoever sends no heartbeats is dropped, and may resume."""
    discord.gateway.heartbeat_seconds = 0.1

    async def test() -> None:
        url = discord.world.gateway_url
        async with aiohttp.ClientSession() as session, session.ws_connect(url, params=QUERY) as socket:
            bot = Bot(socket)
            await bot.hear()
            await begun(bot)
            assert await bot.hear() == 4000

    run(test)
    assert len(discord.gateway.sessions) == 1


def test_a_session_is_resumed(discord: DiscordStandIn) -> None:
    """After a connection that broke: what was told meanwhile comes first, each once, then that all is told."""

    async def test() -> None:
        async with connected(discord) as bot:
            session = await begun(bot)
            await bot.socket.close(code=4000)
        assert discord.world.wait_for(lambda: not discord.gateway.connected, 5)
        for name in ("a", "b"):
            discord.world.add_role(name)
        async with connected(discord, "/resume") as bot:
            told = [await bot.resume(session, 2), await bot.hear(), await bot.hear()]
            assert [(each["t"], each["s"]) for each in told] == [
                ("GUILD_ROLE_CREATE", 3),
                ("GUILD_ROLE_CREATE", 4),
                ("RESUMED", 5),
            ]
            discord.world.add_role("c")
            assert (await bot.hear())["s"] == 6

    run(test)
    assert discord.violations == []


def test_orders(discord: DiscordStandIn) -> None:
    """To come again, to begin anew, and to go."""

    async def test() -> None:
        async with connected(discord) as bot:
            await begun(bot)
            await asyncio.to_thread(discord.gateway.ask_to_reconnect)
            assert (await bot.hear())["op"] == 7
            for resumable in (True, False):
                await asyncio.to_thread(discord.gateway.invalidate, resumable=resumable)
                assert await bot.hear() == {"op": 9, "d": resumable, "s": None, "t": None}
                assert bool(discord.gateway.sessions) == resumable
            closing = asyncio.create_task(asyncio.to_thread(discord.gateway.close, 4000))
            assert await bot.hear() == 4000
            await closing

    run(test)


def test_a_port_that_is_closed(discord: DiscordStandIn) -> None:
    """Nothing listens there until it is opened again; those who are connected stay."""

    async def test() -> None:
        async with connected(discord) as bot:
            await begun(bot)
            await asyncio.to_thread(discord.gateway.refuse)
            with pytest.raises(aiohttp.ClientConnectorError):
                async with connected(discord):
                    pass
            await bot.say(1, 2)
            assert (await bot.hear())["op"] == 11
            await asyncio.to_thread(discord.gateway.admit)
            async with connected(discord):
                pass

    run(test)
