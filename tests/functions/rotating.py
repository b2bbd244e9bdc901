"""Secrets Manager's part of a rotation, which no emulator plays: the next version, its four steps, and its end.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable
from threading import Thread
from typing import Any

from tests.emulator.emulator import Emulator

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
FUNCTION = "arn:aws:lambda:eu-west-2:000000000000:function:sparta-api-key-rotation"


def prepare(client: Any, name: str, key: str) -> None:
    """A secret with this key, whose rotation is switched on."""
    client.create_secret(Name=name, SecretString=key)
    # The emulator takes this for a rotation and makes the same value the newest version.
    client.rotate_secret(SecretId=name, RotationLambdaARN=FUNCTION, RotationRules={"AutomaticallyAfterDays": 30})


def begin(client: Any, name: str, token: str = "") -> str:
    """The version that is to be the next, still without a value."""
    token = token or str(uuid.uuid4())
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


class SecretsManager:
    """Takes RotateSecret in its stead: the steps are done by a function, and what that wrote goes to its log group.

    :param take: does a step; ``False`` when it failed
    :param told: what the function has written so far
    """

    def __init__(self, emulator: Emulator, name: str, take: Callable[[dict[str, str]], bool], told: Callable[[], str]):
        self._secrets, self._logs = emulator.client("secretsmanager"), emulator.client("logs")
        self._name, self._take, self._told = name, take, told
        self._threads: list[Thread] = []
        self.asked: list[dict[str, Any]] = []

    def rotate_secret(self, body: bytes, *, meanwhile: bool = True) -> tuple[int, dict[str, str], bytes]:
        """As AWS answers at once, while the function is at work; or not before it has done what it can."""
        asked = json.loads(body)
        token = str(asked["ClientRequestToken"])
        if asked not in self.asked:  # A client that hears nothing for long asks again, which is the same request.
            self.asked.append(asked)
            begin(self._secrets, self._name, token)
            self._threads.append(Thread(target=self._rotate, args=(token,)))
            self._threads[-1].start()
        if not meanwhile:
            self.wait()
        said = {"ARN": self._secrets.describe_secret(SecretId=self._name)["ARN"], "VersionId": token}
        return 200, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(said | {"Name": self._name}).encode()

    def wait(self) -> None:
        for thread in self._threads:
            thread.join()

    def _rotate(self, token: str) -> None:
        if all(self._take(event(step, self._name, token)) for step in STEPS):
            end(self._secrets, self._name, token)
        group = {"logGroupName": f"/aws/lambda/sparta-api-key-rotation-{self._name.split('/')[1]}"}
        self._logs.create_log_group(**group)
        self._logs.create_log_stream(logStreamName="stream", **group)
        now = time.time_ns() // 1_000_000
        # An error and its traceback are one event.
        written = re.split(r"\n(?=[{\[])", self._told().strip())
        lines = [{"timestamp": now + number, "message": line} for number, line in enumerate(written)]
        self._logs.put_log_events(logStreamName="stream", logEvents=lines, **group)


def keys(client: Any, name: str) -> dict[str, str]:
    """The value behind each label."""
    labels = client.describe_secret(SecretId=name)["VersionIdsToStages"]
    found: dict[str, str] = {}
    for version, stages in labels.items():
        value = client.get_secret_value(SecretId=name, VersionId=version).get("SecretString", "")
        found |= dict.fromkeys(stages, value)
    return found
