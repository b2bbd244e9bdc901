"""CloudWatch metrics that exist: what they count in, which way is bad, and the dimensions they come with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from templates.rules.system import System
from templates.rules.values import dicts, mapping, text

APPLICATION = "Sparta/Application"


class Metric(NamedTuple):
    """`unit`: count, beat (a count that must not stop), percent, seconds, milliseconds, bytes or level (anything else).

    `bad`: high, low or any. `dimensions`: the sets of dimension names it is published with.
    """

    unit: str
    bad: str
    dimensions: frozenset[frozenset[str]]


# A line per group: unit, which way is bad, dimension sets ("a+b|c", "-" for none), names, as the
# services' documentation gives them; LB, TG and AZ are LoadBalancer, TargetGroup and AvailabilityZone.
_TABLE = """
AWS/ECS
  percent high ClusterName|ClusterName+ServiceName : CPUUtilization MemoryUtilization
  percent high ClusterName : CPUReservation MemoryReservation
ECS/ContainerInsights
  level high ClusterName|ClusterName+ServiceName|ClusterName+TaskDefinitionFamily : CpuUtilized CpuReserved
    MemoryUtilized MemoryReserved NetworkRxBytes NetworkTxBytes StorageReadBytes StorageWriteBytes
    EphemeralStorageUtilized EphemeralStorageReserved
  level low ClusterName+ServiceName : RunningTaskCount
  level any ClusterName+ServiceName : DesiredTaskCount PendingTaskCount DeploymentCount TaskSetCount
  level any ClusterName : TaskCount ServiceCount ContainerInstanceCount
AWS/ApplicationELB
  count any LB|LB+AZ : ActiveConnectionCount NewConnectionCount RuleEvaluations
    HTTP_Fixed_Response_Count HTTP_Redirect_Count HTTPCode_ELB_3XX_Count GrpcRequestCount
  count high LB|LB+AZ : HTTPCode_ELB_4XX_Count HTTPCode_ELB_5XX_Count
    HTTPCode_ELB_500_Count HTTPCode_ELB_502_Count HTTPCode_ELB_503_Count HTTPCode_ELB_504_Count
    ClientTLSNegotiationErrorCount RejectedConnectionCount DroppedInvalidHeaderRequestCount
  bytes any LB|LB+AZ : ProcessedBytes
  level any LB : ConsumedLCUs PeakLCUs
  count any LB|LB+AZ|TG+LB|TG+AZ+LB :
    RequestCount HTTPCode_Target_2XX_Count HTTPCode_Target_3XX_Count
  count high LB|LB+AZ|TG+LB|TG+AZ+LB :
    HTTPCode_Target_4XX_Count HTTPCode_Target_5XX_Count TargetConnectionErrorCount TargetTLSNegotiationErrorCount
  seconds high LB|LB+AZ|TG+LB|TG+AZ+LB :
    TargetResponseTime
  level high TG+LB|TG+AZ+LB : UnHealthyHostCount AnomalousHostCount
  level low TG+LB|TG+AZ+LB : HealthyHostCount
  count any TG|TG+LB : RequestCountPerTarget
AWS/Lambda
  count any -|FunctionName|FunctionName+Resource : Invocations
  count high -|FunctionName|FunctionName+Resource : Errors Throttles
  milliseconds high -|FunctionName|FunctionName+Resource : Duration
  level high -|FunctionName|FunctionName+Resource : ConcurrentExecutions
  count high FunctionName|FunctionName+Resource : DeadLetterErrors DestinationDeliveryFailures AsyncEventsDropped
  count any FunctionName|FunctionName+Resource : AsyncEventsReceived
  milliseconds high FunctionName|FunctionName+Resource : AsyncEventAge IteratorAge
  level high - : UnreservedConcurrentExecutions
AWS/SQS
  level high QueueName : ApproximateNumberOfMessagesVisible ApproximateNumberOfMessagesNotVisible
    ApproximateNumberOfMessagesDelayed
  seconds high QueueName : ApproximateAgeOfOldestMessage
  count any QueueName : NumberOfMessagesSent NumberOfMessagesReceived NumberOfMessagesDeleted NumberOfEmptyReceives
  bytes any QueueName : SentMessageSize
AWS/SNS
  count any TopicName : NumberOfMessagesPublished NumberOfNotificationsDelivered
  count high TopicName : NumberOfNotificationsFailed NumberOfNotificationsFilteredOut
AWS/DynamoDB
  count any TableName|TableName+GlobalSecondaryIndexName : ConsumedReadCapacityUnits ConsumedWriteCapacityUnits
  count high TableName|TableName+GlobalSecondaryIndexName : ReadThrottleEvents WriteThrottleEvents
  count high TableName+Operation : SystemErrors ThrottledRequests
  milliseconds high TableName+Operation : SuccessfulRequestLatency
  count high - : UserErrors
  count any TableName : ConditionalCheckFailedRequests TransactionConflict TimeToLiveDeletedItemCount
  count any TableName+Operation : ReturnedItemCount
  level any TableName|TableName+GlobalSecondaryIndexName : ProvisionedReadCapacityUnits ProvisionedWriteCapacityUnits
  percent high - : AccountProvisionedReadCapacityUtilization AccountProvisionedWriteCapacityUtilization
