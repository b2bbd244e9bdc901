"""Log groups: kept as long as promised, encrypted, and of the class that people can search."""

from __future__ import annotations

from collections.abc import Iterator

from templates.rules.finding import Finding, rule
from templates.rules.physical import FIRST
from templates.rules.system import System
from templates.rules.values import get, number, text

GROUP = "AWS::Logs::LogGroup"
PARAMETER = "LogRetentionDays"
PROMISED_DAYS = 30


@rule("a group without retention keeps every line for ever, and each is paid for every month")
def log_retention_set(system: System) -> Iterator[Finding]:
    for group in system.of_type(GROUP):
        if number(group.get("RetentionInDays")) is None:
            yield group.finding("keeps its lines for ever; set RetentionInDays")


@rule("one setting says how long logs are kept; a group with its own number is forgotten when it changes")
def log_retention_as_set(system: System) -> Iterator[Finding]:
    for group in system.of_type(GROUP):
        stack = system.stacks[group.stack]
        wanted = number(stack.parameters.get(PARAMETER, system.values.get(PARAMETER)))
        days = number(group.get("RetentionInDays"))
        written = get(group.raw, "Properties", "RetentionInDays")
        if days is not None and wanted is not None and days != wanted:
            yield group.finding(f"keeps lines {days:g} days, {PARAMETER} says {wanted:g}; refer to the parameter")
        elif wanted is not None and number(written) is not None:
            yield group.finding(f"has a fixed retention of {days:g} days; refer to the parameter {PARAMETER}")


@rule("the guide keeps logs for 30 days: an incident is often looked into weeks later")
def log_retention_as_promised(system: System) -> Iterator[Finding]:
    for group in system.of_type(GROUP):
        days = number(group.get("RetentionInDays"))
        production = text(system.stacks[group.stack].parameters.get("Environment")) == FIRST
        if production and days is not None and days < PROMISED_DAYS:
            yield group.finding(f"keeps lines {days:g} days in production; keep them {PROMISED_DAYS} or longer")


@rule("log lines name people and what they did: they are encrypted with our key")
def log_group_encrypted(system: System) -> Iterator[Finding]:
    for group in system.of_type(GROUP):
        if not text(group.get("KmsKeyId")):
            yield group.finding("is not encrypted with our key; set KmsKeyId to its ARN")


@rule("metric filters, tailing and searching from the command line work in the standard class only")
def log_class_standard(system: System) -> Iterator[Finding]:
    for group in system.of_type(GROUP):
        if text(group.get("LogGroupClass") or "STANDARD") != "STANDARD":
            yield group.finding(f"has the class {text(group.get('LogGroupClass'))}; remove LogGroupClass")
