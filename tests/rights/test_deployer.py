"""The role of the deployment workflow: enough for its commands, and for nothing that runs."""

from __future__ import annotations

import pytest

from tests.rights.account import Account, is_denied
from tests.rights.recording import Request

ROLE, STACK, CLUSTER = "sparta-deploy-production", "sparta-production", "sparta-production"
BOOTSTRAP = "sparta-bootstrap-production"
IMAGE = {"repositoryName": "sparta", "imageIds": [{"imageTag": "x"}]}
ECS = "arn:aws:ecs:eu-west-2:000000000000"
TARGETS = "arn:aws:elasticloadbalancing:eu-west-2:000000000000:targetgroup/sparta/0123456789abcdef"
PERIOD = {"StartTime": 0, "EndTime": 60, "Period": 60, "Statistics": ["Sum"]}
NEEDED = [
    Request("cloudformation", "DescribeStacks", {"StackName": BOOTSTRAP}),
    Request("cloudformation", "DescribeStacks", {"StackName": STACK}),
    Request("cloudformation", "ListStackResources", {"StackName": STACK}),
    Request("cloudformation", "GetTemplate", {"StackName": STACK}),
    Request("cloudformation", "GetTemplateSummary", {"StackName": STACK}),
    Request("cloudformation", "ListChangeSets", {"StackName": STACK}),
    Request("cloudformation", "DescribeStackEvents", {"StackName": STACK}),
    Request("cloudformation", "DescribeChangeSet", {"StackName": STACK, "ChangeSetName": "x"}),
    Request("cloudformation", "ExecuteChangeSet", {"StackName": STACK, "ChangeSetName": "x"}),
    Request("cloudformation", "DeleteChangeSet", {"StackName": STACK, "ChangeSetName": "x"}),
    Request("ecr", "GetAuthorizationToken", {}),
    Request("ecr", "DescribeImages", IMAGE),
    Request("ecr", "DescribeImageScanFindings", {"repositoryName": "sparta", "imageId": {"imageTag": "x"}}),
    Request("elbv2", "DescribeTargetHealth", {"TargetGroupArn": TARGETS}),
    Request("cloudwatch", "GetMetricStatistics", {"Namespace": "AWS/Lambda", "MetricName": "Errors", **PERIOD}),
]
"""What make changeset, deploy and verify, and the step that pushes the image, ask of AWS."""
FOREIGN = [
    Request("cloudformation", "DeleteStack", {"StackName": STACK}),
    Request("cloudformation", "ExecuteChangeSet", {"StackName": BOOTSTRAP, "ChangeSetName": "x"}),
    Request("cloudformation", "DescribeStacks", {"StackName": "sparta-staging"}),
    Request("secretsmanager", "GetSecretValue", {"SecretId": "sparta/production/api-key"}),
    Request("secretsmanager", "PutSecretValue", {"SecretId": "sparta/production/bot-token", "SecretString": "x"}),
    Request("dynamodb", "Scan", {"TableName": "sparta-operators-production"}),
    Request("ecs", "UpdateService", {"cluster": CLUSTER, "service": "sparta-api", "desiredCount": 0}),
    Request("ecr", "BatchDeleteImage", IMAGE),
    Request("lambda", "Invoke", {"FunctionName": "sparta-validator-monitor"}),
    Request("iam", "CreateUser", {"UserName": "x"}),
    Request("iam", "PutRolePolicy", {"RoleName": ROLE, "PolicyName": "x", "PolicyDocument": "{}"}),
]


def _name(request: Request) -> str:
    return f"{request.service} {request.operation}"


@pytest.mark.parametrize("request_", NEEDED, ids=_name)
def test_it_may_do_what_a_deployment_asks_for(account: Account, request_: Request) -> None:
    """Each call of its commands passes IAM, whatever the service then says."""
    assert not is_denied(account.ask(request_, account.user(account.policies(ROLE))))


def test_it_may_look_at_the_services_of_its_cluster(account: Account) -> None:
    """Read and not asked: the emulator judges all of these by the cluster, AWS by service, task and instance."""
    statements = [each for document in account.policies(ROLE) for each in document["Statement"]]
    rights = {(a, r) for each in statements for a in each["Action"] for r in each["Resource"] if a.startswith("ecs:")}
    looking = {"ecs:DescribeServices", "ecs:DescribeTasks"}
    assert rights == {(a, f"{ECS}:{kind}/{CLUSTER}/*") for a in looking for kind in ("service", "task")} | {
        ("ecs:ListTasks", f"{ECS}:container-instance/{CLUSTER}/*")
    }


@pytest.mark.parametrize("request_", FOREIGN, ids=_name)
def test_it_may_not_do_the_rest(account: Account, request_: Request) -> None:
    """No data, no secret, no role, no other environment, and nothing that runs but through a change set."""
    assert is_denied(account.ask(request_, account.user(account.policies(ROLE))))
