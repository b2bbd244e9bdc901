"""Logs and the trail: what is not recorded, not kept, not readable or not counted is named."""

from __future__ import annotations

import pytest

from templates.rules.log_patterns import branches, matches_line
from tests.templates.rules.cases import arn, case, places, rules_of, said, unproven
from tests.templates.rules.planting import Mistake, both, put, remove

O = "observability/Resources"  # noqa: E741 - the stack that most paths here begin with
API_LOG = "services/Resources/ApiLogGroup/Properties"
TRAIL = f"{O}/Trail/Properties"
BUCKET_POLICY = f"{O}/AuditBucketPolicy/Properties/PolicyDocument/Statement"
API = f"{O}/ApiErrorsLoggedFilter/Properties"
ROOT = f"{O}/RootAccountUseFilter/Properties"
DENIED = f"{O}/AccessDeniedFilter/Properties"
COUNTED = "MetricTransformations/0"

LOGS = [
    case("no retention", "services ApiLogGroup log-retention-set", remove(f"{API_LOG}/RetentionInDays")),
    case("a fixed retention", "services ApiLogGroup log-retention-as-set", put(f"{API_LOG}/RetentionInDays", 90)),
    case("the right retention, but fixed", "services ApiLogGroup log-retention-as-set",
         put(f"{API_LOG}/RetentionInDays", 30)),
    case("a week in production", "services ApiLogGroup log-retention-as-promised",
         put(f"{API_LOG}/RetentionInDays", 7)),
    case("no key", "services ApiLogGroup log-group-encrypted", remove(f"{API_LOG}/KmsKeyId")),
    case("a class that cannot be searched", "services ApiLogGroup log-class-standard",
         put(f"{API_LOG}/LogGroupClass", "INFREQUENT_ACCESS")),
]  # fmt: skip

FILTERS = [
    case("words instead of fields", "observability ApiErrorsLoggedFilter pattern-readable",
         put(f"{API}/FilterPattern", "ERROR")),
    case("a bracket not closed", "observability ApiErrorsLoggedFilter pattern-readable",
         put(f"{API}/FilterPattern", '{ ($.level = "error" }')),
    case("two equal signs", "observability ApiErrorsLoggedFilter pattern-readable",
         put(f"{API}/FilterPattern", '{ $.level == "error" }')),
    case("a field without a dollar", "observability ApiErrorsLoggedFilter pattern-readable",
         put(f"{API}/FilterPattern", '{ level = "error" }')),
    case("an empty pattern", "observability ApiErrorsLoggedFilter pattern-readable", put(f"{API}/FilterPattern", "")),
    case("both levels at once", "observability ApiErrorsLoggedFilter pattern-tells-apart",
         put(f"{API}/FilterPattern", '{ $.level = "error" && $.level = "critical" }')),
    case("levels in capitals", "observability ApiErrorsLoggedFilter pattern-tells-apart",
         put(f"{API}/FilterPattern", '{ $.level = "ERROR" }')),
    case("everything but errors", "observability ApiErrorsLoggedFilter pattern-tells-apart",
         put(f"{API}/FilterPattern", '{ $.level != "error" }')),
    case("one of two things that are not", "observability ApiErrorsLoggedFilter pattern-tells-apart",
         put(f"{API}/FilterPattern", '{ $.level != "info" || $.level != "debug" }')),
    case("root in small letters", "observability RootAccountUseFilter pattern-tells-apart",
         put(f"{ROOT}/FilterPattern", '{ $.userIdentity.type = "root" }')),
    case("an error that AWS does not give", "observability AccessDeniedFilter pattern-tells-apart",
         put(f"{DENIED}/FilterPattern", '{ $.errorCode = "AccesDenied*" }')),
    case("calls looked for in the API's log", "observability RootAccountUseFilter pattern-fits-group",
         put(f"{ROOT}/LogGroupName", {"Ref": "ApiLogGroupName"})),
    case("the API's errors looked for in calls", "observability ApiErrorsLoggedFilter pattern-fits-group",
         put(f"{API}/LogGroupName", {"Ref": "TrailLogGroup"})),
    case("the API's errors looked for in flows", "observability ApiErrorsLoggedFilter pattern-fits-group",
         put("observability/Parameters/FlowLogGroupName", {"Type": "String"}),
         put("network/Outputs/FlowLogGroupName", {"Value": {"Ref": "FlowLogGroup"}}),
         put("root/Resources/Observability/Properties/Parameters/FlowLogGroupName",
             {"Fn::GetAtt": ["Network", "Outputs.FlowLogGroupName"]}),
         put(f"{API}/LogGroupName", {"Ref": "FlowLogGroupName"})),
    case("nobody looks for the root user", "root - root-use-has-alarm", remove(f"{O}/RootAccountUseFilter")),
    case("a root user who is looked for in others", "root - root-use-has-alarm",
         put(f"{ROOT}/FilterPattern", '{ $.userIdentity.type != "Root" }')),
    case("a root user who may call ten times", "observability RootAccountUsedAlarm root-use-has-alarm",
         put(f"{O}/RootAccountUsedAlarm/Properties/Threshold", 10)),
    case("a metric nobody reads", "observability ApiErrorsLoggedFilter counted-metric-read",
         put(f"{API}/{COUNTED}/MetricName", "ApiErrors")),
    case("another namespace", "observability ApiErrorsLoggedFilter counted-metric-read",
         put(f"{API}/{COUNTED}/MetricNamespace", "Sparta")),
    case("an alarm that is gone", "observability AccessDeniedFilter counted-metric-read",
         remove(f"{O}/AccessDeniedAlarm")),
    case("a metric that programs publish", "observability ApiErrorsLoggedFilter counted-metric-own",
         put(f"{API}/{COUNTED}/MetricName", "DeliveryFailures")),
    case("one metric of two filters", "observability BotErrorsLoggedFilter counted-metric-own",
         put(f"{O}/BotErrorsLoggedFilter/Properties/{COUNTED}/MetricName", "ApiErrorsLogged")),
    case("nothing added", "observability ApiErrorsLoggedFilter match-counts-one",
         put(f"{API}/{COUNTED}/MetricValue", "0")),
    case("one added without a match", "observability ApiErrorsLoggedFilter match-counts-one",
         put(f"{API}/{COUNTED}/DefaultValue", 1)),
]  # fmt: skip

