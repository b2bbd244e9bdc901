"""A bot that is no more than one connection to the gateway, and checks nothing itself."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.discord.server import DiscordStandIn
from tests.discord.world import TOKEN

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
