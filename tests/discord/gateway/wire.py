"""How the gateway is spoken: operations, reasons to close, and frames with and without compression."""

from __future__ import annotations

import json
import zlib
from enum import IntEnum
from typing import Any

from aiohttp import web


class Op(IntEnum):
    """What a payload is."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Close(IntEnum):
    """Why a connection is closed."""

    UNKNOWN_ERROR = 4000
    UNKNOWN_OPERATION = 4001
    NOT_DECODABLE = 4002
    NOT_IDENTIFIED = 4003
    WRONG_TOKEN = 4004
    ALREADY_IDENTIFIED = 4005
    WRONG_SEQUENCE = 4007
    TOO_FAST = 4008
    TIMED_OUT = 4009
    WRONG_SHARD = 4010
    WRONG_VERSION = 4012
    WRONG_INTENTS = 4013
    INTENTS_NOT_GRANTED = 4014


ENDS_SESSION = {1000, 1001, *(code for code in Close if code not in {Close.UNKNOWN_ERROR, Close.TOO_FAST})}
"""After these a session cannot be resumed; after an unknown error, or a connection that just broke, it can."""


class Closed(Exception):
    """Raised where the bot did something that ends the connection."""

    def __init__(self, code: Close, why: str) -> None:
        super().__init__(why)
        self.code = code


class Wire:
    """Payloads over one web socket. With ``zlib-stream`` all frames together are one stream, flushed after each."""

    def __init__(self, socket: web.WebSocketResponse, compress: str | None) -> None:
        self.socket = socket
        self._zlib = zlib.compressobj() if compress == "zlib-stream" else None

    async def send(self, op: Op, data: Any = None, event: str | None = None, sequence: int | None = None) -> None:
        """One payload; into a socket that is closing it is lost, as on any network."""
        if self.socket.closed:
            return
        text = json.dumps({"op": op, "d": data, "s": sequence, "t": event})
        try:
            if self._zlib is None:
                await self.socket.send_str(text)
            else:
                compressed = self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
                await self.socket.send_bytes(compressed)
        except ConnectionError:
            return
