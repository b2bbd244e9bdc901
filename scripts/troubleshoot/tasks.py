"""Tasks that stop or do not start: their reasons, last lines, secrets, rights, image and network."""

from __future__ import annotations

import re
from typing import Any

from scripts.operations.components import SERVICES, cluster, service
from scripts.operations.target import Target
from scripts.operations.waiting import describe, events, state
from scripts.troubleshoot import looks
from scripts.troubleshoot.report import CERTAIN, LIKELY, POSSIBLE, Report
from templates import environment

MOST_STOPPED = 5
EXPECTED = {"api": environment.API, "bot": environment.BOT}
NO_FAULT = re.compile(
    r"Scaling activity initiated|ECS deployment|Task stopped by user|has been replaced", re.IGNORECASE
)
KILLED = 137
# What AWS writes in stoppedReason or a container's reason, and what it means; the first that fits speaks.
REASONS = {
    r"CannotPull|pull image|manifest unknown": (
        "The image could not be fetched: look whether its digest is in the registry and whether the subnets have a way "
        "to it. `make rollback` takes the release before."
    ),
    r"ResourceInitializationError.*(secret|ssm)|unable to (pull|retrieve) secret": (
        "A secret could not be read when the task started: it is missing, or the execution role lacks the right."
    ),
    r"ResourceInitializationError.*log": "The log group could not be written when the task started.",
    r"ResourceInitializationError|timeout|timed out": (
        "AWS could not be reached when the task started: look at NAT gateway, routes and security group."
    ),
    r"OutOfMemory|memory usage": (
        "The task needed more memory than it has: raise {memory} in the environment's file and deploy."
    ),
    r"exec format error": "The image is for another processor; tasks run on ARM64. Build it for linux/arm64.",
    r"failed (ELB|container) health checks|unhealthy": (
        "The program runs but fails its health check: its last lines and GET /ready tell what it waits for."
    ),
    r"RESOURCE:|Capacity is unavailable": "AWS has no room for the task now; ECS tries again by itself.",
}


def examine(target: Target) -> Report:
    report = Report()
    for component in SERVICES:
        described = describe(target, component)
        report.add(f"{described['serviceName']}: {state(described)}", events(described))
        definition = _definition(target, described["taskDefinition"])
        _stopped(target, report, component)
        _definition_of(report, component, definition)
        _secrets_and_image(target, report, definition)
        looks.way_out(target, report, f"Security/{component.capitalize()}SecurityGroup")
        if described["runningCount"] < described["desiredCount"]:
            report.blame(
                POSSIBLE, f"{described['serviceName']} has {state(described)}: ECS's events above may say why."
            )
    return report


def _definition(target: Target, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = target.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
    return found


def _stopped(target: Target, report: Report, component: str) -> None:
    """ECS remembers stopped tasks for an hour."""
    ecs, name = target.client("ecs"), service(target, component)
    # By family and not by service: a task that was put aside belongs to no service any more.
    given = {"cluster": cluster(target), "family": f"{name}{target.suffix}", "desiredStatus": "STOPPED"}
    arns = ecs.list_tasks(**given)["taskArns"][:100]
    listed = ecs.describe_tasks(cluster=cluster(target), tasks=arns)["tasks"] if arns else []
    listed.sort(key=lambda task: str(task.get("stoppedAt", task.get("createdAt", ""))))
    lines: list[str] = []
    for task in listed[-MOST_STOPPED:]:
        lines += _one(target, report, component, task)
    report.add(f"Stopped tasks of {name} in the last hour: {len(listed)}", lines)


def _one(target: Target, report: Report, component: str, task: dict[str, Any]) -> list[str]:
    """A stopped task: when, why, each container's exit code, and what it wrote last."""
    identity = task["taskArn"].rpartition("/")[2]
    why = task.get("stoppedReason", "no reason given")
    lines = [f"{task.get('stoppedAt', '')!s:.19} {identity}: {why} ({task.get('stopCode', 'no code')})"]
    for container in task["containers"]:
        ended, reason = container.get("exitCode"), container.get("reason", "")
        lines.append(
            f"    container {container['name']}: exit code {ended if ended is not None else '-'} {reason}".rstrip()
        )
        last = looks.as_lines(looks.tail(target, component, f"{component}/{container['name']}/{identity}", most=5))
        lines += [f"    {line}" for line in last]
        _blame(report, component, _together(why, reason), ended, last)
    return lines


def _together(why: str, reason: str) -> str:
    """The task's reason and its container's, once where they are the same but for the length."""
    if reason.startswith(why) or not why:
        return reason
    return why if why.startswith(reason) else f"{why}; {reason}"


def _blame(report: Report, component: str, reason: str, ended: int | None, last: list[str]) -> None:
    for pattern, meaning in REASONS.items():
        if re.search(pattern, reason, re.IGNORECASE):
            told = meaning.replace("{memory}", f"{component.capitalize()}Memory")
            report.blame(CERTAIN, f"{component}: {told} ECS says: {reason}")
            return
    if NO_FAULT.search(reason):
        return
    if ended == KILLED:
        report.blame(LIKELY, f"{component}: killed (137), most often for want of memory. Raise its memory and deploy.")
    elif ended:
        said = f" Its last line: {last[-1]}" if last else " It logged nothing: a variable or secret may be missing."
        report.blame(LIKELY, f"{component}: the program ended by itself with exit code {ended}.{said}")


def _definition_of(report: Report, component: str, definition: dict[str, Any]) -> None:
    container = definition["containerDefinitions"][0]
    given = {each["name"]: each["value"] for each in container.get("environment", [])}
    looks.variables(report, f"Variables of {definition['family']}", given, EXPECTED[component])
    size = f"cpu {definition.get('cpu')}, memory {definition.get('memory')} MB, image {container['image']}"
    report.add(f"Task definition {definition['family']}:{definition.get('revision')}", [size])


def _secrets_and_image(target: Target, report: Report, definition: dict[str, Any]) -> None:
    container = definition["containerDefinitions"][0]
    given = [each["valueFrom"] for each in container.get("secrets", [])]
    # ECS may be given a part of a secret: arn:name-suffix:json-key:stage:version.
    injected = [":".join(each.split(":")[:7]) for each in given]
    own = [each["value"] for each in container.get("environment", []) if each["name"].endswith("_SECRET")]
    looks.secrets(target, report, [*injected, *own])
    reading = "secretsmanager:GetSecretValue"
    for role, names in (("executionRoleArn", injected), ("taskRoleArn", own)):
        arns = [_full_arn(target, name) for name in names]
        wanted = [(reading, arn) for arn in arns if arn]
        looks.rights(target, report, definition[role], wanted, f"Rights of {definition[role].rpartition('/')[2]}")


def _full_arn(target: Target, name: str) -> str:
    """The ARN with its random ending, which policies name; "" where there is no such secret."""
    client = target.client("secretsmanager")
    try:
        return str(client.describe_secret(SecretId=name)["ARN"])
    except client.exceptions.ResourceNotFoundException:
        return ""
