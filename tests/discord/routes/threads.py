"""Threads and who is in them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.discord import refusals, shapes
from tests.discord.refusals import Refused
from tests.discord.routing import NOTHING, Answer, Call, route
from tests.discord.world import (
    ANNOUNCEMENT,
    NEWS_THREAD,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    TEXT,
    WEEK_MINUTES,
    Channel,
)

KINDS = {TEXT: {PUBLIC_THREAD, PRIVATE_THREAD}, ANNOUNCEMENT: {NEWS_THREAD}}
"""Which threads a channel may have."""


@route("POST", "/channels/{channel_id}/threads")
def create(call: Call) -> Answer:
    """Without a type it is private, whatever the channel, and therefore refused in an announcement channel."""
    parent, kind = call.channel, call.body.get("type") or PRIVATE_THREAD
    if kind not in KINDS.get(parent.type, set()):
        raise Refused(refusals.WRONG_CHANNEL_TYPE)
    call.need(parent, "CREATE_PRIVATE_THREADS" if kind == PRIVATE_THREAD else "CREATE_PUBLIC_THREADS")
    bot = call.world.bot.id
    thread = call.world.add_channel(
        call.body["name"],
        kind,
        parent_id=parent.id,
        owner_id=bot,
        members={bot: call.world.clock()},
        archive_after=call.body.get("auto_archive_duration") or WEEK_MINUTES,
        invitable=call.body.get("invitable") is not False,
    )
    return Answer({**shapes.channel(thread, call.world), "member": shapes.thread_member(thread, bot)}, status=201)


@route("GET", "/guilds/{guild_id}/threads/active")
def active(call: Call) -> Answer:
    _ = call.guild_id
    return Answer(_listing(call, (each for each in call.world.threads if not each.archived)))


@route("GET", "/channels/{channel_id}/users/@me/threads/archived/private")
def archived(call: Call) -> Answer:
    parent = call.channel
    call.need(parent, "READ_MESSAGE_HISTORY")
    found = (each for each in call.world.threads if each.archived and each.parent_id == parent.id)
    return Answer(_listing(call, (each for each in found if each.type == PRIVATE_THREAD)))


@route("GET", "/channels/{channel_id}/thread-members")
def members(call: Call) -> Answer:
    thread = _thread(call)
    return Answer([shapes.thread_member(thread, each) for each in thread.members])


@route("GET", "/channels/{channel_id}/thread-members/{user_id}")
def member(call: Call) -> Answer:
    thread = _thread(call)
    if call.user.id not in thread.members:
        raise Refused(refusals.UNKNOWN_MEMBER)
    return Answer(shapes.thread_member(thread, call.user.id))


@route("PUT", "/channels/{channel_id}/thread-members/{user_id}")
def add_member(call: Call) -> Answer:
    thread = _open_thread(call)
    call.need(thread, "SEND_MESSAGES_IN_THREADS")
    thread.members.setdefault(call.member.user.id, call.world.clock())
    return NOTHING


@route("DELETE", "/channels/{channel_id}/thread-members/{user_id}")
def remove_member(call: Call) -> Answer:
    thread = _open_thread(call)
    if thread.owner_id != call.world.bot.id:
        call.need(thread, "MANAGE_THREADS")
    thread.members.pop(call.user.id, None)
    return NOTHING


def _thread(call: Call) -> Channel:
    thread = call.channel
    if not thread.is_thread:
        raise Refused(refusals.WRONG_CHANNEL_TYPE)
    return thread


def _open_thread(call: Call) -> Channel:
    thread = _thread(call)
    if thread.archived:
        raise Refused(refusals.THREAD_ARCHIVED)
    return thread


def _listing(call: Call, threads: Iterable[Channel]) -> dict[str, Any]:
    """Private ones only where the bot is in them."""
    bot = call.world.bot.id
    seen = [each for each in threads if each.type != PRIVATE_THREAD or bot in each.members]
    ours = [shapes.thread_member(each, bot) for each in seen if bot in each.members]
    return {
        "threads": [shapes.channel(each, call.world) for each in reversed(seen)],
        "members": ours,
        "has_more": False,
    }
