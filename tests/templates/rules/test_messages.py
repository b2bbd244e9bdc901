"""Topics, queues, their policies and event rules: whatever keeps word from people is named."""

from __future__ import annotations

import pytest

from tests.templates.rules.cases import arn, case, places, rules_of, said, unproven
from tests.templates.rules.planting import Mistake, both, put, remove

O = "observability/Resources"  # noqa: E741 - the stack that most paths here begin with
TOPIC = f"{O}/AlertsTopic/Properties"
ALLOWED = f"{O}/AlertsTopicPolicy/Properties/PolicyDocument/Statement"
MAIL = f"{O}/AlertEmailSubscription"
QUEUE = "monitor/Resources/MonitorFailures/Properties"
QUEUE_POLICY = "monitor/Resources/MonitorFailuresPolicy/Properties"
KEY = "data/Resources/EncryptionKey/Properties/KeyPolicy/Statement"
BACKUP_POLICY = "data/Resources/BackupBucketPolicy/Properties"
TLS = f"{BACKUP_POLICY}/PolicyDocument/Statement/0"
DEPLOYMENT = f"{O}/DeploymentNotice/Properties"
STACKS = f"{O}/StackNotice/Properties"
CALLS = f"{O}/ChangeNotice/Properties"
BACKUPS = f"{O}/BackupNotice/Properties"
TRANSFORMER = "Targets/0/InputTransformer"

POLICIES = [
    case("a denial turned into a grant", "data BackupBucketPolicy plain-http-refused", put(f"{TLS}/Effect", "Allow")),
    case("the condition inverted", "data BackupBucketPolicy plain-http-refused",
         put(f"{TLS}/Condition/Bool/aws:SecureTransport", "true")),
    case("objects left out", "data BackupBucketPolicy plain-http-refused", remove(f"{TLS}/Resource/1")),
    case("the bucket left out", "data BackupBucketPolicy plain-http-refused", remove(f"{TLS}/Resource/0")),
    case("reading only", "data BackupBucketPolicy plain-http-refused", put(f"{TLS}/Action", ["s3:GetObject"])),
    case("for one role only", "data BackupBucketPolicy plain-http-refused",
         put(f"{TLS}/Principal", {"AWS": {"Fn::GetAtt": ["BackupRole", "Arn"]}})),
    case("a second condition", "data BackupBucketPolicy plain-http-refused",
         put(f"{TLS}/Condition/StringEquals", {"aws:SourceAccount": {"Ref": "AWS::AccountId"}})),
    case("a policy on the wrong bucket", "observability AuditBucket plain-http-refused",
         put(f"{O}/AuditBucketPolicy/Properties/Bucket", "sparta-backups")),
    case("no policy on the queue", "monitor MonitorFailures plain-http-refused",
         remove("monitor/Resources/MonitorFailuresPolicy")),
    case("plain HTTP to the topic", "observability AlertsTopicPolicy plain-http-refused", remove(f"{ALLOWED}/2")),
    case("a statement about another bucket", "data BackupBucketPolicy policy-speaks-of-its-own",
         put(f"{TLS}/Resource/1", {"Fn::Sub": "arn:${AWS::Partition}:s3:::sparta-audit/*"})),
    case("a policy that speaks of the topic's name", "observability AlertsTopicPolicy policy-speaks-of-its-own",
         put(f"{ALLOWED}/0/Resource", [{"Fn::GetAtt": ["AlertsTopic", "TopicName"]}])),
    case("a policy of a queue that is not here", "monitor MonitorFailuresPolicy policy-attached",
         put(f"{QUEUE_POLICY}/Queues", ["https://sqs.eu-west-2.amazonaws.com/123456789012/other"])),
    case("two policies of one bucket", "data SecondPolicy one-policy-each",
         put("data/Resources/SecondPolicy", {"Type": "AWS::S3::BucketPolicy", "Properties": {
             "Bucket": {"Ref": "BackupBucket"}, "PolicyDocument": {"Statement": []}}})),
    case("everyone may publish", "observability AlertsTopicPolicy nothing-allowed-to-everyone",
         put(f"{ALLOWED}/1/Principal", "*")),
    case("everyone may pull images", "bootstrap ImageRepository nothing-allowed-to-everyone",
         put("bootstrap/Resources/ImageRepository/Properties/RepositoryPolicyText", {"Statement": [
             {"Sid": "Pull", "Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage"]}]})),
    case("everyone may read", "data BackupBucketPolicy nothing-allowed-to-everyone",
         put(f"{BACKUP_POLICY}/PolicyDocument/Statement/+",
             {"Sid": "Read", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject",
              "Resource": {"Fn::Sub": "${BackupBucket.Arn}/*"}})),
    case("alarms of another account", "observability AlertsTopicPolicy grant-for-this-account",
         put(f"{ALLOWED}/0/Condition/StringEquals/aws:SourceAccount", "210987654321")),
]  # fmt: skip

