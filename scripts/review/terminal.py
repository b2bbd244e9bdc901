"""A review on a screen: the dangers first, then the counts, then everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from scripts.review.model import ACTIONS, Action, Doors, PropertyChange, ResourceChange, Review
from scripts.review.shown import pair, place
from scripts.review.summary import (
    COUNTED,
    TAKING_OVER,
    cost_lines,
    cost_sentence,
    counts,
    grouped_dangers,
    grouped_sentences,
    loud,
    only_adds,
)
from scripts.review.words import service_and_kind, tame

SIGNS: dict[Action, tuple[str, str]] = {
    "add": ("+", "green"),
    "import": ("=", "cyan"),
    "change": ("~", "yellow"),
    "maybe-replace": ("?", "magenta"),
    "replace": ("!", "bold magenta"),
    "remove": ("-", "red"),
}
MANY = 8
"""From so many on, what a stack adds or removes is told in one paragraph."""


def to_terminal(review: Review, console: Console) -> None:
    """Print a review; nothing that people or AWS wrote is taken for markup."""
    review = tame(review)
    if review.is_empty:
        console.print("Nothing changes.", style="green")
    else:
        _dangers(review, console)
        _counts(review, console)
    _cost(review, console)
    _list(console, "Our comparison and the change set disagree", grouped_sentences(review.disagreements), "yellow")
    _doors(console, "Traffic", review.security_rules, brief=False)
    _doors(console, "Permissions", review.permissions, brief=only_adds(review))
    _details(review, console)
    _list(console, "What the change set leaves open", grouped_sentences(review.notes), "dim")
    if review.dangers:
        more = "is 1 danger" if len(review.dangers) == 1 else f"are {len(review.dangers)} dangers"
        console.print(f"\nThere {more}: read the top again.", style="bold red")


def _dangers(review: Review, console: Console) -> None:
    if not review.dangers:
        return
    blocks: list[Padding] = []
    for sentence, dangers in grouped_dangers(review):
        paths = Text(", ").join(Text(danger.path, "bold red") for danger in dangers)
        kind = Text(f"  {service_and_kind(dangers[0].type)}" if len(dangers) == 1 else "", "dim")
        blocks += [_indented(paths + kind, 0), _indented(Text(sentence), 2)]
    title = "DANGER: loses data, cuts service or cannot succeed"
    console.print(Panel(Group(*blocks), title=title, title_align="left", border_style="bold red", padding=(0, 1)))


def _counts(review: Review, console: Console) -> None:
    if not review.changes:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    shown = [action for action in COUNTED if any(change.action == action for change in review.changes)]
    for action in shown:
        table.add_column(COUNTED[action], justify="right")
    for name, numbers in counts(review):
        cells = [Text(str(numbers[action] or "·"), SIGNS[action][1] if numbers[action] else "dim") for action in shown]
        table.add_row(name, *cells)
    _head(console, "Changes")
    console.print(_indented(table, 2))
    if "import" in shown:
        console.print(_indented(Text(TAKING_OVER, SIGNS["import"][1]), 2))


def _cost(review: Review, console: Console) -> None:
    if review.cost is None:
        return
    _head(console, "Cost")
    console.print(_indented(Text(cost_sentence(review.cost)), 2))
    for line in cost_lines(review.cost):
        console.print(_indented(Text(line, "dim"), 4))


def _doors(console: Console, title: str, doors: Doors, *, brief: bool) -> None:
    for sentences, what, sign, style in (
        (doors.opened, "opened", "+", "green"),
        (doors.closed, "closed", "-", "yellow"),
    ):
        told = [sentence for sentence in sentences if loud(sentence) or not brief]
        if sentences:
            _head(console, f"{title} {what}: {len(sentences)}")
            _bullets(console, told, sign, style)
        if len(told) < len(sentences):
            rest = f"{len(sentences) - len(told)} more that come with new resources: see them as Markdown or JSON."
            console.print(_indented(Text(rest, "dim"), 4))


def _list(console: Console, title: str, sentences: Iterable[str], style: str) -> None:
    sentences = list(sentences)
    if sentences:
        _head(console, title, style)
        _bullets(console, sentences, "*", style)


def _bullets(console: Console, sentences: Iterable[str], sign: str, style: str) -> None:
    for sentence in sentences:
        row = Table.grid(padding=(0, 1))
        row.add_row(Text(f"  {sign}", style), Text(sentence, "bold red" if loud(sentence) and sign == "+" else ""))
        console.print(row)


def _details(review: Review, console: Console) -> None:
    for stack, changes in review.stacks.items():
        _head(console, stack or "root")
        for action in ACTIONS:
            some = [change for change in changes if change.action == action]
            if len(some) > MANY and action in ("add", "import", "remove"):
                console.print(_indented(_paragraph(some), 2))
                continue
            for block in (block for change in some for block in _one(change, console.width)):
                console.print(block)


def _paragraph(changes: list[ResourceChange]) -> Text:
    sign, style = SIGNS[changes[0].action]
    said = Text(f"{sign} {len(changes)} {COUNTED[changes[0].action]}: ", style)
    return said + Text(", ".join(change.name for change in changes), "")


def _one(change: ResourceChange, width: int) -> Iterator[Padding]:
    sign, style = SIGNS[change.action]
    line = Text(f"{sign} {change.name}", style)
    line.append(f"  {service_and_kind(change.type)}", "dim")
    fits = len(line) + len(change.physical_id) + 4 <= width
    yield _indented(line.append(f"  {change.physical_id}".rstrip() if fits else "", "dim"), 2)
    if not fits:
        yield _indented(Text(change.physical_id, "dim", overflow="fold"), 6)
    if change.action in ("replace", "maybe-replace"):
        yield _indented(Text(f"{COUNTED[change.action]}: {'; '.join(change.reasons)}", style), 6)
    for item in change.properties:
        yield from _property(item, width)


def _property(change: PropertyChange, width: int) -> Iterator[Padding]:
    before, after = pair(change, width - 12, 3 * width)
    line = Text(f"{place(change)}: ")
    if len(before) + len(after) + len(line) + 10 <= width:
        yield _indented(line.append(before, "red").append(" → ", "dim").append(after, "green"), 6)
        return
    yield _indented(line, 6)
    for sign, value, style in (("-", before, "red"), ("+", after, "green")):
        row = Table.grid(padding=(0, 1))
        row.add_row(Text(sign, style), Text(value, style, overflow="fold"))
        yield _indented(row, 8)


def _indented(what: RenderableType, by: int) -> Padding:
    return Padding(what, (0, 0, 0, by), expand=False)


def _head(console: Console, title: str, style: str = "") -> None:
    console.print()
    console.print(Text(title, f"bold {style}".strip()))
