"""Answers over HTTP, good and bad."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.discord import refusals
from tests.discord.faults import Fault, Kind
from tests.discord.limits import Limited

BANNED_PAGE = b"<html><head><title>Access denied | Error 1015: You are being rate limited</title></head></html>"
ERROR_PAGE = b"<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"
INTERNAL_ERROR = {"message": "500: Internal Server Error", "code": 0}


def in_json(body: Any, status: int, headers: dict[str, str] | None = None) -> web.Response:
    """With exactly the Content-Type that Discord sends: some clients compare the whole header."""
    if body is None:
        return web.Response(status=status, headers=headers)
    content = json.dumps(body).encode()
    return web.Response(status=status, headers=headers, body=content, content_type="application/json")


def limited(found: Limited, headers: dict[str, str] | None = None) -> web.Response:
    return in_json(found.body, 429, (headers or {}) | found.headers)


def banned() -> web.Response:
    """From the wall before Discord: no JSON, no ``Via``."""
    return web.Response(status=429, body=BANNED_PAGE, content_type="text/html")


async def instead(fault: Fault) -> web.StreamResponse | None:
    """The answer that takes the work's place; ``None`` for a fault that lets it be done."""
    if fault.kind is Kind.SLOW:
        await asyncio.sleep(fault.seconds)
    answers: dict[Kind, Callable[[], web.Response]] = {
        Kind.ERROR: lambda: in_json(INTERNAL_ERROR, 500),
        Kind.DROPPED: lambda: in_json(INTERNAL_ERROR, 500),
        Kind.UNAVAILABLE: lambda: web.Response(status=503, body=ERROR_PAGE, content_type="text/html"),
        Kind.GARBAGE: lambda: web.Response(status=200, body=b"\x00 this is no JSON"),
        Kind.LIMITED: lambda: limited(Limited(fault.seconds)),
        Kind.LIMITED_GLOBALLY: lambda: limited(Limited(fault.seconds, is_global=True)),
        Kind.CLOUDFLARE: banned,
        Kind.UNAUTHORIZED: lambda: in_json(refusals.UNAUTHORIZED.body(), 401),
    }
    answer = answers.get(fault.kind)
    return answer() if answer else None
