"""One run of the validator monitor: read, judge, tell, record, deliver.

Each step stores what the next one stands on, and what is stored twice is the same: a run that is killed anywhere and
run again, and two runs at once, end in the same records and the same messages. What operators are told is stored before
it is recorded that a validator left, for afterwards nobody could see that it ever was there.
"""

from __future__ import annotations

import hashlib
import time as clocks
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

from sparta import telemetry
from sparta.models import Delivery, Doubt, Source
from sparta.notify import text
from sparta.rules import alerts
from sparta.rules.alerts import Decision
from sparta.rules.facts import DAY, Policy
from sparta.services import outages, records
from sparta.services.announce import Audience, announce, listener, rows
from sparta.services.reading import Reading, Sources, read
from sparta.services.verdict import Verdict, judge
from sparta.stores.watches import Watched

WEI = 10**18
Deliver = Callable[[], Delivery]


@dataclass(frozen=True, slots=True)
class Task:
    """What a run needs to know. ``deliver`` sends the messages that are due."""

    sources: Sources
    deliver: Deliver
    audience: Audience
    policy: Policy = field(default=Policy())


@dataclass(frozen=True, slots=True)
class Run:
    """What was read, concluded and told. Durations in milliseconds, ages in seconds, ``balance`` in ether."""

    validators_in_set: int | None
    validators_known: int
    operators: int
    doubts: dict[Source, Doubt]
    missing: int | None
    left: int
    alerts: int
    operators_told: int
    recorded: int
    sent: int
    given_up: int
    stats_age: int | None
    balance: float | None
    requests: int
    duration: int


def run(task: Task) -> Run:
    """Everything, once.

    :raises DependencyFailed: the database does not answer; the next run makes up for this one
    """
    began, requests = clocks.monotonic(), task.sources.requests
    stores = task.sources.stores
    reading, verdict = look(task)
    outages.report(stores, reading.memory, verdict, reading.problems, task.audience.channel, task.policy)
    told = _tell(task, reading, verdict)
    recorded = records.record(stores, reading, verdict, task.policy)
    delivery = task.deliver()
    _tell_of_undelivered(task, reading, delivery)
    finished = _summed_up(task, reading, verdict, told, recorded, delivery, requests, began)
    _measure(finished)
    telemetry.log().info("monitor run", **asdict(finished))
    return finished


def look(task: Task) -> tuple[Reading, Verdict]:
    """What a run would go by; nothing is changed."""
    reading = read(task.sources, task.sources.stores.clock())
    return reading, judge(reading, task.policy, task.audience.chain_id)


def decisions(reading: Reading, verdict: Verdict) -> list[Decision]:
    """What a run would tell; nothing is changed."""
    decided = [_decide(each, verdict) for each in _concerned(reading, verdict)]
    return [decision for decision in decided if decision.alerts]


def _tell(task: Task, reading: Reading, verdict: Verdict) -> list[Decision]:
    concerned = _concerned(reading, verdict)
    return announce(
        task.sources.stores, concerned, lambda watched: _decide(watched, verdict), task.audience, reading.time
    )


def _concerned(reading: Reading, verdict: Verdict) -> Sequence[Watched]:
    """Operators about whom something may be concluded."""
    return reading.operators if verdict.seen is not None else ()


def _decide(watched: Watched, verdict: Verdict) -> Decision:
    seen = (verdict.seen or {}).get(watched.operator.discord_id, [])
    return alerts.decide(listener(watched), seen, verdict.circumstances)


def _tell_of_undelivered(task: Task, reading: Reading, delivery: Delivery) -> None:
    """The next run sends it: this one has done its sending."""
    names = {each.operator.discord_id: each.operator.discord_username for each in reading.operators}
    lost = [message for message in delivery.given_up if message.route == "operator"]
    if lost:
        who = sorted({names.get(message.target, message.target) for message in lost})
        _add(task, "undelivered", [message.key for message in lost], text.undelivered(who, len(lost)), reading.time)
    if delivery.fell_back:
        # Once a day and operator, as the mention itself.
        day = [str(reading.time // DAY), *delivery.fell_back]
        who = sorted({names.get(operator, operator) for operator in delivery.fell_back})
        _add(task, "unreached", day, text.unreached(who), reading.time)


def _add(task: Task, kind: str, about: Sequence[str], contents: Sequence[str], time: int) -> None:
    key = hashlib.sha256("\n".join(sorted(about)).encode()).hexdigest()[:32]
    for message in rows(f"{kind}/{key}", task.audience.channel, contents, time):
        task.sources.stores.alerts.add(message)


def _summed_up(
    task: Task,
    reading: Reading,
    verdict: Verdict,
    told: list[Decision],
    recorded: int,
    delivery: Delivery,
    requests: int,
    began: float,
) -> Run:
    stats_at = verdict.stats_at or reading.memory.stats_at
    chain = reading.chain
    return Run(
        validators_in_set=len(chain.members) if chain and verdict.believes_set else None,
        validators_known=len(reading.known),
        operators=len(reading.operators),
        doubts={source: doubt for source, doubt in verdict.doubts.items() if doubt},
        missing=verdict.missing if verdict.believes_stats else None,
        left=len(verdict.left),
        alerts=sum(len(decision.alerts) for decision in told),
        operators_told=len(told),
        recorded=recorded,
        sent=delivery.sent,
        given_up=len(delivery.given_up),
        stats_age=None if stats_at is None else max(reading.time - stats_at, 0) // 1000,
        balance=None if chain is None or chain.balance is None else chain.balance / WEI,
        requests=task.sources.requests - requests,
        duration=int((clocks.monotonic() - began) * 1000),
    )


def _measure(finished: Run) -> None:
    """What could not be read is not measured: an alarm tells a missing number from a zero."""
    metrics = {
        "ValidatorsInSet": (finished.validators_in_set, "Count"),
        "ValidatorsMissing": (finished.missing, "Count"),
        "AlertsSent": (finished.sent, "Count"),
        "StatsAgeSeconds": (finished.stats_age, "Seconds"),
        "SignerBalance": (finished.balance, "None"),
        "MonitorDuration": (finished.duration, "Milliseconds"),
        "MonitorHeartbeat": (1, "Count"),
    }
    for name, (value, unit) in metrics.items():
        if value is not None:
            telemetry.metric(name, value, unit)
