"""Events that AWS sends: which source sends which kind, with which fields, and which values some of them have."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Event(NamedTuple):
    """A kind of event: the fields of its detail, and the values that some have, by path below detail.

    `inner`: the fields of some of these fields.
    """

    detail: frozenset[str]
    values: dict[str, frozenset[str]]
    inner: Mapping[str, frozenset[str]] = MappingProxyType({})

    def has(self, steps: list[str]) -> bool:
        """Whether a path below detail may be in the event; of an event nothing is known of, any may."""
        if not self.detail or not steps:
            return True
        within = self.inner.get(steps[0]) if len(steps) > 1 else None
        return steps[0] in self.detail and (within is None or steps[1] in within)


def _words(written: str) -> frozenset[str]:
    return frozenset(written.split())


ROOTS = _words("version id detail-type source account time region resources detail replay-name")
CALL = "AWS API Call via CloudTrail"
SIGN_IN = "AWS Console Sign In via CloudTrail"
SERVICE_EVENT = "AWS Service Event via CloudTrail"
BY_TRAIL = {CALL, SIGN_IN, SERVICE_EVENT}
RECORD = Event(
    _words(
        "eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode"
        " errorMessage requestParameters responseElements additionalEventData requestID eventID readOnly eventType"
        " recipientAccountId managementEvent eventCategory sessionCredentialFromConsole tlsDetails resources apiVersion"
        " serviceEventDetails sharedEventID vpcEndpointId"
    ),
    {"eventType": _words("AwsApiCall AwsServiceEvent AwsConsoleAction AwsConsoleSignIn")},
    {
        "userIdentity": _words(
            "type principalId arn accountId accessKeyId userName sessionContext invokedBy identityProvider onBehalfOf"
            " credentialId inScopeOf"
        )
    },
)
_STACK = _words("stack-id status-details client-request-token logical-resource-id physical-resource-id resource-type")
_STATUS = _words("status status-reason detailed-status")
_BACKUP = _words(
    "backupJobId backupVaultArn backupVaultName bytesTransferred creationDate completionDate startBy iamRoleArn"
    " percentDone resourceArn resourceType resourceName state status statusMessage messageCategory recoveryPointArn"
    " backupSizeInBytes createdBy isParent parentJobId initiationDate copyJobId restoreJobId"
)
STACK_STATES = frozenset(
    f"{action}_{state}"
    for action in ("CREATE", "UPDATE", "DELETE", "ROLLBACK", "UPDATE_ROLLBACK", "IMPORT", "IMPORT_ROLLBACK")
    for state in ("IN_PROGRESS", "COMPLETE", "FAILED")
) | _words("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS REVIEW_IN_PROGRESS")
NOTHING_KNOWN = Event(frozenset(), {})

# (source, detail-type) -> what is known of it, from EventBridge's event reference.
EVENTS: dict[tuple[str, str], Event] = {
    ("aws.ecs", "ECS Deployment State Change"): Event(
        _words("eventType eventName clusterArn deploymentId updatedAt createdAt reason serviceRevisionArns"),
        {
            "eventType": _words("INFO ERROR"),
            "eventName": _words(
                "SERVICE_DEPLOYMENT_IN_PROGRESS SERVICE_DEPLOYMENT_COMPLETED SERVICE_DEPLOYMENT_FAILED"
            ),
        },
    ),
    ("aws.ecs", "ECS Service Action"): Event(
        _words("eventType eventName clusterArn createdAt reason capacityProviderArns desiredCount taskSetArns"),
        {"eventType": _words("INFO WARN ERROR")},
    ),
    ("aws.ecs", "ECS Task State Change"): NOTHING_KNOWN,
    ("aws.ecs", "ECS Container Instance State Change"): NOTHING_KNOWN,
    ("aws.cloudformation", "CloudFormation Stack Status Change"): Event(
        _STACK, {"status-details.status": STACK_STATES}, {"status-details": _STATUS}
    ),
    ("aws.cloudformation", "CloudFormation Resource Status Change"): Event(_STACK, {}),
    ("aws.cloudformation", "CloudFormation Drift Detection Status Change"): NOTHING_KNOWN,
    ("aws.backup", "Backup Job State Change"): Event(
        _BACKUP,
        {"state": _words("CREATED PENDING RUNNING ABORTING ABORTED COMPLETED FAILED EXPIRED PARTIAL")},
    ),
    ("aws.backup", "Copy Job State Change"): Event(_BACKUP, {}),
    ("aws.backup", "Restore Job State Change"): Event(_BACKUP, {}),
    **{
        ("aws.backup", kind): NOTHING_KNOWN
        for kind in (
            "Backup Vault State Change",
            "Backup Plan State Change",
            "Recovery Point Change",
            "Recovery Point State Change",
            "Region Setting State Change",
        )
    },
    ("aws.cloudwatch", "CloudWatch Alarm State Change"): NOTHING_KNOWN,
    ("aws.cloudwatch", "CloudWatch Alarm Configuration Change"): NOTHING_KNOWN,
    ("aws.ecr", "ECR Image Action"): NOTHING_KNOWN,
    ("aws.ecr", "ECR Image Scan"): NOTHING_KNOWN,
    ("aws.health", "AWS Health Event"): NOTHING_KNOWN,
    ("aws.guardduty", "GuardDuty Finding"): NOTHING_KNOWN,
    ("aws.securityhub", "Security Hub Findings - Imported"): NOTHING_KNOWN,
    ("aws.config", "Config Rules Compliance Change"): NOTHING_KNOWN,
    ("aws.acm", "ACM Certificate Approaching Expiration"): NOTHING_KNOWN,
    ("aws.acm", "ACM Certificate Expired"): NOTHING_KNOWN,
    ("aws.s3", "Object Created"): NOTHING_KNOWN,
    ("aws.s3", "Object Deleted"): NOTHING_KNOWN,
    ("aws.application-autoscaling", "Application Auto Scaling Scaling Activity State Change"): NOTHING_KNOWN,
    ("aws.events", "Scheduled Event"): NOTHING_KNOWN,
    ("aws.signin", SIGN_IN): RECORD,
}
DETAIL_TYPES = {kind for _, kind in EVENTS} | BY_TRAIL
# Calls whose names are known well enough to see a misspelling: everything else these services offer only reads.
CALLS = {
    "aws.secretsmanager": _words(
        "CreateSecret DeleteSecret PutSecretValue UpdateSecret UpdateSecretVersionStage RestoreSecret RotateSecret"
        " CancelRotateSecret TagResource UntagResource PutResourcePolicy DeleteResourcePolicy ReplicateSecretToRegions"
        " RemoveRegionsFromReplication StopReplicationToReplica"
    ),
    "aws.ec2": _words(
        "AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress RevokeSecurityGroupEgress"
        " RevokeSecurityGroupIngress ModifySecurityGroupRules CreateSecurityGroup DeleteSecurityGroup"
        " UpdateSecurityGroupRuleDescriptionsEgress"
        " UpdateSecurityGroupRuleDescriptionsIngress CreateRoute DeleteRoute ReplaceRoute CreateRouteTable"
        " DeleteRouteTable ReplaceRouteTableAssociation AssociateRouteTable DisassociateRouteTable CreateNetworkAcl"
        " DeleteNetworkAcl CreateNetworkAclEntry DeleteNetworkAclEntry ReplaceNetworkAclEntry"
        " ReplaceNetworkAclAssociation CreateInternetGateway DeleteInternetGateway AttachInternetGateway"
        " DetachInternetGateway CreateVpc DeleteVpc ModifyVpcAttribute CreateVpcPeeringConnection"
        " AcceptVpcPeeringConnection DeleteVpcPeeringConnection CreateFlowLogs DeleteFlowLogs"
    ),
}


# Other services whose calls a trail passes on; a source that is nearly one of these is misspelt.
CALLED = _words(
    "acm application-autoscaling autoscaling backup cloudformation cloudfront cloudtrail cloudwatch config dynamodb ec2"
    " ecr ecs elasticloadbalancing events guardduty iam kms lambda logs monitoring organizations rds route53 s3"
    " scheduler secretsmanager servicediscovery sns sqs ssm sts signin wafv2"
)
SOURCES = {source for source, _ in EVENTS} | {f"aws.{service}" for service in CALLED}


def known(source: str, kind: str) -> Event | None:
    """What is known of an event; None when no service sends it."""
    if kind in (CALL, SERVICE_EVENT):
        return RECORD if source.removeprefix("aws.") in CALLED else None
    return EVENTS.get((source, kind))
