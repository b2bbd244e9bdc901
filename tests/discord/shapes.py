"""Things as Discord answers them in JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.discord.world import DM, EVERYONE, Channel, Member, Message, Role, User, World

EMBED_FIELDS = set("title description url color timestamp fields footer author image thumbnail".split())


def timestamp(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat()


def user(given: User) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": given.id,
        "username": given.username,
        "avatar": None,
        "discriminator": "0",
        "public_flags": 0,
        "flags": 0,
        "global_name": None,
        "primary_guild": None,
    }
    return {**found, "bot": True} if given.bot else found


def member(given: Member) -> dict[str, Any]:
    nothing = dict.fromkeys(("avatar", "banner", "communication_disabled_until", "nick", "premium_since"))
    flags = {"flags": 0, "pending": False, "mute": False, "deaf": False}
    return {
        **nothing,
        **flags,
        "user": user(given.user),
        "roles": list(given.roles),
        "joined_at": timestamp(given.joined_at),
    }


def role(given: Role) -> dict[str, Any]:
    return {
        "id": given.id,
        "name": given.name,
        "permissions": str(given.permissions),
        "position": given.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def channel(given: Channel, world: World) -> dict[str, Any]:
    if given.is_thread:
        return _thread(given, world)
    last = given.messages[-1].id if given.messages else None
    if given.type == DM:
        recipients = [user(world.users[each]) for each in given.recipients]
        return {"id": given.id, "type": DM, "flags": 0, "last_message_id": last, "recipients": recipients}
    return {
        "id": given.id,
        "type": given.type,
        "flags": 0,
        "guild_id": world.guild_id,
        "name": given.name,
        "position": 0,
        "parent_id": given.parent_id,
        "last_message_id": last,
        "permission_overwrites": [],
        "nsfw": False,
    }


def _thread(given: Channel, world: World) -> dict[str, Any]:
    metadata = {
        "archived": given.archived,
        "archive_timestamp": timestamp(given.archived_at or given.created_at),
        "auto_archive_duration": given.archive_after,
        "locked": given.locked,
        "create_timestamp": timestamp(given.created_at),
    }
    return {
        "id": given.id,
        "type": given.type,
        "flags": 0,
        "guild_id": world.guild_id,
        "name": given.name,
        "parent_id": given.parent_id,
        "owner_id": given.owner_id,
        "thread_metadata": {**metadata, "invitable": given.invitable},
        "message_count": len(given.messages),
        "member_count": len(given.members),
        "total_message_sent": len(given.messages),
        "last_message_id": given.messages[-1].id if given.messages else None,
        "rate_limit_per_user": 0,
    }


def thread_member(thread: Channel, user_id: str) -> dict[str, Any]:
    joined = timestamp(thread.members[user_id])
    return {"id": thread.id, "user_id": user_id, "join_timestamp": joined, "flags": 0}


def message(given: Message, world: World) -> dict[str, Any]:
    """As anybody reads it later: without its nonce, which Discord tells in the answer to the sender only."""
    return {
        "id": given.id,
        "channel_id": given.channel_id,
        "type": 0,
        "author": user(given.author),
        "content": given.content,
        "embeds": [_embed(each) for each in given.body.get("embeds") or []],
        "mentions": [user(world.users[each]) for each in sorted(given.pings - {EVERYONE})],
        "mention_roles": [],
        "mention_everyone": EVERYONE in given.pings,
        "attachments": [],
        "components": [],
        "timestamp": timestamp(given.created_at),
        "edited_timestamp": timestamp(given.edited_at) if given.edited_at else None,
        "flags": given.body.get("flags") or 0,
        "pinned": False,
        "tts": bool(given.body.get("tts")),
    }


def _embed(given: dict[str, Any]) -> dict[str, Any]:
    """What Discord does not know it has dropped."""
    return {"type": "rich", **{name: value for name, value in given.items() if name in EMBED_FIELDS}}
