"""A review on a screen: the dangers first, then the counts, then everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from scripts.review.model import ACTIONS, Action, Doors, PropertyChange, ResourceChange, Review
from scripts.review.shown import pair, place
from scripts.review.summary import COUNTED, cost_lines, cost_sentence, counts, grouped_dangers, loud, only_adds
from scripts.review.words import service_and_kind

SIGNS: dict[Action, tuple[str, str]] = {
    "add": ("+", "green"),
    "change": ("~", "yellow"),
    "maybe-replace": ("?", "magenta"),
    "replace": ("!", "bold magenta"),
    "remove": ("-", "red"),
}
MANY = 8
"""From so many on, what a stack adds or removes is told in one paragraph."""
ONE_LINE = 70


def to_terminal(review: Review, console: Console) -> None:
    """Print a review; nothing that people or AWS wrote is taken for markup."""
    if review.is_empty:
        console.print("Nothing changes.", style="green")
    else:
        _dangers(review, console)
        _counts(review, console)
    _cost(review, console)
    _list(console, "Our comparison and the change set disagree", review.disagreements, "yellow")
    _doors(console, "Traffic", review.security_rules, brief=False)
    _doors(console, "Permissions", review.permissions, brief=only_adds(review))
    _list(console, "What the change set leaves open", review.notes, "dim")
    _details(review, console)
    if review.dangers:
        more = "is 1 danger" if len(review.dangers) == 1 else f"are {len(review.dangers)} dangers"
        console.print(f"There {more}: read the top again.", style="bold red")


def _dangers(review: Review, console: Console) -> None:
    if not review.dangers:
        return
    body = Text()
    for sentence, dangers in grouped_dangers(review):
        body.append("\n" if body else "")
        for index, danger in enumerate(dangers):
            body.append(", " if index else "")
            body.append(danger.path, "bold red")
            body.append("" if len(dangers) > 1 else f"  {service_and_kind(danger.type)}", "dim")
        body.append(f"\n  {sentence}")
    title = "DANGER: loses data, cuts service or cannot succeed"
    console.print(Panel(body, title=title, title_align="left", border_style="bold red", padding=(0, 1)))


def _counts(review: Review, console: Console) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    shown = [action for action in COUNTED if any(change.action == action for change in review.changes)]
    for action in shown:
        table.add_column(COUNTED[action], justify="right")
    for name, numbers in counts(review):
        cells = [Text(str(numbers[action] or "·"), SIGNS[action][1] if numbers[action] else "dim") for action in shown]
        table.add_row(name, *cells)
    _head(console, "Changes")
    console.print(Padding(table, (0, 0, 0, 2)))


def _cost(review: Review, console: Console) -> None:
    if review.cost is None:
        return
    _head(console, "Cost")
    console.print(Padding(Text(cost_sentence(review.cost)), (0, 0, 0, 2)))
    for line in cost_lines(review.cost):
        console.print(Padding(Text(line, "dim"), (0, 0, 0, 4)))


def _doors(console: Console, title: str, doors: Doors, *, brief: bool) -> None:
    for sentences, what, sign, style in (
        (doors.opened, "opens", "+", "green"),
        (doors.closed, "closes", "-", "yellow"),
    ):
        told = [sentence for sentence in sentences if loud(sentence) or not brief]
        if sentences:
            _head(console, f"{title}: {len(sentences)} {what if len(sentences) == 1 else what[:-1]}")
            _bullets(console, told, sign, style)
        if len(told) < len(sentences):
            rest = f"{len(sentences) - len(told)} more that come with new resources: see them as Markdown or JSON."
            console.print(Padding(Text(rest, "dim"), (0, 0, 0, 4)))


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
            for block in _paragraph(some) if len(some) > MANY and action in ("add", "remove") else map(_one, some):
                console.print(Padding(block, (0, 0, 0, 2)))


def _paragraph(changes: list[ResourceChange]) -> Iterator[Text]:
    sign, style = SIGNS[changes[0].action]
    yield Text(f"{sign} {len(changes)} {COUNTED[changes[0].action]}: ", style) + Text(
        ", ".join(change.name for change in changes), ""
    )


def _one(change: ResourceChange) -> Text:
    sign, style = SIGNS[change.action]
    block = Text(f"{sign} {change.name}", style)
    block.append(f"  {service_and_kind(change.type)}", "dim")
    block.append(f"  {change.physical_id}" if change.physical_id else "", "dim")
    if change.action in ("replace", "maybe-replace"):
        block.append(f"\n    {COUNTED[change.action]}: {'; '.join(change.reasons)}", style)
    for item in change.properties:
        block.append(_property(item))
    return block


def _property(change: PropertyChange) -> Text:
    before, after = pair(change, 240)
    line = Text(f"\n    {place(change)}: ", "")
    if len(before) + len(after) + len(line) <= ONE_LINE + 20:
        return line.append(before, "red").append(" → ", "dim").append(after, "green")
    return line.append(f"\n      - {before}", "red").append(f"\n      + {after}", "green")


def _head(console: Console, title: str, style: str = "") -> None:
    console.print()
    console.print(Text(title, f"bold {style}".strip()))
