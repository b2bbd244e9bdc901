"""The page an operator looks at first: it must show something, all that matters, and nothing over another thing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from templates.rules.alarms_model import Series
from templates.rules.finding import Finding, rule
from templates.rules.metrics import METRICS, NAMESPACES
from templates.rules.programs import deployed_as_a_whole, whole_stack
from templates.rules.render import REGION
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, items, mapping, number, text

COLUMNS = 24
KINDS = {"metric", "text", "log", "alarm", "explorer", "custom"}
SEARCH = re.compile(r"SEARCH\(\s*'(?:\{([^}]*)\})?([^']*)'")
METRIC_NAME = re.compile(r'MetricName\s*=\s*\\?"?([\w.]+)')


class Widget(NamedTuple):
    """One widget of a dashboard; `name` says which one to a person."""

    dashboard: Resource
    body: dict[str, Any]
    name: str

    @property
    def properties(self) -> dict[str, Any]:
        return mapping(self.body.get("properties"))

    def finding(self, advice: str) -> Finding:
        return self.dashboard.finding(f"{self.name}: {advice}")


def widgets(system: System) -> Iterator[Widget]:
    for dashboard in system.of_type("AWS::CloudWatch::Dashboard"):
        body = _body(dashboard)
        for place, widget in enumerate(dicts(get(body, "widgets")), start=1):
            title = text(get(widget, "properties", "title"))
            yield Widget(dashboard, widget, f"graph {title!r}" if title else f"widget {place}")


def _body(dashboard: Resource) -> Any:
    """The parsed page; None when it is no JSON, which another rule says."""
    try:
        return json.loads(text(dashboard.get("DashboardBody")))
    except ValueError:
        return None


def graphs(system: System) -> list[Widget]:
    return [widget for widget in widgets(system) if widget.body.get("type") == "metric"]


def _rows(graph: Widget) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """Each metrics entry with its options; "." and "..." repeat what the entry before has there."""
    before: Sequence[Any] = ()
    for entry in items(graph.properties.get("metrics")):
        parts = [part for part in items(entry) if not isinstance(part, dict)]
        if parts[:1] == ["..."]:
            parts = [*before[: len(before) - len(parts) + 1], *parts[1:]]
        parts = [before[n] if part == "." and n < len(before) else part for n, part in enumerate(parts)]
        before = parts
        yield parts, mapping(next((part for part in items(entry) if isinstance(part, dict)), None))


def shown(graph: Widget) -> Iterator[Series]:
    """The metrics that a graph draws."""
    properties = graph.properties
    for parts, options in _rows(graph):
        if len(parts) >= 2:
            names, values = parts[2::2], parts[3::2]
            yield Series(
                id=text(options.get("id")),
                namespace=text(parts[0]),
                name=text(parts[1]),
                dimensions=dict(zip(map(text, names), values, strict=False)),
                statistic=text(options.get("stat")) or text(properties.get("stat")) or "Average",
                period=number(options.get("period")) or number(properties.get("period")) or 0,
            )


@rule("in an incident there must be one page to look at first")
def dashboard_exists(system: System) -> Iterator[Finding]:
    if deployed_as_a_whole(system) and not system.of_type("AWS::CloudWatch::Dashboard"):
        yield whole_stack(system).finding("-", "has no dashboard; add one with the guide's indicators")


@rule("an empty page is found out in the middle of an incident")
def dashboard_shows_something(system: System) -> Iterator[Finding]:
    for dashboard in system.of_type("AWS::CloudWatch::Dashboard"):
        if not any(widget.dashboard is dashboard for widget in graphs(system)):
            yield dashboard.finding("draws no metric; add widgets of type metric to DashboardBody")


@rule("CloudWatch draws an empty box for a widget it cannot read")
def widget_complete(system: System) -> Iterator[Finding]:
    for widget in widgets(system):
        kind, properties = text(widget.body.get("type")), widget.properties
        if kind not in KINDS:
            yield widget.finding(f"has the type {kind or 'none'}; use one of {', '.join(sorted(KINDS))}")
        if kind in ("metric", "log") and text(properties.get("region")) != REGION:
            region = text(properties.get("region"))
            yield widget.finding(f"names the region {region or 'nothing'}; use ${{AWS::Region}}")
        annotations = mapping(properties.get("annotations"))
        if kind == "metric" and not items(properties.get("metrics")) and not annotations.get("alarms"):
            yield widget.finding("draws no metric; fill in metrics or remove it")
        if kind == "text" and not text(properties.get("markdown")).strip():
            yield widget.finding("has no markdown; write what it heads or remove it")
        if kind == "log" and not text(properties.get("query")).lstrip().upper().startswith("SOURCE"):
            yield widget.finding("asks no log group; begin query with SOURCE")
        if kind == "metric" and "view" in properties and text(properties["view"]) not in VIEWS:
            yield widget.finding(f"has the view {properties['view']}; use one of {', '.join(sorted(VIEWS))}")


VIEWS = {"timeSeries", "singleValue", "gauge", "bar", "pie", "table"}


@rule("widgets that overlap or stick out are moved by CloudWatch: the page looks different from what was written")
def widgets_in_place(system: System) -> Iterator[Finding]:
    placed: list[tuple[Widget, list[float]]] = []
    for widget in widgets(system):
        box = [number(widget.body.get(key)) for key in ("x", "y", "width", "height")]
        known = [value for value in box if value is not None]
        if len(known) < 4:
            continue
        x, y, width, height = known
        if x < 0 or y < 0 or width < 1 or height < 1 or x + width > COLUMNS:
            yield widget.finding(f"does not fit the page's {COLUMNS} columns; correct x, y, width or height")
        placed.append((widget, known))
    for (first, one), (second, other) in combinations(placed, 2):
        if first.dashboard is second.dashboard and _overlap(one, other):
            yield second.finding(f"covers {first.name}; correct x or y")


def _overlap(one: list[float], other: list[float]) -> bool:
    return all(one[n] < other[n] + other[n + 2] and other[n] < one[n] + one[n + 2] for n in (0, 1))


@rule("a search that matches no metric draws nothing and says nothing")
def search_finds_metrics(system: System) -> Iterator[Finding]:
    for graph in graphs(system):
        for _, options in _rows(graph):
            for schema, terms in SEARCH.findall(text(options.get("expression"))):
                if advice := _search_objection(schema, terms):
                    yield graph.finding(advice)


def _search_objection(schema: str, terms: str) -> str:
    namespace, *names = [part.strip().strip('"') for part in schema.split(",")]
    metric = METRIC_NAME.search(terms)
    if namespace not in NAMESPACES or not metric:
        return f"searches {namespace or 'every namespace'} for {metric[1] if metric else 'any metric'}; name both"
    known = METRICS.get((namespace, metric[1]))
    if known is None or frozenset(names) not in known.dimensions:
        return f"searches {metric[1]} by {', '.join(names) or 'nothing'} in {namespace}, which has no such metric"
    return ""


# What the page must show: metric -> the type of resource of which each one needs it; "" for once.
NEEDED = {
    ("AWS/ECS", "CPUUtilization"): "AWS::ECS::Service",
    ("AWS/ECS", "MemoryUtilization"): "AWS::ECS::Service",
    ("AWS/ApplicationELB", "TargetResponseTime"): "AWS::ElasticLoadBalancingV2::TargetGroup",
    ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"): "AWS::ElasticLoadBalancingV2::TargetGroup",
    ("AWS/ApplicationELB", "UnHealthyHostCount"): "AWS::ElasticLoadBalancingV2::TargetGroup",
    ("AWS/DynamoDB", "ConsumedReadCapacityUnits"): "AWS::DynamoDB::Table",
    ("AWS/DynamoDB", "ConsumedWriteCapacityUnits"): "AWS::DynamoDB::Table",
    ("AWS/DynamoDB", "ReadThrottleEvents"): "AWS::DynamoDB::Table",
    ("AWS/DynamoDB", "WriteThrottleEvents"): "AWS::DynamoDB::Table",
    ("AWS/Lambda", "Errors"): "",
    ("Sparta/Application", "BotHeartbeat"): "",
    ("Sparta/Application", "ValidatorsMissing"): "",
    ("Sparta/Application", "SignerBalance"): "",
}


@rule("what the first page does not show is not looked at: the guide's indicators, results and what costs by volume")
def dashboard_shows_what_matters(system: System) -> Iterator[Finding]:
    drawn = [each for graph in graphs(system) for each in shown(graph)]
    for dashboard in system.of_type("AWS::CloudWatch::Dashboard")[:1]:
        for (namespace, name), kind in NEEDED.items():
            of_metric = [each for each in drawn if (each.namespace, each.name) == (namespace, name)]
            targets = {target for each in of_metric for target in system.targets(list(each.dimensions.values()))}
            missing = [resource.id for resource in system.of_type(kind) if resource not in targets] if kind else []
            if missing or not of_metric:
                of = f" of {', '.join(missing)}" if missing else ""
                yield dashboard.finding(f"does not show {name}{of}; add it to a graph")
