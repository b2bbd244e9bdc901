"""Our comparison beside what the real change set listed: neither is believed alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from scripts.review.model import Listed, ResourceChange
from templates.rules.scope import NESTED

ACTIONS = {"Add": "add", "Import": "add", "Remove": "remove"}
SAID = {
    "add": "is added",
    "change": "changes in place",
    "replace": "is replaced",
    "maybe-replace": "may be replaced",
    "remove": "is removed",
}


def agree(
    changes: Sequence[ResourceChange], listed: Sequence[Listed] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Disagreements and notes, a sentence each; nothing when there is no listing."""
    if listed is None:
        return (), ()
    ours = {change.path: change for change in changes}
    theirs = {item.path: item for item in listed}
    disagreements: list[str] = []
    notes: list[str] = []
    for path in dict.fromkeys([*ours, *theirs]):
        change, item = ours.get(path), theirs.get(path)
        for doubtful, sentence in _compared(path, change, item):
            (notes if doubtful else disagreements).append(sentence)
    return tuple(disagreements), tuple(notes)


def _compared(path: str, change: ResourceChange | None, item: Listed | None) -> Iterator[tuple[bool, str]]:
    """Whether it is only a doubt of the change set's, and the sentence."""
    if item is None and change is not None:
        yield False, f"{path} {SAID[change.action]} by our comparison, but the change set does not list it."
    elif item is not None and change is None:
        yield from _unchanged(path, item)
    elif item is not None and change is not None:
        yield from _both(path, change, item)


def _unchanged(path: str, item: Listed) -> Iterator[tuple[bool, str]]:
    if item.type == NESTED and item.action not in ACTIONS:
        return
    if item.action in ACTIONS or item.replacement == "True":
        yield False, f"{path} {_said(item)} by the change set, but our comparison finds no change in it."
    elif item.action == "Dynamic" or item.replacement == "Conditional":
        yield True, f"{path}: the change set says it may be replaced; our comparison finds no change in it."
    else:
        yield False, f"{path} changes in place by the change set, but our comparison finds no change in it."


def _both(path: str, change: ResourceChange, item: Listed) -> Iterator[tuple[bool, str]]:
    theirs = ACTIONS.get(item.action, "modify")
    mine = change.action if change.action in ("add", "remove") else "modify"
    if theirs != mine:
        yield False, f"{path} {SAID[change.action]} by our comparison, but {_said(item)} by the change set."
    elif theirs == "modify":
        yield from _replacement(path, change, item)


def _replacement(path: str, change: ResourceChange, item: Listed) -> Iterator[tuple[bool, str]]:
    doubtful = item.replacement == "Conditional" or item.action == "Dynamic" or item.policy_action.startswith("Replace")
    if doubtful and item.replacement != "True":
        denied = change.action == "change"
        said = (
            "our comparison denies it: it changes in place" if denied else f"by our comparison it {SAID[change.action]}"
        )
        yield True, f"{path}: the change set says it may be replaced; {said}."
    elif item.replacement == "True" and change.action == "change":
        yield False, f"{path} changes in place by our comparison, but is replaced by the change set."
    elif item.replacement == "True" and change.action == "maybe-replace":
        yield True, f"{path}: our comparison says it may be replaced; the change set confirms that it is."
    elif item.replacement == "False" and change.action == "replace":
        yield False, f"{path} is replaced by our comparison, but changes in place by the change set."
    elif item.replacement == "False" and change.action == "maybe-replace":
        yield True, f"{path}: our comparison says it may be replaced; the change set says it changes in place."


def _said(item: Listed) -> str:
    if item.action in ACTIONS:
        return SAID[ACTIONS[item.action]]
    return {"True": "is replaced", "Conditional": "may be replaced"}.get(item.replacement, "changes in place")
