"""Functions: what fails at every call, runs too rarely, is never called or loses its failures is named."""

from __future__ import annotations

import pytest

from tests.templates.rules.cases import case, places, rules_of, said, unproven
from tests.templates.rules.planting import Mistake, put, remove

RESOURCES = "monitor/Resources"
MONITOR = f"{RESOURCES}/MonitorFunction/Properties"
ROTATING = f"{RESOURCES}/RotationFunction/Properties"
RETRIES = f"{RESOURCES}/MonitorRetries/Properties"
SCHEDULE = f"{RESOURCES}/MonitorSchedule/Properties"
QUEUE = f"{RESOURCES}/MonitorFailures/Properties"
PERMISSION = f"{RESOURCES}/RotationPermission/Properties"
ROTATION = f"{RESOURCES}/ApiKeyRotation/Properties"
ENDS = {"Type": "AWS::Lambda::Url", "Properties": {"TargetFunctionArn": {"Ref": "MonitorFunction"}, "AuthType": "NONE"}}


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def arn(name: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, "Arn"]}


def permission(function: str, principal: str) -> dict[str, object]:
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": arn(function),
            "Principal": principal,
            "SourceAccount": ref("AWS::AccountId"),
        },
    }


FUNCTIONS = [
    case("a runtime without patches", "monitor MonitorFunction runtime-pinned", put(f"{MONITOR}/Runtime", "python3.9")),
    case("another runtime than the packages'", "monitor RotationFunction runtime-pinned",
         put(f"{ROTATING}/Runtime", "python3.12")),
    case("code in the template", "monitor RotationFunction code-from-packaging",
         put(f"{ROTATING}/Code", {"ZipFile": "def handler(event, context): pass"})),
    case("code from nowhere", "monitor MonitorFunction code-from-packaging", remove(f"{MONITOR}/Code/S3Bucket")),
    case("a layer", "monitor MonitorFunction code-from-packaging",
         put(f"{MONITOR}/Layers", [{"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:1:layer:a:1"}])),
    case("Lambda's own memory", "monitor MonitorFunction memory-suffices", remove(f"{MONITOR}/MemorySize")),
    case("ten times the memory", "monitor MonitorFunction memory-suffices", put(f"{MONITOR}/MemorySize", 5120)),
    case("Lambda's own timeout of three seconds", "monitor MonitorFunction timeout-suffices",
         remove(f"{MONITOR}/Timeout")),
    case("ten minutes for a rotation", "monitor RotationFunction timeout-suffices", put(f"{ROTATING}/Timeout", 600)),
    case("more time than Lambda gives", "monitor MonitorFunction timeout-suffices", put(f"{MONITOR}/Timeout", 2400)),
    case("too little time to rotate", "monitor RotationFunction timeout-suffices", put(f"{ROTATING}/Timeout", 6)),
    case("no limit", "monitor MonitorFunction concurrency-reserved", remove(f"{MONITOR}/ReservedConcurrentExecutions")),
    case("a function that never runs", "monitor MonitorFunction concurrency-reserved",
         put(f"{MONITOR}/ReservedConcurrentExecutions", 0)),
    case("a hundred at once", "monitor RotationFunction concurrency-reserved",
         put(f"{ROTATING}/ReservedConcurrentExecutions", 100)),
    case("a VPC without need", "monitor MonitorFunction outside-vpc",
         put(f"{MONITOR}/VpcConfig", {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]})),
    case("a name of the VPC, from outside", "monitor RotationFunction inside-vpc", remove(f"{ROTATING}/VpcConfig")),
    case("a log group of Lambda's own", "monitor MonitorFunction function-after-its-log-group",
         remove(f"{RESOURCES}/MonitorLogGroup"), remove(f"{MONITOR}/LoggingConfig")),
    case("a function before its log group", "monitor MonitorFunction function-after-its-log-group",
         remove(f"{MONITOR}/LoggingConfig")),
    case("a log group of another name", "monitor MonitorFunction function-after-its-log-group",
         put(f"{RESOURCES}/MonitorLogGroup/Properties/LogGroupName", "/aws/lambda/monitor")),
    case("one log for two functions", "monitor RotationFunction function-after-its-log-group",
         put(f"{ROTATING}/LoggingConfig/LogGroup", ref("MonitorLogGroup"))),
    case("nothing starts the monitor", "monitor MonitorFunction function-is-called",
         remove(f"{RESOURCES}/MonitorSchedule")),
    case("nothing starts the rotation", "monitor RotationFunction function-is-called",
         remove(f"{RESOURCES}/ApiKeyRotation")),
    case("an address for everybody", "monitor Address function-has-no-address", put(f"{RESOURCES}/Address", ENDS)),
    case("retries of a version that nobody calls", "monitor MonitorRetries function-named-as-it-is",
         put(f"{RETRIES}/Qualifier", "live")),
    case("a path for a handler", "monitor MonitorFunction handler-well-formed",
         put(f"{MONITOR}/Handler", "monitor.py/run")),
    case("no handler", "monitor RotationFunction handler-well-formed", remove(f"{ROTATING}/Handler")),
]  # fmt: skip