TRAILS = [
    case("no trail", "root - trail-exists", remove(f"{O}/Trail")),
    *(
        case(f"{switch} off", "observability Trail trail-complete", put(f"{TRAIL}/{switch}", False))
        for switch in ("IsLogging", "IsMultiRegionTrail", "IncludeGlobalServiceEvents", "EnableLogFileValidation")
    ),
    *(
        case(f"no {key}", "observability Trail trail-complete", remove(f"{TRAIL}/{key}"))
        for key in ("KMSKeyId", "CloudWatchLogsLogGroupArn", "EnableLogFileValidation")
    ),
    case("an organization's trail", "observability Trail trail-of-this-account",
         put(f"{TRAIL}/IsOrganizationTrail", True)),
    case("a topic that is for alarms", "observability Trail trail-topic-lets-publish",
         put(f"{TRAIL}/SnsTopicName", {"Fn::GetAtt": ["AlertsTopic", "TopicName"]})),
    case("reading only", "observability Trail trail-records-management",
         put(f"{TRAIL}/EventSelectors", [{"ReadWriteType": "ReadOnly"}])),
    case("data events only", "observability Trail trail-records-management",
         put(f"{TRAIL}/AdvancedEventSelectors", [{"FieldSelectors": [{"Equals": ["Data"]}]}])),
    case("another bucket of ours", "data BackupBucket trail-has-its-bucket",
         put("root/Resources/Observability/Properties/Parameters/BackupBucketName",
             {"Fn::GetAtt": ["Data", "Outputs.BackupBucketName"]}),
         put("observability/Parameters/BackupBucketName", {"Type": "String"}),
         put(f"{TRAIL}/S3BucketName", {"Ref": "BackupBucketName"})),
    case("a bucket by its name", "observability Trail trail-has-its-bucket", put(f"{TRAIL}/S3BucketName", "audit")),
    case("no look at the bucket", "observability AuditBucket trail-has-its-bucket", remove(f"{BUCKET_POLICY}/1")),
    case("another account's folder", "observability AuditBucket trail-has-its-bucket",
         put(f"{BUCKET_POLICY}/2/Resource", [{"Fn::Sub": "${AuditBucket.Arn}/AWSLogs/210987654321/*"}])),
    case("a prefix that the policy does not have", "observability AuditBucket trail-has-its-bucket",
         put(f"{TRAIL}/S3KeyPrefix", "audit")),
    case("a policy for another trail", "observability AuditBucket trail-has-its-bucket",
         put(f"{BUCKET_POLICY}/1/Condition/StringEquals/aws:SourceArn",
             arn("cloudtrail", "trail/other"))),
    case("the wrong owner of files", "observability AuditBucket trail-has-its-bucket",
         put(f"{BUCKET_POLICY}/2/Condition/StringEquals/s3:x-amz-acl", "private")),
    case("any trail may write", "observability AuditBucketPolicy trail-bucket-for-one-trail",
         remove(f"{BUCKET_POLICY}/2/Condition/StringEquals/aws:SourceArn")),
    case("a trail before its policy", "observability Trail trail-after-its-bucket-policy",
         remove(f"{O}/Trail/DependsOn")),
    case("a trail after something else", "observability Trail trail-after-its-bucket-policy",
         put(f"{O}/Trail/DependsOn", "AlertsTopicPolicy")),
    case("others at the record", "observability AuditBucketPolicy trail-bucket-apart",
         put(f"{BUCKET_POLICY}/2/Principal", {"Service": ["cloudtrail.amazonaws.com", "backup.amazonaws.com"]})),
]  # fmt: skip

