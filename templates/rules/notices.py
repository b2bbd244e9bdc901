"""Event rules: they are on, match something that AWS sends, and put it into a sentence that somebody receives."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import product
from typing import Any

from templates.rules.events import BY_TRAIL, CALL, CALLS, DETAIL_TYPES, ROOTS, SOURCES, Event, known
from templates.rules.finding import Finding, rule
from templates.rules.messaging import targets_of
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, items, mapping, text, walk

RULE = "AWS::Events::Rule"
READING = re.compile(r"(Get|List|Describe|Lookup|Head)[A-Z]")
ALL_CALLS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
MATCHERS = {"prefix", "suffix", "anything-but", "exists", "numeric", "cidr", "wildcard", "equals-ignore-case", "$or"}


def patterns(system: System) -> Iterator[tuple[Resource, dict[str, Any]]]:
    """Each rule that waits for events, with its pattern."""
    for found in system.of_type(RULE):
        pattern = found.get("EventPattern")
        if isinstance(pattern, str):
            try:
                pattern = json.loads(pattern)
            except ValueError:
                pattern = {}
        if pattern or "ScheduleExpression" not in found.props:
            yield found, mapping(pattern)


def kinds(pattern: dict[str, Any]) -> list[tuple[str, str]]:
    """The (source, detail-type) pairs that a pattern is open to, as far as they are written out."""
    sources, types = (
        [text(v) for v in items(pattern.get(key)) if isinstance(v, str)] for key in ("source", "detail-type")
    )
    return list(product(sources, types))


@rule("a rule that is switched off, or that waits for nothing, tells nobody")
def notice_switched_on(system: System) -> Iterator[Finding]:
    for found, pattern in patterns(system):
        if text(found.get("State") or "ENABLED") == "DISABLED":
            yield found.finding("is switched off; set State to ENABLED")
        if pattern and "ScheduleExpression" in found.props:
            yield found.finding("also goes off by the clock; remove ScheduleExpression")
        if not pattern:
            yield found.finding("waits for no event; give it an EventPattern or a ScheduleExpression")


@rule("an event that no service sends never comes")
def event_is_sent(system: System) -> Iterator[Finding]:
    for found, pattern in patterns(system):
        pairs = kinds(pattern)
        if pattern and not pairs:
            yield found.finding("does not say which events it means; name source and detail-type in EventPattern")
        bus = text(found.get("EventBusName") or "default")
        if bus != "default" and not bus.endswith(":event-bus/default"):
            yield found.finding(
                f"listens on the bus {bus}; AWS sends its events to the default one, remove EventBusName"
            )
        for source, kind in pairs:
            if source.startswith("aws.") and known(source, kind) is None:
                near = get_close_matches(kind, DETAIL_TYPES, 1) if kind not in DETAIL_TYPES else []
                near = near or get_close_matches(source, SOURCES - {source}, 1)
                hint = f"did you mean {near[0]}?" if near else "correct it"
                yield found.finding(f"waits for {kind!r} from {source}, which that service does not send; {hint}")


def _leaves(pattern: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """(path, values) of every field that a pattern looks at."""
    for key, value in pattern.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*path, str(key)))
        else:
            yield (*path, str(key)), items(value)


def event_of(pattern: dict[str, Any]) -> Event | None:
    """What is known of a pattern's events when they are all of one kind."""
    found = [known(source, kind) for source, kind in kinds(pattern)]
    return found[0] if found and all(each == found[0] for each in found) else None


@rule("a field or value that these events do not have keeps the rule from ever matching")
def pattern_matches_event(system: System) -> Iterator[Finding]:
    for found, pattern in patterns(system):
        event = event_of(pattern)
        for path, values in _leaves(pattern):
            below = ".".join(path[1:])
            allowed = event.values.get(below) if event and path[0] == "detail" else None
            plain_values = [text(value) for value in values if not isinstance(value, dict)]
            foreign = [value for value in plain_values if allowed and value not in allowed]
            if path[0] not in ROOTS:
                yield found.finding(f"looks at {path[0]}, which no event has; did you mean detail.{path[0]}?")
            elif event and path[0] == "detail" and not event.has(list(path[1:])):
                yield found.finding(f"looks at detail.{below}, which these events do not have; correct it")
            if allowed and foreign:
                yield found.finding(f"waits for {below} {', '.join(foreign)}; it can be {', '.join(sorted(allowed))}")
            if not values:
                yield found.finding(f"allows no value of {'.'.join(path)}; name one or remove the field")