SCHEDULES = [
    case("switched off", "monitor MonitorSchedule schedule-follows-switch", put(f"{SCHEDULE}/State", "DISABLED")),
    case("cannot be switched off", "monitor MonitorSchedule schedule-follows-switch",
         put(f"{SCHEDULE}/State", "ENABLED"), EnableValidatorMonitorSchedule="false"),
    case("the branches of the switch swapped", "monitor MonitorSchedule schedule-follows-switch",
         put(f"{SCHEDULE}/State/Fn::If", ["HasMonitorSchedule", "DISABLED", "ENABLED"])),
    case("the switch turned round", "monitor MonitorSchedule schedule-follows-switch",
         put("monitor/Conditions/HasMonitorSchedule/Fn::Equals/1", "false")),
    case("an end", "monitor MonitorSchedule schedule-follows-switch",
         put(f"{SCHEDULE}/EndDate", "2027-01-01T00:00:00Z")),
    case("the other function", "monitor MonitorSchedule schedule-starts-the-monitor",
         put(f"{SCHEDULE}/Target/Arn", arn("RotationFunction"))),
    case("the queue instead of the function", "monitor MonitorSchedule schedule-starts-the-monitor",
         put(f"{SCHEDULE}/Target/Arn", arn("MonitorFailures"))),
    case("a second schedule", "monitor Night schedule-starts-the-monitor",
         put(f"{RESOURCES}/Night", {"Type": "AWS::Scheduler::Schedule", "Properties": {
             "ScheduleExpression": "cron(0 1 * * ? *)", "Target": {"Arn": arn("MonitorFunction")}}})),
    case("an input that is no JSON", "monitor MonitorSchedule schedule-starts-the-monitor",
         put(f"{SCHEDULE}/Target/Input", "{dry_run: true}")),
    case("once a day", "monitor MonitorSchedule schedule-often-enough",
         put(f"{SCHEDULE}/ScheduleExpression", "rate(1 day)")),
    case("in the week only", "monitor MonitorSchedule schedule-often-enough",
         put(f"{SCHEDULE}/ScheduleExpression", "cron(0/5 * ? * MON-FRI *)")),
    case("five minute", "monitor MonitorSchedule schedule-often-enough",
         put(f"{SCHEDULE}/ScheduleExpression", "rate(5 minute)")),
    case("cron as on Unix", "monitor MonitorSchedule schedule-often-enough",
         put(f"{SCHEDULE}/ScheduleExpression", "cron(*/5 * * * *)")),
    case("a run before the last one ended", "monitor MonitorSchedule schedule-often-enough",
         put(f"{MONITOR}/Timeout", 600)),
    case("late by more than the interval", "monitor MonitorSchedule schedule-often-enough",
         put(f"{SCHEDULE}/FlexibleTimeWindow", {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15})),
    case("another time zone", "monitor MonitorSchedule schedule-often-enough",
         put(f"{SCHEDULE}/ScheduleExpressionTimezone", "Europe/London")),
    case("185 retries", "monitor MonitorSchedule retries-bounded", remove(f"{SCHEDULE}/Target/RetryPolicy")),
    case("20 retries", "monitor MonitorSchedule retries-bounded",
         put(f"{SCHEDULE}/Target/RetryPolicy/MaximumRetryAttempts", 20)),
    case("events kept for six hours", "monitor MonitorRetries retries-bounded",
         remove(f"{RETRIES}/MaximumEventAgeInSeconds")),
    case("no place for failures", "monitor MonitorFunction failures-are-kept", remove(f"{RETRIES}/DestinationConfig")),
    case("failures of the other function kept", "monitor MonitorFunction failures-are-kept",
         put(f"{RETRIES}/FunctionName", ref("RotationFunction"))),
    case("failures sent back to the function", "monitor MonitorFunction failures-are-kept",
         put(f"{RETRIES}/DestinationConfig/OnFailure/Destination", arn("MonitorFunction"))),
    case("failures forgotten in an hour", "monitor MonitorFailures failures-are-kept",
         put(f"{QUEUE}/MessageRetentionPeriod", 3600)),
]  # fmt: skip

