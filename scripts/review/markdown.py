"""A review as a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scripts.review.model import ABSENT, ACTIONS, Doors, PropertyChange, ResourceChange, Review
from scripts.review.shown import cut, pair, place
from scripts.review.summary import (
    COUNTED,
    TAKING_OVER,
    cost_lines,
    cost_sentence,
    counts,
    grouped_dangers,
    grouped_sentences,
    loud,
)
from scripts.review.words import service_and_kind, tame

LONGEST = 60_000
"""GitHub refuses a comment of 65,536 letters."""
FITTING = 120
LONGEST_VALUE = 400
SHORTEST_VALUE = 80


def to_markdown(review: Review) -> str:
    """The review, details folded; of one too long for a comment the details are shortened, then left out."""
    review = tame(review)
    for longest in (LONGEST_VALUE, SHORTEST_VALUE, 0):
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(_lines(review, longest))).strip() + "\n"
        if len(text) <= LONGEST:
            return text
    return text[: text.rindex("\n", 0, LONGEST)] + "\n\nThe rest is too long for a comment; read the review itself.\n"


def _lines(review: Review, longest: int) -> Iterator[str]:
    if review.is_empty:
        yield "Nothing changes."
    else:
        yield from _dangers(review)
        yield from _counts(review)
    if review.cost:
        yield from ("### Cost", "", f"{_plain(cost_sentence(review.cost))}", "")
        yield from _bullets(map(_plain, cost_lines(review.cost)))
    if review.disagreements:
        yield from (
            "### Our comparison and the change set disagree",
            "",
            *_bullets(map(_plain, grouped_sentences(review.disagreements))),
        )
    yield from _doors("Traffic", review.security_rules)
    yield from _doors("Permissions", review.permissions)
    if review.notes:
        yield from _folded("What the change set leaves open", _bullets(map(_plain, grouped_sentences(review.notes))))
    for stack, changes in review.stacks.items() if longest else ():
        lines = [line for action in ACTIONS for change in changes if change.action == action for line in _one(change)]
        yield from _folded(f"{stack or 'root'}: {len(changes)}", lines, longest)
    if not longest and not review.is_empty:
        yield "The details are too long for a comment; the JSON has them."


def _dangers(review: Review) -> Iterator[str]:
    if review.dangers:
        yield from ("> [!CAUTION]", "> **Loses data, cuts service or cannot succeed**", ">")
        for sentence, dangers in grouped_dangers(review):
            paths = ", ".join(f"`{danger.path}`" for danger in dangers)
            yield f"> - {paths} ({_plain(service_and_kind(dangers[0].type))}): {_plain(sentence)}"
        yield ""


def _counts(review: Review) -> Iterator[str]:
    if not review.changes:
        return
    shown = [action for action in COUNTED if any(change.action == action for change in review.changes)]
    yield "| stack | " + " | ".join(COUNTED[action] for action in shown) + " |"
    yield "|---|" + "---:|" * len(shown)
    for name, numbers in counts(review):
        yield f"| {name} | " + " | ".join(str(numbers[action] or "") for action in shown) + " |"
    yield from ("", TAKING_OVER) if "import" in shown else ()
    yield ""


def _doors(title: str, doors: Doors) -> Iterator[str]:
    for sentences, what in ((doors.opened, "opened"), (doors.closed, "closed")):
        if sentences:
            heading = f"{title} {what}: {len(sentences)}"
            bold = [f"**{_plain(each)}**" if loud(each) and what == "opened" else _plain(each) for each in sentences]
            yield from _folded(heading, _bullets(bold), opened=len(sentences) <= 10)


def _one(change: ResourceChange) -> Iterator[str]:
    physical = f" {_code(change.physical_id)}" if change.physical_id else ""
    why = f": {_plain('; '.join(change.reasons))}" if change.reasons else ""
    yield f"- **{COUNTED[change.action]}** `{change.name}` {_plain(service_and_kind(change.type))}{physical}{why}"
    for item in change.properties:
        yield f"  - {_property(item)}"


def _property(change: PropertyChange) -> str:
    before, after = pair(change, FITTING, LONGEST_VALUE)
    old = _code(before) if change.before is not ABSENT else "*none*"
    new = _code(after) if change.after is not ABSENT else "*none*"
    return f"{_code(place(change))}: {old} → {new}"


def _folded(title: str, lines: Iterable[str], longest: int = LONGEST_VALUE, *, opened: bool = False) -> Iterator[str]:
    yield f"<details{' open' if opened else ''}><summary>{_plain(title)}</summary>"
    yield ""
    yield from (cut(line, longest * 3) if longest < LONGEST_VALUE else line for line in lines)
    yield from ("", "</details>", "")


def _bullets(sentences: Iterable[str]) -> Iterator[str]:
    yield from (f"- {sentence}" for sentence in sentences)
    yield ""


def _plain(sentence: str) -> str:
    """Without what Markdown would take for its own; a name after @ would call that person."""
    escaped = re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", sentence)
    return escaped.replace("@", "@\u200b").replace("\n", " ")


def _code(value: str) -> str:
    """As code, whatever backticks it holds."""
    longest = max((len(run) for run in re.findall(r"`+", value)), default=0)
    fence = "`" * (longest + 1)
    space = " " if value[:1] == "`" or value[-1:] == "`" else ""
    return f"{fence}{space}{' '.join(value.split())}{space}{fence}"