MESSAGING = [
    case("a topic without a key", "observability AlertsTopic topic-encrypted", remove(f"{TOPIC}/KmsMasterKeyId")),
    case("a topic with AWS's own key", "observability AlertsTopic topic-encrypted",
         put(f"{TOPIC}/KmsMasterKeyId", "alias/aws/sns")),
    case("a queue without a key", "monitor MonitorFailures queue-encrypted", remove(f"{QUEUE}/KmsMasterKeyId")),
    case("a queue with AWS's own key", "monitor MonitorFailures queue-encrypted",
         put(f"{QUEUE}/KmsMasterKeyId", "alias/aws/sqs")),
    case("alarms may not publish", "observability AlertsTopic topic-lets-publish", remove(f"{ALLOWED}/0")),
    case("events may not publish", "observability AlertsTopic topic-lets-publish", remove(f"{ALLOWED}/1")),
    case("another service may", "observability AlertsTopic topic-lets-publish",
         put(f"{ALLOWED}/1/Principal/Service", "scheduler.amazonaws.com")),
    case("they may subscribe", "observability AlertsTopic topic-lets-publish",
         put(f"{ALLOWED}/0/Action", ["sns:Subscribe"])),
    case("one alarm only may", "observability AlertsTopicPolicy topic-lets-publish",
         put(f"{ALLOWED}/0/Condition/ArnLike", {"aws:SourceArn": {"Fn::GetAtt": ["BotDownAlarm", "Arn"]}})),
    case("any account's alarms may", "observability AlertsTopicPolicy topic-for-our-alarms",
         remove(f"{ALLOWED}/0/Condition")),
    case("the key is not for alarms", "data EncryptionKey topic-key-lets-publish",
         put(f"{KEY}/2/Principal/Service", ["events.amazonaws.com"])),
    case("the key is for decrypting only", "data EncryptionKey topic-key-lets-publish",
         put(f"{KEY}/2/Action", ["kms:Decrypt"])),
    case("nobody subscribed", "observability AlertsTopic topic-heard", remove(MAIL)),
    case("subscribed when there is no address", "observability AlertsTopic topic-heard",
         put("observability/Conditions/HasAlertEmail", {"Fn::Equals": [{"Ref": "AlertEmail"}, ""]})),
    case("no address", "observability AlertEmailSubscription subscription-delivers",
         remove(f"{MAIL}/Condition"), AlertEmail=""),
    case("mail to a web page", "observability AlertEmailSubscription subscription-delivers",
         put(f"{MAIL}/Properties/Endpoint", "https://example.com/alerts")),
    case("a page without TLS", "observability AlertEmailSubscription subscription-delivers",
         put(f"{MAIL}/Properties/Protocol", "http")),
    case("a protocol that is none", "observability AlertEmailSubscription subscription-delivers",
         put(f"{MAIL}/Properties/Protocol", "mail")),
    case("another topic", "observability AlertEmailSubscription subscription-delivers",
         put(f"{MAIL}/Properties/TopicArn", {"Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:1:sparta"})),
    case("a filter that lets no alarm through", "observability AlertEmailSubscription subscription-delivers",
         put(f"{MAIL}/Properties/FilterPolicy", {"severity": ["critical"]})),
    case("a topic of strict order", "observability AlertsTopic topic-not-fifo", put(f"{TOPIC}/FifoTopic", True)),
    case("a failure queue of strict order", "monitor MonitorFailures topic-not-fifo", put(f"{QUEUE}/FifoQueue", True)),
    case("failures kept for a day", "monitor MonitorFailures failed-events-last",
         put(f"{QUEUE}/MessageRetentionPeriod", 86400)),
    case("failures cut to a kilobyte", "monitor MonitorFailures failed-events-last",
         put(f"{QUEUE}/MaximumMessageSize", 1024)),
    case("an alarm that tells a second topic", "observability BotDownAlarm alarms-tell-one-topic",
         put(f"{O}/Other", {"Type": "AWS::SNS::Topic", "Properties": {}}),
         put(f"{O}/BotDownAlarm/Properties/AlarmActions", [{"Ref": "Other"}])),
]  # fmt: skip