ROTATIONS = [
    case("every service of every account", "monitor RotationPermission permission-is-narrow",
         put(f"{PERMISSION}/Principal", "*")),
    case("no account", "monitor RotationPermission permission-is-narrow", remove(f"{PERMISSION}/SourceAccount")),
    case("every action", "monitor RotationPermission permission-is-narrow", put(f"{PERMISSION}/Action", "lambda:*")),
    case("by an address", "monitor RotationPermission permission-is-narrow",
         put(f"{PERMISSION}/FunctionUrlAuthType", "NONE")),
    case("the wrong service", "monitor RotationFunction permission-for-who-calls",
         put(f"{PERMISSION}/Principal", "events.amazonaws.com")),
    case("the wrong function", "monitor RotationPermission permission-for-who-calls",
         put(f"{PERMISSION}/FunctionName", arn("MonitorFunction"))),
    case("a permission for nobody", "monitor Spare permission-for-who-calls",
         put(f"{RESOURCES}/Spare", permission("MonitorFunction", "events.amazonaws.com"))),
    case("no permission", "monitor RotationFunction permission-for-who-calls",
         remove(f"{RESOURCES}/RotationPermission")),
    case("an event that may not call", "monitor MonitorFunction permission-for-who-calls",
         put(f"{RESOURCES}/Hourly", {"Type": "AWS::Events::Rule", "Properties": {
             "ScheduleExpression": "rate(1 hour)", "Targets": [{"Id": "run", "Arn": arn("MonitorFunction")}]}})),
    case("the bot's token rotated", "monitor ApiKeyRotation rotates-the-api-key",
         put(f"{ROTATION}/SecretId", {"Fn::Sub": "sparta/${Environment}/bot-token"})),
    case("another environment's key", "monitor ApiKeyRotation rotates-the-api-key",
         put(f"{ROTATION}/SecretId", "sparta/production/api-key"), environment="staging"),
    case("rotated by the monitor", "monitor ApiKeyRotation rotates-the-api-key",
         put(f"{ROTATION}/RotationLambdaARN", arn("MonitorFunction"))),
    case("a rotation before its permission", "monitor ApiKeyRotation rotates-the-api-key",
         remove(f"{RESOURCES}/ApiKeyRotation/DependsOn")),
    case("a key that is never rotated", "bootstrap ApiKeySecret rotates-the-api-key",
         remove(f"{RESOURCES}/ApiKeyRotation")),
    case("once a year", "monitor ApiKeyRotation rotation-in-time",
         put(f"{ROTATION}/RotationRules/AutomaticallyAfterDays", 365)),
    case("by an expression, twice a year", "monitor ApiKeyRotation rotation-in-time",
         put(f"{ROTATION}/RotationRules", {"ScheduleExpression": "cron(0 3 1 1,7 ? *)"})),
    case("no rule", "monitor ApiKeyRotation rotation-in-time", remove(f"{ROTATION}/RotationRules")),
    case("at every deployment", "monitor ApiKeyRotation rotation-in-time",
         put(f"{ROTATION}/RotateImmediatelyOnUpdate", True)),
    case("at the first deployment, as Secrets Manager has it", "monitor ApiKeyRotation rotation-in-time",
         remove(f"{ROTATION}/RotateImmediatelyOnUpdate")),
    case("a window of no length", "monitor ApiKeyRotation rotation-in-time",
         put(f"{ROTATION}/RotationRules/Duration", "2 hours")),
]  # fmt: skip

CASES = [*FUNCTIONS, *SCHEDULES, *ROTATIONS]


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about functions stands without a mistake that it sees."""
    assert not unproven(CASES, "functions", "functions_schedule", "functions_rotation")


HARMLESS = [
    pytest.param(put(f"{MONITOR}/MemorySize", 1024), id="twice the memory"),
    pytest.param(put(f"{MONITOR}/Timeout", 120), id="half the time"),
    pytest.param(put(f"{SCHEDULE}/ScheduleExpression", "cron(0/10 * * * ? *)"), id="every ten minutes"),
    pytest.param(put(f"{SCHEDULE}/ScheduleExpression", "rate(12 hours)"), id="as rarely as the earlier service"),
    pytest.param(remove(f"{SCHEDULE}/Target/Input"), id="no input"),
    pytest.param(put(f"{SCHEDULE}/Target/RetryPolicy/MaximumRetryAttempts", 0), id="no retry, the next run comes soon"),
    pytest.param(put(f"{RETRIES}/MaximumEventAgeInSeconds", 600), id="ten minutes"),
    pytest.param(remove(f"{QUEUE}/MessageRetentionPeriod"), id="failures kept for four days"),
    pytest.param(put(f"{ROTATION}/RotationRules/Duration", "2h"), id="a window to rotate in"),
    pytest.param(put(f"{PERMISSION}/SourceArn", {"Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}"
                     ":${AWS::AccountId}:secret:sparta/${Environment}/api-key-??????"}), id="a narrower permission"),
]  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_change_is_not_named(change: Mistake) -> None:
    """What a person may well want is no finding."""
    assert not said(change, rules_of(CASES))
