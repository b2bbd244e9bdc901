"""Alarms as people meet them: they tell somebody, say what is wrong and what to do, and are switched on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from templates.rules.alarms_model import alarms, environment, series
from templates.rules.finding import Finding, rule
from templates.rules.system import Resource, System
from templates.rules.values import items, text, token, truth

SEVERITY = re.compile(r"(critical|warning|info): ")
POINTER = re.compile(r"docs/alerts\.md#([\w-]+)")
SENTENCE = re.compile(r"[.!?](?:\s|$)")
LONGEST = 1024


def told(alarm: Resource, key: str, system: System) -> list[Resource]:
    """The topics of this system that an action of an alarm publishes to."""
    targets = [system.target(value) for value in items(alarm.get(key)) if token(value)]
    return [target for target in targets if target and target.type == "AWS::SNS::Topic"]


@rule("an alarm without an action turns red in a console nobody looks at")
def alarm_acts(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        if not told(alarm, "AlarmActions", system):
            yield alarm.finding("AlarmActions names no topic of this system; add the alerts topic")


@rule("without word that it is over, people keep looking for a fault that is gone, or stop believing alarms")
def alarm_says_when_over(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        if not told(alarm, "OKActions", system):
            yield alarm.finding("OKActions names no topic of this system; add the alerts topic")


@rule("an action outside this system tells somebody else, or nobody")
def alarm_acts_here(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        for key in ("AlarmActions", "OKActions", "InsufficientDataActions"):
            for value in items(alarm.get(key)):
                if not token(value) or system.target(value) is None:
                    yield alarm.finding(f"{key} names {text(value)}, which is not of this system; refer to the topic")


@rule("an alarm with its actions switched off, for a maintenance long ago, is silent for ever")
def alarm_switched_on(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        if truth(alarm.get("ActionsEnabled")) is False:
            yield alarm.finding("ActionsEnabled is false; set it to true")


def _objection(description: str, name: str, suffix: str) -> str:
    """What a description lacks; "" when it has all."""
    pointer = POINTER.search(description)
    sentences = len(SENTENCE.findall(description[: pointer.start()] if pointer else description))
    expected = name.removesuffix(suffix)
    wrongs = {
        "has no AlarmDescription; say how bad it is, what it means and what to do": not description,
        "AlarmDescription names no severity; begin it with 'critical: ', 'warning: ' or 'info: '": not SEVERITY.match(
            description
        ),
        "AlarmDescription does not say what to do; add a sentence after the one that says what happened": sentences < 2,
        f"AlarmDescription points nowhere; end it with 'See docs/alerts.md#{expected}'": not pointer,
        f"AlarmDescription points to another alarm's help; point to docs/alerts.md#{expected}": pointer
        and pointer[1] != expected,
        f"AlarmDescription has {len(description)} letters, {LONGEST} are allowed; shorten it": len(description)
        > LONGEST,
    }
    return next((advice for advice, wrong in wrongs.items() if wrong), "")


@rule("whoever is woken by an alarm must read in it how bad it is, what to do, and where more is written")
def alarm_documented(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        name, own = text(alarm.get("AlarmName")), environment(alarm, system)
        if not name:
            yield alarm.finding("has no AlarmName; name it as its heading in docs/alerts.md")
        elif objection := _objection(text(alarm.get("AlarmDescription")), name, f"-{own}"):
            yield alarm.finding(objection)


SERVICE_DOWN = {"UnHealthyHostCount", "HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count", "MonitorHeartbeat"}


@rule("the guide calls a service that is down, or answers with errors, critical: as a warning it waits until morning")
def service_down_is_critical(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        down = sorted({each.name for each in series(alarm)} & SERVICE_DOWN)
        if down and not text(alarm.get("AlarmDescription")).startswith("critical: "):
            yield alarm.finding(f"watches {down[0]} and is not critical; begin AlarmDescription with 'critical: '")


@rule("two alarms on one thing say everything twice, and one of them was meant for something else")
def alarm_watches_its_own(system: System) -> Iterator[Finding]:
    seen: dict[str, Resource] = {}
    for alarm in alarms(system):
        read = [(e.namespace, e.name, sorted((k, text(v)) for k, v in e.dimensions.items())) for e in series(alarm)]
        first = seen.setdefault(_key(alarm, read), alarm) if read else alarm
        if first is not alarm:
            yield alarm.finding(f"watches the same as {first.id} with the same threshold; correct it or remove one")


def _key(alarm: Resource, read: Any) -> str:
    return f"{sorted(read)} {text(alarm.get('ComparisonOperator'))} {text(alarm.get('Threshold'))}"
