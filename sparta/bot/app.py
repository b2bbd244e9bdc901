"""The bot's parts put together. Made inside the running loop: disnake binds itself to the loop that it finds."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import disnake
from disnake.ext import commands
from disnake.http import Route
from disnake.interactions.base import Interaction as AnyInteraction

from sparta.bot import texts
from sparta.bot.acknowledge import ACKNOWLEDGED_BEFORE, UNKNOWN_INTERACTION, Acknowledger, How
from sparta.bot.choices import Choices
from sparta.bot.client import ApiClient
from sparta.bot.cogs.aztec import AztecCommands
from sparta.bot.cogs.clicks import Clicks
from sparta.bot.cogs.moderation import ModeratorCommands
from sparta.bot.cogs.operator import OperatorCommands
from sparta.bot.desk import Desk, name_of
from sparta.bot.health import Pulse
from sparta.bot.replies import Command, Reply
from sparta.bot.requests import Requests
from sparta.errors import NotFound
from sparta.secret_store import ApiKeys
from sparta.settings import BotSettings
from sparta.telemetry import log

GIVING_WAY_SECONDS = 1.0
"""Before we answer a command that we do not know: a process that knows it takes it meanwhile."""
_NOT_OURS = {ACKNOWLEDGED_BEFORE, UNKNOWN_INTERACTION}


class SpartaBot(commands.InteractionBot):
    """Handles what comes; commands are registered by ``sync``, never by this.

    No members, no messages, no cache of people: what is needed comes with each interaction. ``heartbeat_timeout``
    stays at 60 s: it also limits how long the gateway may be silent, and between two heartbeats it is for 41 s.
    """

    def __init__(self, desk: Desk, heard: Callable[[str], None]) -> None:
        super().__init__(
            command_sync_flags=commands.CommandSyncFlags.none(),
            intents=disnake.Intents(guilds=True),
            member_cache_flags=disnake.MemberCacheFlags.none(),
            max_messages=None,
            allowed_mentions=disnake.AllowedMentions.none(),
            enable_debug_events=True,  # For on_socket_raw_receive.
        )
        self._desk = desk
        self._heard = heard

    def dispatch(self, event: str, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]  # its parents disagree
        """Note when an interaction came, before its handler waits for its turn."""
        if event in {"application_command", "button_click"} and isinstance(args[0], AnyInteraction):
            self._desk.received(args[0].id, time.monotonic())
        super().dispatch(event, *args, **kwargs)

    async def on_socket_raw_receive(self, message: str) -> None:
        self._heard(message)

    async def on_application_command(self, interaction: Command) -> None:
        """As disnake does; but it would leave a command of another version without an answer."""
        if self.get_slash_command(name_of(interaction)) is not None:
            await self.process_application_commands(interaction)
            return
        await asyncio.sleep(GIVING_WAY_SECONDS)
        await self._desk.serve(interaction, How.PRIVATE, _of_another_version)

    async def on_slash_command_error(self, inter: Command, error: commands.CommandError) -> None:
        """Of what happens before a command's own code, which answers for itself."""

        async def fail() -> Reply:
            raise error

        await self._desk.serve(inter, How.PRIVATE, fail)

    async def on_error(self, event_method: str, *_args: Any, **_kwargs: Any) -> None:
        """In disnake's place, which prints. Choices that come too late, or from the other process, are no error."""
        error = sys.exc_info()[1]
        if isinstance(error, disnake.HTTPException) and error.code in _NOT_OURS:
            log().info("choices not taken", code=error.code)
        else:
            log().exception("event failed", where=event_method)

    async def on_ready(self) -> None:
        log().info("connected to the gateway", user=str(self.user))

    async def on_resumed(self) -> None:
        log().info("connected to the gateway again")


async def _of_another_version() -> Reply:
    raise NotFound(texts.ANOTHER_VERSION)


@dataclass(frozen=True, slots=True)
class App:
    """Everything that runs, and that is closed at the end."""

    bot: SpartaBot
    desk: Desk
    pulse: Pulse
    acknowledger: Acknowledger
    api: ApiClient

    async def close(self) -> None:
        """The gateway first, so that nothing new comes."""
        await self.bot.close()
        await self.acknowledger.close()
        await self.api.close()


def build(settings: BotSettings, keys: ApiKeys) -> App:
    """All parts, not connected yet."""
    Route.BASE = settings.discord_api_url
    # It would warn at each start that it cannot speak.
    disnake.VoiceClient.warn_nacl = disnake.VoiceClient.warn_dave = False
    api = ApiClient(Requests(settings.api_url, keys))
    acknowledger = Acknowledger(settings.discord_api_url)
    desk, pulse, choices = Desk(acknowledger), Pulse(api), Choices(api)
    bot = SpartaBot(desk, pulse.heard)
    bot.add_cog(OperatorCommands(desk, api, settings, choices))
    bot.add_cog(AztecCommands(desk, api))
    bot.add_cog(ModeratorCommands(desk, api, settings, choices))
    bot.add_cog(Clicks(desk, api, settings))
    return App(bot, desk, pulse, acknowledger, api)
