"""What moderators did, in the audit channel: once for each command, whatever is repeated."""

from __future__ import annotations

from sparta.bot import embeds
from sparta.bot.client import ApiClient
from sparta.bot.replies import Command
from sparta.contract import LONGEST_MESSAGE
from sparta.errors import SpartaError
from sparta.telemetry import log


class Audit:
    """Writes through the API, which keeps each line before it sends it."""

    def __init__(self, api: ApiClient, channel_id: str) -> None:
        self._api = api
        self._channel_id = channel_id

    async def note(self, inter: Command, act: str, outcome: str) -> bool:
        """One line: who, what, and what came of it. False when it could not be kept."""
        who = f"**{embeds.plain(str(inter.author))}** (`{inter.author.id}`)"
        log().info("moderation", moderator=inter.author.id, act=act, outcome=outcome)
        try:
            await self._api.post(
                self._channel_id, embeds.clip(f"{who}: {act}. {outcome}", LONGEST_MESSAGE), f"audit-{inter.id}"
            )
        except SpartaError as error:
            log().error("moderation not in the audit channel", act=act, outcome=outcome, reason=error.sentence)
            return False
        return True
