"""Alarms: one that tells nobody, cannot go off, never stops or leaves out a limit of the guide is named."""

from __future__ import annotations

import pytest

from tests.templates.rules.cases import case, places, rules_of, said, unproven
from tests.templates.rules.planting import Mistake, both, put, remove

O = "observability/Resources"  # noqa: E741 - the stack that every path here begins with
CPU = f"{O}/ApiHighCpuAlarm/Properties"
CRITICAL = f"{O}/ApiCriticalCpuAlarm/Properties"
BOT_DOWN = f"{O}/BotDownAlarm/Properties"
SILENT = f"{O}/MonitorSilentAlarm/Properties"
RATE = f"{O}/MonitorErrorRateAlarm/Properties"
SLOW = f"{O}/ApiSlowAlarm/Properties"
ERRORS = f"{O}/ApiErrorsAlarm/Properties"
QUEUE = f"{O}/MonitorFailedAlarm/Properties"
TABLE = f"{O}/OperatorsTableErrorsAlarm/Properties"
UPTIME = f"{O}/BotUptimeAlarm/Properties"
BALANCE = f"{O}/SignerBalanceLowAlarm/Properties"
HOSTS = f"{O}/UnhealthyHostsAlarm/Properties"

PEOPLE = [
    case("no action", "observability ApiHighCpuAlarm alarm-acts", remove(f"{CPU}/AlarmActions")),
    case("an empty list of actions", "observability ApiHighCpuAlarm alarm-acts", put(f"{CPU}/AlarmActions", [])),
    case("an action on the queue", "observability ApiHighCpuAlarm alarm-acts",
         put(f"{CPU}/AlarmActions", [{"Ref": "MonitorFailuresName"}])),
    case("an action on the topic's name", "observability ApiHighCpuAlarm alarm-acts-here",
         put(f"{CPU}/AlarmActions", [{"Fn::Sub": "sparta-${Environment}-alerts"}])),
    case("an action on somebody's topic", "observability ApiHighCpuAlarm alarm-acts-here",
         put(f"{CPU}/AlarmActions/+", {"Fn::Sub": "arn:${AWS::Partition}:sns:eu-west-1:${AWS::AccountId}:mine"})),
    case("no word when it is over", "observability BotDownAlarm alarm-says-when-over", remove(f"{BOT_DOWN}/OKActions")),
    case("actions switched off", "observability BotDownAlarm alarm-switched-on",
         put(f"{BOT_DOWN}/ActionsEnabled", False)),
    case("actions switched off as text", "observability BotDownAlarm alarm-switched-on",
         put(f"{BOT_DOWN}/ActionsEnabled", "false")),
    case("no description", "observability ApiSlowAlarm alarm-documented", remove(f"{SLOW}/AlarmDescription")),
    case("the guide's own bare description", "observability ApiHighCpuAlarm alarm-documented",
         put(f"{CPU}/AlarmDescription", "This metric monitors ECS CPU utilization")),
    case("no severity", "observability ApiSlowAlarm alarm-documented",
         put(f"{SLOW}/AlarmDescription", "It is slow. Look at it. See docs/alerts.md#sparta-api-slow")),
    case("nothing to do", "observability ApiSlowAlarm alarm-documented",
         put(f"{SLOW}/AlarmDescription", "warning: It is slow. See docs/alerts.md#sparta-api-slow")),
    case("no pointer to the help", "observability ApiSlowAlarm alarm-documented",
         put(f"{SLOW}/AlarmDescription", "warning: It is slow. Look at the database.")),
    case("another alarm's help", "observability ApiSlowAlarm alarm-documented",
         put(f"{SLOW}/AlarmDescription", "warning: It is slow. Look at it. See docs/alerts.md#sparta-bot-down")),
    case("a service down, for information", "observability UnhealthyHostsAlarm service-down-is-critical",
         put(f"{HOSTS}/AlarmDescription",
             "info: A task is unhealthy. Look at it. See docs/alerts.md#sparta-api-unhealthy-hosts")),
    case("no name", "observability ApiSlowAlarm alarm-documented", remove(f"{SLOW}/AlarmName")),
    case("the same thing watched twice", "observability ApiCriticalCpuAlarm alarm-watches-its-own",
         put(f"{CRITICAL}/Threshold", 80)),
]  # fmt: skip

