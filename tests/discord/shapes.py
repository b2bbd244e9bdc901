"""Things as Discord answers them in JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.discord import components
from tests.discord.permissions import bits
from tests.discord.world import COMPONENT, DM, EVERYONE, Attachment, Channel, Member, Message, Role, User, World

EPHEMERAL, LOADING = 1 << 6, 1 << 7
"""Flags of a message."""
REPLY, CHAT_INPUT = 19, 20
"""Types of a message."""
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
        "managed": given.managed_by is not None,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
        **({"tags": {"bot_id": given.managed_by}} if given.managed_by else {}),
    }


def guild(world: World) -> dict[str, Any]:
    nothing = """icon description home_header splash discovery_splash banner application_id afk_channel_id
        system_channel_id widget_channel_id vanity_url_code rules_channel_id safety_alerts_channel_id
        public_updates_channel_id incidents_data max_presences""".split()
    zero = """system_channel_flags verification_level default_message_notifications mfa_level explicit_content_filter
        premium_tier premium_subscription_count nsfw_level""".split()
    return {
        **dict.fromkeys(nothing),
        **dict.fromkeys(zero, 0),
        "id": world.guild_id,
        "name": "Sparta",
        "features": [],
        "owner_id": world.owner.id,
        "region": "deprecated",
        "afk_timeout": 300,
        "widget_enabled": False,
        "roles": [role(each) for each in world.roles.values()],
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "preferred_locale": "en-US",
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "emojis": [],
        "stickers": [],
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
        "permission_overwrites": _overwrites(given, world),
        "nsfw": False,
    }


def _overwrites(given: Channel, world: World) -> list[dict[str, Any]]:
    """What is denied to the bot here, as a rule for its role."""
    role = {"id": world.bot_role.id, "type": 0, "allow": "0", "deny": str(bits(given.denied))}
    return [role] if given.denied else []


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
    flags = (given.body.get("flags") or 0) & ~(EPHEMERAL | LOADING)
    flags |= EPHEMERAL * given.ephemeral | LOADING * given.thinking
    found = {
        "id": given.id,
        "channel_id": given.channel_id,
        "type": 0,
        "author": user(given.author),
        "content": given.content,
        "embeds": [_embed(each) for each in given.body.get("embeds") or []],
        "mentions": [user(world.users[each]) for each in sorted(given.pings - {EVERYONE})],
        "mention_roles": [],
        "mention_everyone": EVERYONE in given.pings,
        "attachments": [_attachment(each, given.channel_id) for each in given.attachments],
        "components": components.answered(given.body.get("components") or []),
        "timestamp": timestamp(given.created_at),
        "edited_timestamp": timestamp(given.edited_at) if given.edited_at else None,
        "flags": flags,
        "pinned": False,
        "tts": bool(given.body.get("tts")),
    }
    return {**found, **_origin(given, world)} if given.token else found


def _origin(given: Message, world: World) -> dict[str, Any]:
    """What a message that answers an interaction says of it."""
    interaction = world.interactions[given.token or ""]
    metadata: dict[str, Any] = {
        "id": interaction.id,
        "type": interaction.kind,
        "user": user(interaction.user),
        "authorizing_integration_owners": {"0": world.guild_id},
    }
    if interaction.source and interaction.kind == COMPONENT:
        metadata["interacted_message_id"] = interaction.source.id
    first = given is interaction.original and not interaction.source
    found = {"application_id": world.bot.id, "webhook_id": world.bot.id, "interaction_metadata": metadata}
    return {**found, "type": CHAT_INPUT if first else REPLY}


def _attachment(given: Attachment, channel_id: str) -> dict[str, Any]:
    url = f"https://cdn.discordapp.com/attachments/{channel_id}/{given.id}/{given.filename}"
    found: dict[str, Any] = {
        "id": given.id,
        "filename": given.filename,
        "size": len(given.content),
        "url": url,
        "proxy_url": url.replace("cdn.discordapp.com", "media.discordapp.net"),
        "content_type": given.content_type,
    }
    return {**found, "description": given.description} if given.description else found


def _embed(given: dict[str, Any]) -> dict[str, Any]:
    """What Discord does not know it has dropped."""
    return {"type": "rich", **{name: value for name, value in given.items() if name in EMBED_FIELDS}}
