"""Discord's markup: names that people chose cannot change it, times show in the reader's zone, pages keep the limit."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sparta.addresses import checksum_address

LIMIT = 2000
"""Characters of one message; a page leaves some for who counts them otherwise."""
_ROOM = LIMIT - 50
_SPECIAL = re.compile(r"([\\*_~`|>\[\]()<#@:\-])")
_EXPLORERS = {
    1: "https://etherscan.io",
    11155111: "https://sepolia.etherscan.io",
    17000: "https://holesky.etherscan.io",
}


def plain(text: str) -> str:
    """``text`` on one line, as it is written, without any effect."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return _SPECIAL.sub(r"\\\1", " ".join(printable.split()))


def mention(discord_id: str) -> str:
    """Notifies that person, and only where it stands in the content of a message."""
    return f"<@{discord_id}>"


def moment(milliseconds: int) -> str:
    """A date and time, shown in the reader's zone."""
    return f"<t:{milliseconds // 1000}:f>"


def ago(milliseconds: int) -> str:
    """How long ago that was, as of when it is read."""
    return f"<t:{milliseconds // 1000}:R>"


def validator(address: str, label: str | None, chain_id: int | None = None) -> str:
    """Its label, its whole address, and where to look it up, if the chain has an explorer."""
    shown = checksum_address(address)
    name = f"**{plain(label)}** " if label and label.strip() else ""
    explorer = _EXPLORERS.get(chain_id) if chain_id else None
    return f"{name}`{shown}`" + (f" ([look it up](<{explorer}/address/{shown}>))" if explorer else "")


def pages(sections: Iterable[tuple[str, Iterable[str]]], first: str, following: str, last: str = "") -> list[str]:
    """Messages of sections, each a heading and its lines, within Discord's limit.

    No line is cut. ``first`` opens the first page, ``following`` every other, ``last`` closes the last; where a
    section goes on on the next page, the first line of its heading stands there again.
    """
    done: list[str] = []
    page = [first]
    for heading, lines in sections:
        new = [heading]
        for line in lines:
            if _size([*page, *new, line, last]) > _ROOM and len(page) > 1:
                done.append("\n".join(page))
                page = [following]
                new = new or [heading.partition("\n")[0]]
            page += [*new, line]
            new = []
    return [*done, "\n".join([*page, last] if last else page)]


def _size(lines: Iterable[str]) -> int:
    """As Discord's clients count: a character outside of the basic plane is two."""
    return sum(len(line.encode("utf-16-le")) // 2 + 1 for line in lines)
