"""The guide's key indicators: what each should be, when an alarm fires, and what it is now."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from rich.table import Table

from scripts.operations.command import verb
from scripts.operations.components import SERVICES, cluster, service
from scripts.operations.screen import OUT, say
from scripts.operations.target import Target
from templates.alarms import APPLICATION, BOT_WINDOW_MINUTES, DYNAMODB_OPERATIONS
from templates.tables import TABLES

MOST_SERIES = 500
"""As many as one request may ask for."""
STEP_SECONDS = 300
LATELY = 15
"""Minutes back to the latest step: metrics come with a delay."""
MARKS = {"good": "[green]good[/green]", "near": "[yellow]near[/yellow]", "bad": "[bold red]bad[/bold red]"}


class Series(NamedTuple):
    """One metric of the last ``minutes``: all of it where the statistic is Sum, else its latest step."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str
    minutes: int


class Indicator(NamedTuple):
    """A row of the guide's table. ``value`` makes one number of its series' values, ``None`` where there are none."""

    name: str
    series: tuple[Series, ...]
    unit: str
    target: float
    alert: float
    value: Callable[[list[float | None]], float | None]
    without: str
    more_is_better: bool = False

    @property
    def period(self) -> str:
        minutes = self.series[0].minutes
        return f"last {minutes // 60} h" if minutes >= 60 else "latest 5 min"

    def mark(self, value: float) -> str:
        """Whether it meets the target ("good"), is past the alert threshold ("bad"), or between ("near")."""
        if self.target == self.alert:
            return "bad" if value > self.alert else "good"
        sign = -1 if self.more_is_better else 1
        if sign * value > sign * self.alert:
            return "bad"
        return "good" if sign * value < sign * self.target else "near"


@verb("metrics")
def metrics(target: Target) -> None:
    """Show the guide's key indicators: target, alert threshold, and what each is now. Changes nothing.

    Good meets the target, near is between target and alert, bad is past the alert threshold. CloudWatch is some minutes
    behind; where it has no data the table says so.

    Example: make metrics ENV=production
    """
    wanted = indicators(target)
    values = _values(target, {series for each in wanted for series in each.series})
    table = Table(box=None, pad_edge=False)
    for heading in ("Indicator", "Target", "Alert", "Now", ""):
        table.add_column(heading, no_wrap=True)
    table.add_column("Over")
    for each in wanted:
        table.add_row(*_row(each, each.value([values.get(series) for series in each.series])))
    OUT.print(table)
    say(f"More: {target.outputs['DashboardUrl']}")


def indicators(target: Target) -> list[Indicator]:
    """The guide's table, a row for each program or percentile."""
    return [*_load(target), *_response_times(target), _tables(target), _monitor(target), _uptime(target)]


def _series(namespace: str, name: str, dimensions: dict[str, str], statistic: str, minutes: int) -> Series:
    return Series(namespace, name, tuple(dimensions.items()), statistic, minutes)


def _load(target: Target) -> list[Indicator]:
    made = []
    for metric, what, goal, alert in (("CPUUtilization", "CPU", 70, 85), ("MemoryUtilization", "memory", 80, 90)):
        for component in SERVICES:
            where = {"ClusterName": cluster(target), "ServiceName": service(target, component)}
            series = (_series("AWS/ECS", metric, where, "Average", LATELY),)
            made.append(Indicator(f"ECS {what}, {component}", series, "%", goal, alert, _first, "no task reports"))
    return made


def _response_times(target: Target) -> list[Indicator]:
    where = {
        "TargetGroup": target.physical("Services/TargetGroup").rpartition(":")[2],
        "LoadBalancer": target.physical("Services/LoadBalancer").partition(":loadbalancer/")[2],
    }
    return [
        Indicator(
            f"API response time, {percentile}",
            (_series("AWS/ApplicationELB", "TargetResponseTime", where, percentile, LATELY),),
            " ms", 500, 1000, _milliseconds, "no request"
        )
        for percentile in ("p50", "p95", "p99")
    ]  # fmt: skip


