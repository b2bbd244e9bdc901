"""What can be asked: a table of routes, filled by the modules of ``routes``, and what they all need."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.discord import refusals
from tests.discord.bodies import Upload
from tests.discord.refusals import Refused
from tests.discord.world import Channel, Member, User, World


@dataclass(frozen=True)
class Call:
    """One request to one route; ``params`` are the ids in its path, ``files`` what hangs on it, by the number that its
    body has for each. ``notes`` take what Discord lets pass though it can hardly be meant.
    """

    world: World
    method: str
    template: str
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def guild_id(self) -> str:
        """The guild's id, when it is the one the bot is in."""
        if self.params["guild_id"] != self.world.guild_id:
            raise Refused(refusals.UNKNOWN_GUILD)
        return self.world.guild_id

    @property
    def channel(self) -> Channel:
        """The channel of the path, when it exists and the bot may see it."""
        channel = self.world.channels.get(self.params["channel_id"])
        if channel is None:
            raise Refused(refusals.UNKNOWN_CHANNEL)
        self.need(channel, "VIEW_CHANNEL", refusals.MISSING_ACCESS)
        return channel

    @property
    def user(self) -> User:
        """The user of the path."""
        user = self.world.users.get(self.params["user_id"])
        if user is None:
            raise Refused(refusals.UNKNOWN_USER)
        return user

    @property
    def member(self) -> Member:
        """The user of the path, when in the guild."""
        member = self.world.members.get(self.user.id)
        if member is None:
            raise Refused(refusals.UNKNOWN_MEMBER)
        return member

    def need(
        self, channel: Channel, permission: str, otherwise: refusals.Refusal = refusals.MISSING_PERMISSIONS
    ) -> None:
        """Insist that the bot has a permission there."""
        if self.world.denies(channel, permission):
            raise Refused(otherwise)

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A number in the query."""
        text = self.query.get(name, str(default))
        if not text.isdecimal() or not least <= int(text) <= most:
            raise refusals.wrong(name, "NUMBER_TYPE_MAX", f"int value should be between {least} and {most}.")
        return int(text)


@dataclass(frozen=True)
class Answer:
    """A good one."""

    body: Any = None
    status: int = 200


NOTHING = Answer(status=204)
Handler = Callable[[Call], Answer]
ROUTES: dict[tuple[str, str], Handler] = {}


def route(method: str, template: str) -> Callable[[Handler], Handler]:
    """Enter a function in the table; ``template`` is a path of Discord's document."""

    def enter(handler: Handler) -> Handler:
        ROUTES[method, template] = handler
        return handler

    return enter
