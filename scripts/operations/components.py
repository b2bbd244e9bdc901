"""The parts of the system as people call them, and where each stands in its stacks."""

from __future__ import annotations

from scripts.operations.errors import OperationError
from scripts.operations.target import Target

SERVICES = {"api": "Services/ApiService", "bot": "Services/BotService"}
"""ECS services by component."""
LOGS = {
    "api": "Services/ApiLogGroup",
    "bot": "Services/BotLogGroup",
    "monitor": "Monitor/MonitorLogGroup",
    "rotation": "Monitor/RotationLogGroup",
    "trail": "Observability/TrailLogGroup",
    "network": "Network/FlowLogGroup",
}
"""Log groups by component."""
PROGRAMS = ("api", "bot", "monitor", "rotation")
"""Components that log in our own form, so that their errors can be told from the rest."""


def cluster(target: Target) -> str:
    return target.physical("Services/Cluster")


def service(target: Target, component: str) -> str:
    """A service's name, as AWS and the guide's commands have it."""
    return target.physical(SERVICES[component]).rpartition("/")[2]


def parameter(target: Target, name: str) -> str:
    """What the root stack was last deployed with.

    :raises OperationError: when the stack has no such parameter
    """
    for item in target.stack(target.root).get("Parameters", []):
        if item["ParameterKey"] == name:
            return str(item["ParameterValue"])
    raise OperationError(f"{target.root} has no parameter {name}: it was deployed from other templates than these.")
