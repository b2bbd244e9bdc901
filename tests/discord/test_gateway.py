"""The gateway speaks, remembers and refuses as Discord's does, to whatever client."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import httpx
import pytest

from tests.discord.gateway.events import MEMBERS
from tests.discord.server import DiscordStandIn
from tests.discord.world import ANNOUNCEMENT, PRIVATE_THREAD, PUBLIC_THREAD, TOKEN

GUILDS = 1
QUERY = {"v": "10", "encoding": "json"}
PROPERTIES = {"os": "linux", "browser": "test", "device": "test"}


class Bot:
    """One connection, that checks nothing itself."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._zlib = zlib.decompressobj()

    async def hear(self) -> Any:
        """The next payload; or the code that it was closed with."""
        message = await self.socket.receive(timeout=5)
        if message.type is aiohttp.WSMsgType.BINARY:
            assert message.data.endswith(b"\x00\x00\xff\xff"), "a flushed frame"
            return json.loads(self._zlib.decompress(message.data))
        return json.loads(message.data) if message.type is aiohttp.WSMsgType.TEXT else self.socket.close_code

    async def say(self, op: int, data: Any) -> None:
        await self.socket.send_str(json.dumps({"op": op, "d": data}))

    async def identify(self, intents: int = GUILDS, token: str = TOKEN, **details: Any) -> Any:
        """What comes after it."""
        await self.say(2, {"token": token, "intents": intents, "properties": PROPERTIES, **details})
        return await self.hear()

    async def resume(self, session: str, sequence: int, token: str = TOKEN) -> Any:
        await self.say(6, {"token": token, "session_id": session, "seq": sequence})
        return await self.hear()


@asynccontextmanager
async def connected(discord: DiscordStandIn, path: str = "", **query: str) -> AsyncIterator[Bot]:
    """A connection that has heard HELLO."""
    url = discord.world.gateway_url + path
    async with aiohttp.ClientSession() as session, session.ws_connect(url, params=QUERY | query) as socket:
        bot = Bot(socket)
        hello = await bot.hear()
        assert hello == {"op": 10, "d": {"heartbeat_interval": 41250}, "s": None, "t": None}
        yield bot


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


async def begun(bot: Bot, **details: Any) -> str:
    """The id of a session that has been told all that comes first."""
    ready = await bot.identify(**details)
    await bot.hear()
    session: str = ready["d"]["session_id"]
    return session


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
