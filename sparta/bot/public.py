"""Public messages of which a channel keeps the newest only.

They are found by the mark in their footer among the channel's last messages, so a restart changes nothing. The last one
is remembered too: however far back it is by then, and where the bot may not read what was written before.
"""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import disnake

from sparta.bot.replies import Interaction
from sparta.telemetry import log

HELP, CHAIN = "Sparta · help", "Sparta · Aztec network"
PAGE = 100
"""The most that Discord shows at once."""
PAGES = 10
"""Looked through for a message that is not remembered; Discord lets five be asked for in five seconds."""
MOST = 5
"""Removed at once; there should be one."""
SECONDS = 30.0


class Noticeboard:
    """What the bot has put up in each channel since it was started."""

    def __init__(self) -> None:
        self._last: dict[tuple[int, str], int] = {}

    async def keep_newest(self, inter: Interaction, mark: str, newest_id: int) -> None:
        """Remove the messages with this mark that are older than the newest; where Discord forbids it they stay."""
        place = inter.channel_id, mark
        known = self._last.get(place, 0)
        self._last[place] = max(known, newest_id)
        try:
            async with asyncio.timeout(SECONDS):
                if 0 < known < newest_id:
                    await _remove(inter, known)
                for message_id in await _found(inter, mark, newest_id, 1 if known else PAGES):
                    await _remove(inter, message_id)
        except (disnake.HTTPException, aiohttp.ClientError, TimeoutError) as error:
            log().warning("earlier message not removed", channel=inter.channel_id, reason=str(error))


async def _found(inter: Interaction, mark: str, before: int, pages: int) -> list[int]:
    """From the newest backwards, up to the first page that has one."""
    for _ in range(pages):
        messages = await inter.client.http.logs_from(inter.channel_id, PAGE, before=before)
        if found := [int(each["id"]) for each in messages if _is_marked(each, mark, inter.application_id)]:
            return found[:MOST]
        if len(messages) < PAGE:
            break
        before = min(int(each["id"]) for each in messages)
    return []


def _is_marked(message: Any, mark: str, author_id: int) -> bool:
    ours = message["author"]["id"] == str(author_id)
    return ours and any((each.get("footer") or {}).get("text") == mark for each in message["embeds"])


async def _remove(inter: Interaction, message_id: int) -> None:
    try:
        await inter.client.http.delete_message(inter.channel_id, message_id, reason="Replaced by a newer one")
    except disnake.NotFound:
        log().debug("earlier message removed before", message=message_id)
