"""Our own rules over CloudFormation templates: `check` reads a folder, ours or edited by hand, and says what is wrong.

A rule is a small function with a one-line reason, in any module of this package; see `finding.rule`.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from templates.rules.accepted import sift
from templates.rules.finding import RULES, Finding, Rule, rule
from templates.rules.reader import UNREADABLE, Template, malformed, read_folder
from templates.rules.scope import ACCOUNT
from templates.rules.system import Resource, System, render
from templates.rules.variants import refused, with_options

__all__ = ["RULES", "Finding", "Resource", "System", "check", "check_system", "check_templates", "load_rules", "rule"]

ANY_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")


@cache
def load_rules() -> dict[str, Rule]:
    """Every rule by name: importing the package's modules registers them."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
    return RULES


def check(folder: Path, parameter_sets: Sequence[Mapping[str, str]]) -> list[Finding]:
    """What is wrong with the templates of a folder under these parameter values and each option of theirs."""
    templates, unread = read_folder(folder)
    if any(finding.rule == UNREADABLE for finding in unread):
        return _sorted([*unread, *(finding for template in templates.values() for finding in malformed(template))])
    return _sorted([*unread, *check_templates(templates, parameter_sets)])


def check_templates(
    templates: Mapping[str, Template], parameter_sets: Sequence[Mapping[str, str]], options: bool = True
) -> list[Finding]:
    """The same for templates already read; each finding once, sorted.

    :param options: also turn each option of the first set on and off
    """
    given = [_at_home(values) for values in parameter_sets] or [{}]
    findings = {finding for values in given for finding in refused(templates, values)}
    for number, values in enumerate(with_options(templates, given) if options else given):
        findings.update(check_system(render(templates, values), first=number == 0))
    findings.update(finding for template in templates.values() for finding in malformed(template))
    return _sorted(sift(findings, templates, whole=len(given) > 1))


def _at_home(values: Mapping[str, str]) -> dict[str, str]:
    """The values with the account that a person deploys to as the one that everything is rendered for.

    Images, buckets and ARNs name it; it is a number of twelve digits, which nothing else here is.
    """
    return {name: ANY_ACCOUNT.sub(ACCOUNT, value) for name, value in values.items()}


def _sorted(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(set(findings), key=lambda finding: (finding.stack, finding.resource, finding.rule, finding.advice))


def check_system(system: System, first: bool = True, only: str = "") -> list[Finding]:
    """What the rules say about one rendered system; acceptances are not looked at.

    :param first: also run the rules that look at the templates as written only
    :param only: run just the rule of this name
    """
    rules = load_rules()
    chosen = [rules[only]] if only else [each for each in rules.values() if first or not each.once]
    return [finding for each in chosen for finding in _apply(each, system)]


def _apply(each: Rule, system: System) -> list[Finding]:
    """A rule's findings. One that stumbles over odd input says so, and the other rules still run."""
    findings: list[Finding] = []
    try:
        findings.extend(replace(finding, rule=each.name) for finding in each.check(system))
    except Exception as error:  # noqa: BLE001 - any shape is possible in a template edited by hand
        stack, resource = _place(error)
        what = f"{each.name} cannot read this ({type(error).__name__}: {error}); correct the shape of the properties"
        findings.append(Finding(stack, resource, what, "malformed"))
    return findings


def _place(error: Exception) -> tuple[str, str]:
    """The resource a rule was looking at when it failed, innermost frame first."""
    for frame, _ in reversed(list(traceback.walk_tb(error.__traceback__))):
        for value in frame.f_locals.values():
            if isinstance(value, Resource):
                return value.stack, value.id
    return "-", "-"
