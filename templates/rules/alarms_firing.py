"""When alarms go off: when things are bad, not when all is well, soon enough, and when data stop coming."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from templates.rules.alarms_model import SIGNS, Series, Values, alarms, fires, only, period, series
from templates.rules.finding import Finding, rule
from templates.rules.metrics import Metric, metric
from templates.rules.system import Resource, System
from templates.rules.values import number, text

HOUR, DAY, WEEK = 3600, 86_400, 604_800
# The most a value can be: the load balancer cuts longer answers off, Lambda longer runs.
MOST = {"TargetResponseTime": 60.0, "Duration": 900_000.0}
SOON = {"critical": 900, "warning": HOUR}
HUGE = 1e12
ORDINARY = 100.0  # of what is neither good nor bad, such as requests


def worst(found: Metric, each: Series) -> float:
    """The worst value that a metric can have."""
    top = 100.0 if found.unit == "percent" else HUGE
    return {"any": ORDINARY, "low": 0.0}.get(found.bad, MOST.get(each.name, top))


def best(found: Metric, each: Series) -> float:
    """The value when nothing is wrong: a beat a minute, no errors, plenty of what must not run out."""
    return each.period / 60 if found.unit == "beat" else {"any": ORDINARY, "low": HUGE}.get(found.bad, 0.0)


def _given(judge: Callable[[Metric, Series], float], alarm: Resource, known: list[Metric]) -> Values:
    """Values for the metrics of an alarm, as `judge` sees them."""
    of = dict(zip(map(str, series(alarm)), known, strict=True))
    return lambda each: judge(of[str(each)], each)


def _judged(system: System) -> Iterator[tuple[Resource, list[Metric]]]:
    """Alarms all of whose metrics are known, at least one of them good or bad."""
    for alarm in alarms(system):
        found = [metric(system, each.namespace, each.name) for each in series(alarm)]
        known = [each for each in found if each]
        if found and len(known) == len(found) and any(each.bad != "any" for each in known):
            yield alarm, known


@rule("an alarm that cannot go off is worse than none: people rely on it")
def alarm_can_fire(system: System) -> Iterator[Finding]:
    for alarm, known in _judged(system):
        if fires(alarm, _given(worst, alarm, known)) is False:
            yield alarm.finding(
                f"stays silent however bad it gets; correct ComparisonOperator, the expression or Threshold"
                f" {text(alarm.get('Threshold'))}"
            )


@rule("an alarm that is always on is switched off by the first person it wakes")
def alarm_quiet_when_well(system: System) -> Iterator[Finding]:
    for alarm, known in _judged(system):
        if fires(alarm, _given(best, alarm, known)):
            yield alarm.finding(
                "goes off when nothing is wrong; correct ComparisonOperator, the expression or Threshold"
            )


@rule("a heartbeat that stops gives no data: unless missing data are breaching, silence counts as health")
def silence_is_an_alarm(system: System) -> Iterator[Finding]:
    for alarm, known in _judged(system):
        if all(each.unit == "beat" for each in known) and not fires(alarm, lambda _: None):
            yield alarm.finding("does not go off when the heartbeat stops; set TreatMissingData to breaching")


@rule("errors that do not happen give no data: unless that is no breach, the alarm never says that it is over")
def no_errors_no_alarm(system: System) -> Iterator[Finding]:
    for alarm, known in _judged(system):
        treated = text(alarm.get("TreatMissingData")) or "missing"
        counted = all(each.unit == "count" for each in known)
        if counted and treated != "notBreaching":
            yield alarm.finding(f"TreatMissingData is {treated}; set it to notBreaching, since no data means no error")


@rule("CloudWatch refuses more than a day of short periods, or a week of long ones")
def alarm_window_allowed(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        window, most = _window(alarm), WEEK if period(alarm) >= HOUR else DAY
        if window > most:
            yield alarm.finding(f"looks at {window:g} seconds, {most} are allowed; lower EvaluationPeriods or Period")


def _window(alarm: Resource) -> float:
    """Seconds that an alarm looks back."""
    return (number(alarm.get("EvaluationPeriods")) or 0) * period(alarm)


@rule("whoever is to be told must be told while it still helps: at once when it is critical, within an hour else")
def alarm_in_time(system: System) -> Iterator[Finding]:
    for alarm, known in _judged(system):
        severity = text(alarm.get("AlarmDescription")).partition(":")[0]
        waits = _needed(alarm) * period(alarm)
        if waits > SOON.get(severity, WEEK) and any(each.unit != "beat" for each in known):
            yield alarm.finding(f"is {severity} and goes off after {waits:g} seconds; {SOON[severity]} are the most")


def _needed(alarm: Resource) -> float:
    """How many periods must be bad."""
    return number(alarm.get("DatapointsToAlarm")) or number(alarm.get("EvaluationPeriods")) or 0


@rule("a single error is over in one period: an alarm that waits for several in a row never hears of it")
def single_error_heard(system: System) -> Iterator[Finding]:
    for alarm, known in _judged(system):
        one = [
            each for each, kind in zip(series(alarm), known, strict=True) if kind.unit == "count" and kind.bad == "high"
        ]
        at_once = one and len(one) == len(known) and fires(alarm, only(one[0]))
        if at_once and _needed(alarm) > 1:
            yield alarm.finding(f"waits for {_needed(alarm):g} periods with an error; set EvaluationPeriods to 1")


BANDS = ("LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold")
TREATMENTS = ("breaching", "notBreaching", "ignore", "missing")


@rule("an alarm without a limit, or with a word that CloudWatch does not know, is refused")
def alarm_complete(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        if number(alarm.get("Threshold")) is None and not text(alarm.get("ThresholdMetricId")):
            yield alarm.finding("has no Threshold; set it")
        if text(alarm.get("ComparisonOperator")) not in {*SIGNS, *BANDS}:
            written = text(alarm.get("ComparisonOperator"))
            yield alarm.finding(f"ComparisonOperator is {written or 'missing'}; use one of {', '.join(SIGNS)}")
        if (number(alarm.get("EvaluationPeriods")) or 0) < 1:
            yield alarm.finding("looks at no period; set EvaluationPeriods to 1 or more")
        if text(alarm.get("TreatMissingData") or "missing") not in TREATMENTS:
            yield alarm.finding(f"TreatMissingData is {text(alarm.get('TreatMissingData'))}; use one of {TREATMENTS}")


@rule("an alarm that asks for more bad periods than it looks at never goes off")
def datapoints_within_periods(system: System) -> Iterator[Finding]:
    for alarm in alarms(system):
        needed, looked_at = number(alarm.get("DatapointsToAlarm")), number(alarm.get("EvaluationPeriods"))
        if needed is not None and looked_at is not None and not 1 <= needed <= looked_at:
            yield alarm.finding(f"DatapointsToAlarm is {needed:g} of {looked_at:g} EvaluationPeriods; lower it")
