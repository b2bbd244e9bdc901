"""Public messages of which a channel keeps the newest only.

They are found by the mark in their footer among the channel's last messages, so that nothing needs to be remembered and
a restart changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import aiohttp
import disnake

from sparta.bot.replies import Interaction
from sparta.telemetry import log

HELP, CHAIN = "Sparta · help", "Sparta · Aztec network"
LOOK_BACK = 100
MOST = 5
"""Removed at once; there should be one."""
SECONDS = 20.0


async def remove_earlier(inter: Interaction, mark: str, newest_id: int) -> None:
    """Delete the messages with this mark that are older than the newest; without the permission they stay."""
    http, channel_id = inter.client.http, inter.channel_id
    try:
        async with asyncio.timeout(SECONDS):
            messages = await http.logs_from(channel_id, LOOK_BACK, before=newest_id)
            for message_id in list(_marked(messages, mark, inter.application_id))[:MOST]:
                await http.delete_message(channel_id, message_id, reason="Replaced by a newer one")
    except (disnake.HTTPException, aiohttp.ClientError, TimeoutError) as error:
        log().warning("earlier message not removed", channel=channel_id, reason=str(error))


def _marked(messages: list[Any], mark: str, author_id: int) -> Iterator[int]:
    for message in messages:
        ours = message["author"]["id"] == str(author_id)
        if ours and any((each.get("footer") or {}).get("text") == mark for each in message["embeds"]):
            yield int(message["id"])
