"""Other parameter values worth checking: each option on and off, as far as the templates' own Rules allow it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from templates.rules.finding import Finding
from templates.rules.parameters import plausible
from templates.rules.reader import Template
from templates.rules.scope import Scope
from templates.rules.system import scopes, top_level
from templates.rules.values import dicts, items, mapping, text, walk

Values = Mapping[str, str]
IDENTITY = "Environment"
TRIES = 8
UNKNOWN = {"Fn::RefAll", "Fn::ValueOfAll"}


def refused(templates: Mapping[str, Template], values: Values) -> list[Finding]:
    """What the Rules sections say against these values."""
    return [
        Finding(template.name, f"Rules.{name}", advice, "refused-values")
        for template in top_level(templates)
        for name, declared in template.section("Rules").items()
        for advice in _objections(Scope(template.name, template, values), declared)
    ]


def _objections(scope: Scope, declared: dict[str, Any]) -> Iterator[str]:
    if any(key in UNKNOWN for _, node in walk(declared) if isinstance(node, dict) for key in node):
        return
    reader = scope.reader("Rules")
    if "RuleCondition" not in declared or reader.truth(declared["RuleCondition"]):
        for assertion in dicts(declared.get("Assertions")):
            if not reader.truth(assertion.get("Assert")):
                yield text(assertion.get("AssertDescription")) or "these parameter values are refused; correct them"


def _compared(node: Any) -> Iterator[tuple[str, str]]:
    """(parameter, text) of what conditions and rules compare: having that value, or not having it, decides."""
    for _, part in walk(node):
        sides = items(part.get("Fn::Equals")) if isinstance(part, dict) else []
        names = [text(side.get("Ref")) for side in dicts(sides) if "Ref" in side]
        yield from ((name, text(side)) for name in names for side in sides if isinstance(side, str))


def _options(templates: Mapping[str, Template]) -> Iterator[tuple[str, str]]:
    """Values that switch something; the environment's name is who we are, no option."""
    for template in top_level(templates):
        deciding = [each.body.get(section) for each in templates.values() for section in ("Conditions", "Rules")]
        compared = {pair for section in deciding for pair in _compared(section)}
        for name, declared in template.section("Parameters").items():
            if name == IDENTITY:
                continue
            given = text(plausible(template.name, name, declared))
            values = [text(value) for value in items(declared.get("AllowedValues"))]
            values += [value for other, value in sorted(compared) if other == name]
            values += [given] if (name, "") in compared else []
            yield from ((name, value) for value in dict.fromkeys(values))


def _conditions(templates: Mapping[str, Template], values: Values) -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        (scope.name, name, scope.condition(name))
        for scope in scopes(templates, values)
        for name in mapping(scope.template.body.get("Conditions"))
    )


def _repaired(templates: Mapping[str, Template], values: Values, options: Sequence[tuple[str, str]]) -> Values | None:
    """The values with other options changed until the Rules agree; None when that does not succeed soon.

    Switching one thing on often wants others: a domain name wants its zone, and not a certificate besides.
    """
    whole = {**_defaults(templates), **values}
    todo: list[Values] = [whole]
    for _ in range(TRIES):
        todo.sort(key=lambda each: len(refused(templates, each)))
        best = todo.pop(0) if todo else whole
        objections = refused(templates, best)
        if not objections:
            return best
        mentioned = {name for objection in objections for name in _mentioned(templates, objection)}
        changes = [(name, value) for name, value in options if name in mentioned and whole.get(name, "") != value]
        todo += [{**best, name: value} for name, value in changes if best.get(name) == whole.get(name)]
    return None


def _defaults(templates: Mapping[str, Template]) -> dict[str, str]:
    declared = [pair for template in top_level(templates) for pair in template.section("Parameters").items()]
    return {name: text(entry["Default"]) for name, entry in declared if "Default" in entry}


def _mentioned(templates: Mapping[str, Template], objection: Finding) -> set[str]:
    """Parameters that the rule of a template's Rules section looks at."""
    declared = templates[objection.stack].section("Rules")[objection.resource.removeprefix("Rules.")]
    return {text(node.get("Ref")) for _, node in walk(declared) if isinstance(node, dict)}


def with_options(templates: Mapping[str, Template], given: Sequence[Values]) -> list[Values]:
    """The given values, and the first of them with one option changed where that decides conditions in a new way."""
    seen = {_conditions(templates, values) for values in given}
    options = list(_options(templates))
    result = list(given)
    for name, value in options:
        changed = {**given[0], name: value}
        if _conditions(templates, changed) in seen:
            continue
        other = _repaired(templates, changed, [option for option in options if option[0] != name])
        if other is not None and (decided := _conditions(templates, other)) not in seen:
            seen.add(decided)
            result.append(other)
    return result
