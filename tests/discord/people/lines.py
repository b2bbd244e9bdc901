"""What a person can type: a command that there is for them, with options that Discord's window takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.discord import commands, shapes
from tests.discord.commands import (
    BOOLEAN,
    CHANNEL,
    CHAT_INPUT,
    GROUP,
    INTEGER,
    NUMBER,
    ROLE,
    STRING,
    SUBCOMMAND,
    USER,
    Command,
)
from tests.discord.world import Channel, Member, Role, User, World

Option = dict[str, Any]
TYPES: dict[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    USER: (Member,),
    CHANNEL: (Channel,),
    ROLE: (Role,),
    NUMBER: (int, float),
}


class Impossible(Exception):
    """Discord's window would not let the person do that."""


@dataclass
class Line:
    """A command line: the command, the names from it down to what is called, the options of that."""

    command: Command
    path: list[Option]
    options: list[Option]
    resolved: dict[str, dict[str, Any]] = field(default_factory=dict)

    def data(self, values: list[Option]) -> dict[str, Any]:
        """What the bot is told."""
        for each in reversed(self.path):
            values = [{"type": each["type"], "name": each["name"], "options": values}]
        found = {"id": self.command["id"], "name": self.command["name"], "type": CHAT_INPUT, "options": values}
        where = {"guild_id": self.command["guild_id"]} if "guild_id" in self.command else {}
        return {**found, **where, **({"resolved": self.resolved} if self.resolved else {})}


def find(world: World, text: str, member: Member) -> Line:
    """The line that begins so.

    :raises Impossible: when there is no such command for that member
    """
    first, *others = text.removeprefix("/").split()
    known = [each for scope in (world.guild_id, "") for each in world.commands.get(scope, [])]
    command = next((each for each in known if each["name"] == first and each["type"] == CHAT_INPUT), None)
    if command is None:
        raise Impossible(f"there is no /{first}; there are {sorted(each['name'] for each in known)}")
    if commands.hidden_from(command, world.permissions(member)):
        raise Impossible(f"/{first} is hidden from {member.user.username}")
    path: list[Option] = []
    options: list[Option] = command.get("options", [])
    for name in others:
        path.append(_named(options, name, text))
        options = path[-1].get("options", [])
    if any(each["type"] in {SUBCOMMAND, GROUP} for each in options):
        raise Impossible(f"{text} needs one more word of {[each['name'] for each in options]}")
    return Line(command, path, options)


def fill(line: Line, world: World, given: Mapping[str, Any]) -> list[Option]:
    """The values as the bot gets them, in the order of the command's options.

    :raises Impossible: for one that there is not, is missing or does not fit
    """
    values = {_named(line.options, name, line.command["name"])["name"]: value for name, value in given.items()}
    for each in line.options:
        if each.get("required") and each["name"] not in values:
            raise Impossible(f"{each['name']} is required")
    known = [each for each in line.options if values.get(each["name"]) is not None]
    return [_filled(line, world, each, values[each["name"]]) for each in known]


def focus(line: Line, world: World, given: Mapping[str, Any], name: str, text: str) -> list[Option]:
    """The values while the person still types that one; what is required may still be missing."""
    option = _named(line.options, name, line.command["name"])
    if not option.get("autocomplete"):
        raise Impossible(f"{option['name']} suggests nothing")
    others = {_named(line.options, each, line.command["name"])["name"]: value for each, value in given.items()}
    values = [_filled(line, world, each, others[each["name"]]) for each in line.options if each["name"] in others]
    return [*values, {"name": option["name"], "type": option["type"], "value": text, "focused": True}]


def _named(options: list[Option], name: str, where: str) -> Option:
    """Python's names have no dashes: the underscore stands for both."""
    found = next((each for each in options if each["name"] in {name, name.replace("_", "-")}), None)
    if found is None:
        raise Impossible(f"{where} has no {name}; it has {[each['name'] for each in options]}")
    return found


def _filled(line: Line, world: World, option: Option, value: Any) -> Option:
    kind, name = option["type"], option["name"]
    value = getattr(value, "member", value)
    if isinstance(value, User):
        value = world.members.get(value.id) or Member(value, 0)
    if not isinstance(value, TYPES.get(kind, ())) or (isinstance(value, bool) and kind != BOOLEAN):
        raise Impossible(f"{name} cannot be {value!r}")
    if isinstance(value, Member | Channel | Role):
        value = _resolve(line, world, value)
    size = len(value) if isinstance(value, str) else value
    least = option.get("min_length" if kind == STRING else "min_value", size)
    most = option.get("max_length" if kind == STRING else "max_value", size)
    if kind in {STRING, INTEGER, NUMBER} and not least <= size <= most:
        raise Impossible(f"{name} must be between {least} and {most}")
    choices = [each["value"] for each in option.get("choices", [])]
    if choices and value not in choices:
        raise Impossible(f"{name} must be one of {choices}")
    return {"name": name, "type": kind, "value": value}


def _resolve(line: Line, world: World, value: Member | Channel | Role) -> str:
    """Put beside the options what the id stands for."""
    if isinstance(value, Member):
        line.resolved.setdefault("users", {})[value.user.id] = shapes.user(value.user)
        if value.user.id in world.members:
            member = {**shapes.member(value), "permissions": str(world.permissions(value))}
            del member["user"], member["mute"], member["deaf"]
            line.resolved.setdefault("members", {})[value.user.id] = member
        return value.user.id
    if isinstance(value, Role):
        line.resolved.setdefault("roles", {})[value.id] = shapes.role(value)
        return value.id
    channel = {**shapes.channel(value, world), "permissions": str(world.permissions_here(value))}
    line.resolved.setdefault("channels", {})[value.id] = channel
    return value.id
