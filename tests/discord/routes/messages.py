"""Messages: Discord's rules about what may stand in one, whom it notifies, and when two are one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.discord import refusals, shapes
from tests.discord.refusals import Refused, wrong
from tests.discord.routing import NOTHING, Answer, Call, route
from tests.discord.world import DM, EVERYONE, Channel, Message

CONTENT_LIMIT = 2000
"""Of bots; the document's 4000 are for people who pay."""
EMBEDS_LIMIT = 6000
CARRIERS = ("embeds", "sticker_ids", "components", "poll", "attachments", "message_reference")


@route("POST", "/channels/{channel_id}/messages")
def create(call: Call) -> Answer:
    channel = call.channel
    check_body(call.body)
    _check_may_write(call, channel)
    earlier = _earlier(call)
    if earlier is not None:
        if earlier.deleted:
            raise Refused(refusals.UNKNOWN_MESSAGE)
        return _created(call, earlier)
    channel.archived = False  # Writing opens a thread.
    message = Message(
        call.world.new_id(), channel.id, call.world.bot, call.world.clock(), dict(call.body), _pings(call, channel)
    )
    channel.messages.append(message)
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
    body = {**found.body, **call.body}
    check_body(body)
    found.body, found.edited_at = body, call.world.clock()
    return Answer(shapes.message(found, call.world))


@route("DELETE", "/channels/{channel_id}/messages/{message_id}")
def delete(call: Call) -> Answer:
    found = _message(call)
    if found.author is not call.world.bot:
        call.need(call.channel, "MANAGE_MESSAGES")
    found.deleted = True
    return NOTHING


def check_body(body: Mapping[str, Any]) -> None:
    """What Discord's document does not say."""
    content = str(body.get("content") or "").strip()
    if len(content) > CONTENT_LIMIT:
        raise wrong("content", "BASE_TYPE_MAX_LENGTH", f"Must be {CONTENT_LIMIT} or fewer in length.")
    if sum(map(_embed_length, body.get("embeds") or [])) > EMBEDS_LIMIT:
        raise wrong("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBEDS_LIMIT}")
    if not content and not any(body.get(name) for name in CARRIERS):
        raise Refused(refusals.EMPTY_MESSAGE)
    mentions = body.get("allowed_mentions") or {}
    for kind in ("users", "roles"):
        if kind in (mentions.get("parse") or []) and mentions.get(kind):
            text = f'parse:["{kind}"] and {kind}: [ids...] are mutually exclusive.'
            raise wrong("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)


def _embed_length(embed: Mapping[str, Any]) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(len(text) for text in texts if text)


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


def _pings(call: Call, channel: Channel) -> frozenset[str]:
    """Who is notified: mentioned in the content, allowed, and able to see it. A mention in an embed notifies nobody."""
    content, allowed = str(call.body.get("content") or ""), call.body.get("allowed_mentions")
    parsed = {"users", "everyone"} if allowed is None else set(allowed.get("parse") or [])
    mentioned = set(re.findall(r"<@!?([0-9]+)>", content))
    if "users" not in parsed:
        mentioned &= set((allowed or {}).get("users") or [])
    seeing = set(channel.recipients) | (set(channel.members) if channel.is_thread else set(call.world.members))
    everyone = {EVERYONE} if "everyone" in parsed and re.search("@everyone|@here", content) else set()
    return frozenset((mentioned & seeing) | everyone)


def _created(call: Call, message: Message) -> Answer:
    answer = shapes.message(message, call.world)
    return Answer(answer if message.nonce is None else {**answer, "nonce": message.nonce})


def _message(call: Call) -> Message:
    wanted = call.params["message_id"]
    found = next((each for each in call.channel.messages if each.id == wanted and not each.deleted), None)
    if found is None:
        raise Refused(refusals.UNKNOWN_MESSAGE)
    return found
