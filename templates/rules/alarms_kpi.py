"""The guide's indicators: each has an alarm that goes off above its limit and not before, for every resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from templates.rules.alarms_firing import HUGE, best
from templates.rules.alarms_model import Series, Values, alarms, fires, only, period, series
from templates.rules.contract import BOT, MONITOR, PROGRAMS
from templates.rules.finding import Finding, rule
from templates.rules.metrics import APPLICATION, metric
from templates.rules.programs import deployed_as_a_whole, runs, services_of, whole_stack
from templates.rules.system import Resource, System
from templates.rules.timetable import gaps
from templates.rules.values import dicts, get, number, text, walk

TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
HOUR = 3600


class Limit(NamedTuple):
    """`bad` must set an alarm off, `good` must not; by metric name, for each resource of a type ("" for the system)."""

    what: str
    kind: str
    bad: Mapping[str, float]
    good: Mapping[str, float]


# Counts are per evaluation period; a rate is per mille of its runs. The first five rows are the guide's table.
LIMITS = (
    Limit("CPU above 85 percent", "AWS::ECS::Service", {"CPUUtilization": 85.1}, {"CPUUtilization": 85.0}),
    Limit("memory above 90 percent", "AWS::ECS::Service", {"MemoryUtilization": 90.1}, {"MemoryUtilization": 90.0}),
    Limit("answers slower than 1000 ms", TARGETS, {"TargetResponseTime": 1.001}, {"TargetResponseTime": 1.0}),
    Limit(
        "one of four runs failing",
        "AWS::Lambda::Function",
        {"Errors": 1, "Invocations": 4},
        {"Errors": 0, "Invocations": 4},
    ),
    Limit("a target that fails its health check", TARGETS, {"UnHealthyHostCount": 1}, {"UnHealthyHostCount": 0}),
    Limit("ten answers 5xx", TARGETS, {"HTTPCode_Target_5XX_Count": 10}, {"HTTPCode_Target_5XX_Count": 0}),
    Limit("ten answers 5xx of its own", BALANCER, {"HTTPCode_ELB_5XX_Count": 10}, {"HTTPCode_ELB_5XX_Count": 0}),
    Limit("a message given up", "", {"DeliveryFailures": 1}, {"DeliveryFailures": 0}),
    Limit("statistics of two hours ago", "", {"StatsAgeSeconds": 7200}, {"StatsAgeSeconds": 600}),
)


def _about(system: System, each: Series, resource: Resource | None) -> bool:
    """Whether a series is of a resource, or of the application when there is none."""
    if resource is None:
        return each.namespace == APPLICATION
    return resource in system.targets(list(each.dimensions.values()))


def _values(system: System, given: Mapping[str, float], resource: Resource | None) -> Values:
    """The given values by metric name where a series is about the resource; everything else is well."""

    def value(each: Series) -> float | None:
        found = metric(system, each.namespace, each.name)
        if each.name in given and _about(system, each, resource):
            return given[each.name]
        return best(found, each) if found else None

    return value


def watching(system: System, names: Mapping[str, float], resource: Resource | None) -> list[Resource]:
    """The alarms that read one of the metrics of a resource."""
    return [
        alarm
        for alarm in alarms(system)
        if any(each.name in names and _about(system, each, resource) for each in series(alarm))
    ]


def unmet(system: System, limit: Limit, resource: Resource | None) -> Iterator[Finding]:
    """A finding when no alarm goes off beyond a limit and stays silent before it."""
    candidates = watching(system, limit.bad, resource)
    bad, good = (_values(system, given, resource) for given in (limit.bad, limit.good))
    if any(fires(alarm, bad) and fires(alarm, good) is False for alarm in candidates):
        return
    of = f" of {resource.id}" if resource else ""
    names = ", ".join(alarm.id for alarm in candidates)
    advice = f"no alarm goes off at {limit.what}{of}, and not before; {f'correct {names}' if names else 'add one'}"
    if len(candidates) == 1:
        yield candidates[0].finding(advice)
    else:
        yield resource.finding(advice) if resource else whole_stack(system).finding("-", advice)


@rule("the guide's indicators and limits are what people agreed to be woken by")
def limit_has_alarm(system: System) -> Iterator[Finding]:
    if deployed_as_a_whole(system):
        for limit in LIMITS:
            for resource in system.of_type(limit.kind) if limit.kind else [None]:
                yield from unmet(system, limit, resource)


@rule("the guide alerts when more than 5 percent of the monitor's runs fail, not at the first one")
def monitor_error_rate_has_alarm(system: System) -> Iterator[Finding]:
    bad, good = ({"Errors": errors, "Invocations": 1000.0} for errors in (51.0, 50.0))
    for function in runs(system, MONITOR) if alarms(system) else []:
        yield from unmet(system, Limit("more than 5 percent of the runs failing", "", bad, good), function)


OPERATIONS = "GetItem BatchGetItem Query Scan PutItem UpdateItem BatchWriteItem TransactWriteItems".split()
THROTTLES = ("ReadThrottleEvents", "WriteThrottleEvents")


@rule("the guide alerts at the first read or write error of a table: what DynamoDB refuses is lost or late")
def table_errors_have_alarm(system: System) -> Iterator[Finding]:
    for table in system.of_type("AWS::DynamoDB::Table") if alarms(system) else []:
        candidates = watching(system, dict.fromkeys((*THROTTLES, "SystemErrors"), 0.0), table)
        seen = {text(seen) for alarm in candidates for seen in _noticed(system, alarm, table)}
        missing = [each for each in (*THROTTLES, *(f"SystemErrors {name}" for name in OPERATIONS)) if each not in seen]
        if missing:
            place = candidates[0] if len(candidates) == 1 else table
            yield place.finding(f"no alarm goes off at one {', '.join(missing)} of {table.id}; add it to the sum")


def _noticed(system: System, alarm: Resource, table: Resource) -> Iterator[str]:
    """The errors of a table, of which a single one sets the alarm off."""
    if fires(alarm, lambda _: 0.0) is not False:
        return
    for watched in series(alarm):
        name = f"{watched.name} {text(watched.dimensions.get('Operation'))}".strip()
        if _about(system, watched, table) and fires(alarm, only(watched)):
            yield name


@rule("what failed for good waits in its queue until somebody is told")
def failure_queue_has_alarm(system: System) -> Iterator[Finding]:
    name = "ApproximateNumberOfMessagesVisible"
    for queue in failure_queues(system) if alarms(system) else []:
        yield from unmet(system, Limit("one message waiting", "", {name: 1}, {name: 0}), queue)


SENDERS = ("AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Function", "AWS::Scheduler::Schedule", "AWS::Events::Rule")
DESTINATIONS = {"OnFailure", "DeadLetterConfig", "RedrivePolicy"}


def failure_queues(system: System) -> list[Resource]:
    """The queues that take what could not be delivered or done."""
    named = [
        target
        for resource in system.of_type(*SENDERS, "AWS::SQS::Queue")
        for path, node in walk(resource.props)
        if isinstance(node, str) and DESTINATIONS & set(path)
        for target in system.targets(node)
        if target.type == "AWS::SQS::Queue"
    ]
    return list(dict.fromkeys(named))


@rule("a bot that is down for more than one percent of the time is the guide's alert, one that is gone is critical")
def bot_uptime_has_alarm(system: System) -> Iterator[Finding]:
    for bot in services_of(system, BOT) if alarms(system) else []:
        candidates = watching(system, {"BotHeartbeat": 0}, None)
        if number(bot.get("DesiredCount")) == 0:
            for alarm in [each for each in candidates if fires(each, _silent)]:
                yield alarm.finding("goes off for ever while the bot is switched off; put it under its condition")
            continue
        if not any(fires(alarm, _beating(0.989)) and fires(alarm, _beating(0.99)) is False for alarm in candidates):
            advice = "no alarm goes off when the bot is up less than 99 percent of the time; add or correct it"
            yield bot.finding(advice)
        if not any(_soon(alarm) and fires(alarm, _silent) for alarm in candidates):
            yield bot.finding("no critical alarm goes off within 10 minutes of its last heartbeat; add or correct it")


def _silent(_: Series) -> None:
    """No data at all."""


def _beating(share: float) -> Values:
    """A heartbeat a minute, of which a share arrives."""
    return lambda each: share * each.period / 60


def _soon(alarm: Resource) -> bool:
    waits = (number(alarm.get("EvaluationPeriods")) or 0) * period(alarm)
    return waits <= 600 and text(alarm.get("AlarmDescription")).startswith("critical")


@rule("a monitor that does not run warns nobody: its silence must be heard before its operators are slashed")
def monitor_silence_has_alarm(system: System) -> Iterator[Finding]:
    for schedule, function in _scheduled(system) if alarms(system) else []:
        running = text(schedule.get("State")) != "DISABLED"
        heard = [alarm for alarm in watching(system, {"MonitorHeartbeat": 0}, None) if fires(alarm, _silent)]
        between = gaps(text(schedule.get("ScheduleExpression")))
        if running and not heard:
            yield function.finding("no alarm goes off when MonitorHeartbeat stops; add one")
        for alarm in heard:
            waits = (number(alarm.get("EvaluationPeriods")) or 0) * period(alarm) / 60
            if not running:
                yield alarm.finding(
                    "goes off for ever while the schedule is off; put it under the schedule's condition"
                )
            elif between and not 2 * between.longest <= waits <= max(60, 6 * between.longest):
                advice = f"waits {waits:g} minutes for a run every {between.longest}; wait for about three runs"
                yield alarm.finding(advice)


def _scheduled(system: System) -> Iterator[tuple[Resource, Resource]]:
    """Each schedule of the monitor, with its function."""
    for schedule in system.of_type("AWS::Scheduler::Schedule", "AWS::Events::Rule"):
        targets = [schedule.get("Target"), *dicts(schedule.get("Targets"))]
        for function in runs(system, MONITOR):
            if any(system.target(get(target, "Arn")) is function for target in targets):
                yield schedule, function


@rule("an account without ether adds no validator: it is filled up in time or not at all")
def signer_balance_has_alarm(system: System) -> Iterator[Finding]:
    if deployed_as_a_whole(system):
        least = number(system.values.get("SignerBalanceMinimum")) or HUGE / 10
        given = [{"SignerBalance": least * share} for share in (0.99 if least < HUGE / 10 else 0, 1.01)]
        yield from unmet(system, Limit("a balance below SignerBalanceMinimum", "", *given), None)


GUIDE_ALARM = "sparta-api-high-cpu"
AS_WRITTEN = {"Threshold": 80, "EvaluationPeriods": 2, "Period": 120}


@rule("the guide writes this alarm out: its name, metric, threshold and periods are what the runbook relies on")
def guide_alarm_as_written(system: System) -> Iterator[Finding]:
    if not deployed_as_a_whole(system):
        return
    named = [a for a in alarms(system) if text(a.get("AlarmName")).startswith(GUIDE_ALARM)]
    if not named:
        yield whole_stack(system).finding("-", f"has no alarm {GUIDE_ALARM}; add the one of the guide")
    api = services_of(system, PROGRAMS[0])
    for alarm in named:
        wrong = [key for key, value in AS_WRITTEN.items() if number(alarm.get(key)) != value]
        wrong += [] if text(alarm.get("Statistic")) == "Average" else ["Statistic"]
        wrong += [] if text(alarm.get("ComparisonOperator")) == "GreaterThanThreshold" else ["ComparisonOperator"]
        read = series(alarm)
        if [each.name for each in read] != ["CPUUtilization"] or not _about(system, read[0], next(iter(api), None)):
            wrong.append("MetricName or Dimensions")
        if wrong:
            yield alarm.finding(f"{', '.join(wrong)} differ from the guide: Average CPU of the API > 80, 2 x 120 s")
