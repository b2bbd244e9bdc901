"""All connections and sessions of the bot, and what goes wrong with them on demand.

The methods without ``async`` are for tests, from any thread.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from aiohttp import web

from tests.discord.gateway import events, schema
from tests.discord.gateway.connection import Connection
from tests.discord.gateway.session import Session
from tests.discord.gateway.wire import ENDS_SESSION, Close, Closed, Op, Wire
from tests.discord.world import World

GOODBYE_SECONDS = 0.2
"""How long to wait for a bot to answer that it has understood that it is over."""
SECONDS = 10.0
"""How long a test's order may take."""


class Gateway:
    """``heard`` is what bots said, in order. ``acknowledges`` is whether their heartbeats are. ``identify_pause`` is
    how long after one IDENTIFY the next is taken: 5 seconds at Discord, none here so that tests are quick.
    """

    def __init__(self, world: World, violations: list[str], loop: asyncio.AbstractEventLoop) -> None:
        self.world = world
        self.heartbeat_seconds = 41.25
        self.acknowledges = True
        self.identify_pause = 0.0
        self.sessions: dict[str, Session] = {}
        self.heard: list[tuple[Op, Any]] = []
        self.notes: list[str] = []
        self.listen: Callable[[bool], Awaitable[None]]
        self._violations = violations
        self._loop = loop
        self._connections: set[Connection] = set()
        self._refuses = False
        self._identified_at = 0.0
        world.happened = self._happened

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One web socket, from its opening on."""
        socket = web.WebSocketResponse(timeout=GOODBYE_SECONDS)
        await socket.prepare(request)
        connection = Connection(self, socket, request.query)
        self._connections.add(connection)
        try:
            await connection.converse()
        finally:
            self._connections.discard(connection)
        return socket

    def left(self, connection: Connection, code: int) -> None:
        """A bot is away, for good after some codes."""
        session = connection.session
        if session is not None and session.wire is connection.wire:
            session.wire = None
            if code in ENDS_SESSION:
                self.sessions.pop(session.id, None)
        self.world.tell()

    def closed(self, closed: Closed) -> None:
        """A bot did what ends a connection. A wrong set-up may be meant to; all else is a bot that cannot speak."""
        line = f"the gateway closed with {closed.code}: {closed}"
        self.notes.append(line)
        if closed.code not in {Close.WRONG_TOKEN, Close.INTENTS_NOT_GRANTED}:
            self._violations.append(line)

    def may_identify(self) -> bool:
        """Whether enough time has passed since the last time; counts it if so."""
        early = time.monotonic() - self._identified_at < self.identify_pause
        self._identified_at = self._identified_at if early else time.monotonic()
        return not early

    async def begin(self, wire: Wire, intents: int, shard: list[int] | None) -> Session | None:
        """A new session. One start too many ends all sessions and the token itself."""
        self.world.starts_left -= 1
        if self.world.starts_left < 0:
            self.world.token += ".another"
            await self._close_all(Close.WRONG_TOKEN)
            return None
        session = Session(f"session-{self.world.new_id()}", intents, shard, wire)
        self.sessions[session.id] = session  # First: so nothing new is missed between what it is told now and later.
        resume_url = self.world.gateway_url + "/resume"
        first = [("READY", events.ready(self.world, session.id, resume_url, shard))]
        if intents & events.GUILDS:
            first.append(("GUILD_CREATE", events.guild_create(self.world, intents)))
        await self.tell_one(session, *first)
        self.world.tell()
        return session

    @property
    def connected(self) -> list[Session]:
        """The sessions that are connected now."""
        return [each for each in self.sessions.values() if each.wire is not None]

    def said(self, op: Op) -> list[Any]:
        """All that bots said with this operation."""
        return [data for heard, data in self.heard if heard is op]

    def wait(self, sessions: int = 1, seconds: float = 30.0) -> None:
        """Until so many bots are connected and know their guild."""
        assert self.world.wait_for(lambda: len(self.connected) >= sessions, seconds), (
            f"{len(self.connected)} of {sessions} bots are connected after {seconds:.0f} seconds; {self.notes}"
        )

    def tell(self, event: str, data: Any, intent: int = 0) -> None:
        """An event for every session that has the intent, connected or not."""
        self._do(self._tell_all(event, data, intent))

    def close(self, code: int = Close.UNKNOWN_ERROR) -> None:
        """End all connections."""
        self._do(self._close_all(code))

    def ask_to_reconnect(self) -> None:
        """Op 7: the bot is to connect anew, and to resume."""
        self._do(self._send_all(Op.RECONNECT))

    def invalidate(self, *, resumable: bool = False) -> None:
        """Op 9: the sessions are no longer good, unless they are ``resumable``."""
        if not resumable:
            self.sessions.clear()
        self._do(self._send_all(Op.INVALID_SESSION, resumable))

    def refuse(self) -> None:
        """From now on nothing listens on the gateway's port."""
        self._refuses = True
        self._do(self.listen(False))

    def admit(self) -> None:
        """The gateway's port is open again."""
        self._refuses = False
        self._do(self.listen(True))

    def heal(self) -> None:
        """Acknowledge heartbeats, and listen."""
        self.acknowledges = True
        if self._refuses:
            self.admit()

    async def tell_one(self, session: Session, *told: tuple[str, Any]) -> None:
        """Events for one session; what of them contradicts the schema is a violation."""
        for event, data in told:
            found = schema.mistakes_of_event(event, data)
            self._violations += [f"the event {event}: {mistake}" for mistake in found]
        await session.tell(*told)

    async def _tell_all(self, event: str, data: Any, intent: int) -> None:
        for session in list(self.sessions.values()):
            if session.intents & intent == intent:
                await self.tell_one(session, (event, data))

    def _happened(self, what: str, thing: Any) -> None:
        """Something is new in the guild, in whatever thread; it is told as soon as that thread lets it."""
        found = events.of(self.world, what, thing)
        if found and self._loop.is_running():
            event, intent, data = found
            asyncio.run_coroutine_threadsafe(self._tell_all(event, data, intent), self._loop)

    async def _close_all(self, code: int) -> None:
        for connection in list(self._connections):
            await connection.close(code)

    async def _send_all(self, op: Op, data: Any = None) -> None:
        for connection in list(self._connections):
            await connection.wire.send(op, data)

    def _do(self, work: Awaitable[None]) -> None:
        async def whole() -> None:
            await work

        coroutine: Coroutine[Any, Any, None] = whole()
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(SECONDS)
