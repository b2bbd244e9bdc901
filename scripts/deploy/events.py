"""What CloudFormation says while it works: the events of the root stack and of all nested ones as one stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from scripts.operations.target import NESTED

BEGINNINGS = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS"}


@dataclass(frozen=True)
class Event:
    """One event. ``stack`` is the path of the stack it happened in, empty for root."""

    id: str
    at: datetime
    stack: str
    name: str
    type: str
    status: str
    reason: str
    physical_id: str
    of_stack: bool
    """Whether it tells of ``stack`` itself, not of a resource in it."""

    @property
    def path(self) -> str:
        """Logical ids from the root down; of a stack's own event the stack's path."""
        if self.of_stack:
            return self.stack
        return f"{self.stack}/{self.name}" if self.stack else self.name


def newest_time(cloudformation: Any, stack: str) -> datetime:
    """When the stack's newest event happened: what comes later belongs to the next operation."""
    found: datetime = cloudformation.describe_stack_events(StackName=stack)["StackEvents"][0]["Timestamp"]
    return found


def beginning(cloudformation: Any, stack: str) -> datetime:
    """A time right before the running, or else the last, operation on the stack began."""
    for raw in _newest_first(cloudformation, stack):
        if raw.get("PhysicalResourceId") == raw["StackId"] and raw["ResourceStatus"] in BEGINNINGS:
            at: datetime = raw["Timestamp"]
            return at - timedelta(microseconds=1)
    return newest_time(cloudformation, stack)


def nested_stacks(cloudformation: Any, stack: str, prefix: str = "") -> dict[str, str]:
    """ARN of each nested stack that exists, by path."""
    found: dict[str, str] = {}
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    for item in (each for page in pages for each in page["StackResourceSummaries"]):
        if item["ResourceType"] == NESTED and item.get("PhysicalResourceId"):
            path = f"{prefix}{item['LogicalResourceId']}"
            found[path] = item["PhysicalResourceId"]
            found |= nested_stacks(cloudformation, found[path], f"{path}/")
    return found


def _newest_first(cloudformation: Any, stack: str) -> Iterator[dict[str, Any]]:
    for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack):
        yield from page["StackEvents"]


def in_order(events: Iterable[Event]) -> list[Event]:
    """Oldest first; of the same millisecond what happened in a nested stack before what its parent says of it."""
    return sorted(events, key=lambda event: (event.at, -len(event.stack.split("/")) if event.stack else 0))


@dataclass
class Stream:
    """Events after ``since``, each given once. Nested stacks are asked only while something happens in them.

    :param known: ARNs of nested stacks that exist already, by path; others are learnt from the events
    """

    cloudformation: Any
    root: str
    since: datetime
    known: dict[str, str] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _busy: set[str] = field(default_factory=set)
    _took_part: set[str] = field(default_factory=set)
    _quiet: set[str] = field(default_factory=set)

    def poll(self, *, last: bool = False) -> list[Event]:
        """What is new, oldest first. The ``last`` time all that took part is read again, for events that came late."""
        if last:
            self._busy |= self._took_part
        found = self._of_stack("", self.root, last)
        asked: set[str] = set()
        while waiting := sorted(path for path in self._busy - asked if path in self.known):
            asked |= set(waiting)
            found += [event for path in waiting for event in self._of_stack(path, self.known[path], last)]
        self._busy -= self._quiet
        return in_order(found)

    def _of_stack(self, path: str, arn: str, thorough: bool) -> list[Event]:
        fresh = []
        for raw in _newest_first(self.cloudformation, arn):
            seen = raw["EventId"] in self._seen
            if raw["Timestamp"] <= self.since or (seen and not thorough):
                break
            if not seen:
                fresh.append(_event(path, raw))
        fresh.reverse()
        for event in fresh:
            self._seen.add(event.id)
            if event.type == NESTED and not event.of_stack:
                self._note(event)
        return fresh

    def _note(self, event: Event) -> None:
        """A nested stack begins, goes on, or is done for now."""
        if event.physical_id.startswith("arn:"):
            self.known[event.path] = event.physical_id
        self._took_part.add(event.path)
        self._busy.add(event.path)
        if event.status.endswith("_IN_PROGRESS"):
            self._quiet.discard(event.path)
        else:
            self._quiet.add(event.path)


def _event(path: str, raw: dict[str, Any]) -> Event:
    return Event(
        id=raw["EventId"],
        at=raw["Timestamp"],
        stack=path,
        name=raw["LogicalResourceId"],
        type=raw["ResourceType"],
        status=raw["ResourceStatus"],
        reason=raw.get("ResourceStatusReason", ""),
        physical_id=raw.get("PhysicalResourceId", ""),
        of_stack=raw.get("PhysicalResourceId") == raw["StackId"],
    )
