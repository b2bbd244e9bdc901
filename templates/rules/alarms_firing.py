"""When alarms go off: when things are bad, not when all is well, soon enough, and when data stop coming."""

from __future__ import annotations

from collections.abc import Iterator

from templates.rules.alarms_model import Series, Values, alarms, fires, period, series
from templates.rules.finding import Finding, rule
from templates.rules.metrics import Metric, metric
from templates.rules.system import Resource, System
from templates.rules.values import number, text

HOUR, DAY, WEEK = 3600, 86_400, 604_800
# The most a value can be: longer answers are cut off by the load balancer, longer runs by Lambda.
MOST = {"TargetResponseTime": 60.0, "Duration": 900_000.0}
HUGE = 1e12


def worst(found: Metric, each: Series) -> float:
    """The worst value that a metric can have; of those that are neither good nor bad, an ordinary one."""
    if found.bad == "any":
        return 100.0
    return 0.0 if found.bad == "low" else MOST.get(each.name, 100.0 if found.unit == "percent" else HUGE)


def best(found: Metric, each: Series) -> float:
    """The value when nothing is wrong: a beat a minute, no errors, plenty of what must not run out."""
    if found.unit == "beat":
        return each.period / 60
    return {"any": 100.0, "low": HUGE}.get(found.bad, 0.0)


def _all(system: System, alarm: Resource) -> dict[Series, Metric] | None:
    """Every metric of an alarm with what is known of it; None when something is unknown or nothing good or bad."""
    known = [(each, metric(system, each.namespace, each.name)) for each in series(alarm)]
    found = {id(each): kind for each, kind in known if kind}
    if len(found) < len(known) or all(kind.bad == "any" for kind in found.values()):
        return None
    return None if not known else dict_of(known)


def dict_of(known: list[tuple[Series, Metric | None]]) -> dict[Series, Metric]:
    return {each: kind for each, kind in known if kind}


def _values(value: str) -> Values:
    raise NotImplementedError(value)
