"""The operation on the screen: a tree with bars on a terminal, a line per event anywhere else."""

from __future__ import annotations

from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from scripts.deploy.events import Event
from scripts.deploy.progress import Progress, StackProgress, words

BAR_WIDTH = 24


class Board:
    """Shows how the operation goes until it is left."""

    def __init__(self, console: Console, progress: Progress, root: str) -> None:
        self._console = console
        self._progress = progress
        self._root = root
        self._latest = ""
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, events: list[Event]) -> None:
        """What has just happened; a failure stays above the tree, and without a terminal everything stays."""
        for event in events:
            is_news = self._progress.apply(event)
            self._latest = f"{event.path or self._root} {event.status}"
            if is_news and (self._live is None or event.status.endswith("_FAILED")):
                self._console.print(line(event, self._progress, self._root), soft_wrap=True)
        if self._live is not None:
            self._live.update(tree(self._progress, self._root, self._latest, datetime.now(UTC)), refresh=True)

    def note(self, sentence: str) -> None:
        """Something about the following itself: AWS is slow, or away for a moment."""
        self._console.print(sentence, style="yellow", soft_wrap=True, markup=False)


def line(event: Event, progress: Progress, root: str) -> Text:
    """One event for a log: time, what, how, and how far its stack is."""
    stack = progress.stacks[event.stack]
    text = Text(f"{event.at:%H:%M:%S} ")
    text.append(event.path or root, style="bold" if event.of_stack else "")
    text.append(f" {event.status}", style=_style(event.status))
    if event.of_stack and stack.seconds is not None:
        text.append(f" after {words(stack.seconds)}")
    elif not event.of_stack:
        text.append(f" ({stack.done} of {stack.total})")
    if event.reason and event.status.endswith("_FAILED"):
        text.append(f": {event.reason}")
    return text


def tree(progress: Progress, root: str, latest: str, now: datetime) -> RenderableType:
    """A row for each stack with its bar and the time it will need yet."""
    grid = Table.grid(padding=(0, 2))
    # A change set may name a stack in which there is nothing to do after all.
    untouched = "untouched" if progress.stacks[""].is_over else "waits"
    for path in sorted(progress.stacks):
        stack = progress.stacks[path]
        indent = "  " * (path.count("/") + 1) if path else ""
        bar = ProgressBar(total=1.0, completed=stack.share, width=BAR_WIDTH)
        count = f"{stack.done}/{stack.total}" if stack.total and not stack.unheard else ""
        status = Text(stack.status or untouched, style=_style(stack.status))
        grid.add_row(f"{indent}{path.rpartition('/')[2] or root}", bar, count, status, _time(stack, now))
    if progress.stacks[""].is_over:
        return grid
    # Not a row of the grid: its length would move the columns from event to event.
    return Group(grid, Text(latest, style="dim"))


def _time(stack: StackProgress, now: datetime) -> str:
    if stack.seconds is not None:
        return words(stack.seconds)
    left = stack.left(now)
    if left is not None:
        return f"about {words(left)} left"
    return words((now - stack.began).total_seconds()) if stack.began else ""


def _style(status: str) -> str:
    if status.endswith("_FAILED") or "ROLLBACK" in status:
        return "bold red"
    return "green" if status.endswith("_COMPLETE") else "cyan" if status else "dim"
