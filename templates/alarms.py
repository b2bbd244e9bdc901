"""Every alarm of the system, one entry each.

An alarm's name is its heading in ``docs/alerts.md``; its description says how bad it is and what a person should do.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from troposphere import Ref, Template
from troposphere.cloudwatch import Alarm, Metric, MetricDataQuery, MetricDimension, MetricStat

from templates.stack import named
from templates.tables import TABLES

APPLICATION = "Sparta/Application"
ENVIRONMENT = {"Environment": Ref("Environment")}
LOAD_BALANCER = {"LoadBalancer": Ref("LoadBalancerFullName")}
TARGET_GROUP = {"TargetGroup": Ref("TargetGroupFullName"), **LOAD_BALANCER}
DYNAMODB_OPERATIONS = tuple(
    "GetItem BatchGetItem Query Scan PutItem UpdateItem BatchWriteItem TransactWriteItems".split()
)
"""With the two throttle metrics these are ten, the most that one alarm can add up."""
BOT_WINDOW_MINUTES = 360
"""Long enough that one restart of a minute or two is not an outage of more than one percent."""


class Series(NamedTuple):
    """One metric of CloudWatch."""

    namespace: str
    name: Any
    dimensions: dict[str, Any]
    statistic: str = "Sum"


class Entry(NamedTuple):
    """One alarm. It fires when ``series``, or ``expression`` over ``terms``, is ``sign`` ``threshold``."""

    title: str
    name: str
    severity: str
    meaning: str
    action: str
    sign: str
    threshold: Any
    series: Series | None = None
    terms: Mapping[str, Series] = MappingProxyType({})
    expression: str = ""
    period: int = 60
    periods: Any = 5
    missing: str = "notBreaching"
    condition: str | None = None

    @property
    def description(self) -> str:
        """What a person reads when the alarm arrives."""
        return f"{self.severity}: {self.meaning} {self.action} See docs/alerts.md#{self.name}"


_SIGNS = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
}


def _ecs(service: str, metric: str) -> Series:
    dimensions = {"ClusterName": Ref("ClusterName"), "ServiceName": Ref(f"{service}ServiceName")}
    return Series("AWS/ECS", metric, dimensions, "Average")


def _application(metric: str, statistic: str = "Sum") -> Series:
    return Series(APPLICATION, metric, ENVIRONMENT, statistic)


def _lambda(metric: str, function: str) -> Series:
    return Series("AWS/Lambda", metric, {"FunctionName": Ref(f"{function}FunctionName")})


def _logged(metric: str) -> Series:
    """Counted from log lines by a filter of ``observability.LOGGED``."""
    return Series(APPLICATION, named(metric), {})


def _table_errors(title: str, name: str) -> Entry:
    table = {"TableName": Ref(f"{title}TableName")}
    terms = {
        "reads": Series("AWS/DynamoDB", "ReadThrottleEvents", table),
        "writes": Series("AWS/DynamoDB", "WriteThrottleEvents", table),
    } | {
        operation[0].lower() + operation[1:]: Series("AWS/DynamoDB", "SystemErrors", table | {"Operation": operation})
        for operation in DYNAMODB_OPERATIONS
    }
    return Entry(
        f"{title}TableErrors",
        f"sparta-{name}-dynamodb-errors",
        "critical",
        f"DynamoDB refused or failed requests on the {name} table.",
        "Look at the table's throttle graphs and at the API's log for the same minute.",
        ">",
        0,
        terms=terms,
        expression=" + ".join(f"FILL({term}, 0)" for term in terms),
        period=300,
        periods=1,
    )


ALARMS: tuple[Entry, ...] = (
    Entry("ApiHighCpu", "sparta-api-high-cpu", "warning",
          "The API's tasks use more than 80 percent of their CPU.",
          "Auto-scaling adds tasks by itself; when it is at its highest number, raise ApiMaxCount or ApiCpu.",
          ">", 80, _ecs("Api", "CPUUtilization"), period=120, periods=2),
    Entry("ApiCriticalCpu", "sparta-api-critical-cpu", "critical",
          "The API's tasks use more than 85 percent of their CPU: answers become slow.",
          "Scale out at once with 'aws ecs update-service --desired-count', then find the caller in the API's log.",
          ">", 85, _ecs("Api", "CPUUtilization")),
    Entry("ApiHighMemory", "sparta-api-high-memory", "critical",
          "The API's tasks use more than 90 percent of their memory and may be killed.",
          "Force a new deployment to free it, then raise ApiMemory.",
          ">", 90, _ecs("Api", "MemoryUtilization")),
    Entry("BotHighCpu", "sparta-bot-high-cpu", "warning",
          "The bot uses more than 85 percent of its CPU and may answer late.",
          "Look for a burst of commands in its log; raise BotCpu when it lasts.",
          ">", 85, _ecs("Bot", "CPUUtilization")),
    Entry("BotHighMemory", "sparta-bot-high-memory", "critical",
          "The bot uses more than 90 percent of its memory and may be killed.",
          "Force a new deployment of sparta-discord, then raise BotMemory.",
          ">", 90, _ecs("Bot", "MemoryUtilization")),
    Entry("ApiSlow", "sparta-api-slow", "warning",
          "One API request in twenty takes longer than 1000 ms.",
          "GET /ready shows which of DynamoDB, the Ethereum RPC and the Aztec node is slow.",
          ">", 1, Series("AWS/ApplicationELB", "TargetResponseTime", TARGET_GROUP, "p95")),
    Entry("ApiErrors", "sparta-api-5xx", "critical",
          "The API answered five or more requests in five minutes with an error of its own.",
          "Search the API's log for level error; roll back when it began with a deployment.",
          ">=", 5, Series("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", TARGET_GROUP), period=300, periods=1),
    Entry("LoadBalancerErrors", "sparta-load-balancer-5xx", "critical",
          "The load balancer found no API task that answered.",
          "Look at the targets' health and at the stopped tasks' reasons.",
          ">=", 5, Series("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", LOAD_BALANCER), period=300, periods=1),
    Entry("UnhealthyHosts", "sparta-api-unhealthy-hosts", "critical",
          "An API task fails its health check.",
          "Read that task's log; ECS replaces it, and a bad release is rolled back.",
          ">", 0, Series("AWS/ApplicationELB", "UnHealthyHostCount", TARGET_GROUP, "Maximum"), periods=3),
    Entry("ApiErrorsLogged", "sparta-api-errors-logged", "warning",
          "The API logged ten or more errors in five minutes.",
          "Search /ecs/sparta-api for level error and follow the request id.",
          ">=", 10, _logged("ApiErrorsLogged"), period=300, periods=1),
    Entry("BotErrorsLogged", "sparta-bot-errors-logged", "warning",
          "The bot logged five or more errors in five minutes.",
          "Search /ecs/sparta-bot for level error; people were shown its correlation id.",
          ">=", 5, _logged("BotErrorsLogged"), period=300, periods=1),
    Entry("BotDown", "sparta-bot-down", "critical",
          "The bot sent no heartbeat for five minutes: commands go unanswered.",
          "Look at the stopped tasks' reasons of sparta-discord; a refused token needs a new secret.",
          "<", 1, _application("BotHeartbeat"), missing="breaching", condition="HasBot"),
    Entry("BotUptime", "sparta-bot-uptime", "warning",
          "The bot was up less than 99 percent of the last six hours.",
          "Look for restarts in the events of sparta-discord and for gateway errors in its log.",
          "<", 99, terms={"beats": _application("BotHeartbeat")},
          expression=f"100 * FILL(beats, 0) / {BOT_WINDOW_MINUTES}",
          period=BOT_WINDOW_MINUTES * 60, periods=1, missing="breaching", condition="HasBot"),
    Entry("MonitorErrorRate", "sparta-monitor-error-rate", "critical",
          "More than 5 percent of the monitor's runs failed.",
          "Read the last error in /aws/lambda/sparta-validator-monitor.",
          ">", 5,
          terms={"errors": _lambda("Errors", "Monitor"), "runs": _lambda("Invocations", "Monitor")},
          expression="100 * errors / runs", period=900, periods=1),
    Entry("MonitorSilent", "sparta-monitor-silent", "critical",
          "The validator monitor did not finish a run in time: operators are not warned.",
          "Check that the schedule is on and that the function does not fail.",
          "<", 1, _application("MonitorHeartbeat"), periods=Ref("MonitorSilenceMinutes"), missing="breaching",
          condition="HasMonitorSchedule"),
    Entry("MonitorFailed", "sparta-monitor-failures", "critical",
          "Events of the monitor failed for good and wait in its failure queue.",
          "Read the reason in the message, mend it, then purge the queue: the next run catches up by itself.",
          ">", 0, Series("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": Ref("MonitorFailuresName")},
                         "Maximum"), periods=1),
    Entry("StatsStale", "sparta-stats-stale", "warning",
          "The Aztec node's statistics are more than 30 minutes old: the monitor draws no conclusion.",
          "Check that the Aztec node is synced and its sentinel is on.",
          ">", 1800, _application("StatsAgeSeconds", "Maximum"), period=300, periods=3),
    Entry("DeliveryFailed", "sparta-delivery-failures", "warning",
          "Messages to operators could not be delivered after all retries.",
          "The moderators' summary names the operators; check the bot's permissions in their channel.",
          ">", 0, _application("DeliveryFailures"), period=300, periods=1),
    Entry("SignerBalanceLow", "sparta-signer-balance-low", "warning",
          "Sparta's account holds less ether than it should: adding validators will stop.",
          "Send ether to the account SpartaAddress.",
          "<", Ref("SignerBalanceMinimum"), _application("SignerBalance", "Minimum"), period=900, periods=2),
    Entry("RotationFailed", "sparta-api-key-rotation-failed", "warning",
          "The rotation of the API key failed; the present key stays valid.",
          "Read the error in /aws/lambda/sparta-api-key-rotation, then rotate again.",
          ">", 0, _lambda("Errors", "Rotation"), period=300, periods=1),
    Entry("RootAccountUsed", "sparta-root-account-used", "critical",
          "Somebody signed in or acted as the account's root user.",
          "Find out who; if nobody of the team, change the password and keys at once.",
          ">", 0, _logged("RootAccountUse"), period=300, periods=1),
    Entry("AccessDenied", "sparta-access-denied", "info",
          "AWS refused ten or more calls in five minutes.",
          "Look in the audit trail whether a role misses a right or somebody is probing.",
          ">=", 10, _logged("AccessDenied"), period=300, periods=1),
    *(_table_errors(table.title, table.name) for table in TABLES),
)  # fmt: skip


def add(template: Template) -> None:
    """All alarms; each tells the topic when it fires and when it is over."""
    for entry in ALARMS:
        template.add_resource(_alarm(entry))


def _alarm(entry: Entry) -> Alarm:
    measured = _single(entry, entry.series) if entry.series else _calculated(entry)
    condition: dict[str, Any] = {"Condition": entry.condition} if entry.condition else {}
    return Alarm(
        f"{entry.title}Alarm",
        AlarmName=named(entry.name),
        AlarmDescription=entry.description,
        ActionsEnabled=True,
        AlarmActions=[Ref("AlertsTopic")],
        OKActions=[Ref("AlertsTopic")],
        ComparisonOperator=_SIGNS[entry.sign],
        Threshold=entry.threshold,
        EvaluationPeriods=entry.periods,
        TreatMissingData=entry.missing,
        **measured,
        **condition,
    )


def _dimensions(series: Series) -> list[MetricDimension]:
    return [MetricDimension(Name=name, Value=value) for name, value in series.dimensions.items()]


def _single(entry: Entry, series: Series) -> dict[str, Any]:
    kind = "ExtendedStatistic" if series.statistic.startswith("p") else "Statistic"
    return {
        "Namespace": series.namespace,
        "MetricName": series.name,
        "Dimensions": _dimensions(series),
        "Period": entry.period,
        kind: series.statistic,
    }


def _calculated(entry: Entry) -> dict[str, Any]:
    terms = [
        MetricDataQuery(
            Id=term,
            ReturnData=False,
            MetricStat=MetricStat(
                Metric=Metric(Namespace=series.namespace, MetricName=series.name, Dimensions=_dimensions(series)),
                Period=entry.period,
                Stat=series.statistic,
            ),
        )
        for term, series in entry.terms.items()
    ]
    result = MetricDataQuery(Id="result", Label=entry.name, Expression=entry.expression, ReturnData=True)
    return {"Metrics": [result, *terms]}
