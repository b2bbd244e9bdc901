"""``/mod``: what moderators do to operators. Whatever changes something is written to the audit channel."""

from __future__ import annotations

from collections.abc import Awaitable

import disnake
from disnake.ext import commands

from sparta.bot import embeds, guides, operators, statistics, texts
from sparta.bot.access import is_moderator, require_moderator
from sparta.bot.audit import Audit
from sparta.bot.choices import Choices
from sparta.bot.client import ApiClient, Who
from sparta.bot.cogs import options
from sparta.bot.desk import Desk, answers
from sparta.bot.replies import Command, Reply
from sparta.bot.requests import ApiRefused
from sparta.models import Operator
from sparta.settings import BotSettings


class ModeratorCommands(commands.Cog):
    """The group. Each command looks first whether a moderator gave it."""

    def __init__(self, desk: Desk, api: ApiClient, settings: BotSettings, choices: Choices) -> None:
        self.desk = desk
        self._api = api
        self._settings = settings
        self._choices = choices
        self._audit = Audit(api, settings.channel_audit_id)

    async def _offer_operators(self, inter: Command, typed: str) -> list[disnake.OptionChoice]:
        """Names are for moderators only."""
        return await self._choices.operators(typed) if is_moderator(inter.author, self._settings) else []

    async def _offer_validators(self, inter: Command, typed: str) -> list[disnake.OptionChoice]:
        """Those of the operator that is named already."""
        given = inter.filled_options
        who = given.get("operator") or getattr(given.get("member"), "id", given.get("member"))
        if not who or not is_moderator(inter.author, self._settings):
            return []
        return await self._choices.validators(operators.named(None, str(who)), typed)

    @commands.slash_command(default_member_permissions=options.FOR_MODERATORS)
    async def mod(self, inter: Command) -> None:
        """For moderators"""

    @mod.sub_command()
    @answers()
    async def help(self, inter: Command) -> Reply:
        """What moderators can do"""
        self._check(inter)
        return guides.moderators_overview()

    @mod.sub_command()
    @answers()
    async def info(
        self,
        inter: Command,
        member: disnake.User | None = options.MEMBER,
        operator: str | None = options.operator(_offer_operators),
    ) -> Reply:
        """An operator's record"""
        return Reply(statistics.record(await self._named(inter, member, operator)))

    @mod.sub_command()
    @answers()
    async def approve(
        self,
        inter: Command,
        member: disnake.User | None = options.MEMBER,
        operator: str | None = options.operator(_offer_operators),
    ) -> Reply:
        """Let an operator add validators"""
        found = await self._named(inter, member, operator)
        work = self._api.approve(Who(found.discord_id), approved=True)
        hint = texts.guardian_hint(self._settings.role_guardian_id)
        return await self._change(inter, found, "approve", work, "Approved", hint)

    @mod.sub_command()
    @answers()
    async def unapprove(
        self,
        inter: Command,
        member: disnake.User | None = options.MEMBER,
        operator: str | None = options.operator(_offer_operators),
    ) -> Reply:
        """Take an operator's approval back"""
        found = await self._named(inter, member, operator)
        work = self._api.approve(Who(found.discord_id), approved=False)
        return await self._change(inter, found, "unapprove", work, "No longer approved", texts.UNAPPROVED)

    @mod.sub_command()
    @answers()
    async def unslash(
        self,
        inter: Command,
        member: disnake.User | None = options.MEMBER,
        operator: str | None = options.operator(_offer_operators),
    ) -> Reply:
        """Take the mark of being slashed away; approve separately"""
        found = await self._named(inter, member, operator)
        work = self._api.forgive(Who(found.discord_id))
        return await self._change(inter, found, "unslash", work, "No longer marked as slashed", texts.FORGIVEN)

    @mod.sub_command(name="add-validator")
    @answers()
    async def add_validator(
        self,
        inter: Command,
        validator_address: str = options.VALIDATOR,
        member: disnake.User | None = options.MEMBER,
        operator: str | None = options.operator(_offer_operators),
        skip_on_chain: bool = options.SKIP_ON_CHAIN,
    ) -> Reply:
        """Add a validator for an operator, on the chain too or on record only"""
        found = await self._named(inter, member, operator)
        work = self._api.add_validator(found, validator_address, skip_on_chain=skip_on_chain)
        act = f"add validator `{validator_address}`{' (on record only)' if skip_on_chain else ''} for"
        return await self._change(inter, found, act, work, "The validator was added", f"`{validator_address}`")

    @mod.sub_command(name="remove-validator")
    @answers()
    async def remove_validator(
        self,
        inter: Command,
        validator_address: str = options.operators_validator(_offer_validators),
        member: disnake.User | None = options.MEMBER,
        operator: str | None = options.operator(_offer_operators),
    ) -> Reply:
        """Forget an operator's validator; on the chain nothing changes"""
        found = await self._named(inter, member, operator)
        work = self._api.remove_validator(found, validator_address)
        act = f"remove validator `{validator_address}` of"
        return await self._change(inter, found, act, work, "The validator is forgotten", texts.REMOVED)

    @mod.sub_command(name="list-operators")
    @answers()
    async def list_operators(self, inter: Command) -> Reply:
        """Everybody who is registered"""
        self._check(inter)
        return await operators.page(self._api, 0)

    @mod.sub_command(name="validator-stats")
    @answers()
    async def validator_stats(
        self,
        inter: Command,
        member: disnake.User | None = options.MEMBER,
        operator: str | None = options.operator(_offer_operators),
    ) -> Reply:
        """How an operator's validators are doing"""
        found = await self._named(inter, member, operator)
        return await statistics.page(self._api, Who(found.discord_id), 0)

    def _check(self, inter: Command) -> None:
        require_moderator(inter.author, self._settings)

    async def _named(self, inter: Command, member: disnake.User | None, operator: str | None) -> Operator:
        """Nobody else learns even whether there is such an operator."""
        self._check(inter)
        return await self._api.operator(operators.named(member, operator))

    async def _change(
        self, inter: Command, operator: Operator, act: str, work: Awaitable[object], title: str, text: str
    ) -> Reply:
        """Do it, and write down what came of it, also when it was refused."""
        act = f"{act} {operators.shown(operator)}"
        try:
            await work
        except ApiRefused as refused:
            await self._audit.note(inter, act, f"Refused: {refused.sentence}")
            raise
        noted = await self._audit.note(inter, act, "Done.")
        made = embeds.done(title, text, [("Operator", operators.shown(operator))])
        return Reply(made if noted else made.add_field("Audit", texts.NOT_AUDITED, inline=False))
