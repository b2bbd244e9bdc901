"""Permissions as Discord counts them: those of roles together, then what a channel takes and gives."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

ADMINISTRATOR = "ADMINISTRATOR"
NAMES = {
    ADMINISTRATOR: 3,
    "VIEW_CHANNEL": 10,
    "SEND_MESSAGES": 11,
    "EMBED_LINKS": 14,
    "ATTACH_FILES": 15,
    "READ_MESSAGE_HISTORY": 16,
    "MANAGE_ROLES": 28,
    "MANAGE_THREADS": 34,
    "CREATE_PRIVATE_THREADS": 36,
    "SEND_MESSAGES_IN_THREADS": 38,
}
"""The bits of those that matter to us."""
_ROLE, _MEMBER = 0, 1
"""Whom an overwrite of a channel is for."""


def permissions_of(roles: Iterable[Mapping[str, Any]], held: Collection[str]) -> int:
    """What the roles with these ids allow in the whole guild."""
    found = 0
    for role in roles:
        if role["id"] in held:
            found |= int(role["permissions"])
    return found


def permissions_in(channel: Mapping[str, Any], base: int, guild_id: str, held: Collection[str], person: str) -> int:
    """The same in one channel: its rules for everybody, then for their roles together, then for the person."""
    if base & 1 << NAMES[ADMINISTRATOR]:
        return base
    rules = channel.get("permission_overwrites") or []
    everybody = [each for each in rules if each["id"] == guild_id]
    roles = [each for each in rules if each["type"] == _ROLE and each["id"] in held and each["id"] != guild_id]
    own = [each for each in rules if each["type"] == _MEMBER and each["id"] == person]
    for group in (everybody, roles, own):
        for each in group:
            base &= ~int(each["deny"])
        for each in group:
            base |= int(each["allow"])
    return base


def missing(permissions: int, needed: Iterable[str]) -> list[str]:
    """Those of ``needed`` that are not among them; an administrator may everything."""
    if permissions & 1 << NAMES[ADMINISTRATOR]:
        return []
    return [name for name in needed if not permissions & 1 << NAMES[name]]
