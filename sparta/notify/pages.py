"""A text of any length as messages that Discord takes."""

from __future__ import annotations

CONTENT_LIMIT = 2000
"""Characters in one message of a bot."""


def pages(text: str, limit: int = CONTENT_LIMIT) -> list[str]:
    """``text`` in order, cut between lines where that is possible, else between words. No page is empty."""
    found: list[str] = []
    rest = text.replace("\r\n", "\n").strip()
    while len(rest) > limit:
        end = max(rest.rfind("\n", 1, limit + 1), 0) or max(rest.rfind(" ", 1, limit + 1), 0) or limit
        found.append(rest[:end].rstrip())
        rest = rest[end:].strip()
    return [*found, rest] if rest else found
