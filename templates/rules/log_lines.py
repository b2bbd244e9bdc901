"""What the lines of a log group look like: those of our programs, and AWS's records of calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from templates.rules.system import Resource, System


class Lines(NamedTuple):
    """The values some fields can have, one line when nothing is wrong, and the roots of fields found elsewhere."""

    what: str
    known: Mapping[str, tuple[str, ...]]
    well: Mapping[str, str]
    never: tuple[str, ...]


def _words(written: str) -> tuple[str, ...]:
    return tuple(written.split())


PROGRAMS = Lines(
    what="a program's lines",
    known={"level": _words("debug info warning error critical")},
    well={"level": "info", "event": "started"},
    never=_words(
        "eventVersion requestParameters responseElements additionalEventData userIdentity eventName eventSource"
        " eventType errorCode errorMessage sourceIPAddress userAgent recipientAccountId"
    ),
)
CALLS = Lines(
    what="AWS's records of calls",
    known={
        "userIdentity.type": _words(
            "Root IAMUser AssumedRole Role FederatedUser Directory AWSAccount AWSService IdentityCenterUser SAMLUser"
            " WebIdentityUser Unknown"
        ),
        "eventType": _words(
            "AwsApiCall AwsServiceEvent AwsConsoleAction AwsConsoleSignIn AwsVpceEvent AwsCloudTrailInsight"
        ),
        "errorCode": _words(
            "AccessDenied AccessDeniedException UnauthorizedOperation Client.UnauthorizedOperation ThrottlingException"
            " ValidationException ResourceNotFoundException ConditionalCheckFailedException"
        ),
        "responseElements.ConsoleLogin": _words("Success Failure"),
        "additionalEventData.MFAUsed": _words("Yes No"),
    },
    well={
        "userIdentity.type": "AssumedRole",
        "userIdentity.invokedBy": "ecs-tasks.amazonaws.com",
        "eventName": "GetItem",
        "eventType": "AwsApiCall",
        "eventSource": "dynamodb.amazonaws.com",
        "sourceIPAddress": "10.10.101.7",
    },
    never=("level",),
)
ROOT_CALL = {"userIdentity.type": "Root", "eventType": "AwsApiCall", "eventName": "CreateAccessKey"}
"""A record of what nobody of this system ever does."""
FLOWS = Lines(what="flow records, which are no JSON", known={}, well={}, never=("",))


def lines_of(system: System, group: Resource) -> Lines | None:
    """What a log group holds: records of a trail or of flows, or a program's lines; None where nobody knows."""
    trails = [trail.get("CloudWatchLogsLogGroupArn") for trail in system.of_type("AWS::CloudTrail::Trail")]
    if group in system.targets(trails):
        return CALLS
    flows = [[flow.get("LogGroupName"), flow.get("LogDestination")] for flow in system.of_type("AWS::EC2::FlowLog")]
    if group in system.targets(flows):
        return FLOWS
    writers = system.of_type("AWS::ECS::TaskDefinition", "AWS::Lambda::Function")
    written = [[each.get("ContainerDefinitions"), each.get("LoggingConfig")] for each in writers]
    return PROGRAMS if group in system.targets(written) else None
