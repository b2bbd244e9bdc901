"""Conditions say what they do: HasX holds when X is given, IsProduction in production."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from templates.rules.finding import Finding, rule
from templates.rules.namesakes import words
from templates.rules.system import System
from templates.rules.values import get, items, mapping, text

NEGATING = {"No", "Not", "Withou", "Disabl", "Off"}
UNSET = {"", "false", "no", "none", "disabled", "off"}
SET = {"true", "yes", "enabled", "on"}


class Comparison(NamedTuple):
    """A condition that compares one parameter with one text: whether it holds when they are equal."""

    parameter: str
    compared: str
    equal: bool


def _test(condition: Any, equal: bool = True) -> Comparison | None:
    """None for anything that is more than a comparison or its negation."""
    negated = items(get(condition, "Fn::Not"))
    if len(negated) == 1:
        return _test(negated[0], not equal)
    sides = items(get(condition, "Fn::Equals"))
    names = [text(side["Ref"]) for side in sides if isinstance(side, dict) and "Ref" in side]
    texts = [text(side) for side in sides if not isinstance(side, dict | list)]
    return Comparison(names[0], texts[0], equal) if len(names) == len(texts) == 1 else None


@rule("a condition that says the opposite of its name turns everything that relies on it around", once=True)
def condition_as_named(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        for name, body in mapping(template.body.get("Conditions")).items():
            test, said = _test(body), set(words(name))
            if test and (meaning := _meaning(test, said)) is not None and meaning == bool(NEGATING & said):
                advice = (
                    f"holds when {test.parameter} is {'' if test.equal else 'not '}{test.compared!r}; turn it around"
                )
                yield Finding(template.name, f"Conditions.{name}", advice)


def _meaning(test: Comparison, said: set[str]) -> bool | None:
    """Whether the condition holds when its parameter is "on", or is what its name says; None when that is open."""
    value = test.compared.lower()
    if value in UNSET or value in SET:
        return test.equal is (value in SET)
    spoken = {word.capitalize()[:6] for word in value.replace("_", "-").split("-")}
    return test.equal if spoken <= said else None


@rule("IsProduction that looks for another name than production is never true there", once=True)
def condition_of_its_value(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        for name, body in mapping(template.body.get("Conditions")).items():
            test = _test(body)
            if (
                test
                and name.startswith("Is")
                and test.parameter == "Environment"
                and _meaning(test, set(words(name))) is None
            ):
                yield Finding(
                    template.name, f"Conditions.{name}", f"compares with {test.compared!r}; name it after that"
                )
