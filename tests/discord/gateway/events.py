"""What a bot is told when it comes: who it is, and what there is in its guild."""

from __future__ import annotations

from typing import Any

from tests.discord import shapes
from tests.discord.world import DM, PRIVATE_THREAD, Member, Role, World

GUILDS, MEMBERS, PRESENCES, MESSAGE_CONTENT = 1 << 0, 1 << 1, 1 << 8, 1 << 15
PRIVILEGED = MEMBERS | PRESENCES | MESSAGE_CONTENT
ALL_INTENTS = sum(1 << bit for bit in (*range(17), 20, 21, 24, 25))
VERSION = 10


def ready(world: World, session_id: str, resume_url: str, shard: list[int] | None) -> dict[str, Any]:
    """The guild itself follows; here it is not yet available."""
    found = {
        "v": VERSION,
        "user": {**shapes.user(world.bot), "email": None, "verified": True, "mfa_enabled": False},
        "guilds": [{"id": world.guild_id, "unavailable": True}],
        "session_id": session_id,
        "session_type": "normal",
        "resume_gateway_url": resume_url,
        "application": {"id": world.bot.id, "flags": 0, "flags_new": "0"},
        "private_channels": [],
        "relationships": [],
        "presences": [],
        "guild_join_requests": [],
        "geo_ordered_rtc_regions": [],
        "user_settings": {},
        "_trace": ["stand-in"],
    }
    return {**found, "shard": shard} if shard else found


def of(world: World, what: str, thing: Any) -> tuple[str, int, Any] | None:
    """The event of something new in the guild, and the intent that it takes; ``None`` for what is not told."""
    guild = {"guild_id": world.guild_id}
    if isinstance(thing, Role):
        return "GUILD_ROLE_CREATE", GUILDS, {**guild, "role": shapes.role(thing)}
    if isinstance(thing, Member):
        name = "GUILD_MEMBER_ADD" if what == "member" else "GUILD_MEMBER_UPDATE"
        return name, MEMBERS, {**guild, **shapes.member(thing)}
    if thing.type == DM or world.denies(thing, "VIEW_CHANNEL"):
        return None
    shape = shapes.channel(thing, world)
    if not thing.is_thread:
        return "CHANNEL_CREATE", GUILDS, shape
    return "THREAD_CREATE", GUILDS, {**shape, "newly_created": True}


def guild_create(world: World, intents: int) -> dict[str, Any]:
    """Its members are told to those only who may have them; all others learn of the bot itself."""
    bot, members = world.bot.id, list(world.members.values())
    known = members if intents & MEMBERS else [world.members[bot]]
    channels = [each for each in world.channels.values() if each.type != DM and not world.denies(each, "VIEW_CHANNEL")]
    threads = [each for each in channels if each.is_thread and not each.archived]
    seen = [each for each in threads if each.type != PRIVATE_THREAD or bot in each.members]
    return {
        **shapes.guild(world),
        "joined_at": shapes.timestamp(world.members[bot].joined_at),
        "large": False,
        "hub_type": None,
        "unavailable": False,
        "member_count": len(members),
        "voice_states": [],
        "members": [shapes.member(each) for each in known],
        "channels": [shapes.channel(each, world) for each in channels if not each.is_thread],
        "threads": [shapes.channel(each, world) for each in seen],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
