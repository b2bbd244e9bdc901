"""Change one statement of a policy, found by its Sid wherever it stands in the resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from templates.rules.values import walk
from tests.templates.rules.planting import Bodies, Mistake

Body = dict[str, Any]

API, START, BOT = "security/ApiTaskRole", "security/ApiExecutionRole", "security/BotTaskRole"
BOT_START, MONITOR, ROTATION = "security/BotExecutionRole", "security/MonitorRole", "security/RotationRole"
SCHEDULER, FLOW = "security/SchedulerRole", "network/FlowLogRole"
TRAIL, BACKUP = "observability/TrailRole", "data/BackupRole"
DEPLOY, CLOUDFORMATION = "bootstrap/DeployRole", "bootstrap/CloudFormationRole"
ROLES, NETWORK, DATA = "bootstrap/RolesDeployment", "bootstrap/NetworkDeployment", "bootstrap/DataDeployment"
SERVICES = "bootstrap/ServicesDeployment"


def sub(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}


def arn(service: str, resource: str) -> dict[str, str]:
    return sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")


def role(name: str) -> dict[str, str]:
    return sub(f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{name}")


def secret(name: str) -> dict[str, str]:
    return arn("secretsmanager", f"secret:sparta/${{Environment}}/{name}")


def log_group(name: str) -> dict[str, str]:
    return arn("logs", f"log-group:{name}")


def in_statement(place: str, sid: str, change: Callable[[Body], object]) -> Mistake:
    """Apply a change to the statement; `place` is "stack/Resource"."""

    def mistake(bodies: Bodies) -> None:
        stack, resource = place.split("/")
        found = [node for _, node in walk(bodies[stack]["Resources"][resource]) if is_statement(node, sid)]
        assert found, f"{place} has no statement {sid}"
        change(found[0])

    return mistake


def is_statement(node: Any, sid: str) -> bool:
    return isinstance(node, dict) and node.get("Sid") == sid


def setting(place: str, sid: str, **values: Any) -> Mistake:
    """Give a statement other keys."""
    return in_statement(place, sid, lambda body: body.update(values))


def without(place: str, sid: str, key: str) -> Mistake:
    """Take a key away from a statement."""
    return in_statement(place, sid, lambda body: body.pop(key))


def adding(place: str, sid: str, key: str, value: Any) -> Mistake:
    """Append to a list of a statement."""
    return in_statement(place, sid, lambda body: body[key].append(value))


def taking(place: str, sid: str, key: str, part: str) -> Mistake:
    """Take what contains a text out of a list of a statement."""

    def change(body: Body) -> None:
        left = [item for item in body[key] if part not in str(item)]
        assert len(left) < len(body[key]), f"no {part} in {key} of {sid}"
        body[key] = left

    return in_statement(place, sid, change)


def further(place: str, near: str, **statement: Any) -> Mistake:
    """One more statement in the policy that has the statement `near`."""

    def mistake(bodies: Bodies) -> None:
        stack, resource = place.split("/")
        documents = [node for _, node in walk(bodies[stack]["Resources"][resource]) if _has(node, near)]
        assert documents, f"{place} has no statement {near}"
        documents[0]["Statement"].append({"Sid": "Further", "Effect": "Allow", **statement})

    return mistake


def _has(node: Any, sid: str) -> bool:
    return isinstance(node, dict) and any(is_statement(each, sid) for each in node.get("Statement", []))
