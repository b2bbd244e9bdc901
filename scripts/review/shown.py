"""A value before and after, short enough to be read side by side."""

from __future__ import annotations

import json
from itertools import takewhile
from typing import Any

from scripts.review.model import ABSENT, PropertyChange
from templates.rules.values import text

CONTEXT = 24
"""How much of what did not change is left around what did."""
NOISE = ("PolicyDocument.Statement.", "Properties.")


def place(change: PropertyChange) -> str:
    """A property's path without the steps that every policy has."""
    path = change.path
    for noise in NOISE:
        path = path.replace(noise, "")
    return path


def pair(change: PropertyChange, fits: int, longest: int) -> tuple[str, str]:
    """Both as text: of one that does not fit only the part that differs, and of that at most ``longest`` letters."""
    before, after = _members(change.before, change.after)
    old, new = written(before), written(after)
    if ABSENT not in (change.before, change.after):
        old, new = _around(old, new, fits)
    return cut(old, longest), cut(new, longest)


def written(value: Any) -> str:
    if isinstance(value, dict | list):
        return json.dumps(value, default=str, ensure_ascii=False)
    return repr(value) if value is ABSENT else text(value) or '""'


def cut(value: str, longest: int) -> str:
    return value if len(value) <= longest else f"{value[: longest - 20]}… ({len(value)} letters)"


def _members(before: Any, after: Any) -> tuple[Any, Any]:
    """Of two lists of words, what is only in one of them; both as they are where the order alone differs."""
    if not (isinstance(before, list) and isinstance(after, list)):
        return before, after
    if any(isinstance(item, dict | list) for item in [*before, *after]):
        return before, after
    gone, come = [x for x in before if x not in after], [x for x in after if x not in before]
    if not gone and not come:
        return before, after
    return _joined(gone), _joined(come)


def _joined(items: list[Any]) -> Any:
    return ", ".join(map(text, items)) if items else ABSENT


def _around(before: str, after: str, fits: int) -> tuple[str, str]:
    """Both without most of what they begin and end with alike, when they are too long."""
    if max(len(before), len(after)) <= fits:
        return before, after
    start = max(_alike(before, after) - CONTEXT, 0)
    end = max(_alike(before[start:][::-1], after[start:][::-1]) - CONTEXT, 0)
    old, new = (
        ("…" if start else "") + value[start : len(value) - end] + ("…" if end else "") for value in (before, after)
    )
    return old, new


def _alike(before: str, after: str) -> int:
    """How many letters both begin with."""
    return sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(before, after, strict=False)))
