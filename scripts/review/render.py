"""A review for a terminal, a pull request and a program."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from scripts.review.markdown import to_markdown
from scripts.review.model import ABSENT, Doors, Review
from scripts.review.terminal import to_terminal

__all__ = ["to_json", "to_markdown", "to_terminal"]


def to_json(review: Review) -> str:
    """Every field of the model; a value that is not there is left out of its ``before`` or ``after``."""
    plain = asdict(review)
    for name in ("security_rules", "permissions"):
        doors: Doors = getattr(review, name)
        plain[name] = doors._asdict()
    for change in plain["changes"]:
        change["properties"] = [_present(item) for item in change["properties"]]
    return json.dumps(plain | {"is_empty": review.is_empty}, indent=2, ensure_ascii=False, default=str) + "\n"


def _present(item: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in item.items() if not _absent(value)}


def _absent(value: Any) -> bool:
    """``asdict`` copies, so that it is no longer the same object."""
    return isinstance(value, type(ABSENT))
