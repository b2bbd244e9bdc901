"""A bot that does a little of everything, to try the stand-in with: ``python -m tests.discord.sample_bot``.

It reads ``DISCORD_API_URL``, ``BOT_TOKEN`` and ``GUILD_ID``; the other variables are for the tests of trouble.
"""

from __future__ import annotations

import asyncio
import io
import logging
import os
import time
from typing import Any

import disnake
from disnake.ext import commands
from disnake.interactions.application_command import ApplicationCommandInteraction
from disnake.interactions.message import MessageInteraction
from disnake.interactions.modal import ModalInteraction
from disnake.ui.select import StringSelect

disnake.http.Route.BASE = os.environ["DISCORD_API_URL"]
Bot = commands.InteractionBot
Slash = ApplicationCommandInteraction[Bot]
FRUIT = ["apple", "apricot", "fig"]


def make() -> Bot:
    """The bot; to be made in a running loop."""
    scopes: dict[str, Any] = {} if "SAMPLE_EVERYWHERE" in os.environ else {"test_guilds": [int(os.environ["GUILD_ID"])]}
    bot = Bot(
        intents=disnake.Intents(guilds=True, members="SAMPLE_MEMBERS" in os.environ),
        gateway_params=disnake.GatewayParams(zlib="SAMPLE_PLAIN" not in os.environ),
        heartbeat_timeout=float(os.environ.get("SAMPLE_HEARTBEAT_TIMEOUT", "60")),
        **scopes,
    )
    add_events(bot)
    add_commands(bot)
    add_answers(bot)
    return bot


def say(*words: object) -> None:
    """For the log that the tests read."""
    print(*words, flush=True)


def add_events(bot: Bot) -> None:
    @bot.event
    async def on_ready() -> None:
        say("ready")

    @bot.event
    async def on_resumed() -> None:
        say("resumed")

    @bot.event
    async def on_slash_command_error(_: Slash, error: commands.CommandError) -> None:
        cause = error.__cause__
        say("refused", cause.status, cause.code) if isinstance(cause, disnake.HTTPException) else say("broken", error)

    @bot.event
    async def on_button_click(inter: MessageInteraction[Bot]) -> None:
        await press(inter)

    @bot.event
    async def on_dropdown(inter: MessageInteraction[Bot]) -> None:
        await inter.response.edit_message(content=" and ".join(inter.values or []), components=None)

    @bot.event
    async def on_modal_submit(inter: ModalInteraction[Bot]) -> None:
        await inter.response.send_message(f"got {inter.text_values['address']}", ephemeral=True)


async def press(inter: MessageInteraction[Bot]) -> None:
    if inter.component.custom_id == "update":
        await inter.response.edit_message(content=f"updated by {inter.author.name}")
    elif inter.component.custom_id == "later":
        await inter.response.defer()
        await asyncio.sleep(0.4)
        await inter.edit_original_response(content="updated later", components=[])
    else:
        await inter.response.send_message("a new one", ephemeral=True)


def add_commands(bot: Bot) -> None:
    @bot.slash_command(description="For operators")
    async def operator(_: Slash) -> None: ...

    @operator.sub_command(description="Register")
    async def start(
        inter: Slash,
        address: str = commands.Param(min_length=3, max_length=42),
        block_number: int = commands.Param(name="block-number", ge=0),
    ) -> None:
        say("started", inter.id)
        await inter.response.defer(ephemeral=True)
        await inter.edit_original_response(
            embed=disnake.Embed(title="Registered", description=f"{address} {block_number}")
        )

    @operator.sub_command(description="Buttons for all")
    async def help(inter: Slash) -> None:  # noqa: A001
        buttons = [disnake.ui.Button(label=each.title(), custom_id=each) for each in ("update", "later", "new")]
        menu = StringSelect(custom_id="fruit", options=FRUIT, max_values=2)
        off = disnake.ui.Button(label="Off", custom_id="off", disabled=True)
        link = disnake.ui.Button(label="Docs", url="https://sparta.example/")
        await inter.response.send_message("press", components=[[*buttons, link, off], [menu]])

    @bot.slash_command(description="For moderators", default_member_permissions=disnake.Permissions(manage_roles=True))
    async def approve(inter: Slash, member: disnake.Member, role: disnake.Role) -> None:
        await inter.response.defer()
        await member.add_roles(role)
        await member.send(f"You are {role.name} now", components=disnake.ui.Button(label="Thanks", custom_id="update"))
        thread = await inter.channel.create_thread(name=member.name, type=disnake.ChannelType.private_thread)  # type: ignore[union-attr]
        await thread.add_user(member)
        names = sorted(each.name for each in [*member.roles, role])
        await inter.edit_original_response(content=f"{member.mention} {names} {inter.permissions.manage_roles}")

    @bot.slash_command(description="Who somebody is")
    async def whois(inter: Slash, user: disnake.User | disnake.Member) -> None:
        kind = "member" if isinstance(user, disnake.Member) else "stranger"
        await inter.response.send_message(f"{user.name}, a {kind}")

    @bot.slash_command(description="A picture")
    async def picture(inter: Slash) -> None:
        file = disnake.File(io.BytesIO(b"\x89PNG"), "history.png", description="what was")
        await inter.response.send_message(embed=disnake.Embed(title="History").set_image(file=file))

    @bot.slash_command(description="A form")
    async def form(inter: Slash) -> None:
        field = disnake.ui.TextInput(label="Address", custom_id="address", max_length=42)
        await inter.response.send_modal(title="Register", custom_id="register", components=[field])


def add_answers(bot: Bot) -> None:
    """Commands that answer in other ways than well."""

    @bot.slash_command(description="Fruit")
    async def eat(inter: Slash, fruit: str, much: bool = False) -> None:
        await inter.response.send_message(f"{fruit} {much}")

    @eat.autocomplete("fruit")
    async def suggest(_: Slash, text: str) -> list[str]:
        return [each for each in FRUIT if each.startswith(text)]

    @bot.slash_command(description="More than one message")
    async def several(inter: Slash) -> None:
        await inter.response.defer(ephemeral=True)
        await inter.followup.send("first")
        second = await inter.followup.send("second", wait=True)
        await inter.followup.send("third", ephemeral=True)
        await second.delete()
        await inter.edit_original_response(content="first, edited")

    @bot.slash_command(description="Acknowledge later than asked for")
    async def slow(inter: Slash, seconds: float, block: bool = False) -> None:
        await (asyncio.to_thread(time.sleep, 0) if block else asyncio.sleep(seconds))
        time.sleep(seconds if block else 0)
        await inter.response.send_message("at last")

    @bot.slash_command(description="Acknowledge, and work on")
    async def work(inter: Slash, seconds: float) -> None:
        await inter.response.defer()
        say("working")
        await asyncio.sleep(seconds)
        await inter.edit_original_response(content="worked")

    @bot.slash_command(description="Never come back")
    async def think(inter: Slash) -> None:
        await inter.response.defer()

    @bot.slash_command(description="A message that cannot be")
    async def wrong(inter: Slash, length: int) -> None:
        await inter.response.send_message("x" * length)


async def main() -> None:
    await make().start(os.environ["BOT_TOKEN"])


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(main())
