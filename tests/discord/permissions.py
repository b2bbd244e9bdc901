"""Permissions by name: the bits that Discord counts them with."""

from __future__ import annotations

from collections.abc import Iterable

BITS = {
    "ADMINISTRATOR": 3,
    "MANAGE_CHANNELS": 4,
    "MANAGE_GUILD": 5,
    "VIEW_CHANNEL": 10,
    "SEND_MESSAGES": 11,
    "MANAGE_MESSAGES": 13,
    "EMBED_LINKS": 14,
    "ATTACH_FILES": 15,
    "READ_MESSAGE_HISTORY": 16,
    "MANAGE_ROLES": 28,
    "USE_APPLICATION_COMMANDS": 31,
    "MANAGE_THREADS": 34,
    "CREATE_PUBLIC_THREADS": 35,
    "CREATE_PRIVATE_THREADS": 36,
    "SEND_MESSAGES_IN_THREADS": 38,
    "MODERATE_MEMBERS": 40,
}
OF_PEOPLE = (
    "VIEW_CHANNEL SEND_MESSAGES EMBED_LINKS ATTACH_FILES READ_MESSAGE_HISTORY USE_APPLICATION_COMMANDS "
    "SEND_MESSAGES_IN_THREADS CREATE_PUBLIC_THREADS"
).split()
"""What everybody may in a new guild."""
OF_THE_BOT = [*OF_PEOPLE, *"MANAGE_ROLES MANAGE_MESSAGES MANAGE_THREADS CREATE_PRIVATE_THREADS".split()]


def bits(names: Iterable[str]) -> int:
    """The number that stands for these permissions."""
    return sum(1 << BITS[name] for name in set(names))


def allows(permissions: int, wanted: int) -> bool:
    """Whether all of ``wanted`` is among them; an administrator may everything."""
    return bool(permissions & bits(["ADMINISTRATOR"])) or permissions & wanted == wanted
