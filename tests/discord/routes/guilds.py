"""The guild, its members, roles and channels."""

from __future__ import annotations

from typing import Any

from tests.discord import refusals, shapes
from tests.discord.refusals import Refused
from tests.discord.routing import NOTHING, Answer, Call, route
from tests.discord.world import DM, Role


@route("GET", "/guilds/{guild_id}")
def guild(call: Call) -> Answer:
    guild_id, world = call.guild_id, call.world
    nothing = """icon description home_header splash discovery_splash banner application_id afk_channel_id
        system_channel_id widget_channel_id vanity_url_code rules_channel_id safety_alerts_channel_id
        public_updates_channel_id incidents_data max_presences""".split()
    zero = """system_channel_flags verification_level default_message_notifications mfa_level explicit_content_filter
        premium_tier premium_subscription_count nsfw_level""".split()
    found: dict[str, Any] = {
        **dict.fromkeys(nothing),
        **dict.fromkeys(zero, 0),
        "id": guild_id,
        "name": "Sparta",
        "features": [],
        "owner_id": world.bot.id,
        "region": "deprecated",
        "afk_timeout": 300,
        "widget_enabled": False,
        "roles": [shapes.role(each) for each in world.roles.values()],
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "preferred_locale": "en-US",
        "premium_progress_bar_enabled": False,
        "nsfw": False,
        "emojis": [],
        "stickers": [],
    }
    return Answer(found)


@route("GET", "/guilds/{guild_id}/members/{user_id}")
def member(call: Call) -> Answer:
    _ = call.guild_id
    return Answer(shapes.member(call.member))


@route("GET", "/guilds/{guild_id}/members")
def members(call: Call) -> Answer:
    _ = call.guild_id
    limit, after = call.number("limit", 1, 1, 1000), int(call.query.get("after", "0"))
    found = sorted((each for each in call.world.members.values()), key=lambda each: int(each.user.id))
    return Answer([shapes.member(each) for each in found if int(each.user.id) > after][:limit])


@route("GET", "/guilds/{guild_id}/members/search")
def search_members(call: Call) -> Answer:
    _ = call.guild_id
    wanted = call.query["query"].lower()
    found = [each for each in call.world.members.values() if each.user.username.lower().startswith(wanted)]
    return Answer([shapes.member(each) for each in found][: call.number("limit", 1, 1, 1000)])


@route("GET", "/guilds/{guild_id}/roles")
def roles(call: Call) -> Answer:
    _ = call.guild_id
    return Answer([shapes.role(each) for each in call.world.roles.values()])


@route("GET", "/guilds/{guild_id}/channels")
def channels(call: Call) -> Answer:
    """Threads and direct channels are not among them."""
    _ = call.guild_id
    found = [each for each in call.world.channels.values() if each.type != DM and not each.is_thread]
    return Answer([shapes.channel(each, call.world) for each in found])


@route("PUT", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}")
def give_role(call: Call) -> Answer:
    role, member = _role_below_ours(call), call.member
    if role.id not in member.roles:
        member.roles.append(role.id)
    return NOTHING


@route("DELETE", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}")
def take_role(call: Call) -> Answer:
    role, member = _role_below_ours(call), call.member
    if role.id in member.roles:
        member.roles.remove(role.id)
    return NOTHING


def _role_below_ours(call: Call) -> Role:
    """Nobody gives or takes a role that stands as high as the highest of their own."""
    _ = call.guild_id
    role = call.world.roles.get(call.params["role_id"])
    if role is None:
        raise Refused(refusals.UNKNOWN_ROLE)
    if role.position >= call.world.bot_role.position:
        raise Refused(refusals.MISSING_PERMISSIONS)
    return role
