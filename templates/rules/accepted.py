"""Findings that somebody accepted beside the resource, with the reason; an acceptance is itself checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from templates.rules.finding import RULES, Finding
from templates.rules.reader import Template
from templates.rules.values import get, items, mapping, text

NAME = "acceptance"


def _entries(entry: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(rule, reason) of each acceptance; a malformed one has neither, and two words are no reason."""
    pairs = [
        (text(mapping(accepted).get("Rule")), text(mapping(accepted).get("Reason")).strip())
        for accepted in items(get(entry, "Metadata", "Accepted"))
    ]
    return [(rule, reason if len(reason.split()) > 2 else "") for rule, reason in pairs]


def _places(templates: Mapping[str, Template]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """(stack, resource, entry) of everything that may carry an acceptance: each resource, and the template itself."""
    own = [(t.name, "-", t.body) for t in templates.values()]
    return own + [(t.name, name, raw) for t in templates.values() for name, raw in t.section("Resources").items()]


def _problem(rule: str, reason: str, used: bool) -> str:
    ours = rule[:1].islower()  # other tools name their rules with capitals: W3010, CKV_AWS_18
    if not rule or not reason:
        return f"acceptance of {rule or 'an unnamed rule'} gives no reason; write Rule and Reason"
    if ours and rule not in RULES:
        return f"accepts {rule}, which is no rule; correct the name or remove it"
    if ours and not used:
        return f"accepts {rule}, which finds nothing here; remove the acceptance"
    return ""


def _silenced(entry: Mapping[str, Any]) -> set[str]:
    config = get(entry, "Metadata", "cfn-lint", "config")
    return {text(check) for check in items(get(config, "ignore_checks"))}


def sift(findings: Iterable[Finding], templates: Mapping[str, Template], whole: bool = True) -> list[Finding]:
    """The findings nobody accepted, and those about the acceptances.

    :param whole: the findings are of all environments; else an acceptance may be for one that was not looked at
    """
    found = list(findings)
    result = []
    for stack, resource, entry in _places(templates):
        entries = _entries(entry)
        hits = {f.rule for f in found if (f.stack, f.resource) == (stack, resource)}
        advices = [_problem(rule, reason, rule in hits or not whole) for rule, reason in entries]
        silent = _silenced(entry) - {rule for rule, _ in entries}
        advices += [f"silences cfn-lint's {check} without a reason; add it to Accepted" for check in sorted(silent)]
        result += [Finding(stack, resource, advice, NAME) for advice in advices if advice]
        valid = {rule for rule, reason in entries if reason}
        found = [f for f in found if (f.stack, f.resource) != (stack, resource) or f.rule not in valid]
    return found + result