CASES = [*LOGS, *FILTERS, *TRAILS]


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about logs stands without a mistake that it sees."""
    assert not unproven(CASES, "logs", "log_filters", "trail")


HARMLESS = [
    pytest.param(put(f"{API}/FilterPattern", '{ $.level = "error" }'), id="errors only"),
    pytest.param(put(f"{API}/FilterPattern", '{ ($.level = error || $.level = "crit*") && $.a != "/" }'), id="words"),
    pytest.param(put(f"{API}/FilterPattern", '{ $.level IS NOT NULL && $.status >= 500 }'), id="numbers"),
    pytest.param(put(f"{ROOT}/FilterPattern", '{ $.userIdentity.type = "Root" }'), id="every use of root"),
    pytest.param(put(f"{DENIED}/FilterPattern", '{ $.errorCode = %AccessDenied% }'), id="a regular expression"),
    pytest.param(both(remove(f"{API}/{COUNTED}/Unit"), put(f"{API}/{COUNTED}/DefaultValue", 0)), id="zero"),
    pytest.param(put(f"{TRAIL}/EventSelectors", [{"ReadWriteType": "WriteOnly"}]), id="writes only"),
]  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_change_is_not_named(change: Mistake) -> None:
    """What a person may well want is no finding."""
    assert not said(change, rules_of(CASES))


@pytest.mark.parametrize(
    ("pattern", "matched"),
    [
        ('{ $.level = "error" }', False),
        ('{ $.level = "info" }', True),
        ('{ $.level = "inf*" && $.event EXISTS }', True),
        ('{ $.event NOT EXISTS || $.level != "info" }', False),
        ("{ $.level = %in% }", False),
        ("{ ($.a = 1 || $.level = info) && $.event = started }", True),
    ],
)
def test_pattern_is_evaluated(pattern: str, matched: bool) -> None:
    """A pattern says of a line what CloudWatch would say; where that cannot be known, no."""
    assert matches_line(pattern, {"level": "info", "event": "started"}) is matched


@pytest.mark.parametrize("pattern", ["", "{ }", "{ $.a }", "{ $.a = }", "{ $.a = 1 && }", "{ $.a = 1", "{ $.a = $.b }"])
def test_broken_pattern_is_refused(pattern: str) -> None:
    """What CloudWatch would refuse is refused here."""
    with pytest.raises(ValueError, match=r"."):
        branches(pattern)
