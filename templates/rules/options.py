"""Values that parameters may take: each is allowed, decides something, and finds its row in every table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from templates.rules.finding import Finding, rule
from templates.rules.parameters import shaped
from templates.rules.reader import Template
from templates.rules.system import System
from templates.rules.values import TOKEN, get, items, mapping, number, text, walk


def objection(declared: dict[str, Any], value: str) -> str:
    """Why a parameter refuses a value; "" when it takes it."""
    allowed = [text(choice) for choice in items(declared.get("AllowedValues"))]
    pattern = declared.get("AllowedPattern")
    amount = number(value)
    wrongs = {
        f"it allows {', '.join(allowed)}": allowed and value not in allowed,
        f"it must match {pattern}": isinstance(pattern, str) and not _matches(pattern, value),
        "it must be a number": text(declared.get("Type")) == "Number" and amount is None,
        _range(declared, "Value", ""): amount is not None and not _within(declared, "Value", amount),
        _range(declared, "Length", " letters"): not _within(declared, "Length", len(value)),
    }
    return next((advice for advice, wrong in wrongs.items() if wrong), "")


def _within(declared: dict[str, Any], what: str, amount: float) -> bool:
    low, high = number(declared.get(f"Min{what}")), number(declared.get(f"Max{what}"))
    return (low is None or amount >= low) and (high is None or amount <= high)


def _range(declared: dict[str, Any], what: str, unit: str) -> str:
    low, high = (text(declared.get(f"{end}{what}")) or "any" for end in ("Min", "Max"))
    return f"it must have {low} to {high}{unit}"


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True


@rule("a value its parameter refuses stops the stack, a nested one when the others are already there")
def value_allowed(system: System) -> Iterator[Finding]:
    for stack in system.stacks.values():
        for name, declared in stack.section("Parameters").items():
            for value in (text(item) for item in items(stack.parameters.get(name))):
                if not TOKEN.search(value) and (wrong := objection(declared, value)):
                    yield stack.finding(f"Parameters.{name}", f"gets {value!r}; {wrong}")


@rule("a default that its own parameter refuses is found by the first person who relies on it", once=True)
def default_allowed(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        for name, declared in template.section("Parameters").items():
            pattern = declared.get("AllowedPattern")
            if isinstance(pattern, str) and not _compiles(pattern):
                yield Finding(
                    template.name, f"Parameters.{name}", "AllowedPattern is no regular expression; correct it"
                )
            for value in items(shaped(declared, declared["Default"])) if "Default" in declared else []:
                if wrong := objection(declared, text(value)):
                    yield Finding(template.name, f"Parameters.{name}", f"has the default {value!r}; {wrong}")


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _choices(template: Template, name: Any) -> list[str]:
    """The values a parameter can have; empty when it is open."""
    declared = template.section("Parameters").get(name, {}) if isinstance(name, str) else {}
    return [text(choice) for choice in items(declared.get("AllowedValues"))]


@rule("a comparison with a value that cannot occur is always false: what depends on it never happens", once=True)
def comparison_possible(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        for section in ("Conditions", "Rules"):
            for path, node in walk(template.body.get(section)):
                sides = items(get(node, "Fn::Equals")) if isinstance(node, dict) else []
                choices = next((c for c in (_choices(template, get(side, "Ref")) for side in sides) if c), [])
                for side in sides if choices else []:
                    if not isinstance(side, dict | list) and text(side) not in choices:
                        where = f"{section}.{path[0] if path else ''}"
                        advice = f"compares with {text(side)!r}; the parameter allows {', '.join(choices)}"
                        yield Finding(template.name, where, advice)


@rule("a value without a row in the table fails the deployment of that environment only", once=True)
def mapping_complete(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        tables = mapping(template.body.get("Mappings"))
        for section in ("Resources", "Outputs", "Conditions") if tables else ():
            for path, node in walk(template.body.get(section)):
                parts = items(get(node, "Fn::FindInMap")) if isinstance(node, dict) else []
                if len(parts) != 3 or not isinstance(parts[0], str):
                    continue
                rows = mapping(tables.get(parts[0]))
                missing = [choice for choice in _choices(template, get(parts[1], "Ref")) if choice not in rows]
                if missing:
                    where = text(path[0]) if section == "Resources" else f"{section}.{path[0]}"
                    yield Finding(template.name, where, f"mapping {parts[0]} has no row {', '.join(missing)}; add it")


@rule("tables of environments stay complete: a row that lacks an entry fails when it is asked for", once=True)
def mapping_rows_alike(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        for name, table in template.section("Mappings").items():
            keys = {key for row in table.values() for key in mapping(row)}
            for row, entries in table.items():
                if lacking := sorted(keys - set(mapping(entries))):
                    yield Finding(template.name, f"Mappings.{name}", f"row {row} lacks {', '.join(lacking)}; add it")
