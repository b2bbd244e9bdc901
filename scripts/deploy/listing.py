"""A change set in a few lines: what it does to each stack, for the moment before it is executed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scripts.deploy.follow import changes
from scripts.operations.target import NESTED

TAKEN_OVER = "taken over"
NAMED = 8
"""So many resources of a stack are named; of more, only the number is said."""


def lines(cloudformation: Any, change_set_id: str, root: str) -> list[str]:
    """One line for each stack in which something changes."""
    return [f"  {path or root}: {_words(found)}" for path, found in _by_stack(cloudformation, change_set_id) if found]


def takes_over(cloudformation: Any, change_set_id: str) -> bool:
    """Whether it imports what exists already."""
    found = _by_stack(cloudformation, change_set_id)
    return any(verb == TAKEN_OVER for _, changed in found for verb, _ in changed)


def _by_stack(cloudformation: Any, change_set_id: str, path: str = "") -> Iterator[tuple[str, list[tuple[str, str]]]]:
    own, below = [], []
    for change in changes(cloudformation, change_set_id):
        name = change["LogicalResourceId"]
        if change["ResourceType"] == NESTED and change.get("ChangeSetId"):
            below.append((f"{path}/{name}" if path else name, change["ChangeSetId"]))
        else:
            own.append((_verb(change), name))
    yield path, own
    for inner, nested in below:
        yield from _by_stack(cloudformation, nested, inner)


def _verb(change: dict[str, Any]) -> str:
    if change["Action"] == "Modify" and change.get("Replacement") == "True":
        return "replaced"
    if change["Action"] == "Modify" and change.get("Replacement") == "Conditional":
        return "changed, perhaps replaced"
    return {"Add": "added", "Modify": "changed", "Remove": "removed", "Import": TAKEN_OVER}.get(
        change["Action"], str(change["Action"]).lower()
    )


def _words(found: list[tuple[str, str]]) -> str:
    by_verb: dict[str, list[str]] = {}
    for verb, name in found:
        by_verb.setdefault(verb, []).append(name)
    if len(found) > NAMED:
        return ", ".join(f"{len(names)} {verb}" for verb, names in by_verb.items())
    return "; ".join(f"{', '.join(names)} {verb}" for verb, names in by_verb.items())
