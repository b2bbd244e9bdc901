"""What the programs wrote: one component's log as it goes on, or the errors of all."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import NamedTuple

import click
from rich.markup import escape

from scripts.operations import log_events
from scripts.operations.command import verb
from scripts.operations.components import LOGS, PROGRAMS
from scripts.operations.log_events import Event, Period, clock, gist, printable
from scripts.operations.screen import OUT, say
from scripts.operations.target import Target

POLL_SECONDS = 2.0
# CloudWatch shows a line some seconds after it was written, and not always in order.
LATE_MILLISECONDS = 30_000
_VARYING = re.compile(r"0x[0-9a-fA-F]+|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[0-9a-f]{16,}\b|\d+")


class Group(NamedTuple):
    """Errors that say the same."""

    component: str
    what: str
    times: int
    last: Event


@verb("logs")
@click.option(
    "--component",
    envvar=["COMPONENT", "SERVICE"],
    type=click.Choice(list(LOGS)),
    required=True,
    help="Whose log (COMPONENT= or SERVICE=).",
)
@click.option("--since", envvar="SINCE", type=Period(), default="10m", show_default=True, help="How far back.")
@click.option("--filter", "pattern", envvar="FILTER", default="", help="Words, or a CloudWatch filter pattern.")
@click.option("--follow", envvar="FOLLOW", is_flag=True, help="Go on until Ctrl-C (also FOLLOW=1).")
@click.option("--raw", envvar="RAW", is_flag=True, help="Lines as they were written (also RAW=1).")
def logs(target: Target, component: str, since: int, pattern: str, follow: bool, raw: bool) -> None:
    """Show what a component logged, and go on showing it with FOLLOW=1. Changes nothing.

    Times are UTC. FILTER takes words that all must occur, or a pattern of CloudWatch such as '{ $.level = "error" }'.

    Example: make logs ENV=production COMPONENT=api SINCE=1h FOLLOW=1
    """
    seen: set[str] = set()
    start = _now() - since * 1000
    _show(log_events.read(target, component, start, pattern), seen, raw=raw)
    if not seen and not follow:
        what = f"nothing that has {escape(repr(pattern))}" if pattern else "nothing"
        say(f"{component} logged {what} in the last {_spoken(since)}.")
    try:
        while follow:
            time.sleep(POLL_SECONDS)
            fresh = max(start, _now() - LATE_MILLISECONDS)
            _show(log_events.read(target, component, fresh, pattern), seen, raw=raw)
    except KeyboardInterrupt:
        return


@verb("errors")
@click.option("--since", envvar="SINCE", type=Period(), default="1h", show_default=True, help="How far back.")
def errors(target: Target, since: int) -> None:
    """Show what went wrong in the API, the bot and both functions: the same errors counted together. Changes nothing.

    Finds lines of level error and critical, tracebacks, time-outs and killed processes. The newest stand last.

    Example: make errors ENV=production SINCE=6h
    """
    found = [each for name in PROGRAMS for each in log_events.trouble(target, name, _now() - since * 1000)]
    if not found:
        say(f"No errors in the last {_spoken(since)}: {', '.join(PROGRAMS)} were searched.")
        return
    for group in grouped(found):
        times = "once" if group.times == 1 else f"{group.times} times"
        _print(f"{clock(group.last.at)}  {group.component:<8}  {times:<10}  {group.what}")
        if request := group.last.fields.get("request_id"):
            _print(f"{'':21}last with request_id={request}")
    say(f"{len(found)} errors in the last {_spoken(since)}; the time is the last one's, in UTC.")


def grouped(found: Iterable[Event]) -> list[Group]:
    """Errors that differ in numbers and ids only are one group; in the order of each group's last."""
    groups: dict[tuple[str, str], Group] = {}
    for event in sorted(found, key=lambda each: each.at):
        what = gist(event)
        key = (event.component, _VARYING.sub("#", what))
        count = groups[key].times if key in groups else 0
        groups[key] = Group(event.component, what, count + 1, event)
    return sorted(groups.values(), key=lambda group: group.last.at)


def _show(events: Iterable[Event], seen: set[str], *, raw: bool) -> None:
    for event in sorted(events, key=lambda each: each.at):
        if event.id not in seen:
            seen.add(event.id)
            _print(event.text if raw else log_events.line(event))


def _print(text: str) -> None:
    """As it is: brackets in a log line are no markup."""
    OUT.print(printable(text), markup=False, soft_wrap=True)


def _spoken(seconds: int) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length and not seconds % length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def _now() -> int:
    return time.time_ns() // 1_000_000