EVENTS = [
    case("a rule switched off", "observability StackNotice notice-switched-on", put(f"{STACKS}/State", "DISABLED")),
    case("a rule that waits for nothing", "observability StackNotice notice-switched-on",
         put(f"{STACKS}/EventPattern", {})),
    case("a rule with a clock besides", "observability StackNotice notice-switched-on",
         put(f"{STACKS}/ScheduleExpression", "rate(1 hour)")),
    case("a bus of its own", "observability StackNotice event-is-sent", put(f"{STACKS}/EventBusName", "sparta")),
    case("a misspelt source", "observability DeploymentNotice event-is-sent",
         put(f"{DEPLOYMENT}/EventPattern/source", ["aws.esc"])),
    case("a misspelt kind", "observability DeploymentNotice event-is-sent",
         put(f"{DEPLOYMENT}/EventPattern/detail-type", ["ECS Deployment Status Change"])),
    case("the kind of another source", "observability BackupNotice event-is-sent",
         put(f"{BACKUPS}/EventPattern/source", ["aws.ecs"])),
    case("no kind", "observability BackupNotice event-is-sent", remove(f"{BACKUPS}/EventPattern/detail-type")),
    case("a state that is none", "observability BackupNotice pattern-matches-event",
         put(f"{BACKUPS}/EventPattern/detail/state/0", "CANCELLED")),
    case("a field beside detail", "observability BackupNotice pattern-matches-event",
         put(f"{BACKUPS}/EventPattern/state", ["FAILED"])),
    case("a field the event lacks", "observability StackNotice pattern-matches-event",
         put(f"{STACKS}/EventPattern/detail/stackId", ["x"])),
    case("an inner field the event lacks", "observability StackNotice pattern-matches-event",
         put(f"{STACKS}/EventPattern/detail/status-details", {"state": ["CREATE_COMPLETE"]})),
    case("no value allowed", "observability BackupNotice pattern-matches-event",
         put(f"{BACKUPS}/EventPattern/detail/state", [])),
    case("a single value", "observability BackupNotice pattern-lists-values",
         put(f"{BACKUPS}/EventPattern/detail/state", "FAILED")),
    case("a call that reads", "observability ChangeNotice watched-call-exists",
         put(f"{CALLS}/EventPattern/detail/eventName/+", "GetSecretValue")),
    case("a misspelt call", "observability ChangeNotice watched-call-exists",
         put(f"{CALLS}/EventPattern/detail/eventName/0", "AuthorizeSecurityGroupIngres")),
    case("calls of a service that is not asked", "observability ChangeNotice watched-call-exists",
         remove(f"{CALLS}/EventPattern/source/0")),
    case("every call", "observability ChangeNotice watched-calls-named", remove(f"{CALLS}/EventPattern/detail")),
    case("a service without a call", "observability ChangeNotice watched-calls-named",
         put(f"{CALLS}/EventPattern/detail/eventName", ["PutSecretValue"])),
    case("calls without a trail", "observability ChangeNotice calls-need-trail", remove(f"{O}/Trail")),
    case("no target", "observability DeploymentNotice notice-has-target", put(f"{DEPLOYMENT}/Targets", [])),
    case("a target elsewhere", "observability DeploymentNotice notice-has-target",
         put(f"{DEPLOYMENT}/Targets/0/Arn", {"Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:1:other"})),
    case("a log group as target", "observability DeploymentNotice notice-has-target",
         put(f"{DEPLOYMENT}/Targets/0/Arn", {"Fn::GetAtt": ["TrailLogGroup", "Arn"]})),
    case("a role for the topic", "observability DeploymentNotice notice-without-role",
         put(f"{DEPLOYMENT}/Targets/0/RoleArn", {"Fn::GetAtt": ["TrailRole", "Arn"]})),
    case("a placeholder without a path", "observability DeploymentNotice placeholder-declared",
         put(f"{DEPLOYMENT}/{TRANSFORMER}/InputTemplate", '"info: <event> of <service>. <why>"')),
    case("a path that nobody says", "observability BackupNotice placeholder-declared",
         put(f"{BACKUPS}/{TRANSFORMER}/InputPathsMap/job", "$.detail.backupJobId")),
    case("a path without a dollar", "observability BackupNotice placeholder-has-path",
         put(f"{BACKUPS}/{TRANSFORMER}/InputPathsMap/state", "detail.state")),
    case("a path the event lacks", "observability BackupNotice placeholder-has-path",
         put(f"{BACKUPS}/{TRANSFORMER}/InputPathsMap/reason", "$.detail.reason")),
    case("a path into what the event lacks", "observability ChangeNotice placeholder-has-path",
         put(f"{CALLS}/{TRANSFORMER}/InputPathsMap/who", "$.detail.userIdentity.name")),
    case("a sentence without quotes", "observability BackupNotice template-readable",
         put(f"{BACKUPS}/{TRANSFORMER}/InputTemplate", "warning: backup <state> of <table>. <reason>")),
    case("no severity", "observability BackupNotice notice-names-severity",
         put(f"{BACKUPS}/{TRANSFORMER}/InputTemplate", '"backup <state> of <table>. <reason>"')),
    case("the raw event", "observability BackupNotice notice-names-severity", remove(f"{BACKUPS}/{TRANSFORMER}")),
    case("the bot's deployments unseen", "services BotService deployments-are-told",
         remove(f"{DEPLOYMENT}/EventPattern/resources/1")),
    case("the account's deployments", "observability DeploymentNotice deployments-are-told",
         remove(f"{DEPLOYMENT}/EventPattern/resources")),
    case("changes of the stacks unseen", "root - stack-changes-are-told", remove(f"{O}/StackNotice")),
    case("failed roll-backs unseen", "observability StackNotice stack-changes-are-told",
         remove(f"{STACKS}/EventPattern/detail/status-details/status/5")),
    case("every stack of the account", "observability StackNotice stack-changes-are-told",
         remove(f"{STACKS}/EventPattern/detail/stack-id")),
    case("another environment's stack", "observability StackNotice stack-changes-are-told",
         put(f"{STACKS}/EventPattern/detail/stack-id/0/prefix",
             arn("cloudformation", "stack/sparta-staging"))),
    case("each step on the way", "observability StackNotice stack-changes-are-told",
         put(f"{STACKS}/EventPattern/detail/status-details/status/+", "UPDATE_IN_PROGRESS")),
    case("an opened network unseen", "observability ChangeNotice sensitive-calls-are-told",
         remove(f"{CALLS}/EventPattern/detail/eventName/1")),
    case("all calls unseen", "root - sensitive-calls-are-told", remove(f"{O}/ChangeNotice")),
    case("failed backups unseen", "data BackupVault backup-failures-are-told", remove(f"{O}/BackupNotice")),
    case("expired backups unseen", "observability BackupNotice backup-failures-are-told",
         remove(f"{BACKUPS}/EventPattern/detail/state/1")),
    case("each backup a warning", "observability BackupNotice backup-failures-are-told",
         put(f"{BACKUPS}/EventPattern/detail/state/+", "COMPLETED")),
    case("another vault", "observability BackupNotice backup-failures-are-told",
         put(f"{BACKUPS}/EventPattern/detail/backupVaultName", ["Default"])),
]  # fmt: skip

