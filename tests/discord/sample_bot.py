"""A bot that does a little of everything, to try the stand-in with: ``python -m tests.discord.sample_bot``.

It reads ``DISCORD_API_URL``, ``BOT_TOKEN``, ``GUILD_ID`` and, for the tests of trouble, ``SAMPLE_*``.
"""

from __future__ import annotations

import asyncio
import os
import sys

import disnake
from disnake.ext import commands
from disnake.interactions.application_command import ApplicationCommandInteraction

disnake.http.Route.BASE = os.environ["DISCORD_API_URL"]
Slash = ApplicationCommandInteraction[commands.InteractionBot]


def make() -> commands.InteractionBot:
    """The bot, in a running loop."""
    intents = disnake.Intents(guilds=True, members="SAMPLE_MEMBERS" in os.environ)
    bot = commands.InteractionBot(
        intents=intents,
        test_guilds=[int(os.environ["GUILD_ID"])],
        gateway_params=disnake.GatewayParams(zlib="SAMPLE_PLAIN" not in os.environ),
        heartbeat_timeout=float(os.environ.get("SAMPLE_HEARTBEAT_TIMEOUT", "60")),
    )
    add_commands(bot)
    return bot


def add_commands(bot: commands.InteractionBot) -> None:
    @bot.slash_command(description="For operators")
    async def operator(_: Slash) -> None: ...

    @operator.sub_command(name="start", description="Register")
    async def start(
        inter: Slash,
        address: str = commands.Param(min_length=3, max_length=42),
        block_number: int = commands.Param(name="block-number", ge=0),
    ) -> None:
        await inter.response.defer(ephemeral=True)
        embed = disnake.Embed(title="Registered", description=f"{address} at {block_number}")
        await inter.edit_original_response(embed=embed)


async def main() -> None:
    bot = make()
    await bot.start(os.environ["BOT_TOKEN"])


if __name__ == "__main__":
    asyncio.run(main())
    sys.exit(0)
