"""An operator's private thread: one for each parent channel and name, used for all messages and opened again by them.

Discord makes a second thread as readily as the first, and knows no nonce for it. So the thread's id is stored, one
sender at a time makes it, and who makes it looks first for one that a crashed predecessor left: an open private thread
of ours with that name in that channel, claimed by nobody. A thread is claimed before anybody is let into it, so one
without a claim is empty, and taking it over shows nobody another operator's messages.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from sparta.notify.discord import UNKNOWN_CHANNEL, Discord
from sparta.notify.failures import NoTime, Refused
from sparta.stores.config import Config
from sparta.stores.conversations import Conversations

LEASE_SECONDS = 60.0
BUSY_SECONDS = 5.0


class Wanted(NamedTuple):
    """Which thread; ``given_name`` is what the sender of the message asked for, if anything."""

    guild_id: str
    parent_id: str
    operator_id: str
    given_name: str | None

    @property
    def key(self) -> str:
        """What it is stored under. Not the username: the standing thread stays when that changes."""
        name = hashlib.sha256(self.given_name.encode()).hexdigest()[:16] if self.given_name else "standing"
        return f"{self.parent_id}/{self.operator_id}/{name}"


def known_thread(discord: Discord, conversations: Conversations, wanted: Wanted) -> str | None:
    """The stored thread, with the operator in it; ``None`` when there is none, or somebody deleted it."""
    thread_id = conversations.thread(wanted.key)
    if thread_id is None:
        return None
    try:
        discord.join(thread_id, wanted.operator_id)
    except Refused as refused:
        if refused.code != UNKNOWN_CHANNEL:
            raise
        conversations.forget_thread(wanted.key, thread_id)
        return None
    return thread_id


def new_thread(
    discord: Discord, conversations: Conversations, leases: Config, wanted: Wanted, *, name: str, bot: str, sender: str
) -> str:
    """A thread with nobody in it yet, stored; made, or found where a crash left it. ``sender`` is of this attempt only.

    :raises NoTime: another sender is making it
    """
    lease = f"thread/{wanted.key}"
    if not leases.acquire(lease, sender, LEASE_SECONDS):
        raise NoTime("another sender is making this thread", BUSY_SECONDS)
    try:
        known = conversations.thread(wanted.key)
        if known:
            return known
        thread_id = _left_behind(discord, conversations, wanted, name, bot)
        while thread_id is None:
            made = discord.make_thread(wanted.parent_id, name)
            # Somebody who wants the same name for another operator may have found it first: then it is theirs.
            thread_id = made if conversations.claim(made, wanted.key) else None
        return conversations.keep_thread(wanted.key, thread_id)
    finally:
        leases.release(lease, sender)


def _left_behind(discord: Discord, conversations: Conversations, wanted: Wanted, name: str, bot: str) -> str | None:
    for thread in discord.private_threads(wanted.guild_id):
        ours = (thread.parent_id, thread.owner_id, thread.name) == (wanted.parent_id, bot, name)
        if ours and conversations.claim(thread.id, wanted.key):
            return thread.id
    return None
