"""Names that the deployment guide's commands use, and the property each comes from."""

from __future__ import annotations

from typing import NamedTuple

from scripts.docs import world
from scripts.docs.markdown import code, table


class Name(NamedTuple):
    """``name`` is what the guide writes for production; ``path`` is the property that must say it."""

    kind: str
    name: str
    id: str
    path: str


NAMES = [
    Name("Cluster", "sparta-production", "Cluster", "ClusterName"),
    Name("Service", "sparta-api", "ApiService", "ServiceName"),
    Name("Service", "sparta-discord", "BotService", "ServiceName"),
    Name("Task definition", "sparta-api", "ApiTask", "Family"),
    Name("Log group", "/ecs/sparta-api", "ApiLogGroup", "LogGroupName"),
    Name("Log group", "/ecs/sparta-bot", "BotLogGroup", "LogGroupName"),
    Name("Log group", "/aws/lambda/sparta-validator-monitor", "MonitorLogGroup", "LogGroupName"),
    Name("Log group", "cloudtrail-log-group", "TrailLogGroup", "LogGroupName"),
    Name("Function", "sparta-validator-monitor", "MonitorFunction", "FunctionName"),
    Name("Table", "sparta-operators-production", "OperatorsTable", "TableName"),
    Name("Table", "sparta-validators-production", "ValidatorsTable", "TableName"),
    Name("Table", "sparta-config-production", "ConfigTable", "TableName"),
    Name("Table", "sparta-validator-history-production", "ValidatorHistoryTable", "TableName"),
    Name("Table", "sparta-network-stats-production", "NetworkStatsTable", "TableName"),
    Name("Table", "sparta-alerts-production", "AlertsTable", "TableName"),
    Name("Secret", "sparta/production/bot-token", "BotTokenSecret", "Name"),
    Name("Secret", "sparta/production/ethereum-private-key", "EthereumPrivateKeySecret", "Name"),
    Name("Secret", "sparta/production/api-key", "ApiKeySecret", "Name"),
    Name("Role", "sparta-ecs-task-role", "ApiTaskRole", "RoleName"),
    Name("Inline policy", "sparta-ecs-policy", "ApiTaskRole", "Policies.0.PolicyName"),
    Name("Security group", "sparta-ecs-sg", "ApiSecurityGroup", "GroupName"),
    Name("Topic", "sparta-production-alerts", "AlertsTopic", "TopicName"),
    Name("Alarm", "sparta-api-high-cpu", "ApiHighCpuAlarm", "AlarmName"),
    Name("Scaling policy", "api-cpu-scaling", "ApiCpuScaling", "PolicyName"),
    Name("Metric namespace", "Sparta/Application", "ApiErrorsLoggedFilter", "MetricTransformations.0.MetricNamespace"),
    Name("Health check", "/health", "TargetGroup", "HealthCheckPath"),
]


def written() -> str:
    """The names as a table.

    :raises UnknownResourceError: when the production system says another name than the guide
    """
    return table(["What", "In production", "In staging", "Resource", "Property"], [_cells(name) for name in NAMES])


def _cells(name: Name) -> list[str]:
    given = world.setting(name.id, name.path)
    if given != name.name:
        raise world.UnknownResourceError(
            f"The guide's commands use {name.name}, but {name.id}.{name.path} is {given}: they would not find it."
        )
    staging = world.setting(name.id, name.path, "staging")
    resource = f"{world.resource(name.id).stack}: {code(name.id)}"
    return [name.kind, code(given), code(staging), resource, code(name.path)]
