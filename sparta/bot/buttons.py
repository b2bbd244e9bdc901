"""Buttons that work after a restart: all that a click needs to know stands in the button itself.

A button's id is its kind and up to three values, joined by colons. Discord takes 100 characters and no id twice in one
message, so a pager's buttons end in their own sign.
"""

from __future__ import annotations

from typing import NamedTuple

from disnake import ButtonStyle
from disnake.ui import Button

STATS, OPERATORS, HELP = "stats", "operators", "help"
ALWAYS_SHOWN = 2


class Pressed(NamedTuple):
    """A button by its id; ``page`` counts from 0."""

    kind: str
    page: int = 0
    about: str = ""


def pressed(custom_id: str) -> Pressed | None:
    """What a click means; ``None`` for a button that this version does not know."""
    kind, _, rest = custom_id.partition(":")
    page, _, rest = rest.partition(":")
    if kind not in {STATS, OPERATORS, HELP} or not (page.isdecimal() and len(page) < 8):
        return None
    return Pressed(kind, int(page), rest.partition(":")[0])


def pager(kind: str, page: int, pages: int, about: str = "") -> list[Button[None]]:
    """To the first, previous, next and last page, with the present one between them; nothing for a single page."""
    if pages < ALWAYS_SHOWN:
        return []

    def to(sign: str, label: str, target: int, *, works: bool) -> Button[None]:
        custom_id = f"{kind}:{max(target, 0)}:{about}:{sign}"
        return Button(style=ButtonStyle.secondary, label=label, custom_id=custom_id, disabled=not works)

    back, forth = page > 0, page < pages - 1
    return [
        to("first", "First", 0, works=back),
        to("back", "Back", page - 1, works=back),
        to("here", f"{page + 1} / {pages}", page, works=False),
        to("next", "Next", page + 1, works=forth),
        to("last", "Last", pages - 1, works=forth),
    ]


def topic(label: str, about: str) -> Button[None]:
    """Leads from an overview to one of its commands."""
    return Button(style=ButtonStyle.primary, label=label, custom_id=f"{HELP}:0:{about}")
