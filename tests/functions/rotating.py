"""Secrets Manager's part of a rotation, which no emulator plays: the next version, its four steps, and its end.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
FUNCTION = "arn:aws:lambda:eu-west-2:000000000000:function:sparta-api-key-rotation"


def prepare(client: Any, name: str, key: str) -> None:
    """A secret with this key, whose rotation is switched on."""
    client.create_secret(Name=name, SecretString=key)
    # The emulator takes this for a rotation and makes the same value the newest version.
    client.rotate_secret(SecretId=name, RotationLambdaARN=FUNCTION, RotationRules={"AutomaticallyAfterDays": 30})


def begin(client: Any, name: str) -> str:
    """The version that is to be the next, still without a value."""
    token = str(uuid.uuid4())
    client.put_secret_value(SecretId=name, ClientRequestToken=token, VersionStages=["AWSPENDING"])
    return token


def event(step: str, name: str, token: str) -> dict[str, str]:
    """What the function is given."""
    return {"Step": step, "SecretId": name, "ClientRequestToken": token}


def end(client: Any, name: str, token: str) -> None:
    """The next version is the current one."""
    stages = client.describe_secret(SecretId=name)["VersionIdsToStages"][token]
    assert "AWSCURRENT" in stages
    if "AWSPENDING" in stages:
        client.update_secret_version_stage(SecretId=name, VersionStage="AWSPENDING", RemoveFromVersionId=token)


def rotate(client: Any, name: str, take: Callable[[dict[str, str]], object]) -> str:
    """One rotation from beginning to end; the version that it made."""
    token = begin(client, name)
    for step in STEPS:
        take(event(step, name, token))
    end(client, name, token)
    return token


def keys(client: Any, name: str) -> dict[str, str]:
    """The value behind each label."""
    labels = client.describe_secret(SecretId=name)["VersionIdsToStages"]
    found: dict[str, str] = {}
    for version, stages in labels.items():
        value = client.get_secret_value(SecretId=name, VersionId=version).get("SecretString", "")
        found |= dict.fromkeys(stages, value)
    return found
