"""Our comparison beside what the real change set listed: neither is believed alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal

from scripts.review.entries import ATTRIBUTES, Entry, referenced
from scripts.review.model import Listed, ResourceChange
from scripts.review.words import listing
from templates.rules.scope import NESTED

ACTIONS = {"Add": "add", "Import": "add", "Remove": "remove"}
SAID = {
    "add": "is added",
    "change": "changes in place",
    "replace": "is replaced",
    "maybe-replace": "may be replaced",
    "remove": "is removed",
}
FED = ", because it takes a value of another stack that changes"


def agree(
    changes: Sequence[ResourceChange], listed: Sequence[Listed] | None, after: Mapping[str, Entry]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Disagreements and notes, a sentence each; nothing when there is no listing."""
    if listed is None:
        return (), ()
    ours = {change.path: change for change in changes}
    theirs = {item.path: item for item in listed}
    moving = _moving(changes, listed)
    disagreements: list[str] = []
    notes: list[str] = []
    for path in dict.fromkeys([*ours, *theirs]):
        fed = path in after and _fed(after[path], moving)
        for doubtful, sentence in _compared(path, ours.get(path), theirs.get(path), fed=fed):
            (notes if doubtful else disagreements).append(sentence)
    return tuple(disagreements), tuple(notes)


def revealed(
    changes: Sequence[ResourceChange], listed: Sequence[Listed] | None, after: Mapping[str, Entry]
) -> list[ResourceChange]:
    """What only the change set replaces or removes, where no doubt explains it: AWS knows what it is going to do."""
    ours = {change.path: change.action for change in changes}
    moving = _moving(changes, listed or ())
    return [
        ResourceChange(
            item.path, action, item.type, reasons=("the change set says so; our comparison does not see it",)
        )
        for item in listed or ()
        if (action := _harm(item)) and ours.get(item.path) not in (action, "maybe-replace")
        if item.type != NESTED and not (item.path in after and _fed(after[item.path], moving))
    ]


def _harm(item: Listed) -> Literal["remove", "replace"] | None:
    if item.action == "Remove":
        return "remove"
    return "replace" if item.action == "Modify" and item.replacement == "True" else None


def _moving(changes: Sequence[ResourceChange], listed: Sequence[Listed]) -> set[str]:
    """Paths of the stacks in which something changes."""
    return {change.stack for change in changes} | {item.path for item in listed if item.type == NESTED}


def _fed(entry: Entry, moving: Collection[str]) -> bool:
    """Whether it takes a value of another stack in which something moves: a nested change set, which is made before
    that stack is updated, takes every such value for a new one (cloudformation-coverage-roadmap#759)."""
    own = entry.path.rpartition("/")[0]
    sources = {path.rpartition("/")[0] for path in referenced(entry.props)}
    return bool(sources & set(moving) - {own})


def _compared(
    path: str, change: ResourceChange | None, item: Listed | None, *, fed: bool
) -> Iterator[tuple[bool, str]]:
    """Whether it is no more than a doubt, and the sentence."""
    if item is None and change is not None:
        yield from _unlisted(path, change)
    elif item is not None and change is None:
        yield from _unchanged(path, item, fed=fed)
    elif item is not None and change is not None:
        yield from _both(path, change, item, fed=fed)


def _unlisted(path: str, change: ResourceChange) -> Iterator[tuple[bool, str]]:
    changed = {item.path.partition(".")[0] for item in change.properties}
    if change.action == "change" and changed <= set(ATTRIBUTES):
        yield True, f"{path} changes only its {listing(sorted(changed))}; CloudFormation takes that with other changes."
        return
    why = " as what it refers to is replaced" if change.follows else ""
    sentence = f"{path} {SAID[change.action]} by our comparison{why}, but the change set does not list it."
    yield change.follows, sentence


def _unchanged(path: str, item: Listed, *, fed: bool) -> Iterator[tuple[bool, str]]:
    if item.type == NESTED and item.action not in ACTIONS:
        return
    if item.action in ACTIONS:
        yield False, f"{path} {_said(item)} by the change set, but our comparison finds no change in it."
    elif fed:
        yield True, f"{path} {_said(item)} by the change set{FED}; our comparison finds no change in it."
    elif item.action == "Dynamic" or item.replacement == "Conditional":
        yield True, f"{path}: the change set says it may be replaced; our comparison finds no change in it."
    elif item.parameters and item.replacement != "True":
        taken = f"because it takes {listing(item.parameters)}, which changes; what it makes of that stays the same"
        yield True, f"{path} {_said(item)} by the change set, {taken}."
    else:
        yield False, f"{path} {_said(item)} by the change set, but our comparison finds no change in it."


def _both(path: str, change: ResourceChange, item: Listed, *, fed: bool) -> Iterator[tuple[bool, str]]:
    theirs = ACTIONS.get(item.action, "modify")
    mine = change.action if change.action in ("add", "remove") else "modify"
    if theirs != mine:
        yield False, f"{path} {SAID[change.action]} by our comparison, but {_said(item)} by the change set."
    elif theirs == "modify":
        yield from _replacement(path, change, item, fed=fed)


def _replacement(path: str, change: ResourceChange, item: Listed, *, fed: bool) -> Iterator[tuple[bool, str]]:
    ours = f"by our comparison it {SAID[change.action]}"
    match (item.replacement, change.action):
        case ("True", "change") if fed:
            yield True, f"{path} is replaced by the change set{FED}; {ours}."
        case ("True", "change"):
            yield False, f"{path} changes in place by our comparison, but is replaced by the change set."
        case ("True", "maybe-replace"):
            yield True, f"{path}: our comparison says it may be replaced; the change set confirms that it is."
        case ("True", _):
            return
        case _ if _doubtful(item):
            yield True, f"{path}: the change set says it may be replaced; {ours}."
        case ("False", "replace"):
            yield False, f"{path} is replaced by our comparison, but changes in place by the change set."
        case ("False", "maybe-replace"):
            yield True, f"{path}: our comparison says it may be replaced; the change set says it changes in place."


def _doubtful(item: Listed) -> bool:
    return item.replacement == "Conditional" or item.action == "Dynamic" or item.policy_action.startswith("Replace")


def _said(item: Listed) -> str:
    if item.action in ACTIONS:
        return SAID[ACTIONS[item.action]]
    return {"True": "is replaced", "Conditional": "may be replaced"}.get(item.replacement, "changes in place")
