"""Other parameter values worth checking: each option on and off, as far as the templates' own Rules allow it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from templates.rules.finding import Finding
from templates.rules.parameters import plausible
from templates.rules.reader import Template
from templates.rules.references import mentions
from templates.rules.scope import Scope
from templates.rules.system import nested_templates, scopes, top_level
from templates.rules.values import dicts, get, items, mapping, text, walk

Values = Mapping[str, str]
IDENTITY = "Environment"
TRIES = 8
TOGETHER = 4
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
    deciding = [each.body.get(section) for each in templates.values() for section in ("Conditions", "Rules")]
    compared: dict[str, list[str]] = {}
    for section in deciding:
        for name, value in _compared(section):
            compared.setdefault(name, []).append(value)
    for template in top_level(templates):
        for name, declared in template.section("Parameters").items():
            values = [text(value) for value in items(declared.get("AllowedValues"))]
            if name in compared and not values:
                values = [*sorted(compared[name]), _other(template.name, name, declared, compared[name])]
            if name != IDENTITY:
                yield from ((name, value) for value in dict.fromkeys(values))


def _other(stack: str, name: str, declared: dict[str, Any], compared: Sequence[str]) -> str:
    """A value that no condition compares with."""
    numbers = [int(value) for value in compared if value.isdigit()]
    return str(max(numbers) + 1) if numbers else text(plausible(stack, name, declared))


def _conditions(templates: Mapping[str, Template], values: Values) -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        (scope.name, name, scope.condition(name))
        for scope in scopes(templates, values)
        for name in mapping(scope.template.body.get("Conditions"))
    )


Option = tuple[str, str]


def _switched(
    templates: Mapping[str, Template], values: Values, option: Option, options: Sequence[Option], kept: set[str]
) -> Values | None:
    """The values with an option changed, and others until the Rules agree; None when that does not succeed soon.

    Switching one thing on often wants others: a domain name wants its zone, and not a certificate besides.

    :param kept: parameters that must stay as they are
    """
    whole = {**values, option[0]: option[1]}
    todo: list[Values] = [whole]
    for _ in range(TRIES):
        todo.sort(key=lambda each: len(refused(templates, each)))
        best = todo.pop(0) if todo else whole
        objections = refused(templates, best)
        if not objections:
            return best
        mentioned = {name for objection in objections for name in _mentioned(templates, objection)}
        free = mentioned - kept - {option[0]}
        changes = [(name, value) for name, value in options if name in free and whole.get(name, "") != value]
        todo += [{**best, name: value} for name, value in changes if best.get(name) == whole.get(name)]
    return None


def _defaults(templates: Mapping[str, Template]) -> dict[str, str]:
    declared = [pair for template in top_level(templates) for pair in template.section("Parameters").items()]
    return {name: text(entry["Default"]) for name, entry in declared if "Default" in entry}


def _mentioned(templates: Mapping[str, Template], objection: Finding) -> set[str]:
    """Parameters that the rule of a template's Rules section looks at."""
    declared = templates[objection.stack].section("Rules")[objection.resource.removeprefix("Rules.")]
    return {text(node.get("Ref")) for _, node in walk(declared) if isinstance(node, dict)}


def _deciding(templates: Mapping[str, Template]) -> set[str]:
    """Parameters that conditions look at, and those that are passed to them from above."""
    names = {m.name for t in templates.values() for m in mentions(t) if (m.kind, m.section) == ("ref", "Conditions")}
    passed = [
        (name, value)
        for template in templates.values()
        for resource in nested_templates(template)
        for name, value in mapping(get(template.section("Resources")[resource], "Properties", "Parameters")).items()
    ]
    return names | {
        text(node.get("Ref"))
        for name, value in passed
        if name in names
        for _, node in walk(value)
        if isinstance(node, dict)
    }


def with_options(templates: Mapping[str, Template], given: Sequence[Values]) -> list[Values]:
    """The given values, and the first of them with options changed, a few at a time, until each was on and off once.

    Only options that decide conditions count. A few at a time, since each set of values costs a run of all rules.
    """
    first = {**_defaults(templates), **given[0]}
    seen = {_conditions(templates, values) for values in given}
    options, deciding = list(_options(templates)), _deciding(templates)
    tried = [(name, value) for name, value in options if name in deciding]
    wanted = [(name, value) for name, value in tried if _conditions(templates, {**first, name: value}) not in seen]
    result = list(given)
    while wanted:
        chosen: Values = first
        kept: set[str] = set()
        for option in wanted:
            switched = None if option[0] in kept else _switched(templates, chosen, option, options, kept)
            if switched is not None and len(kept) < TOGETHER:
                chosen = switched
                kept.add(option[0])
        done = [(name, value) for name, value in wanted if name in kept and chosen[name] == value]
        wanted = [option for option in wanted if option not in done] if done else []
        result += [chosen] if done else []
    return result
