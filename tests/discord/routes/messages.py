"""Messages in channels: who may write, and when two are one."""

from __future__ import annotations

from tests.discord import refusals, shapes, writing
from tests.discord.refusals import Refused
from tests.discord.routing import NOTHING, Answer, Call, route
from tests.discord.world import DM, Channel, Message


@route("POST", "/channels/{channel_id}/messages")
def create(call: Call) -> Answer:
    channel = call.channel
    writing.check(call.body, files=len(call.files))
    _check_may_write(call, channel)
    earlier = _earlier(call)
    if earlier is not None:
        if earlier.deleted:
            raise Refused(refusals.UNKNOWN_MESSAGE)
        return _created(call, earlier)
    channel.archived = False  # Writing opens a thread.
    message = writing.write(call, channel, call.body)
    if message.nonce is not None:
        call.world.nonces[message.author.id, str(message.nonce)] = message
    return _created(call, message)


@route("GET", "/channels/{channel_id}/messages")
def history(call: Call) -> Answer:
    """The newest first; after an id, those that follow it. Empty without permission, as Discord has it."""
    channel, limit = call.channel, call.number("limit", 50, 1, 100)
    if call.world.denies(channel, "READ_MESSAGE_HISTORY"):
        return Answer([])
    found = [each for each in channel.messages if not each.deleted]
    if "after" in call.query:
        found = [each for each in found if int(each.id) > int(call.query["after"])][:limit]
    if "before" in call.query:
        found = [each for each in found if int(each.id) < int(call.query["before"])]
    return Answer([shapes.message(each, call.world) for each in reversed(found[-limit:])])


@route("GET", "/channels/{channel_id}/messages/{message_id}")
def message(call: Call) -> Answer:
    return Answer(shapes.message(_message(call), call.world))


@route("PATCH", "/channels/{channel_id}/messages/{message_id}")
def edit(call: Call) -> Answer:
    found = _message(call)
    if found.author is not call.world.bot:
        raise Refused(refusals.NOT_THE_AUTHOR)
    writing.rewrite(call, found, call.body)
    return Answer(shapes.message(found, call.world))


@route("DELETE", "/channels/{channel_id}/messages/{message_id}")
def delete(call: Call) -> Answer:
    found = _message(call)
    if found.author is not call.world.bot:
        call.need(call.channel, "MANAGE_MESSAGES")
    found.deleted = True
    return NOTHING


def _check_may_write(call: Call, channel: Channel) -> None:
    if channel.type == DM:
        recipient = channel.recipients[0]
        if recipient not in call.world.members:
            raise Refused(refusals.NO_MUTUAL_GUILD)
        if not call.world.users[recipient].accepts_dms:
            raise Refused(refusals.CLOSED_DMS)
    elif channel.is_thread:
        call.need(channel, "SEND_MESSAGES_IN_THREADS")
        if channel.locked:
            call.need(channel, "MANAGE_THREADS", refusals.THREAD_ARCHIVED)
    else:
        call.need(channel, "SEND_MESSAGES")


def _earlier(call: Call) -> Message | None:
    """The message that this one repeats: of the same author with the same nonce, wherever it was written."""
    nonce = call.body.get("nonce")
    if nonce is None or not call.body.get("enforce_nonce"):
        return None
    found = call.world.nonces.get((call.world.bot.id, str(nonce)))
    young = found is not None and call.world.clock() - found.created_at < call.world.nonce_seconds * 1000
    return found if young else None


def _created(call: Call, message: Message) -> Answer:
    answer = shapes.message(message, call.world)
    return Answer(answer if message.nonce is None else {**answer, "nonce": message.nonce})


def _message(call: Call) -> Message:
    wanted = call.params["message_id"]
    found = next((each for each in call.channel.messages if each.id == wanted and not each.deleted), None)
    if found is None:
        raise Refused(refusals.UNKNOWN_MESSAGE)
    return found
