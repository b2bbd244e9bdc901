"""Secrets never reach a log line: known values are replaced wherever they stand, and fields that name a secret wholly.

Masking is the last processor before a line is written, so it also sees tracebacks and what libraries log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MASK = "***"
SHORTEST = 6
"""Shorter values would mask ordinary words."""
_SENSITIVE = re.compile(r"(token|secret|password|private_?key|api[_-]?key|authorization|cookie)$", re.IGNORECASE)


class Masker:
    """Knows the secrets of this process; more are added as they are read or rotated."""

    def __init__(self) -> None:
        self._secrets: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None
        self._lock = Lock()

    def add(self, values: Iterable[str]) -> None:
        """Mask these from now on. Of a URL also its parts that may hold a key: libraries quote those alone. Of a number
        in hex also the digits without 0x, and in either case.
        """
        with self._lock:
            parts = {part for value in values for part in (value, value.removeprefix("0x"), *_parts_of_url(value))}
            self._secrets |= {part for part in parts if len(part) >= SHORTEST}
            longest_first = sorted(self._secrets, key=len, reverse=True)
            any_of_them = "|".join(map(re.escape, longest_first))
            self._pattern = re.compile(any_of_them, re.IGNORECASE) if longest_first else None

    def text(self, text: str) -> str:
        """``text`` without secrets."""
        return self._pattern.sub(MASK, text) if self._pattern else text

    def value(self, value: Any) -> Any:
        """Any value of a log line, without secrets."""
        match value:
            case str():
                return self.text(value)
            case bool() | int() | float() | None:
                return value
            case Mapping():
                return {self.text(str(key)): self._field(str(key), each) for key, each in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self.value(each) for each in value]
        return self.text(str(value))

    def _field(self, name: str, value: Any) -> Any:
        return MASK if value is not None and _SENSITIVE.search(name) else self.value(value)


def _parts_of_url(value: str) -> list[str]:
    """User information, the parts of the path and the values of the query; nothing for what is no URL."""
    try:
        url = urlsplit(value)
    except ValueError:
        return []
    if not url.scheme or not url.netloc:
        return []
    # A short part of a path is a word such as "v3" or "jsonrpc"; a key is long.
    path = [part for part in url.path.split("/") if len(part) >= 16]
    query = [each for _, each in parse_qsl(url.query)]
    return [part for part in (url.username, url.password, *path, *query) if part]
