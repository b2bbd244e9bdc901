"""Who may call a function, and the rotation of the API key: the right secret, in time, by who may."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.rules.contract import BY_NAME, ROTATION
from templates.rules.contract_values import KEPT_IN, environment, secret_named
from templates.rules.finding import Finding, rule
from templates.rules.physical import physical_name
from templates.rules.programs import FUNCTION, deployed_as_a_whole, foreseen, runs
from templates.rules.system import Resource, System
from templates.rules.timetable import gaps
from templates.rules.values import dicts, number, text, truth

PERMISSION = "AWS::Lambda::Permission"
ROTATING = "AWS::SecretsManager::RotationSchedule"
SECRETS = "secretsmanager.amazonaws.com"
EVENTS = "events.amazonaws.com"
LONGEST_KEY = 90
KEY = BY_NAME["BACKEND_API_KEY"]


def _permissions(system: System, function: Resource, principal: str) -> list[Resource]:
    """What lets a service call a function."""
    return [
        each
        for each in system.of_type(PERMISSION)
        if system.target(each.get("FunctionName")) is function and text(each.get("Principal")) == principal
    ]


@rule("a permission for everybody, or for a service on anybody's behalf, lets strangers call the function")
def permission_is_narrow(system: System) -> Iterator[Finding]:
    for permission in system.of_type(PERMISSION):
        principal = text(permission.get("Principal"))
        bounded = any(text(permission.get(key)) for key in ("SourceAccount", "SourceArn", "PrincipalOrgID"))
        if text(permission.get("Action")) != "lambda:InvokeFunction":
            yield permission.finding(f"allows {text(permission.get('Action'))}; allow lambda:InvokeFunction only")
        if principal == "*" or (principal.endswith(".amazonaws.com") and not bounded):
            yield permission.finding(f"lets {principal} call for any account; add SourceAccount")
        if text(permission.get("FunctionUrlAuthType")):
            yield permission.finding("opens a function's address; remove it")


@rule("a permission that none of the function's callers needs is an open door; one that is missing a closed one")
def permission_for_who_calls(system: System) -> Iterator[Finding]:
    needed = {(f, SECRETS) for f in _rotating_functions(system)}
    for event in system.of_type("AWS::Events::Rule"):
        called = [system.target(target.get("Arn")) for target in dicts(event.get("Targets"))]
        needed |= {(each, EVENTS) for each in called if each and each.type == FUNCTION}
    for function, principal in needed:
        if not _permissions(system, function, principal):
            yield function.finding(f"may not be called by {principal}; add a Permission with that Principal")
    for permission in system.of_type(PERMISSION):
        opened, principal = system.target(permission.get("FunctionName")), text(permission.get("Principal"))
        if opened and (opened, principal) not in needed:
            yield permission.finding(f"lets {principal} call {opened.id}, which it never does; remove it")


def _rotating_functions(system: System) -> set[Resource]:
    found = {system.target(each.get("RotationLambdaARN")) for each in system.of_type(ROTATING)}
    return {each for each in found if each and each.type == FUNCTION}


@rule("only the API key can be rotated by us: another secret's new value would be known to nobody else")
def rotates_the_api_key(system: System) -> Iterator[Finding]:
    wanted = f"sparta/{environment(system)}/{KEY.kept_as}"
    rotations = system.of_type(ROTATING)
    for rotation in rotations:
        name = secret_named(system, rotation.get("SecretId"))
        if name != wanted and foreseen(system, name, wanted):
            yield rotation.finding(f"rotates {name or 'no known secret'}; rotate {wanted}")
        function = system.target(rotation.get("RotationLambdaARN"))
        if runs(system, ROTATION) and function not in runs(system, ROTATION):
            yield rotation.finding(
                f"calls {function.id if function else 'nothing'}; call {runs(system, ROTATION)[0].id}"
            )
        if function and not all(system.waits_for(rotation, p) for p in _permissions(system, function, SECRETS)):
            yield rotation.finding("may be made before Secrets Manager may call the function; add DependsOn")
    for secret in system.of_type(KEPT_IN) if deployed_as_a_whole(system) and not rotations else []:
        if physical_name(secret) == wanted:
            yield secret.finding("is never rotated; add a RotationSchedule for it")


@rule("a key that is never replaced is worth stealing; one replaced at every deployment locks out who just got it")
def rotation_in_time(system: System) -> Iterator[Finding]:
    for rotation in system.of_type(ROTATING):
        expression = text(rotation.get("RotationRules", "ScheduleExpression"))
        days = number(rotation.get("RotationRules", "AutomaticallyAfterDays"))
        found = gaps(expression)
        days = found.longest / 1440 if found else days
        if days is None or not 1 <= days <= LONGEST_KEY:
            yield rotation.finding(
                f"rotates after {'no' if days is None else f'{days:g}'} days; give 1 to {LONGEST_KEY}"
            )
        if truth(rotation.get("RotateImmediatelyOnUpdate")) is not False:
            yield rotation.finding("rotates with every change of the schedule; set RotateImmediatelyOnUpdate to false")
        if re.search(r"\D", text(rotation.get("RotationRules", "Duration")).removesuffix("h")):
            yield rotation.finding("Duration is no number of hours; write 2h or leave it out")
