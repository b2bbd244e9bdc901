"""The guild, its members, roles and channels."""

from __future__ import annotations

from tests.discord import refusals, shapes
from tests.discord.refusals import Refused
from tests.discord.routing import NOTHING, Answer, Call, route
from tests.discord.world import DM, Role


@route("GET", "/guilds/{guild_id}")
def guild(call: Call) -> Answer:
    _ = call.guild_id
    return Answer(shapes.guild(call.world))


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
        call.world.happened("changed member", member)
    return NOTHING


@route("DELETE", "/guilds/{guild_id}/members/{user_id}/roles/{role_id}")
def take_role(call: Call) -> Answer:
    role, member = _role_below_ours(call), call.member
    if role.id in member.roles:
        member.roles.remove(role.id)
        call.world.happened("changed member", member)
    return NOTHING


def _role_below_ours(call: Call) -> Role:
    """Nobody gives or takes a role that stands as high as the highest of their own."""
    _ = call.guild_id
    role = call.world.roles.get(call.params["role_id"])
    if role is None:
        raise Refused(refusals.UNKNOWN_ROLE)
    if role.id == call.world.guild_id or role.managed_by:
        raise Refused(refusals.INVALID_ROLE)
    if not call.world.bot_may("MANAGE_ROLES") or role.position >= call.world.bot_role.position:
        raise Refused(refusals.MISSING_PERMISSIONS)
    return role
