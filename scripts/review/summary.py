"""What the screen and the pull request both say of a review."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from scripts.review.model import Action, CostChange, Danger, Review

COUNTED: dict[Action, str] = {
    "remove": "removed",
    "replace": "replaced",
    "maybe-replace": "maybe replaced",
    "change": "changed",
    "import": "taken over",
    "add": "added",
}
TAKING_OVER = "What is taken over exists already, outside of the stacks, and stays as it is, with all that is in it."
PATH = re.compile(r"((?:\w+/)*\w+)(: | )(.*)", re.DOTALL)
"""A sentence that begins with a resource's path."""
LOUD = ("ANYWHERE", "ANYBODY", "may now do anything", " on everything")


def counts(review: Review) -> list[tuple[str, dict[Action, int]]]:
    """Per stack, how many resources each action concerns."""
    return [
        (name or "root", {action: sum(change.action == action for change in changes) for action in COUNTED})
        for name, changes in review.stacks.items()
    ]


def grouped_dangers(review: Review) -> Iterator[tuple[str, list[Danger]]]:
    """Dangers of one and the same sentence together."""
    for sentence in dict.fromkeys(danger.sentence for danger in review.dangers):
        yield sentence, [danger for danger in review.dangers if danger.sentence == sentence]


def grouped_sentences(sentences: Iterable[str]) -> Iterator[str]:
    """Sentences about resources, those that say the same of several resources as one."""
    said: dict[tuple[str, str], list[str]] = {}
    for sentence in sentences:
        found = PATH.fullmatch(sentence)
        path, mark, rest = found.groups() if found else ("", "", sentence)
        said.setdefault((mark, rest), []).append(path)
    for (mark, rest), paths in said.items():
        # "A: the change set ..." goes for several as it stands, "A is replaced ..." does not.
        between = mark if len(paths) == 1 or mark == ": " else ": each "
        yield f"{', '.join(paths)}{between}{rest}"


def loud(sentence: str) -> bool:
    """Whether it opens something to everybody, or everything to somebody."""
    return any(word in sentence for word in LOUD)


def only_adds(review: Review) -> bool:
    """Whether this is a first creation, or as good as one."""
    return all(change.action in ("add", "import") for change in review.changes)


def cost_sentence(cost: CostChange) -> str:
    # Before its creation a system costs nothing; no estimate of what is to come is another matter.
    before, after = "nothing" if cost.before is None else _dollars(cost.before), _dollars(cost.after)
    if cost.before is None or cost.after is None:
        return f"{before} → {after} a month"
    return f"{before} → {after} a month ({cost.after - cost.before:+,.2f})"


def cost_lines(cost: CostChange) -> list[str]:
    return [f"{what}: {_dollars(before)} → {_dollars(after)}" for what, before, after in cost.lines]


def _dollars(amount: float | None) -> str:
    return "unknown" if amount is None else f"${amount:,.2f}"
