"""Who may do what, before and after, in plain words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache

from scripts.review.entries import REFERENCE, Entry
from scripts.review.grants import Grant, grants
from scripts.review.model import Doors
from scripts.review.words import capital, listing, short, spoken
from templates.rules.values import items, text

OPERATORS = {
    "ArnEquals": "is",
    "ArnLike": "is like",
    "Bool": "is",
    "ForAllValues:StringEquals": "holds only",
    "ForAnyValue:StringEquals": "holds",
    "IpAddress": "is in",
    "NotIpAddress": "is not in",
    "NumericLessThan": "is less than",
    "StringEquals": "is",
    "StringLike": "is like",
    "StringNotEquals": "is not",
    "StringNotLike": "is not like",
}


def permissions(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> Doors:
    """What opens and what closes. What a wider permission covers on the other side is neither."""
    old, new = dict.fromkeys(grants(before)), dict.fromkeys(grants(after))
    come, gone = _beyond(new, old), _beyond(old, new)
    opened = [*_sentences(come, "Allow", new=True), *_sentences(gone, "Deny", new=False)]
    closed = [*_sentences(gone, "Allow", new=False), *_sentences(come, "Deny", new=True)]
    return Doors(tuple(opened), tuple(closed))


def _beyond(grants: Iterable[Grant], others: Iterable[Grant]) -> list[Grant]:
    """Those that no other covers."""
    by_holder: dict[tuple[str, str, str, str], list[Grant]] = {}
    for other in others:
        by_holder.setdefault(_side(other), []).append(other)
    return [grant for grant in grants if not any(_covers(other, grant) for other in by_holder.get(_side(grant), ()))]


def _side(grant: Grant) -> tuple[str, str, str, str]:
    return grant.holder, grant.effect, grant.guard, grant.kind


def _covers(wide: Grant, narrow: Grant) -> bool:
    if wide.condition not in ("", narrow.condition):
        return False
    return _matches(wide.action.lower(), narrow.action.lower()) and _matches(wide.resource, narrow.resource)


def _matches(pattern: str, value: str) -> bool:
    return pattern == value or bool(_pattern(pattern).fullmatch(value))


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def _sentences(grants: Iterable[Grant], effect: str, *, new: bool) -> list[str]:
    """One sentence per holder, set of actions and condition: first actions are joined, then what they act on."""
    actions: dict[tuple[Grant, str], list[str]] = {}
    for grant in grants:
        if grant.effect == effect:
            actions.setdefault((grant._replace(action=""), grant.resource), []).append(grant.action)
    resources: dict[tuple[Grant, tuple[str, ...]], list[str]] = {}
    for (grant, resource), names in actions.items():
        resources.setdefault((grant._replace(resource=""), tuple(names)), []).append(resource)
    return [_sentence(grant, names, on, new=new) for (grant, names), on in resources.items()]


def _sentence(grant: Grant, actions: tuple[str, ...], resources: list[str], *, new: bool) -> str:
    who, on = _who(grant.holder), listing(_what(grant, resource) for resource in resources)
    if grant.kind == "attachment":
        return capital(f"{who} {'now has' if new else 'no longer has'} the managed policy {on}.")
    if grant.kind == "boundary":
        return capital(f"{who} {'is now' if new else 'is no longer'} held within the boundary {on}.")
    may = {
        ("Allow", True): "may now",
        ("Allow", False): "may no longer",
        ("Deny", True): "is now denied",
        ("Deny", False): "is no longer denied",
    }[grant.effect, new]
    if grant.kind == "trust":
        assume = "" if set(actions) <= {"sts:AssumeRole"} else f" ({listing(actions)})"
        return capital(
            f"{who} {may} {'to ' if 'denied' in may else ''}act as {_who(grant.guard)}{assume}{_condition(grant)}."
        )
    by = f", by the policy of {grant.guard}" if grant.guard and on != grant.guard else ""
    wide = "do anything" if actions == ("*",) and "denied" not in may else listing(map(short, actions))
    return capital(f"{who} {may} {wide}{f' on {on}' if on else ''}{_condition(grant)}{by}.")


def _what(grant: Grant, resource: str) -> str:
    """In a resource's own policy, everything is that resource."""
    return grant.guard if resource == "*" and grant.guard else short(resource)


def _who(holder: str) -> str:
    """A role as people call it, a service or account as it is."""
    match = REFERENCE.fullmatch(holder)
    path = match[1] if match else holder
    if holder == "*":
        return "ANYBODY"
    if holder.startswith("arn:") and holder.endswith(":root"):
        return "this account" if short(holder) != holder else holder
    if holder.endswith(".amazonaws.com"):
        return f"the service {holder.removesuffix('.amazonaws.com')}"
    name = path.rpartition("/")[2]
    return f"the {spoken(name)}" if name.isalnum() and not name.isdigit() else short(holder)


def _condition(grant: Grant) -> str:
    if not grant.condition:
        return ""
    parts = [
        f"{key} {OPERATORS.get(operator, operator)} {' or '.join(short(text(value)) for value in items(values))}"
        for operator, keys in json.loads(grant.condition).items()
        for key, values in keys.items()
    ]
    return f" if {' and '.join(parts)}"