def _tables(target: Target) -> Indicator:
    """CloudWatch has no line for errors that never happened: nothing is zero here."""
    series = []
    for table in TABLES:
        where = {"TableName": target.physical(f"Data/{table.title}Table")}
        series += [_series("AWS/DynamoDB", f"{kind}ThrottleEvents", where, "Sum", 60) for kind in ("Read", "Write")]
        series += [
            _series("AWS/DynamoDB", "SystemErrors", where | {"Operation": operation}, "Sum", 60)
            for operation in DYNAMODB_OPERATIONS
        ]
    return Indicator("DynamoDB read/write errors", tuple(series), "", 0, 0, _total, "")


def _monitor(target: Target) -> Indicator:
    where = {"FunctionName": target.physical("Monitor/MonitorFunction")}
    series = tuple(_series("AWS/Lambda", metric, where, "Sum", 60) for metric in ("Errors", "Invocations"))
    return Indicator("Lambda error rate, monitor", series, "%", 1, 5, _rate, "it did not run")


def _uptime(target: Target) -> Indicator:
    """The bot's heartbeat comes once a minute; a heartbeat that is missing is a minute away."""
    series = _series(APPLICATION, "BotHeartbeat", {"Environment": target.environment}, "Sum", BOT_WINDOW_MINUTES)
    return Indicator("Discord bot uptime", (series,), "%", 99.9, 99, _up, "no heartbeat", more_is_better=True)


def _first(values: list[float | None]) -> float | None:
    return values[0]


def _milliseconds(values: list[float | None]) -> float | None:
    return None if values[0] is None else values[0] * 1000


def _total(values: list[float | None]) -> float:
    return sum(value for value in values if value is not None)


def _rate(values: list[float | None]) -> float | None:
    failed, runs = values
    return 100 * (failed or 0) / runs if runs else None


def _up(values: list[float | None]) -> float | None:
    return None if values[0] is None else min(100.0, 100 * values[0] / BOT_WINDOW_MINUTES)


def _row(each: Indicator, value: float | None) -> tuple[str, ...]:
    below, past = ("> ", "< ") if each.more_is_better else ("< ", "> ")
    goal = f"{each.target:g}" if not each.target else f"{below}{each.target:g}{each.unit}"
    alert = f"{past}{each.alert:g}{each.unit}"
    if value is None:
        return each.name, goal, alert, "no data", "[dim]?[/dim]", f"{each.period}: {each.without}"
    shown = f"{value:.2f}".rstrip("0").rstrip(".")
    return each.name, goal, alert, f"{shown}{each.unit}", MARKS[each.mark(value)], each.period


def _values(target: Target, wanted: Iterable[Series]) -> dict[Series, float]:
    """The latest value of each series, of those that have one."""
    listed = list(wanted)
    found: dict[Series, float] = {}
    for start in range(0, len(listed), MOST_SERIES):
        found |= _asked(target, listed[start : start + MOST_SERIES])
    return found


def _asked(target: Target, wanted: list[Series]) -> dict[Series, float]:
    found: dict[Series, list[float]] = {}
    pages = target.client("cloudwatch").get_paginator("get_metric_data")
    for minutes in sorted({each.minutes for each in wanted}):
        some = [each for each in wanted if each.minutes == minutes]
        queries = [_query(number, each) for number, each in enumerate(some)]
        end = _last_full_step()
        for page in pages.paginate(MetricDataQueries=queries, StartTime=end - timedelta(minutes=minutes), EndTime=end):
            for result in page["MetricDataResults"]:
                found.setdefault(some[int(result["Id"][1:])], []).extend(result["Values"])
    return {each: sum(values) if each.statistic == "Sum" else values[0] for each, values in found.items() if values}


def _last_full_step() -> datetime:
    """CloudWatch counts in whole steps, and a metric of this very minute is often not there yet."""
    at = int((datetime.now(UTC) - timedelta(minutes=1)).timestamp())
    return datetime.fromtimestamp(at - at % STEP_SECONDS, UTC)


def _query(number: int, series: Series) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in series.dimensions]
    metric = {"Namespace": series.namespace, "MetricName": series.name, "Dimensions": dimensions}
    return {"Id": f"m{number}", "MetricStat": {"Metric": metric, "Period": STEP_SECONDS, "Stat": series.statistic}}
