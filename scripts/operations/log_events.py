"""Log lines as CloudWatch has them: read page by page, told apart, and made fit for a screen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import dropwhile
from typing import Any, NamedTuple

import click

from scripts.operations.components import LOGS
from scripts.operations.target import Target

BAD = {"error", "critical"}
# What a program writes that ended before it could log, and Lambda and gunicorn in their own form.
TROUBLE = re.compile(
    r"Traceback \(most recent call last\)|\[ERROR\]|\[CRITICAL\]|Task timed out|Runtime\.\w+|Status: (timeout|error)|"
    r"Worker .* was sent SIG|^\w*(Error|Exception):"
)
PATTERNS = (
    '{ $.level = "error" || $.level = "critical" }',
    '?Traceback ?ERROR ?CRITICAL ?"timed out" ?"Status: timeout" ?"Runtime." ?SIGKILL ?SIGABRT ?Error',
)
"""Together they bring every line of trouble, and some more: ``is_trouble`` decides."""
LONGEST = 160
_UNIT = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# Cursor movements, colours and the like in a line that somebody else wrote must not reach the terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_PLAIN = {"level", "event", "timestamp", "environment"}


class Event(NamedTuple):
    """One line of a component's log; ``at`` is in milliseconds since 1970."""

    component: str
    at: int
    text: str
    id: str
    stream: str = ""

    @property
    def fields(self) -> dict[str, Any]:
        """What our programs wrote as JSON; empty for any other line."""
        try:
            read = json.loads(self.text)
        except ValueError:
            return {}
        return read if isinstance(read, dict) else {}

    @property
    def is_trouble(self) -> bool:
        if fields := self.fields:
            return str(fields.get("level", "")).lower() in BAD or "errorType" in fields
        return bool(TROUBLE.search(self.text))


class Period(click.ParamType[int]):
    """``30s``, ``10m``, ``2h``, ``1d``: a time in seconds."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"(\d{1,6})([smhd])", value)
        if not found:
            self.fail(f"{value!r} is no time; write 30s, 10m, 2h or 1d.", param, ctx)
        return int(found[1]) * _UNIT[found[2]]


def read(
    target: Target, component: str, since: int, pattern: str = "", *, group: str = "", **more: Any
) -> Iterator[Event]:
    """Lines from ``since`` (milliseconds) on, oldest first within each page; ``pattern`` is CloudWatch's.

    ``group`` is the log group, where that is known without the stack.
    """
    given = {"logGroupName": group or target.physical(LOGS[component]), "startTime": since} | more
    if pattern:
        given["filterPattern"] = pattern
    for page in target.client("logs").get_paginator("filter_log_events").paginate(**given):
        for each in page["events"]:
            text = each["message"].rstrip()
            stream, at = each.get("logStreamName", ""), each["timestamp"]
            yield Event(component, at, text, each.get("eventId") or f"{stream} {at} {text}", stream)


def trouble(target: Target, component: str, since: int, *, group: str = "") -> list[Event]:
    """Lines of trouble, each once, oldest first."""
    found = {each.id: each for pattern in PATTERNS for each in read(target, component, since, pattern, group=group)}
    return sorted((each for each in found.values() if each.is_trouble), key=lambda each: each.at)


def clock(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S}"


def printable(text: str) -> str:
    """Without what would move the cursor or hide text, a trace of it left."""
    return _CONTROL.sub("?", text)


def line(event: Event) -> str:
    """Time, level, what happened, and the rest as ``name=value``; a line in another form as it is."""
    fields = event.fields
    if not fields:
        return f"{clock(event.at)}  {printable(event.text)}"
    rest = [f"{name}={_short(value)}" for name, value in fields.items() if name not in _PLAIN and name != "_aws"]
    said = f"{fields.get('level', '')!s:<8} {fields.get('event', '')}"
    return printable(f"{clock(event.at)}  {said}  {' '.join(rest)}".rstrip())


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def gist(event: Event) -> str:
    """An error in one short line."""
    fields = event.fields
    if not fields:
        text = event.text
        return _shortened(_of_traceback(text) if text.startswith("Traceback") else text.partition("\n")[0])
    said = str(fields.get("event") or fields.get("errorType") or "error")
    reason = fields.get("error") or fields.get("errorMessage") or _exception(fields.get("exception"))
    return _shortened(f"{said}: {reason}" if reason else said)


def _exception(value: object) -> str:
    """Type and text of a logged traceback, whether it is text or a list of parts."""
    if isinstance(value, str):
        return _of_traceback(value)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return f"{value[0].get('exc_type', '')}: {value[0].get('exc_value', '')}"
    return ""


def _of_traceback(text: str) -> str:
    """What it ends with, type first; the text of an exception may have lines of its own, some of them indented."""
    lines = text.strip().splitlines()
    frames = [number for number, line in enumerate(lines) if line.startswith('  File "')]
    ending = iter(lines[frames[-1] :] if frames else lines)
    said = [line.strip() for line in dropwhile(lambda line: line.startswith(" "), ending)]
    return " ".join(said)


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
