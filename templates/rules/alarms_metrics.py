"""What alarms and graphs read: metrics somebody publishes, with their own dimensions, of a resource of this system."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple

from templates.rules.alarms_model import Series, alarms, environment, series
from templates.rules.arn_or_name import DIMENSIONS
from templates.rules.dashboards import graphs, shown
from templates.rules.finding import Finding, rule
from templates.rules.kinds import fits
from templates.rules.metrics import METRICS, NAMESPACES, Metric, counted, metric
from templates.rules.physical import physical_name
from templates.rules.system import Resource, System
from templates.rules.values import get, text, token

OPERATIONS = {
    "GetItem", "BatchGetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem",
    "TransactGetItems", "TransactWriteItems", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction",
    "GetRecords",
}  # fmt: skip
STATISTIC = re.compile(
    r"Average|Sum|Minimum|Maximum|SampleCount|IQM|(p|tm|tc|ts|wm)\d{1,2}(\.\d+)?|p100|(PR|TM|WM)\(.+\)"
)
NO_AVERAGE = {"count": ("Sum", "SampleCount"), "beat": ("Sum", "SampleCount")}
UNITS = {
    "count": "Count",
    "beat": "Count",
    "percent": "Percent",
    "seconds": "Seconds",
    "milliseconds": "Milliseconds",
    "bytes": "Bytes",
}


class Reading(NamedTuple):
    """One metric that an alarm or a graph reads, and where."""

    resource: Resource
    series: Series
    where: str = ""

    def finding(self, advice: str) -> Finding:
        return self.resource.finding(f"{self.where}{advice}")


def readings(system: System) -> Iterator[Reading]:
    for alarm in alarms(system):
        yield from (Reading(alarm, each) for each in series(alarm))
    for graph in graphs(system):
        yield from (Reading(graph.dashboard, each, f"{graph.name}: ") for each in shown(graph))


def _known(system: System) -> Iterator[tuple[Reading, Metric]]:
    for reading in readings(system):
        found = metric(system, reading.series.namespace, reading.series.name)
        if found:
            yield reading, found


@rule("an alarm on a metric nobody publishes never fires, and a graph of it stays empty")
def metric_published(system: System) -> Iterator[Finding]:
    for reading in readings(system):
        namespace, name = reading.series.namespace, reading.series.name
        if metric(system, namespace, name) is None:
            names = [known for space, known in [*METRICS, *counted(system)] if space == namespace]
            near = get_close_matches(name, names, 1) or get_close_matches(namespace, NAMESPACES, 1)
            hint = f"did you mean {near[0]}?" if near else "correct it, or add it to templates/rules/metrics.py"
            yield reading.finding(f"reads {name or 'no metric'} in {namespace or 'no namespace'}, unknown; {hint}")


@rule("a metric exists only with its own set of dimensions: with others the alarm never has data")
def metric_dimensions(system: System) -> Iterator[Finding]:
    for reading, found in _known(system):
        given = frozenset(reading.series.dimensions)
        if given not in found.dimensions:
            sets = " or ".join(sorted(" + ".join(sorted(names)) or "none" for names in found.dimensions))
            given_text = " + ".join(sorted(given)) or "none"
            yield reading.finding(
                f"reads {reading.series.name} with dimensions {given_text}; it is published by {sets}"
            )


@rule("a dimension whose value names nothing of this system makes an alarm that never has data")
def dimension_of_this_system(system: System) -> Iterator[Finding]:
    for reading in readings(system):
        for name, value in reading.series.dimensions.items():
            if objection := _value_objection(system, reading, name, value):
                yield reading.finding(
                    f"dimension {name} of {reading.series.name} is {text(value) or 'empty'}; {objection}"
                )


def _value_objection(system: System, reading: Reading, name: str, value: Any) -> str:
    own = environment(reading.resource, system)
    if name == "Environment":
        return "" if value == own else f"this deployment is {own}: use the parameter Environment"
    if name == "Operation":
        return "" if text(value) in OPERATIONS else "DynamoDB has no such operation"
    want = DIMENSIONS.get(name)
    if want is None:
        return "" if text(value) else "give it a value"
    target = system.target(value)
    if target and token(value):
        right = target.type in want.types and fits(value, want, system)
        return "" if right else f"refer to the {' or '.join(sorted(want.kinds))} of a {' or '.join(want.types)}"
    known = {physical_name(each): each.id for each in system.of_type(*want.types)}
    return (
        ""
        if text(value) and text(value) in known
        else f"refer to one of {', '.join(sorted(known.values())) or 'yours'}"
    )


@rule("a service of another cluster has no such metric")
def service_in_its_cluster(system: System) -> Iterator[Finding]:
    for reading in readings(system):
        values = reading.series.dimensions
        service, named = system.target(values.get("ServiceName")), system.target(values.get("ClusterName"))
        cluster = system.target(service.get("Cluster")) if service else None
        if service and cluster and named and named is not cluster:
            yield reading.finding(
                f"{service.id} runs in {cluster.id}, not in {named.id}; correct dimension ClusterName"
            )


@rule("an alarm that adds up several resources by mistake counts one twice and another never")
def alarm_about_one_thing(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        for name in DIMENSIONS:
            values = {text(each.dimensions[name]) for each in series(alarm) if name in each.dimensions}
            if len(values) > 1:
                yield alarm.finding(f"mixes {' and '.join(sorted(values))} as {name}; watch one in each alarm")


@rule("the sum of percentages, or the average of a count, is a number that means nothing")
def statistic_suits_metric(system: System) -> Iterator[Finding]:
    for reading, found in _known(system):
        statistic, counts = reading.series.statistic, NO_AVERAGE.get(found.unit)
        if not STATISTIC.fullmatch(statistic):
            yield reading.finding(
                f"reads {reading.series.name} by the statistic {statistic or 'none'}; set Average or Sum"
            )
        elif counts and statistic not in counts:
            yield reading.finding(f"takes the {statistic} of {reading.series.name}, a count; take the Sum")
        elif not counts and found.unit != "bytes" and statistic in ("Sum", "SampleCount"):
            yield reading.finding(
                f"takes the {statistic} of {reading.series.name}; take Average, Maximum or a percentile"
            )


@rule("an alarm takes one statistic: with two CloudWatch refuses it")
def alarm_has_one_statistic(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        if "Statistic" in alarm.props and "ExtendedStatistic" in alarm.props:
            yield alarm.finding("has Statistic and ExtendedStatistic; keep one")


@rule("the best moment of each period hides what the alarm is there to see")
def statistic_sees_the_worst(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        rising = text(alarm.get("ComparisonOperator")).startswith("Greater")
        for each in series(alarm):
            low = each.statistic == "Minimum" or _percentile(each.statistic) < 50
            known = metric(system, each.namespace, each.name)
            if known and known.bad != "any" and (low if rising else each.statistic == "Maximum"):
                yield alarm.finding(f"compares the {each.statistic} of {each.name}; take the other end or the Average")


def _percentile(statistic: str) -> float:
    try:
        return float(statistic.removeprefix("p")) if statistic.startswith("p") else 100
    except ValueError:
        return 100


@rule("data published in one unit is not found by an alarm that asks for another")
def unit_as_published(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        asked = {text(alarm.get("Unit"))} | {text(get(q, "MetricStat", "Unit")) for q in _queries(alarm)}
        for each in series(alarm):
            known = metric(system, each.namespace, each.name)
            if known and known.unit in UNITS and asked - {"", UNITS[known.unit]}:
                yield alarm.finding(f"asks {each.name} in {', '.join(sorted(asked - {''}))}; leave Unit out")


def _queries(alarm: Resource) -> list[Any]:
    queries = alarm.get("Metrics")
    return queries if isinstance(queries, list) else []


@rule("metrics come once a minute: an alarm that looks more often finds nothing, and other periods are refused")
def alarm_period_has_data(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        for each in series(alarm):
            if each.period < 60 or each.period % 60:
                yield alarm.finding(f"reads {each.name} every {each.period:g} seconds; use 60 or a multiple of it")