CASES = [*POLICIES, *MESSAGING, *EVENTS]


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about messages stands without a mistake that it sees."""
    assert not unproven(CASES, "attached_policies", "messaging", "notices", "notices_told", "notices_words")


TICKER = {
    "Type": "AWS::Events::Rule",
    "Properties": {"ScheduleExpression": "rate(1 day)", "Targets": [{"Id": "alerts", "Arn": {"Ref": "AlertsTopic"}}]},
}
HARMLESS = [
    pytest.param(put(f"{DEPLOYMENT}/{TRANSFORMER}/InputTemplate",
                     '{"severity": "info", "text": "<event> of <service>: <reason>"}'), id="words in an object"),
    pytest.param(put(f"{DEPLOYMENT}/{TRANSFORMER}/InputTemplate",
                     '"info: <event> of <service>"\n"<reason> (<aws.events.rule-name>)"'), id="two lines"),
    pytest.param(put(f"{CALLS}/EventPattern/detail/eventName/+", "CreateVpcPeeringConnection"), id="one more call"),
    pytest.param(put(f"{STACKS}/EventPattern/detail/status-details/status/+", "IMPORT_COMPLETE"), id="one more end"),
    pytest.param(put(f"{QUEUE}/MessageRetentionPeriod", 604800), id="a week of failures"),
    pytest.param(both(remove(f"{QUEUE}/KmsMasterKeyId"), put(f"{QUEUE}/SqsManagedSseEnabled", True)), id="SQS's key"),
    pytest.param(put(f"{ALLOWED}/0/Condition", {"ArnLike": {
        "aws:SourceArn": arn("cloudwatch", "alarm:sparta-*")}}),
        id="alarms by the beginning of their names"),
]  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS)
def test_harmless_change_is_not_named(change: Mistake) -> None:
    """What a person may well want is no finding."""
    assert not said(change, rules_of(CASES))


def test_schedule_waits_for_no_event() -> None:
    """A rule that goes off by the clock needs no pattern."""
    assert not said(put(f"{O}/Ticker", TICKER), rules_of(CASES))
