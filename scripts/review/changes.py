"""Which resources are added, changed, replaced and removed, replacements followed to those who use what is replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from scripts.review.differences import Difference, differences
from scripts.review.entries import Entry, is_nested_stack, referenced
from scripts.review.model import ABSENT, Action, PropertyChange, ResourceChange
from scripts.review.schemas import schema, unique
from scripts.review.words import readable
from templates.rules.values import walk

Entries = Mapping[str, Entry]
RANK: dict[Action, int] = {"change": 0, "maybe-replace": 1, "replace": 2}
CARRIED = ("TemplateURL", "Parameters")
"""Of a nested stack: they change whenever something inside does, which is told there."""


@dataclass
class _Verdict:
    """What is known so far of one resource that is in both systems."""

    action: Action | None = None
    own: bool = False
    """Whether something in it differs, not only what it refers to."""
    properties: list[PropertyChange] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def note(self, action: Action, reason: str = "") -> None:
        if self.action is None or RANK[action] > RANK[self.action]:
            self.action = action
        if reason and reason not in self.reasons:
            self.reasons.append(reason)


def changes(before: Entries, after: Entries, physical: Mapping[str, str]) -> tuple[ResourceChange, ...]:
    """Every resource that differs, in the order of the templates, what is removed last."""
    verdicts = {path: _own(before[path], after[path]) for path in after if path in before}
    while _spread(verdicts, after):
        pass
    made = [_made(path, before, after, verdicts, physical) for path in dict.fromkeys([*after, *before])]
    return tuple(change for change in made if change)


def _made(
    path: str, before: Entries, after: Entries, verdicts: Mapping[str, _Verdict], physical: Mapping[str, str]
) -> ResourceChange | None:
    entry, there = after.get(path) or before[path], physical.get(path, "")
    if path not in before:
        return ResourceChange(path, "add", entry.type)
    if path not in after:
        return ResourceChange(path, "remove", entry.type, there)
    verdict = verdicts[path]
    if verdict.action is None:
        return None
    properties, follows = tuple(verdict.properties), not verdict.own
    return ResourceChange(path, verdict.action, entry.type, there, properties, tuple(verdict.reasons), follows)


def _own(before: Entry, after: Entry) -> _Verdict:
    """What its own properties say."""
    verdict = _Verdict(own=before.type != after.type)
    if before.type != after.type:
        verdict.note("replace", f"its type changes from {before.type}, which CloudFormation refuses")
        return verdict
    for path, old, new in _differences(before, after):
        verdict.own = True
        verdict.properties.append(PropertyChange(".".join(path), readable(old), readable(new)))
        verdict.note(*_consequence(after.type, path))
    return verdict


def _differences(before: Entry, after: Entry) -> Iterator[Difference]:
    for path, old, new in differences(before.props, after.props):
        if not (is_nested_stack(after) and path[0] in CARRIED):
            yield path, old, new
    yield from differences(before.raw, after.raw)


def _consequence(kind: str, path: tuple[str, ...]) -> tuple[Action, str]:
    known = schema(kind)
    if any(_within(path, pattern) for pattern in known.create_only):
        return "replace", f"{path[0]} cannot be changed in place"
    if any(_within(path, pattern) for pattern in known.conditional):
        return "maybe-replace", f"{path[0]} cannot always be changed in place"
    return "change", ""


def _within(path: tuple[str, ...], pattern: tuple[str, ...]) -> bool:
    """Whether a place lies inside what a pattern names, or holds it."""
    return all(step in (wanted, "*") or wanted == "*" for step, wanted in zip(path, pattern, strict=False))


def _spread(verdicts: Mapping[str, _Verdict], after: Entries) -> bool:
    """Tell the users of what is replaced; whether that changed anything."""
    replaced = {path: v.action for path, v in verdicts.items() if v.action in ("replace", "maybe-replace")}
    before = [(v.action, len(v.properties)) for v in verdicts.values()]
    for path, verdict in verdicts.items():
        if not is_nested_stack(after[path]):
            for place, used in _uses(after[path]):
                if used in replaced and used != path:
                    _affect(verdict, after[path].type, place, used, certain=replaced[used] == "replace")
    return before != [(v.action, len(v.properties)) for v in verdicts.values()]


def _uses(entry: Entry) -> Iterator[tuple[tuple[str, ...], str]]:
    for place, value in walk(entry.props):
        for used in sorted(referenced(value)) if isinstance(value, str) else ():
            yield tuple(map(str, place)), used


def _affect(verdict: _Verdict, kind: str, place: tuple[str, ...], used: str, *, certain: bool) -> None:
    action, _ = _consequence(kind, place)
    new = "the new one" if certain else "a new one, if it is replaced"
    told = PropertyChange(place[0], used, f"{used} ({new})")
    if not any(change.path == told.path and change.before == used for change in verdict.properties):
        verdict.properties.append(told)
    if action == "change":
        verdict.note(action)
        return
    verdict.note(
        "replace" if certain and action == "replace" else "maybe-replace",
        f"{place[0]} refers to {used}, which {'is' if certain else 'may be'} replaced",
    )


def renamed(before: Entries, after: Entries) -> Iterator[tuple[Entry, Entry]]:
    """Pairs of what leaves and what comes that AWS cannot tell apart: the same name, or the same place."""
    come = [entry for path, entry in after.items() if path not in before]
    for path, old in before.items():
        if path not in after:
            for new in come:
                if old.type == new.type and alike(old, new):
                    yield old, new


def alike(old: Entry, new: Entry) -> bool:
    """Whether both would be one thing to AWS, by its name or by what identifies it."""
    pairs = [(_at(old, place), _at(new, place)) for place in unique(new.type)]
    return bool(pairs) and pairs[0][0] is not ABSENT and all(a == b for a, b in pairs)


def _at(entry: Entry, place: tuple[str, ...]) -> object:
    found: object = entry.props
    for step in place:
        found = found.get(step, ABSENT) if isinstance(found, dict) else ABSENT
    return found
