"""What differs between two rendered values, leaf by leaf."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from scripts.review.model import ABSENT
from templates.rules.values import text

IDENTITIES = ("Sid", "Key", "Name", "Id", "IndexName", "AttributeName", "PolicyName", "RuleName", "ContainerName")
"""Properties by which people tell the entries of a list."""
Path = tuple[str, ...]
Difference = tuple[Path, Any, Any]


def differences(before: Any, after: Any, path: Path = ()) -> Iterator[Difference]:
    """Each leaf that differs: where, what it was, what it will be; ``ABSENT`` where there is none."""
    if same(before, after):
        return
    before, after = _opened(before, after)
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from differences(before.get(key, ABSENT), after.get(key, ABSENT), (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path)
    else:
        yield path, before, after


def same(before: Any, after: Any) -> bool:
    """Whether CloudFormation sees one value in both: it writes every scalar as text."""
    if isinstance(before, dict) and isinstance(after, dict):
        return before.keys() == after.keys() and all(same(before[key], after[key]) for key in before)
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(same, before, after))
    if isinstance(before, dict | list) or isinstance(after, dict | list) or before is ABSENT or after is ABSENT:
        return before is after
    return text(before) == text(after)


def _opened(before: Any, after: Any) -> tuple[Any, Any]:
    """JSON that travels as text (a dashboard, a lifecycle policy) is compared as what it says."""
    if isinstance(before, str) and isinstance(after, str) and before[:1] in "{[" and after[:1] in "{[":
        try:
            read = json.loads(before), json.loads(after)
        except ValueError:
            return before, after
        if not same(*read):
            return read
    return before, after


def _lists(before: list[Any], after: list[Any], path: Path) -> Iterator[Difference]:
    identity = next((key for key in IDENTITIES if _told_by(key, before) and _told_by(key, after)), None)
    if identity:
        yield from _named(before, after, identity, path)
        return
    gone, come = _rest(before, after), _rest(after, before)
    if not gone and not come:
        yield path, before, after  # another order
    elif all(isinstance(item, dict) for item in [*gone, *come]):
        yield from _paired(before, after, gone, come, path)
    else:
        yield path, before, after


def _named(before: list[Any], after: list[Any], identity: str, path: Path) -> Iterator[Difference]:
    old, new = ({text(item[identity]): item for item in items} for items in (before, after))
    keys = dict.fromkeys([*old, *new])
    if list(old) != list(new) and old.keys() == new.keys() and all(same(old[key], new[key]) for key in keys):
        yield path, list(old), list(new)
    for key in keys:
        yield from differences(old.get(key, ABSENT), new.get(key, ABSENT), (*path, key))


def _paired(before: list[Any], after: list[Any], gone: list[Any], come: list[Any], path: Path) -> Iterator[Difference]:
    """The entries that are in one list only, side by side in their order."""
    for index in range(max(len(gone), len(come))):
        old = gone[index] if index < len(gone) else ABSENT
        new = come[index] if index < len(come) else ABSENT
        place = before.index(old) if old is not ABSENT else after.index(new)
        yield from differences(old, new, (*path, str(place)))


def _told_by(key: str, items: list[Any]) -> bool:
    names = [text(item.get(key)) for item in items if isinstance(item, dict)]
    return len(names) == len(items) and all(names) and len(set(names)) == len(names)


def _rest(items: list[Any], others: list[Any]) -> list[Any]:
    """The items that the other list does not have."""
    left, rest = list(others), []
    for item in items:
        found = next((index for index, other in enumerate(left) if same(item, other)), None)
        if found is None:
            rest.append(item)
        else:
            left.pop(found)
    return rest
