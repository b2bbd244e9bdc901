"""What no template can say: how much the system is used. Each number with the reason for it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


def _guess(value: float, unit: str, why: str) -> Any:
    return field(default=value, metadata={"unit": unit, "why": why})


@dataclass(frozen=True)
class Traffic:
    """How much the system is used. Change a number to see what it does to the bill."""

    api_requests: float = _guess(
        20_000, "a day", "a thousand operators, a handful of commands each, some calls a command"
    )
    public_share: float = _guess(0.2, "of them", "the bot asks inside the VPC; only others come by the load balancer")
    response_kb: float = _guess(4, "KB", "a page of a listing; most answers are shorter")
    log_bytes_per_request: float = _guess(700, "bytes", "one JSON line, as sparta/telemetry.py writes it")
    bot_log_mb: float = _guess(5, "MB a day", "a heartbeat a minute and a line a command")
    run_seconds: float = _guess(5, "seconds", "0.25 s of work at 10,000 validators, the rest waits for RPC nodes")
    run_log_kb: float = _guess(8, "KB a run", "a summary, seven metric lines, a line per alert")
    outbound_gb: float = _guess(
        10, "GB a month", "RPC calls of the API, Discord's gateway of the bot; images come by the S3 endpoint"
    )
    outbound_sent: float = _guess(0.2, "of it", "questions are shorter than answers")
    flow_log_mb: float = _guess(
        15, "MB a day", "100,000 records of 150 bytes: a few interfaces, some flows a minute each"
    )
    trail_events: float = _guess(5_000, "a day", "calls that manage something, the system's own and the deployments'")
    trail_kb: float = _guess(1.5, "KB an event", "an event of CloudTrail as JSON")
    trail_files: float = _guess(1_000, "a day", "one every five minutes for each region that has events")
    secret_reads: float = _guess(
        900, "a day and secret", "three tasks and the monitor look every five minutes whether it was rotated"
    )
    key_requests: float = _guess(3_000, "a day", "log groups, the queue, the topic, the trail and the backup bucket")
    messages: float = _guess(20, "a day", "alarms that change, deployments, sensitive changes")
    queue_requests: float = _guess(100, "a day", "failed runs are rare; somebody looks")
    releases: float = _guess(4, "a month", "one image a week")
    image_gb: float = _guess(0.12, "GB", "what an image adds: its base layers are stored once")
    log_compression: float = _guess(0.15, "of its size", "as AWS's calculator counts stored logs")
    insights_kb: float = _guess(2, "KB", "an event a minute for the cluster, each service, task and container")
    lookups: float = _guess(
        8_640, "a day", "the bot asks for the API's address every ten seconds, as long as an answer holds"
    )


TRAFFIC = Traffic()


@dataclass(frozen=True)
class TableUse:
    """Units that one API request and one run of the monitor read and write in a table, and the gigabytes it holds."""

    request_reads: float = 0.5
    request_writes: float = 0.1
    run_reads: float = 10
    run_writes: float = 5
    gb: float = 0.05


TABLES = {
    "OperatorsTable": TableUse(1, 0.1, 50, 0, 0.01),
    "ValidatorsTable": TableUse(1, 0.1, 1_000, 100, 0.02),
    "ValidatorHistoryTable": TableUse(0.2, 0, 10, 100, 1.5),
    "NetworkStatsTable": TableUse(0.2, 0, 2, 1, 0.05),
    "ConfigTable": TableUse(0.5, 0.2, 5, 3, 0.01),
    "AlertsTable": TableUse(0.1, 0, 60, 10, 0.05),
}
"""10,000 validators: a run reads them once (4 MB) and writes what changed, about two committees of 48."""

BUCKETS = {"ArtifactBucket": 1.0, "BackupBucket": 2.0, "AuditBucket": 2.0}
"""Gigabytes: templates and zips of a year, some exports, a year of the trail, compressed."""

METRICS = {
    "ApiLogGroup": ("ValidatorRegistrations",),
    "BotLogGroup": ("BotHeartbeat",),
    "MonitorLogGroup": (
        "AlertsSent",
        "DeliveryFailures",
        "MonitorDuration",
        "MonitorHeartbeat",
        "SignerBalance",
        "StatsAgeSeconds",
        "ValidatorsInSet",
        "ValidatorsMissing",
    ),
}
"""Metrics that the programs write as lines of these logs."""


def spoken(traffic: Traffic) -> list[tuple[str, str, str]]:
    """Name, value with unit, and why, of each assumption."""
    return [
        (each.name, f"{getattr(traffic, each.name):,g} {each.metadata['unit']}", each.metadata["why"])
        for each in fields(traffic)
    ]
