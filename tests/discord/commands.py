"""Commands as Discord takes them: what Discord's document does not say of them, and how they are kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.discord.permissions import bits
from tests.discord.refusals import wrong

CHAT_INPUT = 1
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)
"""Types of options."""
MOST_CHARACTERS = 8000
MOST_CHAT_INPUT = 100
Command = dict[str, Any]
LOCALIZED = ("name_localizations", "description_localizations")
ONLY_IF_TRUE = ("required", "autocomplete")


def check(commands: list[Command]) -> None:
    """Refuse what Discord refuses of a whole list."""
    seen = set()
    for number, each in enumerate(commands):
        key = each.get("type") or CHAT_INPUT, each["name"]
        if key in seen:
            raise wrong(
                f"{number}.name", "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique"
            )
        seen.add(key)
        if key[0] == CHAT_INPUT:
            _check_chat_input(each, str(number))
    if sum(kind == CHAT_INPUT for kind, _ in seen) > MOST_CHAT_INPUT:
        text = f"The maximum number of application commands is {MOST_CHAT_INPUT}"
        raise wrong("", "APPLICATION_COMMANDS_MAX", text)


def _check_chat_input(command: Command, where: str) -> None:
    _check_name(command["name"], where)
    if not command.get("description"):
        raise wrong(f"{where}.description", "BASE_TYPE_REQUIRED", "This field is required")
    if _size(command) > MOST_CHARACTERS:
        raise wrong(where, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({MOST_CHARACTERS})")
    _check_options(command.get("options") or [], f"{where}.options")


def _check_name(name: str, where: str) -> None:
    if not re.fullmatch(r"[-_'\w]{1,32}", name) or name != name.lower():
        raise wrong(f"{where}.name", "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_options(options: list[dict[str, Any]], where: str) -> None:
    names, optional = set(), False
    for number, each in enumerate(options):
        here = f"{where}.{number}"
        _check_name(each["name"], here)
        if each["name"] in names:
            raise wrong(here, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
        names.add(each["name"])
        if each.get("required") and optional:
            text = "Required options must be placed before non-required options"
            raise wrong(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", text)
        optional = optional or not each.get("required")
        if each.get("autocomplete") and each.get("choices"):
            text = "Autocomplete and choices cannot be used together"
            raise wrong(here, "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID", text)
        _check_options(each.get("options") or [], f"{here}.options")
    if len({each["type"] in {SUBCOMMAND, GROUP} for each in options}) > 1:
        text = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        raise wrong(where, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", text)


def _size(part: Mapping[str, Any]) -> int:
    """Names, descriptions and values count, all the way down."""
    texts = [part.get("name"), part.get("description"), part.get("value")]
    inner = [*(part.get("options") or []), *(part.get("choices") or [])]
    return sum(len(text) for text in texts if isinstance(text, str)) + sum(map(_size, inner))


def kept(given: Mapping[str, Any], known: Mapping[str, Any] | None, new_id: Iterator[str], **where: str) -> Command:
    """One command as Discord keeps it: under the id that it had, with a new version if anything of it changed."""
    permissions = given.get("default_member_permissions")
    found: Command = {
        **where,
        "type": given.get("type") or CHAT_INPUT,
        "name": given["name"],
        "name_localizations": given.get("name_localizations"),
        "description": given.get("description") or "",
        "description_localizations": given.get("description_localizations"),
        "default_member_permissions": None if permissions is None else str(permissions),
        "contexts": None if "guild_id" in where else given.get("contexts"),
        "integration_types": given.get("integration_types") or [0],
        "nsfw": bool(given.get("nsfw")),
        **({} if "guild_id" in where else {"dm_permission": given.get("dm_permission") is not False}),
    }
    if given.get("options"):
        found["options"] = [_kept_option(each) for each in given["options"]]
    same = known is not None and {**known, "id": None, "version": None} == {**found, "id": None, "version": None}
    version = known["version"] if same and known else next(new_id)
    return {**found, "id": known["id"] if known else next(new_id), "version": version}


def _kept_option(given: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in given.items() if value is not None}
    for name in ("options", "choices"):
        if name in found:
            found[name] = [_kept_option(each) for each in found[name]]
    return {name: value for name, value in found.items() if value or name not in (*ONLY_IF_TRUE, "options", "choices")}


def without_localizations(part: Mapping[str, Any]) -> dict[str, Any]:
    """As it is shown to those who did not ask for them."""
    found = {name: value for name, value in part.items() if name not in LOCALIZED}
    for name in ("options", "choices"):
        if name in found:
            found[name] = [without_localizations(each) for each in found[name]]
    return found


def hidden_from(command: Command, permissions: int) -> bool:
    """Whether a person with these permissions does not even see it."""
    needed = command["default_member_permissions"]
    if needed is None or permissions & bits(["ADMINISTRATOR"]):
        return False
    return needed == "0" or permissions & int(needed) != int(needed)