FIRING = [
    case("more than all of the CPU", "observability ApiCriticalCpuAlarm alarm-can-fire",
         put(f"{CRITICAL}/Threshold", 850)),
    case("milliseconds for seconds", "observability ApiSlowAlarm alarm-can-fire", put(f"{SLOW}/Threshold", 1000)),
    case("less than no heartbeat", "observability BotDownAlarm alarm-can-fire", put(f"{BOT_DOWN}/Threshold", 0)),
    case("fewer errors than the limit", "observability ApiErrorsAlarm alarm-quiet-when-well",
         put(f"{ERRORS}/ComparisonOperator", "LessThanThreshold")),
    case("no error is one too many", "observability MonitorFailedAlarm alarm-quiet-when-well",
         put(f"{QUEUE}/ComparisonOperator", "GreaterThanOrEqualToThreshold")),
    case("a rate upside down", "observability MonitorErrorRateAlarm alarm-quiet-when-well",
         put(f"{RATE}/Metrics/0/Expression", "100 * runs / (errors + 1)")),
    case("a heartbeat whose silence is health", "observability BotDownAlarm silence-is-an-alarm",
         put(f"{BOT_DOWN}/TreatMissingData", "notBreaching")),
    case("a heartbeat whose silence is unknown", "observability MonitorSilentAlarm silence-is-an-alarm",
         remove(f"{SILENT}/TreatMissingData")),
    case("no errors are breaching", "observability ApiErrorsAlarm no-errors-no-alarm",
         put(f"{ERRORS}/TreatMissingData", "breaching")),
    case("no errors change nothing", "observability RotationFailedAlarm no-errors-no-alarm",
         put(f"{O}/RotationFailedAlarm/Properties/TreatMissingData", "ignore")),
    case("a window of ten days", "observability ApiErrorsAlarm alarm-window-allowed",
         put(f"{ERRORS}/EvaluationPeriods", 2880)),
    case("a critical alarm after three hours", "observability ApiErrorsAlarm alarm-in-time",
         put(f"{ERRORS}/EvaluationPeriods", 36)),
    case("a warning after five hours", "observability SignerBalanceLowAlarm alarm-in-time",
         put(f"{BALANCE}/EvaluationPeriods", 20)),
    case("ten failed rotations in a row", "observability RotationFailedAlarm single-error-heard",
         put(f"{O}/RotationFailedAlarm/Properties/EvaluationPeriods", 10)),
    case("two bad periods of a table in a row", "observability OperatorsTableErrorsAlarm single-error-heard",
         put(f"{TABLE}/EvaluationPeriods", 2)),
    case("no comparison", "observability AccessDeniedAlarm alarm-complete",
         remove(f"{O}/AccessDeniedAlarm/Properties/ComparisonOperator")),
    case("no threshold", "observability ApiErrorsAlarm alarm-complete", remove(f"{ERRORS}/Threshold")),
    case("no period", "observability ApiErrorsAlarm alarm-complete", put(f"{ERRORS}/EvaluationPeriods", 0)),
    case("a misspelt treatment", "observability ApiSlowAlarm alarm-complete",
         put(f"{SLOW}/TreatMissingData", "notbreaching")),
    case("four bad periods of three", "observability UnhealthyHostsAlarm datapoints-within-periods",
         put(f"{HOSTS}/DatapointsToAlarm", 4)),
]  # fmt: skip

