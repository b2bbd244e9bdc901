"""Channels one by one: read, and change what a bot changes of a thread."""

from __future__ import annotations

from tests.discord import refusals, shapes
from tests.discord.refusals import Refused
from tests.discord.routing import Answer, Call, route


@route("GET", "/channels/{channel_id}")
def channel(call: Call) -> Answer:
    return Answer(shapes.channel(call.channel, call.world))


@route("PATCH", "/channels/{channel_id}")
def change(call: Call) -> Answer:
    """A thread's maker may open and close it; to lock it, or to open one that is locked, takes MANAGE_THREADS."""
    thread = call.channel
    if not thread.is_thread:
        raise Refused(refusals.MISSING_PERMISSIONS)
    if thread.locked or "locked" in call.body or thread.owner_id != call.world.bot.id:
        call.need(thread, "MANAGE_THREADS")
    thread.archived = call.body.get("archived", thread.archived)
    thread.locked = call.body.get("locked", thread.locked)
    thread.name = call.body.get("name", thread.name)
    thread.archived_at = call.world.clock()
    return Answer(shapes.channel(thread, call.world))
