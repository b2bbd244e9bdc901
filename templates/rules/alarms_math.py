"""Metric math of alarms: every id means something, one result is compared, and the parts fit together."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.rules.alarms_model import (
    SETS,
    alarms,
    expressions,
    fires,
    functions_in,
    names_in,
    parsed,
    returned,
    series,
)
from templates.rules.finding import Finding, rule
from templates.rules.system import Resource, System
from templates.rules.values import dicts, text

ID = re.compile(r"[a-z]\w*")
MOST_METRICS = 10
FUNCTIONS = {
    *SETS, "ABS", "ANOMALY_DETECTION_BAND", "CEIL", "DATAPOINT_COUNT", "DB_PERF_INSIGHTS", "DIFF", "DIFF_TIME", "FILL",
    "FIRST", "FLOOR", "IF", "INSIGHT_RULE_METRIC", "LAST", "LOG", "LOG10", "METRICS", "METRIC_COUNT", "PERIOD", "RATE",
    "REMOVE_EMPTY", "RUNNING_SUM", "SLICE", "SORT", "STDDEV", "TIME_SERIES",
}  # fmt: skip


def _queries(alarm: Resource) -> list[str]:
    return [text(query.get("Id")) for query in dicts(alarm.get("Metrics"))]


@rule("an alarm compares one series: with none or several CloudWatch refuses it")
def alarm_has_one_result(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        if "Metrics" in alarm.props and "MetricName" in alarm.props:
            yield alarm.finding("has both MetricName and Metrics; keep one")
        results = returned(alarm)
        if "Metrics" in alarm.props and len(results) != 1:
            named = ", ".join(results) or "none"
            yield alarm.finding(f"returns {named}; set ReturnData to true for one id and to false for the others")


@rule("an expression over an id that is not there is refused, and a metric nobody uses was meant to count")
def alarm_ids_known(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        ids, formulas = _queries(alarm), expressions(alarm)
        used = {name for formula in formulas.values() for name in names_in(formula)}
        everything = any("METRICS" in functions_in(formula) for formula in formulas.values())
        for name in sorted(used - set(ids)):
            yield alarm.finding(f"computes with {name}, which Metrics does not have; correct the id or add it")
        for name in ids:
            if name not in used and name not in returned(alarm) and not everything:
                yield alarm.finding(f"reads {name} and does nothing with it; use it in the expression or remove it")


@rule("ids begin with a small letter and are given once, else CloudWatch refuses the alarm")
def alarm_ids_valid(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        ids = _queries(alarm)
        for name in dict.fromkeys(ids):
            if not ID.fullmatch(name):
                yield alarm.finding(
                    f"has the id {name or 'nothing'}; begin it with a small letter, then letters and digits"
                )
            if ids.count(name) > 1:
                yield alarm.finding(f"gives the id {name} {ids.count(name)} times; rename all but one")


@rule("an expression CloudWatch cannot read is refused when the alarm is created")
def expression_readable(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        for name, formula in expressions(alarm).items():
            unknown = functions_in(formula) - FUNCTIONS
            if unknown:
                yield alarm.finding(
                    f"{name} calls {', '.join(sorted(unknown))}, no function of metric math; correct it"
                )
            if not _readable(formula):
                yield alarm.finding(f"{name} is no expression: {formula}; correct it")


def _readable(formula: str) -> bool:
    """Metric math as Python would read it, but for its own spellings of and, or and power; queries are left alone."""
    plain = formula.replace("&&", " and ").replace("||", " or ").replace("^", "**").strip()
    if re.match(r"(SELECT|SEARCH)\b", plain):
        return True
    try:
        return bool(parsed(re.sub(r"\bAND\b", "and", re.sub(r"\bOR\b", "or", plain))))
    except ValueError:
        return False


@rule("numbers of different periods do not add up: five minutes of errors over one of requests is no rate")
def alarm_periods_alike(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        periods = {each.period for each in series(alarm)}
        if len(periods) > 1:
            spoken = " and ".join(f"{each:g}" for each in sorted(periods))
            yield alarm.finding(f"combines metrics of {spoken} seconds; give all one Period")


@rule("an alarm takes ten metrics; a search is for dashboards only")
def alarm_metrics_allowed(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        if (count := len(series(alarm))) > MOST_METRICS:
            yield alarm.finding(f"reads {count} metrics, {MOST_METRICS} are allowed; split it into two alarms")
        if any("SEARCH" in formula for formula in expressions(alarm).values()):
            yield alarm.finding("searches for metrics, which alarms cannot; name them in Metrics")


@rule("a division that is undefined when nothing happens must not leave an alarm without a state")
def alarm_without_data_has_a_state(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        divides = any("/" in formula for formula in expressions(alarm).values())
        treated = text(alarm.get("TreatMissingData")) or "missing"
        if divides and treated in ("missing", "ignore") and fires(alarm, lambda _: 0.0) is False:
            yield alarm.finding(f"TreatMissingData is {treated}; choose breaching or notBreaching")
