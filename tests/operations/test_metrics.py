"""The key indicators, with the emulator's own numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.deployment.system import System
from tests.operations.answering import Between
from tests.operations.running import Done

Command = Callable[..., Done]


def put(staging: System, namespace: str, name: str, values: list[float], **dimensions: str) -> None:
    """Values seven minutes ago: in the last whole five minutes or the ones before, which is all that is asked for."""
    data = [
        {
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            "Timestamp": datetime.now(UTC) - timedelta(minutes=7),
            "Value": value,
        }
        for value in values
    ]
    staging.emulator.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)


@pytest.fixture(scope="module")
def measured(staging: System) -> None:
    cpu = {"ClusterName": "sparta-staging", "ServiceName": "sparta-api"}
    put(staging, "AWS/ECS", "CPUUtilization", [42], **cpu)
    put(staging, "AWS/ECS", "MemoryUtilization", [85.5], **cpu)
    put(staging, "AWS/ECS", "CPUUtilization", [97], **cpu | {"ServiceName": "sparta-discord"})
    put(staging, "AWS/DynamoDB", "ReadThrottleEvents", [2, 1], TableName="sparta-operators-staging")
    function = {"FunctionName": "sparta-validator-monitor-staging"}
    put(staging, "AWS/Lambda", "Invocations", [50], **function)
    put(staging, "AWS/Lambda", "Errors", [1], **function)
    put(staging, "Sparta/Application", "BotHeartbeat", [359], Environment="staging")


def row(done: Done, name: str) -> list[str]:
    line = next(line for line in done.out.splitlines() if name in line)
    return re.split(r" {2,}", line.strip())


@pytest.mark.usefixtures("measured")
def test_each_indicator_has_its_target_threshold_and_value(command: Command) -> None:
    """Good, near and bad are the guide's target and alert threshold; where there is no data the table says why."""
    done = command("metrics")
    assert (done.code, done.err) == (0, "")
    assert row(done, "ECS CPU, api") == ["ECS CPU, api", "< 70%", "> 85%", "42%", "good", "latest 5 min"]
    assert row(done, "ECS CPU, bot")[3:5] == ["97%", "bad"]
    assert row(done, "ECS memory, api")[3:5] == ["85.5%", "near"]
    assert row(done, "ECS memory, bot")[3:] == ["no data", "?", "latest 5 min: no task reports"]
    assert row(done, "API response time, p99")[1:] == [
        "< 500 ms", "> 1000 ms", "no data", "?", "latest 5 min: no request",
    ]  # fmt: skip
    assert row(done, "DynamoDB") == ["DynamoDB read/write errors", "0", "> 0", "3", "bad", "last 1 h"]
    assert row(done, "Lambda error rate")[1:5] == ["< 1%", "> 5%", "2%", "near"]
    assert row(done, "bot uptime")[1:5] == ["> 99.9%", "< 99%", "99.72%", "near"]


def test_a_narrow_screen_has_a_line_for_each_indicator(command: Command) -> None:
    """Names and numbers are never broken."""
    lines = command("metrics", COLUMNS="80").out.splitlines()
    for row in (r"API response time, p99 +< 500 ms +> 1000 ms ", r"DynamoDB read/write errors  0 +> 0 "):
        assert any(re.match(row, line) for line in lines), lines


def test_metrics_change_nothing(command: Command, between: Between) -> None:
    assert command("metrics", AWS_ENDPOINT_URL=between.url).code == 0
    assert between.changed == []
