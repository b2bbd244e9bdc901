"""``/operator``: what people who run validators do for themselves."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import disnake
import httpx
from disnake.ext import commands

from sparta.addresses import checksum_address
from sparta.bot import embeds, explorers, guides, preferences, statistics, texts
from sparta.bot.access import require_guardian, role_ids
from sparta.bot.acknowledge import How
from sparta.bot.choices import Choices
from sparta.bot.client import ApiClient, Who
from sparta.bot.cogs import options
from sparta.bot.desk import Desk, answers
from sparta.bot.replies import Command, Reply
from sparta.bot.requests import ApiRefused
from sparta.contract import NodeReadiness
from sparta.errors import Conflict, NotFound, NotPermitted, SpartaError, TooMany
from sparta.models import Operator
from sparta.settings import BotSettings
from sparta.telemetry import log

ROLE_SECONDS = 20.0
TEST_PAUSE = 300.0
"""Seconds between two tests of one person."""


class OperatorCommands(commands.Cog):
    """The group, in the order of its overview."""

    def __init__(self, desk: Desk, api: ApiClient, settings: BotSettings, choices: Choices) -> None:
        self.desk = desk
        self._api = api
        self._settings = settings
        self._choices = choices
        self._adding: set[int] = set()
        self._tested: dict[int, float] = {}

    async def _offer_validators(self, inter: Command, typed: str) -> list[disnake.OptionChoice]:
        return await self._choices.validators(Who(str(inter.author.id)), typed)

    @commands.slash_command()
    async def operator(self, inter: Command) -> None:
        """For people who run Aztec validators"""

    @operator.sub_command()
    @answers(How.PUBLIC)
    async def help(self, inter: Command) -> Reply:
        """All commands, for everybody in this channel"""
        del inter
        return guides.overview()

    @operator.sub_command(name="start-help")
    @answers()
    async def start_help(self, inter: Command) -> Reply:
        """The three steps to register, ready to copy"""
        del inter
        return guides.start_help()

    @operator.sub_command()
    @answers()
    async def start(
        self,
        inter: Command,
        address: str = options.WALLET,
        block_number: int = options.BLOCK,
        proof: str = options.PROOF,
    ) -> Reply:
        """Register with a proof that your Aztec node is synced"""
        person = inter.author
        registered = await self._api.start(str(person.id), str(person), address, block_number, proof)
        granted = await self._grant_role(inter)
        operator = registered.operator
        made = embeds.done(
            f"Welcome to Sparta, {embeds.plain(operator.discord_username)}" if registered.created else "Still with us",
            texts.NEXT_STEPS if registered.created else texts.UPDATED,
            [("Wallet", f"`{checksum_address(operator.wallet_address)}`"), ("Standing", statistics.standing(operator))],
        )
        role = f"<@&{self._settings.role_apprentice_id}>"
        return Reply(made.add_field("Role", role if granted else texts.ROLE_LATER, inline=False))

    @operator.sub_command(name="add-validator")
    @answers()
    async def add_validator(self, inter: Command, validator_address: str = options.VALIDATOR) -> Reply:
        """Put your validator into the set: for Guardians that moderators approved"""
        require_guardian(inter.author, self._settings)
        if inter.author.id in self._adding:
            raise Conflict(texts.ADDING_ALREADY)
        self._adding.add(inter.author.id)
        try:
            operator = await self._me(inter)
            _check_may_add(operator, validator_address, self._settings.validators_per_operator)
            await self._api.add_validator(operator, validator_address)
        finally:
            self._adding.discard(inter.author.id)
        return Reply(await added(self._api, validator_address))

    @operator.sub_command(name="my-stats")
    @answers()
    async def my_stats(self, inter: Command) -> Reply:
        """Your record, and how your validators are doing"""
        return await own_statistics(self._api, inter.author.id)

    @operator.sub_command(name="is-ready")
    @answers()
    async def is_ready(self, inter: Command, ip_address: str | None = options.IP_ADDRESS) -> Reply:
        """Whether others can reach your node's ports 8080 and 40400"""
        if ip_address is None:
            return guides.readiness_help()
        found = await self._api.readiness(str(inter.author.id), ip_address)
        return Reply(_readiness(found))

    @operator.sub_command()
    @answers()
    async def label(
        self,
        inter: Command,
        validator: str = options.own_validator(_offer_validators),
        name: str | None = options.LABEL,
    ) -> Reply:
        """Give a validator a name that statistics and alerts use"""
        operator, wanted = await self._me(inter), (name or "").strip()
        await self._api.label(operator.discord_id, validator, wanted or None)
        title = f"Its name is {embeds.plain(wanted)}" if wanted else "It has no name any more"
        return Reply(embeds.done(title, f"`{checksum_address(validator)}`"))

    @operator.sub_command()
    @answers()
    async def alerts(
        self,
        inter: Command,
        left_the_set: bool | None = options.kind("left-the-set"),
        missing_attestations: bool | None = options.kind("missing-attestations"),
        missing_proposals: bool | None = options.kind("missing-proposals"),
        recovered: bool | None = options.kind("recovered"),
        miss_rate: int | None = options.MISS_RATE,
        reset: bool = options.RESET,
    ) -> Reply:
        """Show or change what you are told of, and from which miss rate on"""
        kinds = {
            "left-the-set": left_the_set,
            "missing-attestations": missing_attestations,
            "missing-proposals": missing_proposals,
            "recovered": recovered,
        }
        who = Who((await self._me(inter)).discord_id)
        wanted = {kind: kinds[kind] for kind in preferences.KINDS}
        return Reply(preferences.shown(await preferences.change_alerts(self._api, who, wanted, miss_rate, reset=reset)))

    @operator.sub_command()
    @answers()
    async def mute(self, inter: Command, hours: int = options.HOURS) -> Reply:
        """Silence for some hours; slashing still comes through"""
        who = Who((await self._me(inter)).discord_id)
        stored = await preferences.mute(self._api, who, hours)
        return Reply(preferences.shown(stored, "Muted" if hours else "No longer muted"))

    @operator.sub_command(name="test-alert")
    @answers()
    async def test_alert(self, inter: Command) -> Reply:
        """See whether alerts reach you: one comes the same way"""
        operator = await self._me(inter)
        if time.monotonic() - self._tested.get(inter.author.id, -TEST_PAUSE) < TEST_PAUSE:
            raise TooMany(texts.TESTED_JUST_NOW, seconds=int(TEST_PAUSE))
        await self._api.message(Who(operator.discord_id), texts.TEST_ALERT, f"test-{inter.id}")
        self._tested[inter.author.id] = time.monotonic()
        return Reply(embeds.done("A test is on its way", texts.TEST_SENT))

    async def _me(self, inter: Command) -> Operator:
        return await oneself(self._api, inter.author.id)

    async def _grant_role(self, inter: Command) -> bool:
        """By REST, and without harm when they have it; a failure does not undo the registration."""
        role_id = self._settings.role_apprentice_id
        if role_id in role_ids(inter.author):
            return True
        reason = "Registered with a proof of a synced Aztec node"
        try:
            async with asyncio.timeout(ROLE_SECONDS):
                await inter.client.http.add_role(inter.guild_id, inter.author.id, int(role_id), reason=reason)
        except (disnake.HTTPException, aiohttp.ClientError, TimeoutError) as error:
            log().error("role not given", role=role_id, person=inter.author.id, reason=str(error))
            return False
        return True


