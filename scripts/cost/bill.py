"""What AWS says a month has cost, by service: Cost Explorer, which takes a cent for each question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from scripts.cost.model import Estimate, Line
from scripts.operations.errors import OperationError

HOME = "us-east-1"
"""Cost Explorer answers for all regions from here."""
TAGS = {"Project": "sparta"}


@dataclass(frozen=True)
class Bill:
    """Dollars by service of one month. ``scope`` says whose; ``provisional`` while AWS may still correct it."""

    month: str
    scope: str
    services: dict[str, float]
    provisional: bool

    @property
    def total(self) -> float:
        return sum(self.services.values())


def period(month: str, today: date) -> tuple[date, date]:
    """First day of the month, and the day after its last or after today.

    :param month: ``2026-10``; empty for the last whole month
    :raises OperationError: when it is no month, or has not begun
    """
    if not month:
        month = f"{today.replace(day=1) - timedelta(days=1):%Y-%m}"
    try:
        start = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise OperationError(f"{month!r} is no month. Give it as MONTH=2026-10.") from None
    if start > today:
        raise OperationError(f"{month} has not begun. Give a month that has: MONTH={today:%Y-%m}.")
    following = (start + timedelta(days=31)).replace(day=1)
    return start, min(following, today + timedelta(days=1))


def read_bill(client: Any, environment: str, start: date, end: date) -> Bill:
    """Ask for a month, of this environment alone where its tags are active for costs, else of the whole account."""
    tags = TAGS | {"Environment": environment}
    active = _active(client, list(tags))
    narrowed = {"Filter": {"And": [_tagged(name, value) for name, value in tags.items()]}} if active else {}
    question = {
        "TimePeriod": {"Start": start.isoformat(), "End": end.isoformat()},
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
    }
    services: dict[str, float] = {}
    provisional = False
    for answer in _pages(client, question | narrowed):
        for result in answer["ResultsByTime"]:
            provisional = provisional or bool(result.get("Estimated"))
            for group in result.get("Groups", []):
                name, amount = group["Keys"][0], float(group["Metrics"]["UnblendedCost"]["Amount"])
                services[name] = services.get(name, 0.0) + amount
    scope = f"what is tagged Project=sparta and Environment={environment}" if active else WHOLE
    return Bill(f"{start:%Y-%m}", scope, services, provisional)


WHOLE = (
    "the whole account, also what is not Sparta's: the tags Project and Environment are not active as cost allocation "
    "tags (Billing console, Cost allocation tags)"
)


def _tagged(name: str, value: str) -> dict[str, Any]:
    return {"Tags": {"Key": name, "Values": [value], "MatchOptions": ["EQUALS"]}}


def _active(client: Any, names: list[str]) -> bool:
    found = client.list_cost_allocation_tags(Status="Active", TagKeys=names)["CostAllocationTags"]
    return {each["TagKey"] for each in found} >= set(names)


def _pages(client: Any, question: dict[str, Any]) -> Iterator[dict[str, Any]]:
    answer = client.get_cost_and_usage(**question)
    yield answer
    while token := answer.get("NextPageToken"):
        answer = client.get_cost_and_usage(**question, NextPageToken=token)
        yield answer


CLOUDWATCH = "AmazonCloudWatch"
VPC = "Amazon Virtual Private Cloud"
SERVICES = {
    "AWS::ApplicationAutoScaling::": CLOUDWATCH,
    "AWS::Backup::": "AWS Backup",
    "AWS::CloudFront::": "Amazon CloudFront",
    "AWS::CloudWatch::": CLOUDWATCH,
    "AWS::DynamoDB::": "Amazon DynamoDB",
    "AWS::EC2::EIP": VPC,
    "AWS::EC2::NatGateway": "EC2 - Other",
    "AWS::EC2::VPCEndpoint": VPC,
    "AWS::ECR::": "Amazon EC2 Container Registry (ECR)",
    "AWS::ECS::Cluster": CLOUDWATCH,
    "AWS::ECS::Service": "Amazon Elastic Container Service",
    "AWS::ElasticLoadBalancingV2::": "Amazon Elastic Load Balancing",
    "AWS::KMS::": "AWS Key Management Service",
    "AWS::Lambda::": "AWS Lambda",
    "AWS::Logs::": CLOUDWATCH,
    "AWS::S3::": "Amazon Simple Storage Service",
    "AWS::SNS::": "Amazon Simple Notification Service",
    "AWS::SQS::": "Amazon Simple Queue Service",
    "AWS::Scheduler::": "CloudWatch Events",
    "AWS::SecretsManager::": "AWS Secrets Manager",
    "AWS::ServiceDiscovery::": "Amazon Route 53",
    "AWS::WAFv2::": "AWS WAF",
}
"""How bills call the service of a type, by the longest beginning of its name."""


def service_of(line: Line) -> str:
    """The service that a bill counts the line under."""
    if line.what == "public addresses":
        return VPC
    return next(service for start, service in SERVICES.items() if line.type.startswith(start))


def by_service(estimate: Estimate) -> dict[str, float]:
    """The estimate as a bill would be ordered."""
    sums: dict[str, float] = {}
    for line in estimate.lines:
        sums[service_of(line)] = sums.get(service_of(line), 0.0) + line.monthly
    return sums
