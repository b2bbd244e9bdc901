"""Messages as such: Discord's rules about what may stand in one, and whom it notifies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.discord import attachments, components, refusals
from tests.discord.refusals import Refused, wrong
from tests.discord.routing import Call
from tests.discord.world import EVERYONE, Channel, Message, World

CONTENT_LIMIT = 2000
"""Of bots; the document's 4000 are for people who pay."""
EMBEDS_LIMIT = 6000
CARRIERS = ("embeds", "sticker_ids", "components", "poll", "attachments", "message_reference")


def write(call: Call, channel: Channel, body: Mapping[str, Any], **details: Any) -> Message:
    """A new message of the bot's. One that only its reader sees stands in no channel."""
    world = call.world
    message = Message(
        world.new_id(), channel.id, world.bot, world.clock(), dict(body), _pings(world, channel, body), **details
    )
    attachments.hang(call, message, body)
    if not message.ephemeral:
        channel.messages.append(message)
    return message


def rewrite(call: Call, message: Message, body: Mapping[str, Any]) -> None:
    """Change what ``body`` names, and leave the rest as it was."""
    merged = {**message.body, **body}
    kept = len(message.attachments) if body.get("attachments") is None else 0
    check(merged, files=kept + len(call.files))
    message.body, message.edited_at = merged, call.world.clock()
    attachments.hang(call, message, body)


def check(body: Mapping[str, Any], files: int = 0) -> None:
    """What Discord's document does not say of a message with so many files."""
    content = str(body.get("content") or "").strip()
    if len(content) > CONTENT_LIMIT:
        raise wrong("content", "BASE_TYPE_MAX_LENGTH", f"Must be {CONTENT_LIMIT} or fewer in length.")
    if sum(map(_embed_length, body.get("embeds") or [])) > EMBEDS_LIMIT:
        raise wrong("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBEDS_LIMIT}")
    if not content and not files and not any(body.get(name) for name in CARRIERS):
        raise Refused(refusals.EMPTY_MESSAGE)
    components.check(body)
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


def _pings(world: World, channel: Channel, body: Mapping[str, Any]) -> frozenset[str]:
    """Who is notified: mentioned in the content, allowed, and able to see it. A mention in an embed notifies nobody."""
    content, allowed = str(body.get("content") or ""), body.get("allowed_mentions")
    parsed = {"users", "everyone"} if allowed is None else set(allowed.get("parse") or [])
    mentioned = set(re.findall(r"<@!?([0-9]+)>", content))
    if "users" not in parsed:
        mentioned &= set((allowed or {}).get("users") or [])
    seeing = set(channel.recipients) | (set(channel.members) if channel.is_thread else set(world.members))
    everyone = {EVERYONE} if "everyone" in parsed and re.search("@everyone|@here", content) else set()
    return frozenset((mentioned & seeing) | everyone)
