"""What the prices of single resources need to know of the whole system."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from scripts.cost.model import DAYS, HOURS
from scripts.cost.traffic import TABLES, TableUse, Traffic
from templates.rules.system import Resource, System
from templates.rules.timetable import gaps
from templates.rules.values import number, text

MEGA, KILO = 1e6, 1e3


class Use(NamedTuple):
    """So many of a price's units a month."""

    what: str
    price: str
    quantity: float
    assumes: str = ""


@dataclass(frozen=True)
class Site:
    """A system and how much it is used."""

    system: System
    traffic: Traffic

    @cached_property
    def requests(self) -> float:
        """Requests to the API in a month."""
        return self.traffic.api_requests * DAYS

    @cached_property
    def public_requests(self) -> float:
        """Those of them that come from the internet."""
        return self.requests * self.traffic.public_share

    def gigabytes(self, requests: float) -> float:
        """What so many answers weigh."""
        return requests * self.traffic.response_kb / MEGA

    @cached_property
    def monitor_runs(self) -> float:
        """Runs of the validator monitor in a month."""
        return sum(self.runs(each) for each in self.system.of_type("AWS::Lambda::Function") if _monitors(each))

    def runs(self, function: Resource) -> float:
        """How often schedules start a function in a month; each rotation of a secret calls it four times."""
        schedules = self.system.of_type("AWS::Scheduler::Schedule", "AWS::Events::Rule")
        started = sum(starts(each) for each in schedules if function in self._started_by(each))
        rotations = self.system.of_type("AWS::SecretsManager::RotationSchedule")
        turned = [each for each in rotations if self.system.target(each.get("RotationLambdaARN")) is function]
        days = [number(each.get("RotationRules", "AutomaticallyAfterDays")) for each in turned]
        return started + sum(4 * DAYS / day for day in days if day)

    def _started_by(self, schedule: Resource) -> list[Resource]:
        return self.system.targets([schedule.get("Target", "Arn"), schedule.get("Targets")])

    @cached_property
    def tasks(self) -> float:
        """Tasks that run at any time."""
        return sum(desired(each) for each in self.system.of_type("AWS::ECS::Service"))

    def log_gb(self, group: Resource) -> float:
        """Gigabytes that a log group takes in, in a month."""
        traffic = self.traffic
        known = {
            "ApiLogGroup": self.requests * traffic.log_bytes_per_request / 1e9,
            "BotLogGroup": traffic.bot_log_mb * DAYS / KILO,
            "MonitorLogGroup": self.monitor_runs * traffic.run_log_kb / MEGA,
            "FlowLogGroup": traffic.flow_log_mb * DAYS / KILO,
            "TrailLogGroup": traffic.trail_events * traffic.trail_kb * DAYS / MEGA,
        }
        return known.get(group.id, traffic.run_log_kb * DAYS / MEGA)

    @cached_property
    def task_log_gb(self) -> float:
        """What the tasks, which are inside the VPC, send to CloudWatch Logs in a month."""
        groups = self.system.of_type("AWS::Logs::LogGroup")
        return sum(self.log_gb(each) for each in groups if each.id in ("ApiLogGroup", "BotLogGroup"))

    @cached_property
    def has_log_endpoint(self) -> bool:
        """Whether logs leave the VPC without passing a NAT gateway."""
        endpoints = self.system.of_type("AWS::EC2::VPCEndpoint")
        return any(text(each.get("ServiceName")).endswith(".logs") for each in endpoints)

    @cached_property
    def table_gb(self) -> float:
        return sum(held(each) for each in self.system.of_type("AWS::DynamoDB::Table"))


def _monitors(function: Resource) -> bool:
    return function.id == "MonitorFunction"


def starts(schedule: Resource) -> float:
    """How often a schedule starts its target in a month: none when it is off or no schedule."""
    expression, state = text(schedule.get("ScheduleExpression")), text(schedule.get("State"))
    between = gaps(expression) if expression and state != "DISABLED" else None
    return HOURS * 60 / ((between.shortest + between.longest) / 2) if between else 0.0


def desired(service: Resource) -> float:
    """Tasks of a service; one where the template leaves it to AWS."""
    count = number(service.get("DesiredCount"))
    return 1.0 if count is None else count


def table_use(table: Resource) -> TableUse:
    return TABLES.get(table.id, TableUse())


def copies(table: Resource) -> int:
    """How often each item is written and kept: once, and once more for each index."""
    return 1 + len(table.get("GlobalSecondaryIndexes") or [])


def held(table: Resource) -> float:
    """Gigabytes with the indexes, which hold whole items."""
    return table_use(table).gb * copies(table)
