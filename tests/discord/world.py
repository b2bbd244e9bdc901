"""What there is at Discord: one guild with its people, roles and channels, and all that was written.

Tests read it and change it at any time; the next answer shows it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.discord.permissions import BITS, OF_PEOPLE, OF_THE_BOT, allows, bits

EPOCH = 1_420_070_400_000
"""Discord's ids count milliseconds from here (2015), in their upper 42 bits."""
TOKEN = "stand-in.token.of-the-bot"
TEXT, DM, ANNOUNCEMENT, FORUM = 0, 1, 5, 15
NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD = 10, 11, 12
THREADS = {NEWS_THREAD, PUBLIC_THREAD, PRIVATE_THREAD}
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
"""Kinds of interactions."""
STARTS_A_DAY = 1000
WEEK_MINUTES = 10_080
EVERYONE = "everyone"


def wall_clock() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class MovingClock:
    """The wall clock, put forward by a test."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return wall_clock() + self.ahead

    def forward(self, seconds: float) -> None:
        self.ahead += int(seconds * 1000)


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
    managed_by: str | None = None


@dataclass
class Member:
    user: User
    joined_at: int
    roles: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Attachment:
    """A file that hangs on a message."""

    id: str
    filename: str
    content: bytes
    content_type: str
    description: str | None = None


@dataclass
class Message:
    """``pings`` are those whom it really notifies; ``nonce`` is known to its author's request only. ``body`` is what
    was asked for; one that answers an interaction has its ``token``, may be ``ephemeral``, and ``thinking`` until the
    answer is there.
    """

    id: str
    channel_id: str
    author: User
    created_at: int
    body: dict[str, Any]
    pings: frozenset[str]
    edited_at: int | None = None
    deleted: bool = False
    attachments: list[Attachment] = field(default_factory=list)
    token: str | None = None
    ephemeral: bool = False
    thinking: bool = False

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


@dataclass
class Interaction:
    """Something that a person did with the bot: ``kind`` as Discord numbers them. Whoever has its ``token`` may answer.

    ``source`` is the message with the component that was used. ``answer`` is what the bot acknowledged with,
    ``original`` the message that came of it, ``changes`` how often what the person sees of it has changed since.
    """

    id: str
    token: str
    kind: int
    user: User
    channel: Channel
    created_at: int
    data: dict[str, Any]
    source: Message | None = None
    acknowledged_at: int | None = None
    answer: dict[str, Any] = field(default_factory=dict)
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    changes: int = 0
    changed_at: int = 0

    @property
    def messages(self) -> list[Message]:
        """What the person sees of it, in order."""
        found = [self.original] if self.original else []
        return [each for each in [*found, *self.followups] if not each.deleted]


class World:
    """``clock`` says what time it is at Discord. ``nonce_seconds`` is how long a nonce is enforced. ``commands`` are
    what people may type, by the id of the guild ("" for everywhere). ``intents`` are the privileged ones that the bot
    may ask for. Whoever waits for something waits for ``changed``; ``happened`` is told what is new in the guild.
    """

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
        self.commands: dict[str, list[dict[str, Any]]] = {}
        self.command_creates_left = 200
        self.interactions: dict[str, Interaction] = {}
        self.intents = 0
        self.gateway_url = ""
        self.starts_left = STARTS_A_DAY
        self.changed = threading.Condition()
        self.happened: Callable[[str, Any], None] = lambda *_: None
        self.guild_id = self.new_id()
        self.roles[self.guild_id] = Role(self.guild_id, "@everyone", 0, bits(OF_PEOPLE))
        self.owner = User(self.new_id(), "xenia")
        self.bot = self.add_user("sparta", bot=True)
        self.bot_role = self.add_role("sparta", position=50, permissions=bits(OF_THE_BOT))
        self.bot_role.managed_by = self.bot.id
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
            self.happened("member", self.members[user.id])
        return user

    def add_role(self, name: str, position: int = 1, permissions: int = 0) -> Role:
        role = Role(self.new_id(), name, position, permissions)
        self.roles[role.id] = role
        self.happened("role", role)
        return role

    def add_channel(self, name: str, kind: int = TEXT, **details: Any) -> Channel:
        channel = Channel(self.new_id(), kind, name, created_at=self.clock(), **details)
        self.channels[channel.id] = channel
        self.happened("channel", channel)
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

    def permissions(self, member: Member) -> int:
        """Those of all the member's roles together."""
        found = self.roles[self.guild_id].permissions
        for each in member.roles:
            found |= self.roles[each].permissions
        return found

    def permissions_here(self, channel: Channel) -> int:
        """The bot's, without those denied to it in this channel."""
        denied = [name for name in BITS if self.denies(channel, name)]
        return self.permissions(self.members[self.bot.id]) & ~bits(denied)

    def bot_may(self, permission: str) -> bool:
        """Whether a role of the bot's gives it a permission in the whole guild."""
        return allows(self.permissions(self.members[self.bot.id]), bits([permission]))

    def tell(self) -> None:
        """Wake whoever waits for a change."""
        with self.changed:
            self.changed.notify_all()

    def wait_for(self, happened: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is so; False when it is not in time. Looks by itself too: clocks tell nobody."""
        end = time.monotonic() + seconds
        with self.changed:
            while not happened():
                if time.monotonic() > end:
                    return False
                self.changed.wait(0.02)
        return True

    @property
    def threads(self) -> list[Channel]:
        return [channel for channel in self.channels.values() if channel.is_thread]

    @property
    def messages(self) -> list[Message]:
        """All that stands in any channel, the oldest first."""
        written = [message for channel in self.channels.values() for message in channel.messages]
        return sorted((message for message in written if not message.deleted), key=lambda each: int(each.id))
