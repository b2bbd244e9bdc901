"""Markdown as the pages need it: headings, tables, code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MADE = "<!-- Made by `make docs` from the code; edit that. -->"
LONGEST = 44
"""A longer value would make its column too wide to read: its middle is left out."""


def page(title: str, *parts: str) -> str:
    """A whole page."""
    return "\n\n".join([f"# {title}", MADE, *(part.strip("\n") for part in parts)]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar inside a cell would end it, and is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |" for cells in lines)


def plain(text: str) -> str:
    """Text that Markdown leaves as it is."""
    return text.replace("<", "&lt;").replace("*", "\\*")


def code(text: object) -> str:
    """As code; nothing at all for nothing."""
    return f"`{text}`" if str(text) else ""


def codes(texts: Iterable[object]) -> str:
    """Several, separated by commas."""
    return ", ".join(code(text) for text in texts)


def value(text: str) -> str:
    """A value as code, short enough for a table."""
    if "," in text:
        return ", ".join(value(part) for part in text.split(","))
    half = LONGEST // 2
    return code(text if len(text) <= LONGEST else f"{text[:half]}…{text[-half:]}")
