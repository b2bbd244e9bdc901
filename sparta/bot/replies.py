"""What is answered, and how it is put in the place of "is thinking…": whatever Discord does meanwhile."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import aiohttp
import disnake
from disnake.interactions.application_command import ApplicationCommandInteraction
from disnake.interactions.message import MessageInteraction
from disnake.ui import ActionRow, Button

from sparta.bot import embeds
from sparta.telemetry import log

Command: TypeAlias = ApplicationCommandInteraction[Any]
Click: TypeAlias = MessageInteraction[Any]
Interaction: TypeAlias = Command | Click
SHOW_SECONDS = 10.0
PAUSES = (0.0, 0.5, 2.0)
"""Before each attempt: to show an answer twice does no harm."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, and the same in words for those who do not see it."""

    name: str
    png: bytes
    words: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One message: an embed, up to five buttons below it, perhaps a picture in it.

    ``replaces``: the mark of public messages of which this one takes the place.
    """

    embed: disnake.Embed
    buttons: Sequence[Button[None]] = ()
    picture: Picture | None = None
    replaces: str | None = None


async def show(inter: Interaction, reply: Reply) -> int | None:
    """Answer; the id of the message that is seen then, ``None`` when Discord does not take it any more."""
    for pause in PAUSES:
        await asyncio.sleep(pause)
        try:
            async with asyncio.timeout(SHOW_SECONDS):
                return await _edit(inter, reply)
        except (aiohttp.ClientError, disnake.DiscordServerError, TimeoutError) as error:
            log().warning("answer not taken yet", reason=type(error).__name__)
        except disnake.HTTPException as error:
            if error.status != 400:
                log().warning("answer has no place any more", status=error.status, code=error.code)
                return None
            log().error("answer refused", code=error.code, reason=error.text)
            break
        except Exception:  # noqa: BLE001 - the edge: nobody may be left with "is thinking…"
            log().exception("answer failed")
    return await _apologise(inter)


async def tell(inter: Interaction, reply: Reply) -> None:
    """To the person alone, beside the message whose button was pressed, which stays as it is."""
    try:
        async with asyncio.timeout(SHOW_SECONDS):
            await inter.followup.send(embed=reply.embed, ephemeral=True)
    except (aiohttp.ClientError, disnake.HTTPException, TimeoutError) as error:
        log().warning("answer not taken", reason=type(error).__name__)


async def _edit(inter: Interaction, reply: Reply) -> int:
    embed, files = reply.embed, []
    if reply.picture:
        files = [disnake.File(io.BytesIO(reply.picture.png), reply.picture.name, description=reply.picture.words)]
        embed = embed.copy().set_image(url=f"attachment://{reply.picture.name}")
    rows = [ActionRow(*reply.buttons)] if reply.buttons else []
    message = await inter.edit_original_response(embed=embed, components=rows, files=files, attachments=[])
    return message.id


async def _apologise(inter: Interaction) -> int | None:
    """In the place of an answer that Discord forbids, or that cannot be built: a mistake of ours."""
    try:
        async with asyncio.timeout(SHOW_SECONDS):
            return await _edit(inter, Reply(embeds.our_mistake()))
    except (disnake.HTTPException, aiohttp.ClientError, TimeoutError):
        log().exception("nothing can be answered")
        return None
