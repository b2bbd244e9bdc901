"""Validators that are not watched: the function, its schedule, its last run, its variables and its failures."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from scripts.operations import log_events
from scripts.operations.components import parameter
from scripts.operations.target import Target
from scripts.troubleshoot import looks
from scripts.troubleshoot.report import CERTAIN, LIKELY, POSSIBLE, Report
from templates import environment

HOUR = 3600 * 1000
ON_AGAIN = "Somebody switched it off by hand: switch it on in the console (EventBridge Scheduler), no deployment does."
BY_HAND = "To try it by hand without sending anything: python -m sparta.monitor --dry-run."


def examine(target: Target) -> Report:
    report = Report()
    function = target.client("lambda").get_function_configuration(
        FunctionName=target.physical("Monitor/MonitorFunction")
    )
    _function(report, function)
    _schedule(target, report, function["FunctionArn"])
    tail = looks.tail(target, "monitor")
    _last_run(target, report, tail[-1].at if tail else 0)
    given = function.get("Environment", {}).get("Variables", {})
    looks.variables(report, "Variables of the function", given, environment.MONITOR)
    looks.secrets(target, report, [value for name, value in given.items() if name.endswith("_SECRET") and value])
    _failures(target, report)
    report.add("Last lines of the log", looks.as_lines(tail))
    _errors(target, report)
    report.add("By hand", [BY_HAND])
    return report


def _function(report: Report, function: dict[str, Any]) -> None:
    state, last = function.get("State", "Active"), function.get("LastUpdateStatus", "Successful")
    report.add(
        f"Function {function['FunctionName']}",
        [
            f"state {state} {function.get('StateReason', '')}".rstrip(),
            f"last update {last} {function.get('LastUpdateStatusReason', '')}".rstrip(),
            f"{function['Runtime']}, {function['MemorySize']} MB, at most {function['Timeout']} s",
            f"changed {function['LastModified']}",
        ],
    )
    if state not in ("Active", "Pending") or last == "Failed":
        why = function.get("StateReason") or function.get("LastUpdateStatusReason") or "AWS gives no reason"
        report.blame(CERTAIN, f"Lambda cannot run the function ({state}, last update {last}): {why}.")


def _schedule(target: Target, report: Report, function: str) -> None:
    schedule = target.client("scheduler").get_schedule(Name=target.physical("Monitor/MonitorSchedule"))
    state, role = schedule["State"], schedule["Target"]["RoleArn"]
    report.add("Schedule", [f"{schedule['Name']}: {state}, {schedule['ScheduleExpression']}"])
    if state != "ENABLED":
        asked = parameter(target, "EnableValidatorMonitorSchedule")
        how = "Set it to true and deploy." if asked == "false" else ON_AGAIN
        report.blame(CERTAIN, f"The schedule is off (EnableValidatorMonitorSchedule={asked}). {how}")
    if schedule["Target"]["Arn"].partition(":$LATEST")[0] != function:
        report.blame(
            CERTAIN, f"The schedule starts {schedule['Target']['Arn']}, which is not the monitor. Deploy again."
        )
    looks.rights(target, report, role, [("lambda:InvokeFunction", function)], "Rights of the schedule's role")


def _last_run(target: Target, report: Report, logged: int) -> None:
    """Runs and failures of the last three hours, and when the last was; ``logged`` is when it last wrote a line."""
    name, now = target.physical("Monitor/MonitorFunction"), datetime.now(UTC)
    counts: dict[str, float] = {}
    for metric in ("Invocations", "Errors", "Throttles"):
        said = target.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=metric,
            Dimensions=[{"Name": "FunctionName", "Value": name}],
            StartTime=now - timedelta(hours=3),
            EndTime=now,
            Period=300,
            Statistics=["Sum"],
        )
        counts[metric] = sum(each["Sum"] for each in said["Datapoints"])
    counted = ", ".join(f"{metric.lower()} {count:g}" for metric, count in counts.items())
    last = f"last line in its log: {log_events.clock(logged)}" if logged else "it never logged anything"
    report.add("Runs of the last 3 h, by CloudWatch", [counted, last])
    if not counts["Invocations"] and logged < (now - timedelta(hours=3)).timestamp() * 1000:
        report.blame(POSSIBLE, "It did not run in the last 3 h: the schedule does not start the function.")
    if counts["Errors"]:
        report.blame(
            POSSIBLE, f"{counts['Errors']:g} of {counts['Invocations']:g} runs failed: see the log's last lines."
        )


def _failures(target: Target, report: Report) -> None:
    """Events that failed for good."""
    sqs, url = target.client("sqs"), target.physical("Monitor/MonitorFailures")
    said = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    waiting = int(said["Attributes"]["ApproximateNumberOfMessages"])
    report.add("Failure queue", [f"{waiting} events failed for good"])
    if waiting:
        report.blame(POSSIBLE, f"{waiting} events wait in the failure queue: runs failed even after two more tries.")


def _errors(target: Target, report: Report) -> None:
    """What the function complained of in the last hour."""
    trouble = log_events.trouble(target, "monitor", time.time_ns() // 1_000_000 - HOUR)
    if not trouble:
        return
    last = f"{log_events.clock(trouble[-1].at)}  {log_events.gist(trouble[-1])}".rstrip(".")
    slow = re.search("timed out|Status: timeout", trouble[-1].text)
    more = " It ran out of time: the Aztec node or the RPC is slow." if slow else ""
    report.blame(LIKELY, f"The function's last error of {len(trouble)} in an hour: {last}.{more}")
