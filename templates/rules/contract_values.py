"""Each variable gets its own value: from its parameter, its table, its secret, and not from a neighbour's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from templates.rules.contract import Variable, meant_by
from templates.rules.contract_environment import known
from templates.rules.finding import Finding, rule
from templates.rules.physical import FIRST, physical_name
from templates.rules.programs import Running, foreseen, origins
from templates.rules.render import REGION
from templates.rules.scope import ACCOUNT
from templates.rules.system import System
from templates.rules.values import text, token
from templates.rules.variants import IDENTITY

KEPT_IN = "AWS::SecretsManager::Secret"
TABLE = "AWS::DynamoDB::Table"
SECRET_ARN = re.compile(r"arn:[^:]*:secretsmanager:([^:]*):([^:]*):secret:([^:]+?)(?:-\w{6})?(?::[^:]*:[^:]*:[^:]*)?")


def environment(system: System) -> str:
    """The environment's name, as the stack at the top has it."""
    tops = [stack for stack in system.stacks.values() if not stack.parent and IDENTITY in stack.parameters]
    return text(tops[0].parameters[IDENTITY]) if tops else system.values.get(IDENTITY, FIRST)


def secret_named(system: System, value: Any) -> str:
    """The name of the secret that a reference, an ARN or a name means; "" when it means none of this account."""
    target = system.target(value)
    if target and token(value):
        return physical_name(target) if target.type == KEPT_IN else ""
    match = SECRET_ARN.fullmatch(text(value))
    if match:
        return match[3] if (match[1], match[2]) == (REGION, ACCOUNT) else ""
    return text(value) if not text(value).startswith("arn:") else ""


def _all(system: System) -> Iterator[tuple[Running, str, Any, Variable]]:
    """Each variable of each program that the contract knows, with its value."""
    for each in known(system):
        for name, value in {**each.plain, **each.injected}.items():
            variable = meant_by(name)
            if variable and each.program in variable.used_by and text(value):
                yield each, name, value, variable


def _as_secret(each: Running, name: str) -> bool:
    return name in each.injected or (name.endswith("_SECRET") and name not in each.injected)


@rule("a variable filled from another parameter works with the wrong role, channel, chain or account")
def variable_from_its_parameter(system: System) -> Iterator[Finding]:
    for each, name, value, variable in _all(system):
        wanted = variable.kept_at if _as_secret(each, name) else variable.parameter
        if not wanted or (_as_secret(each, name) and system.targets(value)):
            continue
        found = origins(system, system.stacks[each.resource.stack], each.written.get(name))
        if found != {wanted}:
            made_of = f"made of {', '.join(sorted(found))}" if found else "fixed in the template"
            yield each.finding(f"variable {name} is {made_of}; take it from the parameter {wanted}")


@rule("a variable that names another table or secret mixes up data, or is denied at run time")
def variable_names_its_own(system: System) -> Iterator[Finding]:
    for each, name, value, variable in _all(system):
        if variable.table:
            wanted = f"sparta-{variable.table}-{environment(system)}"
            if foreseen(system, value, wanted) and _table_named(system, value) != wanted:
                yield each.finding(f"variable {name} does not name the table {wanted}; refer to that table")
        if variable.kept_as and _as_secret(each, name):
            wanted = f"sparta/{environment(system)}/{variable.kept_as}"
            if foreseen(system, value, wanted) and secret_named(system, value) != wanted:
                yield each.finding(f"variable {name} does not name the secret {wanted}; give that secret's ARN")


def _table_named(system: System, value: Any) -> str:
    target = system.target(value)
    if target and token(value):
        return physical_name(target) if target.type == TABLE else ""
    return text(value)


@rule("a fixed setting with another value: the API answers nobody, or the program works in another region")
def variable_as_fixed(system: System) -> Iterator[Finding]:
    for each, name, value, variable in _all(system):
        wanted = REGION if name == "AWS_REGION" else variable.value
        if wanted and text(value) != wanted:
            advice = "use AWS::Region" if name == "AWS_REGION" else f"set it to {wanted}"
            yield each.finding(f"variable {name} is {text(value)}; {advice}")


@rule("metrics and searches read JSON lines: with logs written for people the alarms on them never fire")
def production_logs_json(system: System) -> Iterator[Finding]:
    for each, name, value, _ in _all(system):
        if name == "LOG_PRETTY_PRINT" and environment(system) == FIRST and text(value) != "false":
            yield each.finding(f"variable {name} is {text(value)} in production; set it to false")
