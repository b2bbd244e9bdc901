"""The commands that people may type: everywhere, or in the guild."""

from __future__ import annotations

from collections.abc import Iterator

from tests.discord import commands, refusals
from tests.discord.commands import Command
from tests.discord.refusals import Refused
from tests.discord.routing import Answer, Call, route

EVERYWHERE = "/applications/{application_id}/commands"
HERE = "/applications/{application_id}/guilds/{guild_id}/commands"


@route("GET", EVERYWHERE)
@route("GET", HERE)
def list_all(call: Call) -> Answer:
    found = call.world.commands.get(_scope(call), [])
    if call.query.get("with_localizations") in {"true", "1"}:
        return Answer(found)
    return Answer([commands.without_localizations(each) for each in found])


@route("PUT", EVERYWHERE)
@route("PUT", HERE)
def replace_all(call: Call) -> Answer:
    """Those that are not in the list are gone. Each new one counts towards the day's limit; changed ones do not."""
    scope, given = _scope(call), call.body or []
    commands.check(given)
    known = {(each["type"], each["name"]): each for each in call.world.commands.get(scope, [])}
    keys = [(each.get("type") or commands.CHAT_INPUT, each["name"]) for each in given]
    left = call.world.command_creates_left - len([key for key in keys if key not in known])
    if left < 0:
        raise Refused(refusals.TOO_MANY_COMMANDS_TODAY)
    call.world.command_creates_left = left
    where = {"application_id": call.world.bot.id, **({"guild_id": scope} if scope else {})}
    pairs = zip(given, keys, strict=True)
    made: list[Command] = [commands.kept(each, known.get(key), _ids(call), **where) for each, key in pairs]
    call.world.commands[scope] = made
    return Answer(made)


def _scope(call: Call) -> str:
    if call.params["application_id"] != call.world.bot.id:
        raise Refused(refusals.UNKNOWN_APPLICATION)
    return call.guild_id if "guild_id" in call.params else ""


def _ids(call: Call) -> Iterator[str]:
    while True:
        yield call.world.new_id()