async def oneself(api: ApiClient, person_id: int) -> Operator:
    """The operator that a person is.

    :raises NotFound: none, with what to do about it
    """
    try:
        return await api.operator(Who(str(person_id)))
    except ApiRefused as refused:
        raise _unknown(refused) from None


async def own_statistics(api: ApiClient, person_id: int) -> Reply:
    """A person's own, from the first page on."""
    try:
        return await statistics.page(api, Who(str(person_id)), 0)
    except ApiRefused as refused:
        raise _unknown(refused) from None


async def added(api: ApiClient, address: str) -> disnake.Embed:
    """It is in the set; with a link where an explorer shows it."""
    shown = checksum_address(address)
    made = embeds.done("The validator was added", f"`{shown}`\n{texts.ADDED}")
    try:
        link = explorers.validator(await api.network(), shown)
    except SpartaError:
        return made
    return made.add_field("Look at it", f"[Ethereum]({link})", inline=False) if link else made


def _unknown(refused: ApiRefused) -> SpartaError:
    return NotFound(texts.NOT_REGISTERED) if refused.status == httpx.codes.NOT_FOUND else refused


def _check_may_add(operator: Operator, address: str, most: int) -> None:
    """The rules that the API would apply too, with what to do; and that each operator adds no more than ``most``.

    :raises NotPermitted: which rule it is
    """
    if operator.was_slashed:
        raise NotPermitted(texts.SLASHED)
    if not operator.is_approved:
        raise NotPermitted(texts.NOT_APPROVED)
    own = {each.address.lower() for each in operator.validators or ()}
    if len(own) >= most and address.lower() not in own:
        raise NotPermitted(texts.has_share(len(own), most))


def _readiness(found: NodeReadiness) -> disnake.Embed:
    title = "Your node is ready" if found.ready else "Your node is not ready"
    about = f"`{found.ip_address}`\n{texts.READY if found.ready else texts.NOT_READY}"
    ports = [
        (texts.PORTS.get(each.port, str(each.port)), "🟢 open" if each.open else "🔴 closed") for each in found.ports
    ]
    return embeds.embed(title, about, ports, colour=embeds.GREEN if found.ready else embeds.AMBER)
