"""Lists of mistakes for a rule each: what somebody did, and where which rule must say so."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest

from templates.rules import load_rules
from templates.rules.system import System, render
from tests.templates.rules.planting import Mistake, both, emitted, planted, values

Places = set[tuple[str, str]]


def case(what: str, expected: str, *mistakes: Mistake, **given: str) -> Any:
    """One planted mistake; `expected` is "stack Resource rule-name", `given` changes parameter values."""
    stack, resource, rule = expected.split()
    return pytest.param(both(*mistakes), (stack, resource), rule, given, id=what)


def arn(service: str, resource: str) -> dict[str, str]:
    """An ARN of this account and region, as a template writes it."""
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"}


@cache
def _values(environment: str) -> dict[str, str]:
    return values(environment)


@cache
def clean(environment: str, given: frozenset[tuple[str, str]] = frozenset()) -> System:
    """Our own templates as they are, rendered for an environment."""
    return render(emitted(), {**_values(environment), **dict(given)})


def _said(rule: str, system: System) -> Places:
    return {(finding.stack, finding.resource) for finding in load_rules()[rule].check(system)}


def places(rule: str, mistake: Mistake, environment: str = "production", **given: str) -> Places:
    """(stack, resource) of what one rule says with the mistake and does not say without it."""
    system = render(planted(mistake, emitted()), {**_values(environment), **given})
    return _said(rule, system) - _said(rule, clean(environment, frozenset(given.items())))


def said(mistake: Mistake, rules: Iterable[str]) -> set[tuple[str, str, str]]:
    """(stack, resource, rule) of what several rules say about a change in production."""
    system = render(planted(mistake, emitted()), _values("production"))
    return {(*place, rule) for rule in rules for place in _said(rule, system) - _said(rule, clean("production"))}


def rules_of(cases: Iterable[Any]) -> set[str]:
    """The rules that a list of cases is about."""
    return {case.values[2] for case in cases}


def unproven(cases: Iterable[Any], *modules: str) -> set[str]:
    """Rules of these modules that no case plants a mistake for."""
    own = {name for name, rule in load_rules().items() if rule.check.__module__.rpartition(".")[2] in modules}
    return own - rules_of(cases)
