"""A row of a requirement, and the resources that meet it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from scripts.docs import world
from scripts.docs.markdown import codes, table

SEVERITY = "@"
"""``@critical`` in place of a logical id stands for every alarm of that severity."""


class Row(NamedTuple):
    """``asked`` are the requirement's own cells, ``by`` names who meets it, ``how`` says which setting matters.

    ``by`` has an entry for each stack and type: ``network EC2::Subnet PublicSubnetA PublicSubnetB``. ``how`` may show
    settings (``{Vpc.CidrBlock}``) and alarms (``{ApiSlowAlarm}``).
    """

    asked: tuple[str, ...]
    by: tuple[str, ...]
    how: str


class Named(NamedTuple):
    """A resource that a row names."""

    stack: str
    type: str
    id: str


def named(by: Sequence[str]) -> list[Named]:
    """The resources of ``Row.by``, each looked up in the templates.

    :raises UnknownResourceError: when a stack has no such resource of that type
    """
    found = []
    for stack, kind, *ids in (line.split() for line in by):
        for logical_id in _expanded(ids):
            _look_up(stack, f"AWS::{kind}", logical_id)
            found.append(Named(stack, f"AWS::{kind}", logical_id))
    return found


def _expanded(ids: Sequence[str]) -> Iterator[str]:
    for logical_id in ids:
        yield from alarms_of(logical_id[1:]) if logical_id.startswith(SEVERITY) else [logical_id]


def alarms_of(severity: str) -> list[str]:
    """Alarms whose text begins with the severity."""
    alarms = world.system("production").of_type("AWS::CloudWatch::Alarm")
    return [alarm.id for alarm in alarms if str(alarm.get("AlarmDescription")).startswith(f"{severity}:")]


def _look_up(stack: str, kind: str, logical_id: str) -> None:
    templates = world.templates()
    resources = templates[stack].section("Resources") if stack in templates else {}
    if resources.get(logical_id, {}).get("Type") != kind:
        raise world.UnknownResourceError(
            f"The docs name {logical_id} in {stack} as {kind}, which that template does not have; "
            "correct scripts/docs, so that the page says who meets the requirement now."
        )


def written(head: Sequence[str], rows: Sequence[Row]) -> str:
    """The rows as a table; ``head`` names the requirement's own columns."""
    cells = [[*row.asked, _met_by(named(row.by)), _how(row.how)] for row in rows]
    return table([*head, "Met by", "What matters"], cells)


def _met_by(resources: Sequence[Named]) -> str:
    stacks: dict[str, list[str]] = {}
    for each in resources:
        stacks.setdefault(each.stack, []).append(each.id)
    return "<br>".join(f"{stack}: {codes(ids)}" for stack, ids in stacks.items())


def _how(text: str) -> str:
    """Alarms first: they look like settings without a path."""
    for alarm in world.system("production").of_type("AWS::CloudWatch::Alarm"):
        text = text.replace(f"{{{alarm.id}}}", alarm_in_short(alarm.id))
    return world.filled(text)


_SIGNS = {"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": ">=", "LessThanThreshold": "<"}


def alarm_in_short(logical_id: str) -> str:
    """Name, limit and how long it must last: ``sparta-api-high-cpu`` > 80 for 2 x 120 s."""
    alarm = world.resource(logical_id)
    term = next((query for query in alarm.get("Metrics") or [] if "MetricStat" in query), None)
    period = term["MetricStat"]["Period"] if term else alarm.get("Period")
    sign, threshold = _SIGNS[alarm.get("ComparisonOperator")], alarm.get("Threshold")
    return f"`{alarm.get('AlarmName')}` {sign} {threshold} {_lasting(int(alarm.get('EvaluationPeriods')), int(period))}"


def _lasting(periods: int, seconds: int) -> str:
    large = [f"{seconds // size} {unit}" for size, unit in ((3600, "h"), (60, "min")) if seconds >= 5 * size]
    period = next(iter(large), f"{seconds} s")
    return f"over {period}" if periods == 1 else f"for {periods} x {period}"
