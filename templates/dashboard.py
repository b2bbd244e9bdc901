"""The page an operator looks at first: service health, the guide's indicators, the monitor's results, cost drivers."""

from __future__ import annotations

import json
from typing import Any

from templates.tables import TABLES

Series = list[Any]

_WHOLE_WIDTH = 24
_HEIGHT = 6


def body() -> str:
    """Text for ``Fn::Sub``: names stand in it as ``${ClusterName}`` and so on."""
    rows = [
        ("Is it healthy?", [_api_load(), _api_answers(), _api_tasks()]),
        ("Bot and monitor", [_bot(), _monitor_results(), _monitor_runs(), _signer()]),
        ("Data and money", [_tables(), _table_errors(), _cost_drivers()]),
    ]
    widgets: list[dict[str, Any]] = []
    top = 0
    for heading, row in rows:
        widgets.append(_placed({"type": "text", "properties": {"markdown": f"## {heading}"}}, 0, top, _WHOLE_WIDTH, 1))
        width = _WHOLE_WIDTH // len(row)
        for column, widget in enumerate(row):
            widgets.append(_placed(widget, column * width, top + 1, width, _HEIGHT))
        top += 1 + _HEIGHT
    return json.dumps({"start": "-PT12H", "widgets": widgets}, indent=1)


def _placed(widget: dict[str, Any], x: int, y: int, width: int, height: int) -> dict[str, Any]:
    return {"x": x, "y": y, "width": width, "height": height, **widget}


def _graph(
    title: str, metrics: list[Series], stat: str = "Average", line: tuple[str, float] | None = None
) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "title": title,
        "region": "${AWS::Region}",
        "view": "timeSeries",
        "period": 300,
        "stat": stat,
        "metrics": metrics,
    }
    if line:
        label, value = line
        properties["annotations"] = {"horizontal": [{"label": label, "value": value}]}
    return {"type": "metric", "properties": properties}


def _ecs(service: str, metric: str, label: str) -> Series:
    return [
        "AWS/ECS",
        metric,
        "ClusterName",
        "${ClusterName}",
        "ServiceName",
        f"${{{service}ServiceName}}",
        {"label": label},
    ]


def _target(metric: str, **options: Any) -> Series:
    dimensions = ["TargetGroup", "${TargetGroupFullName}", "LoadBalancer", "${LoadBalancerFullName}"]
    return ["AWS/ApplicationELB", metric, *dimensions, options]


def _application(metric: str, **options: Any) -> Series:
    return ["Sparta/Application", metric, "Environment", "${Environment}", options]


def _api_load() -> dict[str, Any]:
    metrics = [_ecs("Api", "CPUUtilization", "CPU"), _ecs("Api", "MemoryUtilization", "memory")]
    return _graph("API load (%)", metrics, line=("CPU alarm", 85))


def _api_answers() -> dict[str, Any]:
    metrics = [
        _target("TargetResponseTime", label="p95 (s)", stat="p95"),
        _target("HTTPCode_Target_5XX_Count", label="errors", stat="Sum", yAxis="right"),
        _target("RequestCount", label="requests", stat="Sum", yAxis="right"),
    ]
    return _graph("API answers", metrics, line=("slow", 1))


def _api_tasks() -> dict[str, Any]:
    metrics = [_target("HealthyHostCount", label="healthy"), _target("UnHealthyHostCount", label="unhealthy")]
    return _graph("API tasks", metrics, stat="Maximum")


def _bot() -> dict[str, Any]:
    metrics = [
        _application("BotHeartbeat", label="heartbeats", stat="Sum"),
        _ecs("Bot", "CPUUtilization", "CPU (%)"),
        _ecs("Bot", "MemoryUtilization", "memory (%)"),
    ]
    return _graph("Bot", metrics)


def _monitor_results() -> dict[str, Any]:
    metrics = [
        _application("ValidatorsInSet", label="in the set"),
        _application("ValidatorsMissing", label="missing"),
        _application("AlertsSent", label="alerts sent", stat="Sum", yAxis="right"),
        _application("DeliveryFailures", label="not delivered", stat="Sum", yAxis="right"),
    ]
    return _graph("Validators", metrics, stat="Maximum")


def _monitor_runs() -> dict[str, Any]:
    function = ["FunctionName", "${MonitorFunctionName}"]
    metrics: list[Series] = [
        ["AWS/Lambda", "Invocations", *function, {"label": "runs", "stat": "Sum"}],
        ["AWS/Lambda", "Errors", *function, {"label": "errors", "stat": "Sum"}],
        ["AWS/Lambda", "Duration", *function, {"label": "duration (ms)", "yAxis": "right"}],
        _application("StatsAgeSeconds", label="age of statistics (s)", yAxis="right"),
    ]
    return _graph("Monitor runs", metrics)


def _tables() -> dict[str, Any]:
    metrics: list[Series] = [
        ["AWS/DynamoDB", metric, "TableName", f"${{{table.title}TableName}}", {"label": f"{table.name} {label}"}]
        for table in TABLES
        for metric, label in (("ConsumedReadCapacityUnits", "reads"), ("ConsumedWriteCapacityUnits", "writes"))
    ]
    return _graph("DynamoDB units", metrics, stat="Sum")


def _table_errors() -> dict[str, Any]:
    metrics: list[Series] = [
        ["AWS/DynamoDB", metric, "TableName", f"${{{table.title}TableName}}", {"label": f"{table.name} {label}"}]
        for table in TABLES
        for metric, label in (("ReadThrottleEvents", "reads refused"), ("WriteThrottleEvents", "writes refused"))
    ]
    return _graph("DynamoDB read/write errors", metrics, stat="Sum", line=("must stay", 0))


def _signer() -> dict[str, Any]:
    metrics = [
        _application("SignerBalance", label="balance (ETH)", stat="Minimum"),
        _application("ValidatorRegistrations", label="registrations", stat="Sum", yAxis="right"),
    ]
    return _graph("Sparta's account", metrics)


def _cost_drivers() -> dict[str, Any]:
    def search(schema: str, metric: str, label: str) -> Series:
        return [{"expression": f"SUM(SEARCH('{{{schema}}} MetricName=\"{metric}\"', 'Sum', 3600))", "label": label}]

    metrics = [
        search("AWS/NATGateway,NatGatewayId", "BytesOutToDestination", "NAT out (bytes)"),
        search("AWS/NATGateway,NatGatewayId", "BytesInFromDestination", "NAT in (bytes)"),
        search("AWS/Logs,LogGroupName", "IncomingBytes", "log lines (bytes)"),
    ]
    return _graph("What costs by volume, per hour", metrics, stat="Sum")
