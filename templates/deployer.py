"""What deploying needs: the rights of CloudFormation's execution role and those of the deployment workflow."""

from __future__ import annotations

from awacs.aws import Action, Condition, Deny, Statement, StringEquals, StringLike
from troposphere import GetAtt

from templates import rights
from templates.policies import allow
from templates.rights import arn, grant

SERVICES = (
    "backup",
    "cloudtrail",
    "ecs-tasks",
    "lambda",
    "scheduler",
    "vpc-flow-logs",
)
"""Services that are handed one of the system's roles."""

SERVICE_LINKED = ("ecs", "ecs.application-autoscaling", "elasticloadbalancing", "backup", "wafv2")


def _leave_deployers_alone() -> Statement:
    """The roles that deploy are the bootstrap stack's: no deployment gives itself more rights."""
    changes = "DeleteRole DeleteRolePolicy PutRolePolicy UpdateAssumeRolePolicy UpdateRole"
    return Statement(
        Sid="LeaveDeployersAlone",
        Effect=Deny,
        Action=[Action("iam", name) for name in changes.split()],
        Resource=[arn("iam", f"role/sparta-{name}-*", region="") for name in ("cloudformation", "deploy")],
    )


_STACKS = (
    "CreateChangeSet CreateStack DeleteChangeSet DeleteStack DescribeChangeSet DescribeStackEvents "
    "DescribeStackResource DescribeStackResources DescribeStacks ExecuteChangeSet GetTemplate ListStackResources "
    "TagResource UntagResource UpdateStack"
)


def _roles_and_stacks() -> list[Statement]:
    roles = arn("iam", "role/sparta-*${Ending}", region="")
    services = [f"{service}.amazonaws.com" for service in SERVICES]
    linked = [f"{service}.amazonaws.com" for service in SERVICE_LINKED]
    return [
        grant(
            "ManageRoles",
            "iam",
            "CreateRole DeleteRole DeleteRolePolicy GetRole GetRolePolicy ListAttachedRolePolicies "
            "ListRolePolicies PutRolePolicy TagRole UntagRole UpdateAssumeRolePolicy UpdateRole "
            "UpdateRoleDescription",
            roles,
        ),
        _leave_deployers_alone(),
        allow(
            "HandRolesOver",
            "iam",
            "PassRole",
            roles,
            Condition=Condition(StringEquals("iam:PassedToService", services)),
        ),
        allow(
            "MakeServiceLinkedRoles",
            "iam",
            "CreateServiceLinkedRole",
            arn("iam", "role/aws-service-role/*", region=""),
            Condition=Condition(StringLike("iam:AWSServiceName", linked)),
        ),
        grant("ManageStacks", "cloudformation", _STACKS, arn("cloudformation", "stack/sparta-${Environment}-*/*")),
    ]


def execution_policies() -> dict[str, tuple[str, list[Statement]]]:
    """Managed policies of the execution role: title, subject, statements. One alone would be over IAM's limit."""
    return {
        "NetworkDeployment": ("network", rights.network()),
        "ServicesDeployment": ("services", rights.services()),
        "DataDeployment": ("data", rights.data()),
        "ObservabilityDeployment": ("observability", rights.observability()),
        "RolesDeployment": ("roles", _roles_and_stacks()),
    }


def workflow_statements() -> list[Statement]:
    """The deployment workflow: change sets on the root stack, artifacts, images, and looking at what runs."""
    return [
        grant(
            "ManageRootStack",
            "cloudformation",
            "CreateChangeSet DeleteChangeSet DescribeChangeSet DescribeEvents DescribeStackEvents "
            "DescribeStackResource DescribeStackResources DescribeStacks ExecuteChangeSet GetTemplate "
            "GetTemplateSummary ListChangeSets ListStackResources",
            arn("cloudformation", "stack/sparta-${Environment}/*"),
            arn("cloudformation", "stack/sparta-${Environment}-*/*"),
        ),
        allow(
            "FindExecutionRole",
            "cloudformation",
            "DescribeStacks",
            arn("cloudformation", "stack/sparta-bootstrap-${Environment}/*"),
        ),
        allow(
            "HandExecutionRoleOver",
            "iam",
            "PassRole",
            arn("iam", "role/sparta-cloudformation-${Environment}", region=""),
            Condition=Condition(StringEquals("iam:PassedToService", "cloudformation.amazonaws.com")),
        ),
        grant(
            "KeepArtifacts",
            "s3",
            "GetObject PutObject",
            arn("s3", "sparta-artifacts-${Environment}-${AWS::AccountId}/*", region="", account=""),
        ),
        grant(
            "FindArtifacts",
            "s3",
            "ListBucket",
            arn("s3", "sparta-artifacts-${Environment}-${AWS::AccountId}", region="", account=""),
        ),
        grant("LogInToRegistry", "ecr", "GetAuthorizationToken"),
        grant(
            "PushImages",
            "ecr",
            "BatchCheckLayerAvailability BatchGetImage CompleteLayerUpload DescribeImageScanFindings "
            "DescribeImages GetDownloadUrlForLayer InitiateLayerUpload PutImage UploadLayerPart",
            GetAtt("ImageRepository", "Arn"),
        ),
        grant(
            "WatchServices",
            "ecs",
            "DescribeServices",
            arn("ecs", "service/sparta-${Environment}/*"),
        ),
    ]