@rule("EventBridge takes lists only: a single value makes it refuse the pattern")
def pattern_lists_values(system: System) -> Iterator[Finding]:
    for found, pattern in patterns(system):
        for path, node in walk(pattern):
            single = not isinstance(node, dict | list) and not (path and isinstance(path[-1], int))
            if single and not MATCHERS & {str(step) for step in path}:
                yield found.finding(f"gives {'.'.join(map(str, path))} as a single value; put it into a list")


def watched_calls(pattern: dict[str, Any]) -> tuple[list[str], list[str]]:
    """(sources, names) of the calls that a pattern waits for."""
    sources = [source for source, kind in kinds(pattern) if kind == CALL]
    names = [text(name) for name in items(get(pattern, "detail", "eventName")) if isinstance(name, str)]
    return sources, names if sources else []


@rule("EventBridge is not told of calls that only read, and misspelt calls are made by nobody")
def watched_call_exists(system: System) -> Iterator[Finding]:
    for found, pattern in patterns(system):
        sources, names = watched_calls(pattern)
        offered = frozenset().union(*(CALLS.get(source, frozenset()) for source in sources))
        for name in names:
            near = get_close_matches(name, offered, 1, cutoff=0.85)
            others = [source for source, calls in CALLS.items() if name in calls and name not in offered]
            if READING.match(name) and text(found.get("State")) != ALL_CALLS:
                yield found.finding(f"waits for {name}, a call that reads: EventBridge is not told of it; remove it")
            elif others:
                yield found.finding(f"waits for {name}, a call of {others[0]}; add that to source")
            elif name not in offered and near:
                yield found.finding(f"waits for {name}; did you mean {near[0]}?")


@rule("a rule on every call of a service buries the one that matters")
def watched_calls_named(system: System) -> Iterator[Finding]:
    for found, pattern in patterns(system):
        sources, names = watched_calls(pattern)
        detail = mapping(pattern.get("detail"))
        if sources and not set(detail) & {"eventName", "errorCode", "userIdentity", "requestParameters"}:
            yield found.finding("waits for every call; name those that matter in detail.eventName")
        for source in sources:
            if names and source in CALLS and not CALLS[source] & set(names):
                yield found.finding(f"waits for no call of {source}; name one or remove the source")


@rule("calls reach EventBridge through a trail: without one the rule never matches")
def calls_need_trail(system: System) -> Iterator[Finding]:
    for found, pattern in patterns(system):
        if BY_TRAIL & {kind for _, kind in kinds(pattern)} and not system.of_type("AWS::CloudTrail::Trail"):
            yield found.finding("waits for calls, which only a trail records; add one")


@rule("a rule without a target of this system sees everything and tells nobody")
def notice_has_target(system: System) -> Iterator[Finding]:
    for found, _ in patterns(system):
        targets = dicts(found.get("Targets"))
        if not targets:
            yield found.finding("has no target; add the alerts topic")
        for target in targets:
            if system.target(target.get("Arn")) is None:
                yield found.finding(
                    f"sends to {text(target.get('Arn')) or 'nothing'}; refer to a resource of this system"
                )
        topics = [target for target in targets_of(found, system) if target.type == "AWS::SNS::Topic"]
        if targets and not topics and len(targets_of(found, system)) == len(targets):
            yield found.finding("tells no topic; send it to the alerts topic")


@rule("a role on a topic or queue makes EventBridge fail where the topic's own policy would let it in")
def notice_without_role(system: System) -> Iterator[Finding]:
    for found in system.of_type(RULE):
        for target in dicts(found.get("Targets")):
            receiver = system.target(target.get("Arn"))
            if receiver and receiver.type in ("AWS::SNS::Topic", "AWS::SQS::Queue") and "RoleArn" in target:
                yield found.finding(f"gives a role for {receiver.id}; remove RoleArn, the policy there decides")
