"""``/health`` and ``/ready``: open to all, without a key."""

from __future__ import annotations

from flask import Response
from flask_openapi import APIBlueprint, Tag

from sparta.api.answers import OPEN, answer, current
from sparta.contract import DependencyState, Health, Readiness

routes = APIBlueprint("health", __name__, abp_tags=[Tag(name="Health")], abp_responses=OPEN)


@routes.get("/health", responses={"200": Health})
def health() -> Response:
    """Whether the process runs

    Touches nothing else: the load balancer's check.
    """
    return answer(Health())


@routes.get("/ready", responses={"200": Readiness, "503": Readiness})
def ready() -> Response:
    """Whether everything behind it answers

    A row for each dependency, with the time it took; what was found stands for five seconds.
    """
    states = current().health.states()
    rows = [
        DependencyState.model_validate(
            {"name": name, "ok": error is None, "latency_ms": round(seconds * 1000, 1), "error": error}
        )
        for name, error, seconds in states
    ]
    if all(row.ok for row in rows):
        return answer(Readiness(status="ready", dependencies=rows))
    return answer(Readiness(status="not ready", dependencies=rows), 503)
