"""What people see: alarms, dashboard, the alerts topic, notices of deployments and changes, and the audit trail."""

from __future__ import annotations

from typing import Any, NamedTuple

from awacs.aws import Action, Bool, Condition, Deny, Principal, Statement, StringEquals
from troposphere import AccountId, Ref, Sub, Template, cloudwatch, events, logs, sns

from templates import alarms, audit, dashboard, policies
from templates.stack import named, output

STACK_ENDINGS = (
    "CREATE_COMPLETE",
    "CREATE_FAILED",
    "ROLLBACK_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_ROLLBACK_FAILED",
    "DELETE_COMPLETE",
    "DELETE_FAILED",
)
SENSITIVE_CALLS = (
    "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress",
    "DeleteSecret",
    "ModifySecurityGroupRules",
    "PutSecretValue",
    "RevokeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
    "UpdateSecret",
)


class Notice(NamedTuple):
    """An event that people are told of: ``paths`` are taken from it and put into ``text``."""

    title: str
    name: str
    about: str
    pattern: dict[str, Any]
    paths: dict[str, str]
    text: str


def _service_arn(service: str) -> Sub:
    cluster = "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:service/${ClusterName}"
    return Sub(f"{cluster}/${{{service}ServiceName}}")


NOTICES = (
    Notice(
        "DeploymentNotice",
        "sparta-deployments",
        "A deployment of the API or the bot began, ended or failed",
        {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "resources": [_service_arn("Api"), _service_arn("Bot")],
        },
        {"event": "$.detail.eventName", "service": "$.resources[0]", "reason": "$.detail.reason"},
        "info: <event> of <service>. <reason>",
    ),
    Notice(
        "StackNotice",
        "sparta-stack-changes",
        "CloudFormation finished changing a stack of this system",
        {
            "source": ["aws.cloudformation"],
            "detail-type": ["CloudFormation Stack Status Change"],
            "detail": {
                "stack-id": [
                    {
                        "prefix": Sub(
                            "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/sparta-${Environment}"
                        )
                    }
                ],
                "status-details": {"status": list(STACK_ENDINGS)},
            },
        },
        {"stack": "$.detail.stack-id", "status": "$.detail.status-details.status"},
        "info: <status> of <stack>.",
    ),
    Notice(
        "ChangeNotice",
        "sparta-sensitive-changes",
        "Somebody changed a security group or a secret",
        {
            "source": ["aws.ec2", "aws.secretsmanager"],
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {"eventName": list(SENSITIVE_CALLS)},
        },
        {"call": "$.detail.eventName", "who": "$.detail.userIdentity.arn", "time": "$.time"},
        "info: <who> called <call> at <time>.",
    ),
    Notice(
        "BackupNotice",
        "sparta-backup-failures",
        "A backup failed",
        {
            "source": ["aws.backup"],
            "detail-type": ["Backup Job State Change"],
            "detail": {"state": ["ABORTED", "EXPIRED", "FAILED"], "backupVaultName": [Ref("BackupVaultName")]},
        },
        {"state": "$.detail.state", "table": "$.detail.resourceArn", "reason": "$.detail.statusMessage"},
        "warning: backup <state> of <table>. <reason>",
    ),
)

LOGGED = (
    ("ApiErrorsLogged", Ref("ApiLogGroupName"), '{ $.level = "error" || $.level = "critical" }'),
    ("BotErrorsLogged", Ref("BotLogGroupName"), '{ $.level = "error" || $.level = "critical" }'),
    (
        "RootAccountUse",
        Ref("TrailLogGroup"),
        '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }',
    ),
    (
        "AccessDenied",
        Ref("TrailLogGroup"),
        '{ $.errorCode = "*UnauthorizedOperation" || $.errorCode = "AccessDenied*" }',
    ),
)
"""Metrics counted from log lines: name, log group, pattern."""


def build() -> Template:
    """Stack ``observability``."""
    template = Template(
        Description="Sparta observability: alarms, dashboard, alerts topic, notices and the audit trail."
    )
    _topic(template)
    for notice in NOTICES:
        _notice(template, notice)
    audit.add(template)
    for name, group, pattern in LOGGED:
        _counted(template, name, group, pattern)
    alarms.add(template)
    template.add_resource(
        cloudwatch.Dashboard(
            "Dashboard", DashboardName=Sub("sparta-${Environment}"), DashboardBody=Sub(dashboard.body())
        )
    )
    output(template, "DashboardName", Ref("Dashboard"), "CloudWatch dashboard to look at first.")
    return template


def _topic(template: Template) -> None:
    template.add_resource(
        sns.Topic(
            "AlertsTopic",
            TopicName=Sub("sparta-${Environment}-alerts"),
            DisplayName=Sub("Sparta ${Environment}"),
            KmsMasterKeyId=Ref("EncryptionKeyArn"),
        )
    )
    template.add_resource(
        sns.TopicPolicy(
            "AlertsTopicPolicy",
            Topics=[Ref("AlertsTopic")],
            PolicyDocument=policies.policy(
                _publish("AlarmsPublish", "cloudwatch", StringEquals("aws:SourceAccount", AccountId)),
                # EventBridge evaluates no condition in a topic's policy: with one, nothing is ever delivered.
                _publish("EventsPublish", "events"),
                Statement(
                    Sid="RefusePlainHttp",
                    Effect=Deny,
                    Principal=Principal("*"),
                    Action=[Action("sns", "Publish")],
                    Resource=[Ref("AlertsTopic")],
                    Condition=Condition(Bool("aws:SecureTransport", "false")),
                ),
            ),
        )
    )
    template.add_resource(
        sns.SubscriptionResource(
            "AlertEmailSubscription",
            Condition="HasAlertEmail",
            TopicArn=Ref("AlertsTopic"),
            Protocol="email",
            Endpoint=Ref("AlertEmail"),
        )
    )
    output(template, "AlertsTopicArn", Ref("AlertsTopic"), "Topic of alarms and notices.")


def _publish(sid: str, service: str, *checks: Any) -> Statement:
    rest = {"Condition": Condition(list(checks))} if checks else {}
    principal = Principal("Service", f"{service}.amazonaws.com")
    return policies.allow(sid, "sns", "Publish", Ref("AlertsTopic"), Principal=principal, **rest)


def _notice(template: Template, notice: Notice) -> None:
    template.add_resource(
        events.Rule(
            notice.title,
            Name=named(notice.name),
            Description=notice.about,
            State="ENABLED",
            EventPattern=notice.pattern,
            Targets=[
                events.Target(
                    Id="alerts",
                    Arn=Ref("AlertsTopic"),
                    InputTransformer=events.InputTransformer(
                        InputPathsMap=notice.paths, InputTemplate=f'"{notice.text}"'
                    ),
                )
            ],
        )
    )


def _counted(template: Template, name: str, group: object, pattern: str) -> None:
    template.add_resource(
        logs.MetricFilter(
            f"{name}Filter",
            LogGroupName=group,
            FilterPattern=pattern,
            MetricTransformations=[
                logs.MetricTransformation(
                    MetricNamespace=alarms.APPLICATION,
                    MetricName=named(name),  # a filter's dimension would have to come from the log line itself
                    MetricValue="1",
                    Unit="Count",
                )
            ],
        )
    )
