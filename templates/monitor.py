"""Lambda: the validator monitor on its schedule, and the rotation of the API key."""

from __future__ import annotations

from typing import Any

from awacs.aws import Action, Bool, Condition, Deny, Principal, Statement
from troposphere import GetAtt, If, Ref, Sub, Template, awslambda, scheduler, secretsmanager, sqs

from templates import environment, policies, storage
from templates.acceptance import NO_SECRETS, accepted
from templates.roles import MONITOR_FAILURES
from templates.stack import named, output

RUNTIME = "python3.13"
MONITOR = "sparta-validator-monitor"
ROTATION = "sparta-api-key-rotation"
NO_VPC = "It reaches public endpoints and AWS only: nothing inside the VPC is needed, and no NAT is paid for."


def build() -> Template:
    """Stack ``monitor``."""
    template = Template(Description="Sparta monitor: the validator monitor on its schedule, and API key rotation.")
    _failure_queue(template)
    _monitor(template)
    _rotation(template)
    return template


def _function(
    template: Template,
    title: str,
    name: str,
    module: str,
    variables: Any,
    why: tuple[str, ...],
    **rest: Any,
) -> None:
    """A function and, before it, its log group: Lambda would make one that keeps everything for ever."""
    template.add_resource(storage.log_group(f"{title}LogGroup", named(f"/aws/lambda/{name}")))
    template.add_resource(
        awslambda.Function(
            f"{title}Function",
            FunctionName=named(name),
            Runtime=RUNTIME,
            Architectures=["arm64"],
            Handler=f"functions.{module}.handler",
            Code=awslambda.Code(S3Bucket=Ref("ArtifactBucket"), S3Key=Ref(f"{title}CodeKey")),
            Role=Ref(f"{title}RoleArn"),
            LoggingConfig=awslambda.LoggingConfig(LogGroup=Ref(f"{title}LogGroup")),
            Environment=awslambda.Environment(Variables=environment.for_function(variables)),
            ReservedConcurrentExecutions=1,
            Metadata=accepted(*why, "CKV_AWS_173", NO_SECRETS),
            **rest,
        )
    )
    output(template, f"{title}FunctionName", Ref(f"{title}Function"), f"Lambda function {name}.")
    output(template, f"{title}LogGroupName", Ref(f"{title}LogGroup"), f"Log group of {name}.")


def _failure_queue(template: Template) -> None:
    """Keeps the events that failed for good, for two weeks."""
    template.add_resource(
        sqs.Queue(
            "MonitorFailures",
            QueueName=named(MONITOR_FAILURES),
            MessageRetentionPeriod=14 * 24 * 3600,
            KmsMasterKeyId=Ref("EncryptionKeyArn"),
            KmsDataKeyReusePeriodSeconds=3600,
            **storage.LET_GO,
        )
    )
    template.add_resource(
        sqs.QueuePolicy(
            "MonitorFailuresPolicy",
            Queues=[Ref("MonitorFailures")],
            PolicyDocument=policies.policy(
                Statement(
                    Sid="RefusePlainHttp",
                    Effect=Deny,
                    Principal=Principal("*"),
                    Action=[Action("sqs", "*")],
                    Resource=[GetAtt("MonitorFailures", "Arn")],
                    Condition=Condition(Bool("aws:SecureTransport", "false")),
                )
            ),
        )
    )
    output(
        template, "MonitorFailuresName", GetAtt("MonitorFailures", "QueueName"), "Queue of the monitor's failed events."
    )


def _monitor(template: Template) -> None:
    _function(
        template,
        "Monitor",
        MONITOR,
        "validator_monitor",
        environment.MONITOR,
        (
            "CKV_AWS_116",
            "Failed events go to the failure destination of MonitorRetries, which says more than a dead-letter queue.",
            "CKV_AWS_117",
            NO_VPC,
        ),
        Description="Watches the validator set and tells operators before they are slashed",
        MemorySize=512,
        Timeout=240,
    )
    template.add_resource(
        awslambda.EventInvokeConfig(
            "MonitorRetries",
            FunctionName=Ref("MonitorFunction"),
            Qualifier="$LATEST",
            MaximumRetryAttempts=2,
            MaximumEventAgeInSeconds=900,
            DestinationConfig=awslambda.DestinationConfig(
                OnFailure=awslambda.OnFailure(Destination=GetAtt("MonitorFailures", "Arn"))
            ),
        )
    )
    template.add_resource(
        scheduler.Schedule(
            "MonitorSchedule",
            Name=named(MONITOR),
            Description="Starts the validator monitor",
            State=If("HasMonitorSchedule", "ENABLED", "DISABLED"),
            ScheduleExpression=Ref("ValidatorMonitorSchedule"),
            ScheduleExpressionTimezone="UTC",
            FlexibleTimeWindow=scheduler.FlexibleTimeWindow(Mode="OFF"),
            Target=scheduler.Target(
                Arn=GetAtt("MonitorFunction", "Arn"),
                RoleArn=Ref("SchedulerRoleArn"),
                Input="{}",
                RetryPolicy=scheduler.RetryPolicy(MaximumRetryAttempts=2, MaximumEventAgeInSeconds=300),
            ),
        )
    )


def _rotation(template: Template) -> None:
    """Secrets Manager calls the function, which tries the new key on the API inside the VPC before anybody gets it."""
    _function(
        template,
        "Rotation",
        ROTATION,
        "api_key_rotation",
        environment.ROTATION,
        ("CKV_AWS_116", "Secrets Manager calls it, sees the failure and tries again; an alarm tells."),
        Description="Replaces the API key on its schedule",
        VpcConfig=awslambda.VPCConfig(
            SubnetIds=Ref("PrivateSubnetIds"), SecurityGroupIds=[Ref("RotationSecurityGroupId")]
        ),
        MemorySize=256,
        Timeout=60,
    )
    template.add_resource(
        awslambda.Permission(
            "RotationPermission",
            Action="lambda:InvokeFunction",
            FunctionName=GetAtt("RotationFunction", "Arn"),
            Principal="secretsmanager.amazonaws.com",
            SourceAccount=Ref("AWS::AccountId"),
        )
    )
    template.add_resource(
        secretsmanager.RotationSchedule(
            "ApiKeyRotation",
            DependsOn="RotationPermission",
            SecretId=Sub("sparta/${Environment}/api-key"),
            RotationLambdaARN=GetAtt("RotationFunction", "Arn"),
            RotationRules=secretsmanager.RotationRules(AutomaticallyAfterDays=Ref("ApiKeyRotationDays")),
            RotateImmediatelyOnUpdate=False,
        )
    )
