"""``/aztec``: the network, for everybody."""

from __future__ import annotations

import asyncio

import disnake
from disnake.ext import commands

from sparta.bot import embeds, explorers, public, texts
from sparta.bot.acknowledge import How
from sparta.bot.client import ApiClient
from sparta.bot.desk import Desk, answers
from sparta.bot.replies import Command, Reply
from sparta.contract import Network
from sparta.errors import SpartaError
from sparta.models import ChainStatus, NetworkStats
from sparta.telemetry import log

NO_ONE = "0x0000000000000000000000000000000000000000"


class AztecCommands(commands.Cog):
    """The group."""

    def __init__(self, desk: Desk, api: ApiClient) -> None:
        self.desk = desk
        self._api = api

    @commands.slash_command()
    async def aztec(self, inter: Command) -> None:
        """The Aztec network"""

    @aztec.sub_command()
    @answers(How.PUBLIC)
    async def info(self, inter: Command) -> Reply:
        """Where the chain stands, for everybody in this channel"""
        del inter
        status, network, active = await asyncio.gather(
            self._api.chain_status(), self._api.network(), self._active_validators()
        )
        return Reply(_info(status, network, active), replaces=public.CHAIN)

    async def _active_validators(self) -> str:
        """Without it the rest is shown all the same."""
        try:
            found = await self._api.network_stats()
        except SpartaError as error:
            log().warning("network statistics not read", reason=error.sentence)
            return texts.STATS_AWAY
        return _active(found) if found else texts.NO_STATS


def _active(stats: NetworkStats) -> str:
    seen = f"epoch {stats.epoch:,}, {embeds.ago(stats.recorded_at // 1000)}"
    return f"{stats.validators_active:,} of {stats.validators_in_set:,}\n{seen}"


def _info(status: ChainStatus, network: Network, active: str) -> disnake.Embed:
    fields = [
        ("Pending block", f"{status.pending_block_num:,}"),
        ("Proven block", f"{status.proven_block_num:,}"),
        ("Not proven yet", f"{status.pending_block_num - status.proven_block_num:,}"),
        ("Epoch", f"{status.current_epoch:,}"),
        ("Slot", f"{status.current_slot:,}"),
        ("Validators in the set", f"{len(status.validators):,}"),
        ("Active validators", active),
        ("Committee of this epoch", f"{len(status.committee):,}" if status.committee else texts.NO_COMMITTEE),
    ]
    made = embeds.embed("Aztec network", "", fields, inline=True)
    proposer = texts.NO_PROPOSER if status.proposer_now == NO_ONE else f"`{status.proposer_now}`"
    made.add_field("Proposer of this slot", proposer, inline=False)
    if links := explorers.links(network):
        made.add_field("Explorers", links, inline=False)
    return made.set_footer(text=public.CHAIN)
