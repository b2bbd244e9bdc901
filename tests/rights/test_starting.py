"""The roles by which AWS's services start programs and rotate the key: what they call is granted, and nothing else.

Nobody runs ECS, Secrets Manager or the scheduler here. So the calls are those that their documentation names.
"""

from __future__ import annotations

import pytest

from tests.rights import rotation
from tests.rights.account import AZTEC_SECRET, ETHEREUM_SECRET, Account, is_denied
from tests.rights.comparison import Document, granted, lacking, parted_by_name, unused
from tests.rights.recording import Request


def secret(operation: str, name: str, **parameters: object) -> Request:
    return Request("secretsmanager", operation, {"SecretId": f"sparta/production/{name}", **parameters})


def starting(group: str, *secrets: str) -> list[Request]:
    """ECS with an execution role: the image, the log, the secrets."""
    image = {"repositoryName": "sparta"}
    stream = {"logGroupName": group, "logStreamName": "api/api/0"}
    return [
        Request("ecr", "GetAuthorizationToken", {}),
        Request("ecr", "BatchCheckLayerAvailability", {**image, "layerDigests": [f"sha256:{'0' * 64}"]}),
        Request("ecr", "BatchGetImage", {**image, "imageIds": [{"imageTag": "x"}]}),
        Request("ecr", "GetDownloadUrlForLayer", {**image, "layerDigest": f"sha256:{'0' * 64}"}),
        Request("logs", "CreateLogStream", stream),
        Request("logs", "PutLogEvents", {**stream, "logEvents": [{"timestamp": 1, "message": "x"}]}),
        *(secret("GetSecretValue", name) for name in secrets),
    ]


def rotating() -> list[Request]:
    """The four steps of a rotation; the stage is moved by name only, to where it is."""
    stream = {"logGroupName": "/aws/lambda/sparta-api-key-rotation", "logStreamName": "0"}
    return [
        secret("DescribeSecret", "api-key"),
        secret("GetSecretValue", "api-key"),
        Request("secretsmanager", "GetRandomPassword", {}),
        secret("PutSecretValue", "api-key", SecretString="x", VersionStages=["AWSPENDING"]),
        secret("UpdateSecretVersionStage", "api-key", VersionStage="AWSPENDING"),
        Request("logs", "CreateLogStream", stream),
        Request("logs", "PutLogEvents", {**stream, "logEvents": [{"timestamp": 1, "message": "x"}]}),
    ]


ROLES = {
    "sparta-ecs-execution-role": [
        *starting("/ecs/sparta-api", "bot-token", "ethereum-private-key"),
        *(Request("secretsmanager", "GetSecretValue", {"SecretId": name}) for name in (ETHEREUM_SECRET, AZTEC_SECRET)),
    ],
    "sparta-bot-execution-role": starting("/ecs/sparta-bot", "bot-token"),
    "sparta-bot-task-role": [secret("GetSecretValue", "api-key")],
    "sparta-api-key-rotation-role": rotating(),
    "sparta-eventbridge-role": [Request("lambda", "Invoke", {"FunctionName": "sparta-validator-monitor"})],
}
"""By role, what its user asks of AWS."""


def _policies(account: Account, role: str) -> list[Document]:
    """Without what Lambda does for the rotation's place in the VPC: ``test_lambda.py``."""
    found = account.policies(role)
    return parted_by_name(found, {"StandInVpc"})[0] if role == rotation.ROLE else found


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_granted_what_its_user_asks_for(account: Account, role: str) -> None:
    """Both ways: by comparison, and by asking."""
    policies, recorder = _policies(account, role), account.recorder()
    calls = {right for request in ROLES[role] for right in recorder.rights(request)}
    assert lacking(granted(policies), calls) == set()
    assert unused(granted(policies), calls) == set()
    probe = account.user(policies)
    assert [request for request in ROLES[role] if is_denied(account.ask(request, probe))] == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_refused_what_others_ask_for(account: Account, role: str) -> None:
    """What is granted to any of the others and not to this one."""
    policies, recorder = account.policies(role), account.recorder()
    probe = account.user(policies)
    others = [request for requests in ROLES.values() for request in requests]
    foreign = [each for each in others if lacking(granted(policies), set(recorder.rights(each)))]
    assert foreign
    assert [request for request in foreign if not is_denied(account.ask(request, probe))] == []
