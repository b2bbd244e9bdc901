"""The dashboard: empty boxes, widgets over each other and what it does not show are named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.templates.rules.cases import case, places, rules_of, said, unproven
from tests.templates.rules.planting import Bodies, Mistake, put, remove

Page = dict[str, Any]
BODY = "observability/Resources/Dashboard/Properties/DashboardBody"
DRAWN = "observability Dashboard"


def page(change: Callable[[Page], object]) -> Mistake:
    """A change of the page inside the template's text."""

    def mistake(bodies: Bodies) -> None:
        properties = bodies["observability"]["Resources"]["Dashboard"]["Properties"]
        body = json.loads(properties["DashboardBody"]["Fn::Sub"])
        change(body)
        properties["DashboardBody"] = {"Fn::Sub": json.dumps(body)}

    return mistake


def graph(body: Page, title: str) -> Page:
    """The properties of the graph with a title."""
    found: Page = next(w["properties"] for w in body["widgets"] if w["properties"].get("title") == title)
    return found


def series(body: Page, title: str, number: int) -> list[Any]:
    """One row of the metrics of a graph."""
    row: list[Any] = graph(body, title)["metrics"][number]
    return row


def option(title: str, number: int, name: str, value: object) -> Mistake:
    return page(lambda body: series(body, title, number)[-1].update({name: value}))


def part(title: str, number: int, place: int, value: object) -> Mistake:
    return page(lambda body: series(body, title, number).__setitem__(place, value))


def widget(place: int, **values: object) -> Mistake:
    return page(lambda body: body["widgets"][place].update(values))


SEARCH = "SUM(SEARCH('{AWS/NATGateway,NatGatewayId} MetricName=\"BytesOut\"', 'Sum', 3600))"

CASES = [
    case("no page", "root - dashboard-exists", remove("observability/Resources/Dashboard")),
    case("no widget", f"{DRAWN} dashboard-shows-something", page(lambda body: body.update(widgets=[]))),
    case("text only", f"{DRAWN} dashboard-shows-something", put(BODY, json.dumps({"widgets": [{"type": "text"}]}))),
    case("no region", f"{DRAWN} widget-complete", page(lambda body: graph(body, "Bot").pop("region"))),
    case("another region", f"{DRAWN} widget-complete",
         page(lambda body: graph(body, "Bot").update(region="us-east-1"))),
    case("a misspelt type", f"{DRAWN} widget-complete", widget(1, type="metrics")),
    case("a graph of nothing", f"{DRAWN} widget-complete", page(lambda body: graph(body, "Bot").update(metrics=[]))),
    case("a heading without words", f"{DRAWN} widget-complete", widget(0, properties={})),
    case("a view that is none", f"{DRAWN} widget-complete", page(lambda body: graph(body, "Bot").update(view="line"))),
    case("logs of no group", f"{DRAWN} widget-complete",
         widget(1, type="log", properties={"region": "${AWS::Region}", "query": "fields @message"})),
    case("a widget over its neighbour", f"{DRAWN} widgets-in-place", widget(2, x=4)),
    case("a widget over the next row", f"{DRAWN} widgets-in-place", widget(1, height=9)),
    case("a widget beyond the edge", f"{DRAWN} widgets-in-place", widget(3, x=20)),
    case("a search for a metric that is not", f"{DRAWN} search-finds-metrics",
         page(lambda body: series(body, "What costs by volume, per hour", 0)[0].update(expression=SEARCH))),
    case("a search without a name", f"{DRAWN} search-finds-metrics",
         page(lambda body: series(body, "What costs by volume, per hour", 0)[0].update(
             expression="SUM(SEARCH('{AWS/NATGateway,NatGatewayId} Bytes', 'Sum', 3600))"))),
    case("a graph removed", f"{DRAWN} dashboard-shows-what-matters",
         page(lambda body: body["widgets"].pop(5))),
    case("a table left out", f"{DRAWN} dashboard-shows-what-matters",
         page(lambda body: graph(body, "DynamoDB units")["metrics"].pop(0))),
    case("a misspelt metric", f"{DRAWN} metric-published", part("API load (%)", 0, 1, "CPU")),
    case("a dimension forgotten", f"{DRAWN} metric-dimensions",
         page(lambda body: series(body, "API load (%)", 0).__delitem__(slice(2, 4)))),
    case("a service by a name that is none", f"{DRAWN} dimension-of-this-system", part("API load (%)", 0, 5, "sparta")),
    case("the ARN of a load balancer", f"{DRAWN} dimension-of-this-system",
         put("services/Outputs/LoadBalancerFullName/Value", {"Ref": "LoadBalancer"})),
    case("another environment", f"{DRAWN} dimension-of-this-system", part("Validators", 0, 3, "staging")),
    case("the average of errors", f"{DRAWN} statistic-suits-metric", option("API answers", 1, "stat", "Average")),
]  # fmt: skip


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake of the page is named."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about the dashboard stands without a mistake that it sees."""
    assert not unproven(CASES, "dashboards")


HARMLESS = [
    pytest.param(option("API answers", 0, "stat", "p99"), id="another percentile"),
    pytest.param(page(lambda body: graph(body, "Bot").update(period=60)), id="a finer period"),
    pytest.param(page(lambda body: graph(body, "Bot").update(title="The bot")), id="another title"),
    pytest.param(page(lambda body: graph(body, "API tasks").update(metrics=[
        *graph(body, "API tasks")["metrics"], ["...", {"label": "lowest", "stat": "Minimum"}],
        ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", "${LoadBalancerFullName}", {"stat": "Sum"}],
        [".", "NewConnectionCount", ".", ".", {"stat": "Sum"}]])), id="rows that repeat the row before"),
    pytest.param(page(lambda body: body["widgets"].append({
        "type": "alarm", "x": 0, "y": 40, "width": 24, "height": 2, "properties": {"alarms": []}})), id="alarm widget"),
]  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_change_is_not_named(change: Mistake) -> None:
    """What a person may well want on the page is no finding."""
    assert not said(change, rules_of(CASES))
