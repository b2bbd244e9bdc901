"""Clicks on buttons, also on those of messages from before the last restart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from disnake.ext import commands

from sparta.bot import buttons, guides, operators, preferences, statistics, texts
from sparta.bot.access import is_moderator, require_moderator
from sparta.bot.acknowledge import How
from sparta.bot.buttons import Pressed
from sparta.bot.client import ApiClient, Who
from sparta.bot.cogs.operator import oneself, own_statistics
from sparta.bot.desk import Desk
from sparta.bot.replies import Click, Reply
from sparta.errors import InvalidInput, NotPermitted
from sparta.settings import BotSettings


class Clicks(commands.Cog):
    """Pages turn in place; the overview's buttons answer the person who pressed one."""

    def __init__(self, desk: Desk, api: ApiClient, settings: BotSettings) -> None:
        self._desk = desk
        self._api = api
        self._settings = settings

    @commands.Cog.listener("on_button_click")
    async def click(self, inter: Click) -> None:
        """The one entrance."""
        button = buttons.pressed(str(inter.data.custom_id))
        how = How.UPDATE if button and button.kind != buttons.HELP else How.PRIVATE
        await self._desk.serve(inter, how, lambda: self._reply(inter, button))

    async def _reply(self, inter: Click, button: Pressed | None) -> Reply:
        if button is None:
            raise InvalidInput(texts.OUTDATED_BUTTON)
        if button.kind == buttons.HELP:
            return await self._topic(inter, button.about)
        if button.kind == buttons.OPERATORS:
            require_moderator(inter.author, self._settings)
            return await operators.page(self._api, button.page)
        if button.about != str(inter.author.id) and not is_moderator(inter.author, self._settings):
            raise NotPermitted(texts.ANOTHERS_BUTTON)
        return await statistics.page(self._api, Who(button.about), button.page)

    async def _topic(self, inter: Click, about: str) -> Reply:
        topics: dict[str, Callable[[], Awaitable[Reply]]] = {
            guides.MY_STATS: lambda: own_statistics(self._api, inter.author.id),
            guides.ALERTS: lambda: self._alerts(inter.author.id),
        }
        explained = {guides.START_HELP: guides.start_help, guides.IS_READY: guides.readiness_help}
        if about in topics:
            return await topics[about]()
        if about in explained:
            return explained[about]()
        raise InvalidInput(texts.OUTDATED_BUTTON)

    async def _alerts(self, person_id: int) -> Reply:
        operator = await oneself(self._api, person_id)
        return Reply(preferences.shown(await self._api.preferences(Who(operator.discord_id))))
