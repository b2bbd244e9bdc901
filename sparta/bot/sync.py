"""``python -m sparta.bot sync``: the guild's commands become those of this version. A step of each deployment.

The service itself registers nothing: an old process beside a new one would take the new one's commands away, and
Discord lets a bot make 200 commands a day. Run twice, the second run changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from disnake.app_commands import application_command_factory

from sparta.bot import setup_texts as texts
from sparta.bot.app import SpartaBot
from sparta.bot.cli import in_a_sentence
from sparta.notify.rest import Rest
from sparta.settings import BotSettings

HERE, EVERYWHERE = "/applications/{}/guilds/{}/commands", "/applications/{}/commands"
LOCALIZED = {"with_localizations": "true"}
_OF_GLOBAL_ONES = ("integration_types", "contexts", "default_permission", "dm_permission")

Command = dict[str, Any]
Commands = dict[str, Command]


def wanted(bot: SpartaBot) -> Commands:
    """This version's, by name, in the form in which they are compared."""
    return {command.name: _compared(command.body.to_dict()) for command in bot.application_commands}


def registered(rest: Rest, settings: BotSettings) -> Commands:
    """The guild's, likewise.

    :raises DependencyFailed: Discord does not tell
    """
    with in_a_sentence("read the commands"):
        found = rest.ask("GET", HERE, (str(settings.bot_client_id), str(settings.guild_id)), query=LOCALIZED)
    return {each["name"]: _compared(application_command_factory(each).to_dict()) for each in found}


def sync(rest: Rest, settings: BotSettings, wanted: Commands) -> Iterator[str]:
    """Make them so; yields lines for people.

    :raises DependencyFailed: Discord does not do it
    """
    known = registered(rest, settings)
    lines = list(difference(known, wanted))
    if lines:
        ids = str(settings.bot_client_id), str(settings.guild_id)
        yield from lines
        with in_a_sentence("register the commands"):
            rest.ask("PUT", HERE, ids, body=list(wanted.values()))
        yield texts.synchronised(len(wanted))
    else:
        yield texts.nothing_to_synchronise(len(wanted))
    yield from _beside(rest, settings)


def difference(known: Commands, wanted: Commands) -> Iterator[str]:
    """A line for each command that is new, gone or changed, and one for each change in it."""
    for name in sorted(known.keys() | wanted.keys()):
        if name not in known:
            yield f"+ /{name}"
        elif name not in wanted:
            yield f"- /{name}"
        elif known[name] != wanted[name]:
            yield f"~ /{name}"
            yield from _changes(dict(_flat(known[name])), dict(_flat(wanted[name])))


def _changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path, "nothing"), after.get(path, "nothing")
        if old != new:
            yield f"    {path}: {old} -> {new}"


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each value by its path; what is in a list by its name where it has one. The order of options counts too."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _flat(each, f"{path}.{name}".strip("."))
    elif isinstance(value, list):
        names = [str(each.get("name", number)) if isinstance(each, dict) else each for number, each in enumerate(value)]
        yield path, ", ".join(map(str, names))
        for name, each in zip(names, value, strict=True):
            if isinstance(each, dict):
                yield from _flat(each, f"{path}.{name}")
    else:
        yield path, value


def _compared(command: Any) -> Command:
    return {name: value for name, value in command.items() if name not in _OF_GLOBAL_ONES}


def _beside(rest: Rest, settings: BotSettings) -> Iterator[str]:
    """Commands of an earlier bot for all guilds, which people would see twice."""
    with in_a_sentence("read the commands of all guilds"):
        others = rest.ask("GET", EVERYWHERE, (str(settings.bot_client_id),))
    if others:
        yield texts.global_commands([each["name"] for each in others])
