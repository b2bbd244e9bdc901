"""From what a person does to what they see: the interaction goes out, and the answer is waited for."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

from tests.discord import shapes
from tests.discord.attachments import MOST_BYTES
from tests.discord.gateway.hub import Gateway
from tests.discord.people.answer import Answer, NoAnswer, seen
from tests.discord.routes.interactions import ACKNOWLEDGE_MS, DEFERRED_UPDATE
from tests.discord.world import DM, Channel, Interaction, Member, Message, World

CONNECT_SECONDS = 30.0
QUIET_SECONDS = 0.15
"""An answer that has not changed for so long is taken for the last."""
LOCALE = "en-US"


class Desk:
    """``quiet_seconds`` is how long an answer must not have changed to be the last."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self.world = world
        self.quiet_seconds = QUIET_SECONDS
        self._gateway = gateway

    def send(
        self, member: Member, channel: Channel, kind: int, data: dict[str, Any], source: Message | None = None
    ) -> Interaction:
        """Tell every bot that is started."""
        if not self.world.wait_for(lambda: bool(self._gateway.sessions), CONNECT_SECONDS):
            raise NoAnswer(f"no bot has come to the gateway; {self._gateway.notes}")
        world, token = self.world, secrets.token_urlsafe(48)
        sent = Interaction(world.new_id(), token, kind, member.user, channel, world.clock(), data, source)
        world.interactions[token] = sent
        self._gateway.tell("INTERACTION_CREATE", payload(sent, member, world))
        return sent

    def wait(self, sent: Interaction, seconds: float, until: Callable[[Answer], bool] | None = None) -> Answer:
        """What the person sees when nothing changes any more, and ``until`` holds if given.

        :raises NoAnswer: when nobody acknowledges in time, or the bot keeps thinking
        """
        end = time.monotonic() + seconds
        self.acknowledged(sent)
        while True:
            changes = sent.changes
            if self.world.wait_for(lambda: sent.changes != changes, min(self.quiet_seconds, seconds)):  # noqa: B023
                continue
            answer = seen(sent, self.world)
            if not _open(sent) and (until is None or until(answer)):
                return answer
            if time.monotonic() > end:
                shows = answer.text if answer.messages and not _open(sent) else "that the bot is thinking"
                raise NoAnswer(f"after {seconds:.0f} seconds {sent.user.username} still sees: {shows}")

    def acknowledged(self, sent: Interaction) -> None:
        """Wait for the first answer, for as long as Discord does."""
        late = sent.created_at + ACKNOWLEDGE_MS
        self.world.wait_for(
            lambda: sent.acknowledged_at is not None or self.world.clock() > late, ACKNOWLEDGE_MS / 1000 + 1
        )
        if sent.acknowledged_at is None:
            raise NoAnswer("nobody acknowledged within 3 seconds: the application did not respond")


def _open(sent: Interaction) -> bool:
    """Whether the person waits for something to come: the bot is thinking, or said that it will change a message."""
    thinking = any(each.thinking for each in sent.messages)
    return thinking or (sent.answer["type"] == DEFERRED_UPDATE and sent.changes == 0)


def payload(sent: Interaction, member: Member, world: World) -> dict[str, Any]:
    """What the bot is told."""
    found: dict[str, Any] = {
        "id": sent.id,
        "application_id": world.bot.id,
        "type": sent.kind,
        "token": sent.token,
        "version": 1,
        "data": sent.data,
        "locale": LOCALE,
        "channel": shapes.channel(sent.channel, world),
        "channel_id": sent.channel.id,
        "app_permissions": str(world.permissions_here(sent.channel)),
        "entitlements": [],
        "attachment_size_limit": MOST_BYTES,
        **(_directly(sent) if sent.channel.type == DM else _in_the_guild(sent, member, world)),
    }
    return {**found, "message": shapes.message(sent.source, world)} if sent.source else found


def _directly(sent: Interaction) -> dict[str, Any]:
    """In the channel that only the person and the bot are in."""
    return {"user": shapes.user(sent.user), "authorizing_integration_owners": {"0": "0"}, "context": 1}


def _in_the_guild(sent: Interaction, member: Member, world: World) -> dict[str, Any]:
    permissions = str(world.permissions(member))
    return {
        "guild": {"id": world.guild_id, "locale": LOCALE, "features": []},
        "guild_id": world.guild_id,
        "guild_locale": LOCALE,
        "channel": {**shapes.channel(sent.channel, world), "permissions": permissions},
        "member": {**shapes.member(member), "permissions": permissions},
        "authorizing_integration_owners": {"0": world.guild_id},
        "context": 0,
    }