METRICS = [
    case("a misspelt metric", "observability ApiHighCpuAlarm metric-published",
         put(f"{CPU}/MetricName", "CpuUtilization")),
    case("a misspelt namespace", "observability MonitorErrorRateAlarm metric-published",
         put(f"{RATE}/Metrics/1/MetricStat/Metric/Namespace", "AWS/lambda")),
    case("an application metric nobody sends", "observability DeliveryFailedAlarm metric-published",
         put(f"{O}/DeliveryFailedAlarm/Properties/MetricName", "DeliveryFailed")),
    case("a counted metric of another name", "observability ApiErrorsLoggedAlarm metric-published",
         put(f"{O}/ApiErrorsLoggedAlarm/Properties/MetricName", "ApiErrorsLoged")),
    case("a counted metric renamed at its source", "observability ApiErrorsLoggedAlarm metric-published",
         put(f"{O}/ApiErrorsLoggedFilter/Properties/MetricTransformations/0/MetricName", "ApiErrors")),
    case("a service without its cluster", "observability ApiHighCpuAlarm metric-dimensions",
         remove(f"{CPU}/Dimensions/0")),
    case("a target group without its load balancer", "observability UnhealthyHostsAlarm metric-dimensions",
         remove(f"{HOSTS}/Dimensions/1")),
    case("user errors of one table", "observability OperatorsTableErrorsAlarm metric-dimensions",
         put(f"{TABLE}/Metrics/3/MetricStat/Metric/MetricName", "UserErrors")),
    case("system errors of no operation", "observability OperatorsTableErrorsAlarm metric-dimensions",
         remove(f"{TABLE}/Metrics/3/MetricStat/Metric/Dimensions/1")),
    case("an application metric without its environment", "observability BotDownAlarm metric-dimensions",
         put(f"{BOT_DOWN}/Dimensions", [])),
    case("another environment's metric", "observability BotDownAlarm dimension-of-this-system",
         put(f"{BOT_DOWN}/Dimensions/0/Value", "staging")),
    case("a service that does not exist", "observability ApiHighCpuAlarm dimension-of-this-system",
         put(f"{CPU}/Dimensions/1/Value", "sparta-server")),
    case("the load balancer in place of its target group", "observability UnhealthyHostsAlarm dimension-of-this-system",
         put(f"{HOSTS}/Dimensions/0/Value", {"Ref": "LoadBalancerFullName"})),
    case("an operation DynamoDB lacks", "observability OperatorsTableErrorsAlarm dimension-of-this-system",
         put(f"{TABLE}/Metrics/3/MetricStat/Metric/Dimensions/1/Value", "Get")),
    case("a service of another cluster", "observability ApiHighCpuAlarm service-in-its-cluster",
         put("services/Resources/Cluster2", {"Type": "AWS::ECS::Cluster", "Properties": {}}),
         put("services/Resources/ApiService/Properties/Cluster", {"Ref": "Cluster2"})),
    case("two tables in one sum", "observability OperatorsTableErrorsAlarm alarm-about-one-thing",
         put(f"{TABLE}/Metrics/4/MetricStat/Metric/Dimensions/0/Value", {"Ref": "ValidatorsTableName"})),
    case("the average of a count", "observability ApiErrorsAlarm statistic-suits-metric",
         put(f"{ERRORS}/Statistic", "Average")),
    case("the sum of percentages", "observability ApiHighCpuAlarm statistic-suits-metric",
         put(f"{CPU}/Statistic", "Sum")),
    case("a misspelt statistic", "observability MonitorErrorRateAlarm statistic-suits-metric",
         put(f"{RATE}/Metrics/1/MetricStat/Stat", "sum")),
    case("no statistic", "observability ApiHighCpuAlarm statistic-suits-metric", remove(f"{CPU}/Statistic")),
    case("two statistics", "observability ApiSlowAlarm alarm-has-one-statistic", put(f"{SLOW}/Statistic", "Average")),
    case("the calmest task", "observability ApiHighCpuAlarm statistic-sees-the-worst",
         put(f"{CPU}/Statistic", "Minimum")),
    case("the fastest answers", "observability ApiSlowAlarm statistic-sees-the-worst",
         put(f"{SLOW}/ExtendedStatistic", "p5")),
    case("the highest balance", "observability SignerBalanceLowAlarm statistic-sees-the-worst",
         put(f"{BALANCE}/Statistic", "Maximum")),
    case("seconds asked in milliseconds", "observability ApiSlowAlarm unit-as-published",
         put(f"{SLOW}/Unit", "Milliseconds")),
    case("every ten seconds", "observability ApiHighCpuAlarm alarm-period-has-data", put(f"{CPU}/Period", 10)),
    case("every hundred seconds", "observability ApiHighCpuAlarm alarm-period-has-data", put(f"{CPU}/Period", 100)),
]  # fmt: skip

