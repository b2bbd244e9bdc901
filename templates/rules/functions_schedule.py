"""The monitor's schedule: on when it should be, often enough, with bounded retries, and failures that are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from templates.rules.contract import BY_NAME, MONITOR
from templates.rules.finding import Finding, rule
from templates.rules.functions import functions
from templates.rules.programs import foreseen, runs
from templates.rules.system import Resource, System
from templates.rules.timetable import gaps
from templates.rules.values import mapping, number, text, truth

SCHEDULE = "AWS::Scheduler::Schedule"
RETRIES = "AWS::Lambda::EventInvokeConfig"
PERMISSION = "AWS::Lambda::Permission"
ROTATING = "AWS::SecretsManager::RotationSchedule"
SWITCH = "EnableValidatorMonitorSchedule"
RAREST = 12 * 60  # what the earlier service did; slashing needs hours
LONGEST_KEY = 90
KEY = BY_NAME["BACKEND_API_KEY"]


def _on(system: System) -> bool:
    """Whether the deployment wants the schedule; without the switch it does."""
    given = [stack.parameters[SWITCH] for stack in system.stacks.values() if SWITCH in stack.parameters]
    return not given or truth(given[0]) is not False


@rule("a schedule that does not follow its switch warns nobody, or cannot be stopped")
def schedule_follows_switch(system: System) -> Iterator[Finding]:
    for schedule in system.of_type(SCHEDULE):
        state = text(schedule.get("State") or "ENABLED")
        wanted = "ENABLED" if _on(system) else "DISABLED"
        if state != wanted:
            yield schedule.finding(f"is {state} where {SWITCH} wants it {wanted}; turn the condition round")
        if schedule.get("EndDate") or schedule.get("StartDate"):
            yield schedule.finding(
                "begins or ends on a date, without a word when it does; remove StartDate and EndDate"
            )


@rule("a schedule that starts another function, or starts one twice, leaves the monitor asleep or doubles its work")
def schedule_starts_the_monitor(system: System) -> Iterator[Finding]:
    monitors = runs(system, MONITOR)
    first: dict[Resource, Resource] = {}
    for schedule in system.of_type(SCHEDULE):
        function = system.target(schedule.get("Target", "Arn"))
        if monitors and (function not in monitors or function is None):
            yield schedule.finding(f"starts {function.id if function else 'nothing here'}; start {monitors[0].id}")
        elif function and first.setdefault(function, schedule) is not schedule:
            yield schedule.finding(f"starts {function.id}, as {first[function].id} does; keep one")
        if function and text(schedule.get("Target", "Input")) and not _is_json(schedule.get("Target", "Input")):
            yield schedule.finding("Input is no JSON, so every call fails; write {} or leave it out")


def _is_json(value: Any) -> bool:
    try:
        return isinstance(json.loads(text(value)), dict)
    except ValueError:
        return False


@rule("operators are warned before they are slashed: hours between two runs are too long, seconds too short")
def schedule_often_enough(system: System) -> Iterator[Finding]:
    for schedule in system.of_type(SCHEDULE):
        expression = text(schedule.get("ScheduleExpression"))
        found = gaps(expression)
        function = system.target(schedule.get("Target", "Arn"))
        timeout = number(function.get("Timeout")) if function else None
        window = number(schedule.get("FlexibleTimeWindow", "MaximumWindowInMinutes")) or 0
        if text(schedule.get("ScheduleExpressionTimezone") or "UTC") != "UTC":
            yield schedule.finding("is in another time zone than the parameter says; remove ScheduleExpressionTimezone")
        if found is None and foreseen(system, expression):
            yield schedule.finding(f"ScheduleExpression {expression} is none; write rate(5 minutes) or cron(...)")
        elif found and found.longest > RAREST:
            yield schedule.finding(f"{expression} leaves more than 12 hours between two runs; run it more often")
        elif found and timeout is not None and timeout > found.shortest * 60:
            yield schedule.finding(f"{expression} starts a run while the last may take {timeout:g} s; shorten Timeout")
        elif found and window >= found.shortest:
            yield schedule.finding(f"may start {window:g} minutes late, after the next run was due; set Mode OFF")


@rule("an event that is tried for a day stands in the way of newer ones; one that is lost is never looked at")
def retries_bounded(system: System) -> Iterator[Finding]:
    for schedule in system.of_type(SCHEDULE):
        yield from _bounds(schedule, mapping(schedule.get("Target", "RetryPolicy")), "Target.RetryPolicy")
    for config in system.of_type(RETRIES):
        yield from _bounds(config, config.props, "it")


def _bounds(resource: Resource, policy: dict[str, Any], where: str) -> Iterator[Finding]:
    attempts, age = number(policy.get("MaximumRetryAttempts")), number(policy.get("MaximumEventAgeInSeconds"))
    if attempts is None or attempts > 5:
        yield resource.finding(f"retries without end; give {where} MaximumRetryAttempts of 5 at most")
    if age is None or age > 3600:
        yield resource.finding(f"keeps events for hours; give {where} MaximumEventAgeInSeconds of 3600 at most")


@rule("a failed run that nobody keeps is a failure nobody hears of")
def failures_are_kept(system: System) -> Iterator[Finding]:
    for function in [each.resource for each in functions(system) if each.program is MONITOR]:
        configs = [each for each in system.of_type(RETRIES) if system.target(each.get("FunctionName")) is function]
        kept = [system.target(each.get("DestinationConfig", "OnFailure", "Destination")) for each in configs]
        if not any(each and each.type in ("AWS::SQS::Queue", "AWS::SNS::Topic") for each in kept):
            yield function.finding("has no place for its failures; add an EventInvokeConfig with OnFailure to a queue")
    for queue in system.of_type("AWS::SQS::Queue"):
        if (number(queue.get("MessageRetentionPeriod")) or 345600) < 86400:
            yield queue.finding("forgets failures within a day; raise MessageRetentionPeriod")
