"""What must be true of a system that works: one function for each row of ``make verify``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from scripts.operations.errors import OperationError, explain
from scripts.operations.target import Target

NAMESPACE = "Sparta/Application"
BOT_MINUTES = 5
"""As the alarm BotDown looks back."""
HTTP_SECONDS = 10


@dataclass(frozen=True)
class Row:
    """One thing that was looked at. ``todo`` is what a person does when it is not good."""

    what: str
    good: bool
    found: str
    todo: str = ""


def rows(target: Target, *, api_url: str = "") -> list[Row]:
    """Everything, whatever fails on the way."""
    url = (api_url or target.outputs.get("ApiUrl", "")).rstrip("/")
    checks: list[tuple[str, Callable[[], Row]]] = [
        ("API service", lambda: _service(target, "API service", "Api")),
        ("bot service", lambda: _service(target, "bot service", "Bot")),
        ("API targets", lambda: _targets(target)),
        ("/health", lambda: _answer(target, url, "/health")),
        ("/ready", lambda: _answer(target, url, "/ready")),
        ("bot online", lambda: _bot(target)),
        ("monitor's last run", lambda: _monitor(target)),
    ]
    return [_asked(what, check) for what, check in checks]


def _asked(what: str, check: Callable[[], Row]) -> Row:
    """The check's row, or one that says why it could not be asked: that is no success."""
    try:
        return check()
    except (ClientError, BotoCoreError, OperationError) as error:
        todo = "Mend that, or use a role with the right; then run make verify again."
        return Row(what, False, f"could not be asked: {explain(error) or error}", todo)


def _service(target: Target, what: str, part: str) -> Row:
    cluster, name = target.outputs["ClusterName"], target.outputs[f"{part}ServiceName"]
    found = target.client("ecs").describe_services(cluster=cluster, services=[name])["services"]
    look = f"make logs ENV={target.environment} SERVICE={part.lower()}"
    if not found or found[0]["status"] != "ACTIVE":
        return Row(what, False, f"{name} is not there", "Its stack is broken: make drift, then make changeset.")
    service = found[0]
    running, desired = service["runningCount"], service["desiredCount"]
    count = f"{running} of {desired} tasks run"
    if len(service["deployments"]) > 1 or service["deployments"][0].get("rolloutState") == "IN_PROGRESS":
        return Row(what, False, f"{count}, a deployment goes on", f"Wait a few minutes; if it stays: {look}")
    if running != desired:
        return Row(what, False, count, f"Read why tasks stop: {look}")
    if desired == 0 and not _switched_off(target, part):
        how = f"make scale ENV={target.environment} SERVICE={part.lower()} COUNT=1"
        return Row(what, False, "switched off: no task is wanted", f"Switch it on again: {how}")
    return Row(what, True, f"{count}, one deployment")


def _switched_off(target: Target, part: str) -> bool:
    """Whether its parameter, not a person in a hurry, wants no task."""
    return _parameters(target).get(f"{part}DesiredCount") == "0"


def _targets(target: Target) -> Row:
    arn = target.physical("Services/TargetGroup")
    listed = target.client("elbv2").describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    states = [item["TargetHealth"] for item in listed]
    healthy = sum(state["State"] == "healthy" for state in states)
    found = f"{healthy} of {len(states)} healthy"
    if states and healthy == len(states):
        return Row("API targets", True, found)
    why = next((f": {_why(state)}" for state in states if state["State"] != "healthy"), ": none is registered")
    todo = f"A new task needs a minute. Else: make logs ENV={target.environment} SERVICE=api"
    return Row("API targets", False, found + why, todo)


def _why(state: dict[str, Any]) -> str:
    return " ".join(filter(None, (state["State"], state.get("Reason"), state.get("Description"))))


def _answer(target: Target, url: str, path: str) -> Row:
    logs = f"make logs ENV={target.environment} SERVICE=api"
    if not url:
        return Row(path, False, "the stack has no ApiUrl", "Look at the stack's outputs, or give API_URL.")
    try:
        answer = httpx.get(f"{url}{path}", timeout=HTTP_SECONDS, follow_redirects=True)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        todo = f"Look at the DNS record, the certificate and the targets; then {logs}"
        return Row(path, False, f"{url}{path} does not answer: {str(error) or type(error).__name__}", todo)
    found = f"{url}{path} answers {answer.status_code}"
    if answer.status_code == httpx.codes.OK:
        return Row(path, True, found)
    named = _not_ready(answer) if path == "/ready" else ""
    return Row(path, False, found + named, f"What it names is not reachable for the API: {logs}")