MATH = [
    case("two results", "observability MonitorErrorRateAlarm alarm-has-one-result",
         remove(f"{RATE}/Metrics/1/ReturnData")),
    case("no result", "observability MonitorErrorRateAlarm alarm-has-one-result",
         put(f"{RATE}/Metrics/0/ReturnData", False)),
    case("an unknown id", "observability MonitorErrorRateAlarm alarm-ids-known",
         put(f"{RATE}/Metrics/0/Expression", "100 * errors / invocations")),
    case("a metric left out of the sum", "observability OperatorsTableErrorsAlarm alarm-ids-known",
         put(f"{TABLE}/Metrics/0/Expression", "FILL(reads, 0) + FILL(writes, 0)")),
    case("an id with a capital", "observability MonitorErrorRateAlarm alarm-ids-valid",
         put(f"{RATE}/Metrics/1/Id", "Errors")),
    case("an id given twice", "observability MonitorErrorRateAlarm alarm-ids-valid",
         put(f"{RATE}/Metrics/2/Id", "errors")),
    case("an open bracket", "observability MonitorErrorRateAlarm expression-readable",
         put(f"{RATE}/Metrics/0/Expression", "100 * (errors / runs")),
    case("an unknown function", "observability OperatorsTableErrorsAlarm expression-readable",
         put(f"{TABLE}/Metrics/0/Expression", "COALESCE(reads, 0)")),
    case("two periods", "observability MonitorErrorRateAlarm alarm-periods-alike",
         put(f"{RATE}/Metrics/1/MetricStat/Period", 300)),
    case("eleven metrics", "observability OperatorsTableErrorsAlarm alarm-metrics-allowed",
         *(put(f"{TABLE}/Metrics/+", {"Id": f"more{n}", "MetricStat": {"Period": 300}}) for n in range(5))),
    case("a search", "observability MonitorErrorRateAlarm alarm-metrics-allowed",
         put(f"{RATE}/Metrics/0/Expression", "SUM(SEARCH('{AWS/Lambda,FunctionName}', 'Sum', 300))")),
    case("no run, no state", "observability MonitorErrorRateAlarm alarm-without-data-has-a-state",
         put(f"{RATE}/TreatMissingData", "missing")),
]  # fmt: skip

GUIDE = [
    case("CPU above 90", "observability ApiCriticalCpuAlarm limit-has-alarm",
         put(f"{CRITICAL}/Threshold", 90), remove(f"{O}/ApiHighCpuAlarm")),
    case("no alarm on the bot's memory", "services BotService limit-has-alarm", remove(f"{O}/BotHighMemoryAlarm")),
    case("memory above 95", "observability ApiHighMemoryAlarm limit-has-alarm",
         put(f"{O}/ApiHighMemoryAlarm/Properties/Threshold", 95)),
    case("the bot watched twice, the API never", "services ApiService limit-has-alarm",
         put(f"{O}/ApiHighMemoryAlarm/Properties/Dimensions/1/Value", {"Ref": "BotServiceName"})),
    case("slow from two seconds on", "observability ApiSlowAlarm limit-has-alarm", put(f"{SLOW}/Threshold", 2)),
    case("fifty errors", "observability ApiErrorsAlarm limit-has-alarm", put(f"{ERRORS}/Threshold", 50)),
    case("two unhealthy tasks", "observability UnhealthyHostsAlarm limit-has-alarm", put(f"{HOSTS}/Threshold", 1)),
    case("messages given up unseen", "root - limit-has-alarm", remove(f"{O}/DeliveryFailedAlarm")),
    case("a day of stale statistics", "observability StatsStaleAlarm limit-has-alarm",
         put(f"{O}/StatsStaleAlarm/Properties/Threshold", 86400)),
    case("half of the runs may fail", "observability MonitorErrorRateAlarm monitor-error-rate-has-alarm",
         put(f"{RATE}/Threshold", 50)),
    case("a share instead of percent", "observability MonitorErrorRateAlarm monitor-error-rate-has-alarm",
         put(f"{RATE}/Metrics/0/Expression", "errors / runs")),
    case("a table without an alarm", "data ConfigTable table-errors-have-alarm", remove(f"{O}/ConfigTableErrorsAlarm")),
    case("a table that may fail once", "observability OperatorsTableErrorsAlarm table-errors-have-alarm",
         put(f"{TABLE}/Threshold", 1)),
    case("errors of writing left out", "observability OperatorsTableErrorsAlarm table-errors-have-alarm",
         put(f"{TABLE}/Metrics/2/MetricStat/Metric/MetricName", "ReadThrottleEvents")),
    case("errors subtracted", "observability OperatorsTableErrorsAlarm table-errors-have-alarm",
         put(f"{TABLE}/Metrics/0/Expression", "FILL(reads, 0) - FILL(writes, 0)")),
    case("a failure queue nobody watches", "monitor MonitorFailures failure-queue-has-alarm",
         remove(f"{O}/MonitorFailedAlarm")),
    case("a failure queue that may fill up", "observability MonitorFailedAlarm failure-queue-has-alarm",
         put(f"{QUEUE}/Threshold", 10)),
    case("messages being read instead of waiting", "monitor MonitorFailures failure-queue-has-alarm",
         put(f"{QUEUE}/MetricName", "ApproximateNumberOfMessagesNotVisible")),
    case("a bot up half of the time", "services BotService bot-uptime-has-alarm", put(f"{UPTIME}/Threshold", 50)),
    case("a window longer than it is divided by", "services BotService bot-uptime-has-alarm",
         put(f"{UPTIME}/Metrics/1/MetricStat/Period", 43200)),
    case("a bot that may be gone for an hour", "services BotService bot-uptime-has-alarm",
         put(f"{BOT_DOWN}/EvaluationPeriods", 60)),
    case("a bot's alarm while it is switched off", "observability BotDownAlarm bot-uptime-has-alarm",
         remove(f"{O}/BotDownAlarm/Condition"), BotDesiredCount="0"),
    case("rotations that may fail ten times", "observability RotationFailedAlarm limit-has-alarm",
         put(f"{O}/RotationFailedAlarm/Properties/Threshold", 10)),
    case("a monitor that may be silent", "monitor MonitorFunction monitor-silence-has-alarm",
         remove(f"{O}/MonitorSilentAlarm")),
    case("a monitor's alarm while it is switched off", "observability MonitorSilentAlarm monitor-silence-has-alarm",
         remove(f"{O}/MonitorSilentAlarm/Condition"), EnableValidatorMonitorSchedule="false"),
    case("silence shorter than the schedule", "observability MonitorSilentAlarm monitor-silence-has-alarm",
         put(f"{SILENT}/EvaluationPeriods", 6)),
    case("half a day of silence", "observability MonitorSilentAlarm monitor-silence-has-alarm",
         put(f"{SILENT}/EvaluationPeriods", 720)),
    case("no alarm on the account's balance", "root - signer-balance-has-alarm", remove(f"{O}/SignerBalanceLowAlarm")),
    case("a balance ten times too low", "observability SignerBalanceLowAlarm signer-balance-has-alarm",
         put(f"{BALANCE}/Threshold", 0.01)),
    case("the guide's alarm under another name", "root - guide-alarm-as-written",
         put(f"{CPU}/AlarmName", {"Fn::Sub": "sparta-cpu${NameSuffix}"})),
    case("the guide's alarm on another threshold", "observability ApiHighCpuAlarm guide-alarm-as-written",
         put(f"{CPU}/Threshold", 82)),
    case("the guide's alarm on the bot", "observability ApiHighCpuAlarm guide-alarm-as-written",
         put(f"{CPU}/Dimensions/1/Value", {"Ref": "BotServiceName"})),
]  # fmt: skip

