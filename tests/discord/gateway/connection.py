"""One web socket of a bot: what it says, and what it is told or refused."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.discord import shapes
from tests.discord.gateway import events, schema
from tests.discord.gateway.session import Session
from tests.discord.gateway.wire import Close, Closed, Op, Wire

if TYPE_CHECKING:
    from tests.discord.gateway.hub import Gateway

MOST_BYTES = 4096
MOST_A_MINUTE = 120
PATIENCE = 1.5
"""So many times the interval a bot may take between two heartbeats."""
ENCODINGS, COMPRESSIONS = {None, "json"}, {None, "zlib-stream"}


class Connection:
    """From HELLO until one side closes."""

    def __init__(self, gateway: Gateway, socket: web.WebSocketResponse, query: Mapping[str, str]) -> None:
        self.gateway = gateway
        self.session: Session | None = None
        self.wire = Wire(socket, query.get("compress"))
        self._query = query
        self._socket = socket
        self._said: deque[float] = deque()
        self._beat_at = time.monotonic()

    async def converse(self) -> None:
        watch = asyncio.create_task(self._watch_heart())
        try:
            self._check_query()
            await self.wire.send(Op.HELLO, {"heartbeat_interval": int(self.gateway.heartbeat_seconds * 1000)})
            async for message in self._socket:
                await self._hear(message.data if message.type is WSMsgType.TEXT else "")
        except Closed as closed:
            self.gateway.closed(closed)
            await self.close(closed.code)
        finally:
            watch.cancel()
            self.gateway.left(self, self._socket.close_code or 0)

    async def close(self, code: int) -> None:
        """From this side; not every bot answers that it has understood."""
        self.gateway.left(self, code)
        await self._socket.close(code=code)

    def _check_query(self) -> None:
        if self._query.get("v") != str(events.VERSION):
            raise Closed(Close.WRONG_VERSION, f"version {self._query.get('v')}")
        if self._query.get("encoding") not in ENCODINGS or self._query.get("compress") not in COMPRESSIONS:
            raise Closed(Close.NOT_DECODABLE, "an encoding or a compression that is not spoken here")

    async def _watch_heart(self) -> None:
        """A bot whose heart stops is dropped; it may resume."""
        while time.monotonic() - self._beat_at < self.gateway.heartbeat_seconds * PATIENCE:
            await asyncio.sleep(min(self.gateway.heartbeat_seconds / 4, 0.5))
        self.gateway.notes.append("a bot's heart stopped")
        await self.close(Close.UNKNOWN_ERROR)

    async def _hear(self, text: str) -> None:
        payload = self._parsed(text)
        op, data = Op(payload["op"]), payload["d"]
        self.gateway.heard.append((op, data))
        self.gateway.world.tell()
        if op is Op.HEARTBEAT:
            self._beat_at = time.monotonic()
            if self.gateway.acknowledges:
                await self.wire.send(Op.HEARTBEAT_ACK)
        elif op is Op.IDENTIFY:
            await self._identify(data)
        elif op is Op.RESUME:
            await self._resume(data)
        elif self.session is None:
            raise Closed(Close.NOT_IDENTIFIED, f"{op.name} before IDENTIFY")
        elif op is Op.REQUEST_MEMBERS:
            await self._tell_members(self.session, data)

    def _parsed(self, text: str) -> Any:
        now = time.monotonic()
        self._said.append(now)
        while self._said[0] < now - 60:
            self._said.popleft()
        if len(self._said) > MOST_A_MINUTE:
            raise Closed(Close.TOO_FAST, f"more than {MOST_A_MINUTE} payloads in a minute")
        if len(text.encode()) > MOST_BYTES:
            raise Closed(Close.NOT_DECODABLE, f"a payload of more than {MOST_BYTES} bytes")
        try:
            payload = json.loads(text)
        except ValueError:
            raise Closed(Close.NOT_DECODABLE, "a payload that is no JSON") from None
        if not isinstance(payload, dict) or payload.get("op") not in list(Op):
            raise Closed(Close.UNKNOWN_OPERATION, "an operation that there is not")
        for mistake in schema.mistakes(payload, schema.FROM_THE_BOT):
            raise Closed(Close.NOT_DECODABLE, mistake)
        return payload

    async def _identify(self, data: Any) -> None:
        if self.session is not None:
            raise Closed(Close.ALREADY_IDENTIFIED, "IDENTIFY twice")
        self._check_token(data)
        shard = data.get("shard")
        if shard and not 0 <= shard[0] < shard[1]:
            raise Closed(Close.WRONG_SHARD, f"shard {shard}")
        intents = data["intents"]
        if intents & ~events.ALL_INTENTS:
            raise Closed(Close.WRONG_INTENTS, f"intents {intents:b}")
        if intents & events.PRIVILEGED & ~self.gateway.world.intents:
            raise Closed(Close.INTENTS_NOT_GRANTED, f"privileged intents {intents & events.PRIVILEGED:b}")
        if not self.gateway.may_identify():
            await self.wire.send(Op.INVALID_SESSION, False)
            return
        self.session = await self.gateway.begin(self.wire, intents, shard)

    def _check_token(self, data: Any) -> None:
        if data["token"].removeprefix("Bot ") != self.gateway.world.token:
            raise Closed(Close.WRONG_TOKEN, "a wrong token")

    async def _resume(self, data: Any) -> None:
        self._check_token(data)
        session = self.gateway.sessions.get(data["session_id"])
        if session is None:
            await self.wire.send(Op.INVALID_SESSION, False)
            return
        if data["seq"] > session.sequence:
            raise Closed(Close.WRONG_SEQUENCE, f"sequence {data['seq']} of {session.sequence}")
        self.session = session
        await session.resume(self.wire, data["seq"])
        self.gateway.world.tell()

    async def _tell_members(self, session: Session, data: Any) -> None:
        """Those asked for by id or by the beginning of their name, in one piece."""
        wanted, world = data.get("user_ids"), self.gateway.world
        ids = {str(each) for each in (wanted if isinstance(wanted, list) else [wanted])}
        start = str(data.get("query") or "").lower()
        members = world.members.values()
        found = [each for each in members if (each.user.id in ids if wanted else each.user.username.startswith(start))]
        chunk = {
            "guild_id": world.guild_id,
            "members": [shapes.member(each) for each in found[: data.get("limit") or None]],
            "chunk_index": 0,
            "chunk_count": 1,
            "not_found": sorted(ids - {each.user.id for each in found}) if wanted else [],
            **({"nonce": data["nonce"]} if data.get("nonce") else {}),
        }
        await self.gateway.tell_one(session, ("GUILD_MEMBERS_CHUNK", chunk))
