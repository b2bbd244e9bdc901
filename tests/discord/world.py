"""What there is at Discord: one guild with its people, roles and channels, and all that was written.

Tests read it and change it at any time; the next answer shows it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

EPOCH = 1_420_070_400_000
"""Discord's ids count milliseconds from here (2015), in their upper 42 bits."""
TOKEN = "stand-in.token.of-the-bot"
TEXT, DM, ANNOUNCEMENT, FORUM = 0, 1, 5, 15
NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD = 10, 11, 12
THREADS = {NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD}
WEEK_MINUTES = 10_080
EVERYONE = "everyone"


def wall_clock() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass
class User:
    id: str
    username: str
    bot: bool = False
    accepts_dms: bool = True


@dataclass
class Role:
    id: str
    name: str
    position: int
    permissions: int = 0


@dataclass
class Member:
    user: User
    joined_at: int
    roles: list[str] = field(default_factory=list)


@dataclass
class Message:
    """``pings`` are those whom it really notifies; ``nonce`` is known to its author's request only."""

    id: str
    channel_id: str
    author: User
    created_at: int
    body: dict[str, Any]
    pings: frozenset[str]
    edited_at: int | None = None
    deleted: bool = False

    @property
    def content(self) -> str:
        return str(self.body.get("content") or "").strip()

    @property
    def nonce(self) -> str | int | None:
        nonce: str | int | None = self.body.get("nonce")
        return nonce


@dataclass
class Channel:
    """Of the guild, a direct one, or a thread. ``denied`` names permissions that the bot lacks here and in the threads
    below; ``members`` are a thread's, with the time they joined.
    """

    id: str
    type: int
    name: str = ""
    parent_id: str | None = None
    owner_id: str | None = None
    recipients: list[str] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    messages: list[Message] = field(default_factory=list)
    members: dict[str, int] = field(default_factory=dict)
    archived: bool = False
    locked: bool = False
    invitable: bool = True
    archive_after: int = WEEK_MINUTES
    created_at: int = 0
    archived_at: int = 0

    @property
    def is_thread(self) -> bool:
        return self.type in THREADS


class World:
    """``clock`` says what time it is at Discord. ``nonce_seconds`` is how long a nonce is enforced."""

    def __init__(self, clock: Callable[[], int] = wall_clock, token: str = TOKEN) -> None:
        self.clock = clock
        self.token = token
        self.nonce_seconds = 300.0
        self._last = 0
        self.users: dict[str, User] = {}
        self.members: dict[str, Member] = {}
        self.roles: dict[str, Role] = {}
        self.channels: dict[str, Channel] = {}
        self.nonces: dict[tuple[str, str], Message] = {}
        self.guild_id = self.new_id()
        self.roles[self.guild_id] = Role(self.guild_id, "@everyone", 0)
        self.bot = self.add_user("sparta", bot=True)
        self.bot_role = self.add_role("sparta", position=50)
        self.members[self.bot.id].roles.append(self.bot_role.id)

    def new_id(self) -> str:
        """A snowflake of this moment, greater than all before."""
        self._last = max(self._last + 1, (self.clock() - EPOCH) << 22)
        return str(self._last)

    def add_user(self, username: str, *, member: bool = True, accepts_dms: bool = True, bot: bool = False) -> User:
        user = User(self.new_id(), username, bot, accepts_dms)
        self.users[user.id] = user
        if member:
            self.members[user.id] = Member(user, self.clock())
        return user

    def add_role(self, name: str, position: int = 1) -> Role:
        role = Role(self.new_id(), name, position)
        self.roles[role.id] = role
        return role

    def add_channel(self, name: str, kind: int = TEXT, **details: Any) -> Channel:
        channel = Channel(self.new_id(), kind, name, created_at=self.clock(), **details)
        self.channels[channel.id] = channel
        return channel

    def leave(self, user: User) -> None:
        """They leave the guild, and with it its threads."""
        del self.members[user.id]
        for channel in self.channels.values():
            channel.members.pop(user.id, None)

    def denies(self, channel: Channel, permission: str) -> bool:
        """Whether the bot lacks a permission in this channel, or in that above."""
        parent = self.channels.get(channel.parent_id or "")
        return permission in channel.denied or (parent is not None and permission in parent.denied)

    @property
    def threads(self) -> list[Channel]:
        return [channel for channel in self.channels.values() if channel.is_thread]

    @property
    def messages(self) -> list[Message]:
        """All that stands in any channel, the oldest first."""
        written = [message for channel in self.channels.values() for message in channel.messages]
        return sorted((message for message in written if not message.deleted), key=lambda each: int(each.id))
