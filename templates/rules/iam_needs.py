"""Granted is what is used: a role lacks nothing its user needs, and has nothing its user is not told of."""

from __future__ import annotations

from collections.abc import Iterator

from templates.rules.finding import Finding, rule
from templates.rules.iam import Statement, acts, covers, grants, matches, permitting, plain, uses
from templates.rules.iam_dealings import Dealing, dealings
from templates.rules.kinds import ROLE
from templates.rules.system import Resource, System

VIA = "kms:ViaService"
BEHIND = "task", "function"


def _holds(statement: Statement, dealing: Dealing) -> bool:
    """Whether a statement's condition on the service in between, if any, names the right one."""
    through = statement.condition(VIA)
    return not through or not dealing.via or any(matches(each, dealing.via) for each in through)


@rule("a right that is missing is found at run time: the call is denied, the task does not start, the log stays empty")
def has_needed_right(system: System) -> Iterator[Finding]:
    for dealing in dealings(system):
        for action in sorted(dealing.needed):
            permits = permitting(system, dealing.role, action, dealing.example)
            permits += permitting(system, dealing.role, action, dealing.or_else) if dealing.or_else else []
            if not any(_holds(each, dealing) for each in permits):
                yield dealing.role.finding(f"lacks {action} on {dealing.example} ({dealing.why}); allow it")


def _expected(system: System, role: Resource, action: str, resource: str) -> bool:
    return any(
        dealing.role is role
        and action.lower() in {each.lower() for each in dealing.needed | dealing.possible}
        and any(matches(arn, resource) for arn in dealing.arns)
        for dealing in dealings(system)
    )


@rule("a right that is not used is one that only a thief uses")
def has_no_other_right(system: System) -> Iterator[Finding]:
    for role in dict.fromkeys(use.role for use in uses(system) if use.what != "subscription"):
        for statement in grants(system, role):
            pairs = [(a, plain(system, r)) for a in statement.all("Action") for r in statement.all("Resource")]
            foreign = [pair for pair in pairs if statement.allows and not _expected(system, role, *pair)]
            for action, resource in foreign[:3]:
                yield statement.finding(f"allows {action} on {resource}, which {role.id} is not used for; remove it")


@rule("one key encrypts logs, messages and backups: a program may use it only through the service it sends to")
def key_through_service_only(system: System) -> Iterator[Finding]:
    for use in (each for each in uses(system) if each.what in (*BEHIND, "start")):
        for statement in grants(system, use.role):
            on_key = any(action.lower().startswith("kms:") for action in statement.all("Action"))
            if on_key and statement.allows and not statement.condition(VIA):
                yield statement.finding(f"lets a program use the key for anything; add a Condition on {VIA}")


@rule("a deny that covers what the same role is allowed wins: the right is there to read, and does not work")
def nothing_denied_to_oneself(system: System) -> Iterator[Finding]:
    for role in system.of_type(ROLE):
        own = grants(system, role)
        allowed = [(a, r) for each in own if each.allows for a in each.all("Action") for r in each.all("Resource")]
        for statement in (each for each in own if not each.allows and not each.conditions):
            for action, resource in allowed:
                if acts(statement, action) and covers(system, statement, plain(system, resource)):
                    yield statement.finding(f"denies {action}, which the role is also allowed; keep one of the two")