CASES = [*PEOPLE, *FIRING, *METRICS, *MATH, *GUIDE]


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about alarms stands without a mistake that it sees."""
    modules = [f"alarms{part}" for part in ("", "_firing", "_kpi", "_math", "_metrics")]
    assert not unproven(CASES, *modules)


def test_same_metric_in_staging() -> None:
    """A literal name that is right in production only is named in the other environments."""
    mistake = put(f"{O}/ApiErrorsLoggedAlarm/Properties/MetricName", "ApiErrorsLogged")
    assert not places("metric-published", mistake)
    assert ("observability", "ApiErrorsLoggedAlarm") in places("metric-published", mistake, "staging")


HARMLESS = [
    pytest.param(put(f"{SLOW}/EvaluationPeriods", 3), id="slow for three minutes"),
    pytest.param(put(f"{SLOW}/ExtendedStatistic", "p99"), id="the slowest hundredth"),
    pytest.param(both(remove(f"{SLOW}/ExtendedStatistic"), put(f"{SLOW}/Statistic", "Average")), id="the average"),
    pytest.param(put(f"{CRITICAL}/Period", 120), id="CPU of two minutes"),
    pytest.param(put(f"{CRITICAL}/Statistic", "Maximum"), id="CPU of the busiest task"),
    pytest.param(put(f"{CRITICAL}/TreatMissingData", "missing"), id="CPU unknown without data"),
    pytest.param(put(f"{ERRORS}/Threshold", 3), id="three errors"),
    pytest.param(put(f"{HOSTS}/DatapointsToAlarm", 2), id="two of three minutes"),
    pytest.param(put(f"{TABLE}/Metrics/0/Expression", "SUM(METRICS())"), id="a sum of all metrics"),
    pytest.param(put(f"{RATE}/Metrics/0/Expression", "IF(runs > 0, 100 * errors / runs, 0)"), id="a guarded division"),
    pytest.param(put(f"{CPU}/InsufficientDataActions", [{"Ref": "AlertsTopic"}]), id="a third kind of action"),
]  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_change_is_not_named(change: Mistake) -> None:
    """What a person may well want is no finding."""
    assert not said(change, rules_of(CASES))
