"""Permissions as Discord counts them, by its own order of rules."""

from __future__ import annotations

from typing import Any

import pytest

from sparta.bot.permissions import NAMES, missing, permissions_in, permissions_of
from tests.discord.permissions import BITS, bits

GUILD, ROLE, OTHER, BOT = "1", "2", "3", "4"
WRITE = bits(["SEND_MESSAGES"])


def rule(whose: str, *, allow: int = 0, deny: int = 0, member: bool = False) -> dict[str, Any]:
    return {"id": whose, "type": int(member), "allow": str(allow), "deny": str(deny)}


@pytest.mark.parametrize(
    ("base", "rules", "may"),
    [
        (WRITE, [], True),
        (0, [], False),
        (WRITE, [rule(GUILD, deny=WRITE)], False),
        (WRITE, [rule(ROLE, deny=WRITE)], False),
        (WRITE, [rule(OTHER, deny=WRITE)], True),
        (WRITE, [rule(GUILD, deny=WRITE), rule(ROLE, allow=WRITE)], True),
        (WRITE, [rule(ROLE, allow=WRITE), rule(GUILD, deny=WRITE)], True),
        (0, [rule(ROLE, deny=WRITE), rule("5", allow=WRITE)], True),
        (WRITE, [rule(ROLE, allow=WRITE), rule(BOT, deny=WRITE, member=True)], False),
        (0, [rule(ROLE, deny=WRITE), rule(BOT, allow=WRITE, member=True)], True),
        (WRITE, [rule(OTHER, deny=WRITE, member=True)], True),
        (bits(["ADMINISTRATOR"]), [rule(GUILD, deny=WRITE)], True),
    ],
)
def test_rules_of_a_channel(base: int, rules: list[dict[str, Any]], may: bool) -> None:
    """Everybody's first, then those of all roles together, then the person's own; an administrator may everything."""
    here = permissions_in({"permission_overwrites": rules}, base, GUILD, [GUILD, ROLE, "5"], BOT)
    assert (missing(here, ["SEND_MESSAGES"]) == []) is may


def test_roles_add_up() -> None:
    """Those that are held."""
    roles = [{"id": ROLE, "permissions": "1024"}, {"id": "5", "permissions": "2048"}, {"id": OTHER, "permissions": "8"}]
    assert permissions_of(roles, [ROLE, "5"]) == 1024 | 2048


def test_the_bits_are_discords() -> None:
    """As the stand-in has them too."""
    assert {name: BITS[name] for name in NAMES} == NAMES