def _not_ready(answer: httpx.Response) -> str:
    """Which of what it needs the API says it lacks."""
    try:
        failed = [str(each["name"]) for each in answer.json()["dependencies"] if not each["ok"]]
    except (ValueError, KeyError, TypeError):
        return ""
    return f": not ready {', '.join(failed)}" if failed else ""


def _bot(target: Target) -> Row:
    what = "bot online"
    if _switched_off(target, "Bot"):
        return Row(what, True, "switched off by its parameter BotDesiredCount")
    if at := _last(target, "BotHeartbeat", BOT_MINUTES):
        return Row(what, True, f"heartbeat {_ago(at)}")
    return Row(
        what,
        False,
        f"no heartbeat for {BOT_MINUTES} min; {_bot_tasks(target)}",
        f"A new task needs two minutes. Else: make logs ENV={target.environment} SERVICE=bot; a refused token needs a "
        "new secret.",
    )


def _bot_tasks(target: Target) -> str:
    """What ECS thinks of the bot's task."""
    ecs, cluster = target.client("ecs"), target.outputs["ClusterName"]
    arns = ecs.list_tasks(cluster=cluster, serviceName=target.outputs["BotServiceName"])["taskArns"]
    if not arns:
        return "no task runs"
    tasks = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"]
    return "its task is " + ", ".join(f"{each['lastStatus']}/{each.get('healthStatus', 'UNKNOWN')}" for each in tasks)


def _monitor(target: Target) -> Row:
    what, given = "monitor's last run", _parameters(target)
    if given.get("EnableValidatorMonitorSchedule") == "false":
        return Row(what, True, "switched off by its parameter EnableValidatorMonitorSchedule")
    minutes = int(given.get("MonitorSilenceMinutes", "60"))
    function = target.outputs["MonitorFunctionName"]
    at, failed = _last(target, "MonitorHeartbeat", minutes), _last_error(target, function, minutes)
    look = f"make logs ENV={target.environment} SERVICE=monitor"
    if failed and (at is None or failed >= at):  # within one minute nobody knows which was the last
        return Row(what, False, f"a run failed {_ago(failed)}", f"Read its last error: {look}")
    if at:
        return Row(what, True, f"finished {_ago(at)}")
    born: datetime = target.stack(target.root)["CreationTime"]
    due = born + timedelta(minutes=minutes)
    if due > datetime.now(UTC):
        return Row(what, True, f"has not run yet; the first is due before {due:%H:%M} UTC")
    run = f"aws lambda invoke --function-name {function} --region {target.region} /dev/stdout"
    return Row(what, False, f"no finished run for {minutes} min", f"{look} ; start one: {run}")


def _parameters(target: Target) -> dict[str, str]:
    listed = target.stack(target.root).get("Parameters", [])
    return {item["ParameterKey"]: item.get("ParameterValue", "") for item in listed}


def _last(target: Target, metric: str, minutes: int) -> datetime | None:
    """When one of our metrics last had a value above zero."""
    return _newest_value(target, NAMESPACE, metric, [{"Name": "Environment", "Value": target.environment}], minutes)


def _last_error(target: Target, function: str, minutes: int) -> datetime | None:
    return _newest_value(target, "AWS/Lambda", "Errors", [{"Name": "FunctionName", "Value": function}], minutes)


def _newest_value(
    target: Target, namespace: str, metric: str, dimensions: list[dict[str, str]], minutes: int
) -> datetime | None:
    now = datetime.now(UTC)
    points = target.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=dimensions,
        StartTime=now - timedelta(minutes=minutes),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    return max((point["Timestamp"] for point in points if point["Sum"] > 0), default=None)


def _ago(at: datetime) -> str:
    minutes = int((datetime.now(UTC) - at).total_seconds() // 60)
    return "within the last minute" if minutes < 1 else f"{minutes} min ago"
