"""The estimate and the bill on a screen of 100 columns, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from rich import box
from rich.markup import escape
from rich.table import Table

from scripts.cost.bill import Bill, by_service
from scripts.cost.model import Estimate, Line

SMALL = 0.5
"""Dollars a month under which a row is only counted."""

APART = {"AWS::ECS::Service"}
"""Types whose resources people want to see one by one."""


class Row(NamedTuple):
    """One or several lines that differ in the resource alone."""

    resource: str
    what: str
    quantity: float
    unit: str
    price: float
    monthly: float
    assumes: str


def lines_table(estimate: Estimate, *, everything: bool = False) -> Table:
    """By stack, the dearest first; what is alike in one row and what is small summed up, but for ``everything``."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Stack and resource", no_wrap=True)
    table.add_column("What", overflow="fold")
    for name in ("So much", "Price", "A month"):
        table.add_column(name, justify="right", overflow="fold")
    for stack, lines in stacks(estimate):
        table.add_row(f"[bold]{escape(stack)}[/]", "", "", "", f"[bold]{total(lines):.2f}[/]")
        rows = [_row(line) for line in lines] if everything else alike(lines)
        shown = [row for row in rows if everything or row.monthly >= SMALL]
        for row in shown:
            table.add_row(*_cells(row))
        rest = rows[len(shown) :]
        if rest:
            table.add_row(f"  {len(rest)} smaller", "", "", "", f"{total(rest):.2f}")
        table.add_section()
    return table


def _row(line: Line) -> Row:
    name = line.path.partition("/")[2] or line.path
    return Row(name, line.what, line.quantity, line.unit, line.price, line.monthly, line.assumes)


def alike(lines: list[Line]) -> list[Row]:
    """One row for what differs in the resource alone, the dearest first."""
    found: dict[tuple[str, str, float], list[Line]] = {}
    for line in lines:
        own = line.path if line.type in APART else ""
        found.setdefault((own or line.type, line.what, line.price), []).append(line)
    rows = [_together(each) if len(each) > 1 else _row(each[0]) for each in found.values()]
    return sorted(rows, key=lambda row: -row.monthly)


def _together(lines: list[Line]) -> Row:
    first = lines[0]
    name = f"{len(lines)} x {first.type.rpartition('::')[2]}"
    return Row(name, first.what, sum(line.quantity for line in lines), first.unit, first.price, total(lines), "")


def reasons(estimate: Estimate) -> list[str]:
    """What the lines assume, apart from their table: its names and numbers need the room."""
    found: dict[str, list[str]] = {}
    for line in estimate.lines:
        if line.assumes:
            found.setdefault(f"{line.what}: {line.assumes}", []).append(line.path.partition("/")[2] or line.path)
    return [f"{', '.join(names)}: {said}" for said, names in found.items()]


def _cells(row: Row) -> list[str]:
    much = f"{amount(row.quantity)} {row.unit}"
    cells = [f"  {row.resource}", row.what, much, cents(row.price), f"{row.monthly:.2f}"]
    return [escape(cell) for cell in cells]


def cents(price: float) -> str:
    """A price of any size in full: ``0.0000133334``."""
    return f"{price:.10f}".rstrip("0").rstrip(".")


def points(sentences: Iterable[str]) -> Table:
    """A list whose long entries stay in their column."""
    grid = Table.grid(padding=(0, 1))
    for sentence in sentences:
        grid.add_row(" -", escape(sentence))
    return grid


def stacks(estimate: Estimate) -> list[tuple[str, list[Line]]]:
    """Each stack with its lines, both the dearest first."""
    found: dict[str, list[Line]] = {}
    for line in estimate.biggest(len(estimate.lines)):
        found.setdefault(line.stack, []).append(line)
    return sorted(found.items(), key=lambda each: -total(each[1]))


def total(lines: Sequence[Line | Row]) -> float:
    return sum(line.monthly for line in lines)


def amount(value: float) -> str:
    """Three figures that matter, no more digits than needed: ``1,460``, ``0.788``."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def bill_table(estimate: Estimate, bill: Bill) -> Table:
    """Estimate and bill by service, where either has more than a cent."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Service")
    for name in ("Estimate", f"Bill {bill.month}", "Bill - estimate"):
        table.add_column(name, justify="right")
    for name, expected, billed in services(estimate, bill):
        table.add_row(escape(name), f"{expected:.2f}", f"{billed:.2f}", f"{billed - expected:+.2f}")
    table.add_section()
    difference = bill.total - estimate.monthly
    table.add_row("[bold]Total[/]", f"{estimate.monthly:.2f}", f"{bill.total:.2f}", f"{difference:+.2f}")
    return table


def services(estimate: Estimate, bill: Bill) -> Iterator[tuple[str, float, float]]:
    """Name, estimate and bill, the dearest first."""
    expected = by_service(estimate)
    names = {**expected, **bill.services}
    for name in sorted(names, key=lambda each: -max(expected.get(each, 0), bill.services.get(each, 0))):
        pair = expected.get(name, 0.0), bill.services.get(name, 0.0)
        if max(map(abs, pair)) >= 0.01:
            yield name, *pair


def as_json(estimate: Estimate, guide: Estimate, bill: Bill | None, note: str) -> dict[str, Any]:
    """Everything, for another program: dollars a month."""
    return {
        "currency": "USD",
        "estimate": {"monthly": estimate.monthly} | asdict(estimate),
        "guide": {"monthly": guide.monthly} | asdict(guide),
        "bill": asdict(bill) | {"total": bill.total} if bill else None,
        "note": note,
    }