AWS/NATGateway
  bytes any NatGatewayId : BytesInFromDestination BytesInFromSource BytesOutToDestination BytesOutToSource
  count any NatGatewayId : ConnectionAttemptCount ConnectionEstablishedCount PacketsInFromDestination
    PacketsInFromSource PacketsOutToDestination PacketsOutToSource IdleTimeoutCount
  count high NatGatewayId : ErrorPortAllocation PacketsDropCount
  level any NatGatewayId : ActiveConnectionCount
AWS/Logs
  bytes any -|LogGroupName : IncomingBytes
  count any -|LogGroupName : IncomingLogEvents
AWS/Events
  count any -|RuleName|EventBusName+RuleName : Invocations TriggeredRules MatchedEvents
  count high -|RuleName|EventBusName+RuleName : FailedInvocations ThrottledRules InvocationsFailedToBeSentToDlq
AWS/Scheduler
  count any -|ScheduleGroup : InvocationAttemptCount
  count high -|ScheduleGroup : TargetErrorCount TargetErrorThrottledCount InvocationThrottleCount InvocationDroppedCount
AWS/Backup
  count any -|ResourceType|BackupVaultName|BackupVaultName+ResourceType : NumberOfBackupJobsCreated
    NumberOfBackupJobsRunning NumberOfBackupJobsCompleted NumberOfBackupJobsPending
  count high -|ResourceType|BackupVaultName|BackupVaultName+ResourceType : NumberOfBackupJobsFailed
    NumberOfBackupJobsAborted NumberOfBackupJobsExpired
AWS/CloudFront
  count any DistributionId+Region : Requests
  bytes any DistributionId+Region : BytesDownloaded BytesUploaded
  percent high DistributionId+Region : 4xxErrorRate 5xxErrorRate TotalErrorRate
AWS/WAFV2
  count any WebACL+Rule|WebACL+Rule+Region : AllowedRequests BlockedRequests CountedRequests
AWS/S3
  bytes any BucketName+StorageType : BucketSizeBytes
  level any BucketName+StorageType : NumberOfObjects
AWS/CertificateManager
  level low CertificateArn : DaysToExpiry
AWS/ECR
  count any RepositoryName : RepositoryPullCount
AWS/Route53
  level low HealthCheckId : HealthCheckStatus
AWS/Billing
  level high Currency|ServiceName+Currency : EstimatedCharges
AWS/Usage
  level high Service+Type+Resource+Class : CallCount ResourceCount
Sparta/Application
  count any Environment : ValidatorRegistrations AlertsSent
  count high Environment : DeliveryFailures
  level any Environment : ValidatorsInSet
  level high Environment : ValidatorsMissing
  seconds high Environment : StatsAgeSeconds
  milliseconds high Environment : MonitorDuration
  level low Environment : SignerBalance
  beat low Environment : MonitorHeartbeat BotHeartbeat
"""


def _rows() -> Iterator[tuple[str, str]]:
    """(namespace, row), continuation lines joined to their row."""
    namespace, row = "", ""
    for line in [*_TABLE.strip().splitlines(), ""]:
        if line.startswith("    "):
            row += line
            continue
        if row:
            yield namespace, row
        row = line if line.startswith("  ") else ""
        namespace = namespace if line.startswith("  ") else line


def _read() -> dict[tuple[str, str], Metric]:
    known = {}
    short = {"LB": "LoadBalancer", "TG": "TargetGroup", "AZ": "AvailabilityZone"}
    for namespace, row in _rows():
        head, _, names = row.partition(" :")
        unit, bad, sets = head.split()
        dimensions = frozenset(
            frozenset(short.get(part, part) for part in each.split("+") if part != "-") for each in sets.split("|")
        )
        known.update({(namespace, name): Metric(unit, bad, dimensions) for name in names.split()})
    return known


METRICS = _read()
NAMESPACES = {namespace for namespace, _ in METRICS}


def counted(system: System) -> dict[tuple[str, str], Metric]:
    """The metrics that this system's log filters produce."""
    return {
        (text(each.get("MetricNamespace")), text(each.get("MetricName"))): Metric(
            "count", "high", frozenset({frozenset(_names(each.get("Dimensions")))})
        )
        for found in system.of_type("AWS::Logs::MetricFilter")
        for each in dicts(found.get("MetricTransformations"))
    }


def _names(dimensions: object) -> set[str]:
    """A filter's dimensions, a list of Key and Value or a mapping."""
    return set(mapping(dimensions)) | {text(entry.get("Key")) for entry in dicts(dimensions) if "Key" in entry}


def metric(system: System, namespace: str, name: str) -> Metric | None:
    """What is known of a metric; None when nobody publishes it."""
    return METRICS.get((namespace, name)) or counted(system).get((namespace, name))
