"""The system deployed in an account that enforces IAM, and people in it who have exactly a role's policies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from tests.emulator.emulator import REGION, Emulator
from tests.rights.comparison import Document
from tests.rights.recording import Recorder, Request

ETHEREUM_SECRET, AZTEC_SECRET = "rpc/ethereum", "rpc/aztec"
"""Secrets of somebody's own, with the URLs of the chains."""
Credentials = dict[str, str]
"""As a client takes them."""


@dataclass
class Account:
    """``emulator`` enforces IAM, and production stands in it. The keys of the emulator itself are the root user's."""

    emulator: Emulator
    _numbers: Iterator[int] = field(default_factory=count)

    def policies(self, role: str) -> list[Document]:
        """A role's policies as they were deployed."""
        iam = self.emulator.client("iam")
        assert not iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"], "read these too"
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        return [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]

    def user(self, policies: list[Document]) -> Credentials:
        """Somebody new with these policies: only its service may assume the role itself."""
        iam, name = self.emulator.client("iam"), f"probe-{next(self._numbers)}"
        iam.create_user(UserName=name)
        for number, policy in enumerate(policies):
            iam.put_user_policy(UserName=name, PolicyName=f"policy-{number}", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}

    def task_environment(self, family: str) -> dict[str, str]:
        """The plain variables that a task is given."""
        found = self.emulator.client("ecs").describe_task_definition(taskDefinition=family)["taskDefinition"]
        return {each["name"]: each["value"] for each in found["containerDefinitions"][0]["environment"]}

    def function_environment(self, name: str) -> dict[str, str]:
        """The variables that a function is given, with the region, which Lambda adds."""
        found = self.emulator.client("lambda").get_function_configuration(FunctionName=name)
        variables: dict[str, str] = found["Environment"]["Variables"]
        return variables | {"AWS_REGION": REGION}

    def set_secret(self, secret_id: str, value: str) -> None:
        """As a person does, or a rotation; no next value is pending then, whichever test began a rotation."""
        client = self.emulator.client("secretsmanager")
        client.put_secret_value(SecretId=secret_id, SecretString=value)
        for version, stages in client.describe_secret(SecretId=secret_id)["VersionIdsToStages"].items():
            if "AWSPENDING" in stages:
                client.update_secret_version_stage(
                    SecretId=secret_id, VersionStage="AWSPENDING", RemoveFromVersionId=version
                )

    def empty_tables(self) -> None:
        """Production begins anew: no program finds what another left."""
        client = self.emulator.client("dynamodb")
        for name in client.list_tables()["TableNames"]:
            keys = [key["AttributeName"] for key in client.describe_table(TableName=name)["Table"]["KeySchema"]]
            for page in client.get_paginator("scan").paginate(TableName=name):
                for item in page["Items"]:
                    client.delete_item(TableName=name, Key={key: item[key] for key in keys})

    def recorder(self) -> Recorder:
        """A recorder of calls in this account."""
        account_id = self.emulator.client("sts").get_caller_identity()["Account"]
        secrets = self.emulator.client("secretsmanager")
        return Recorder(account_id, lambda name: str(secrets.describe_secret(SecretId=name)["ARN"]))

    def ask(self, request: Request, credentials: Credentials) -> str | None:
        """Send a request; the code of the error that was the answer, if it was one."""
        client = self.emulator.client(request.service, **credentials)
        try:
            getattr(client, xform_name(request.operation))(**request.parameters)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return None


def is_denied(answer: str | None) -> bool:
    """Whether it was IAM that refused, in any service's words."""
    return answer is not None and answer.startswith("AccessDenied")


@contextmanager
def at_work(account: Account, role: str, environment: Mapping[str, str]) -> Iterator[Recorder]:
    """This process is somebody with a role's policies, told ``environment`` and nothing else of AWS."""
    credentials = {name.upper(): value for name, value in account.user(account.policies(role)).items()}
    recorder = account.recorder()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**environment, **credentials, "AWS_ENDPOINT_URL": account.emulator.url}.items():
            patch.setenv(name, value)
        session = boto3.Session()
        recorder.watch(session)
        # The one that `boto3.client` takes.
        patch.setattr(boto3, "DEFAULT_SESSION", session)
        yield recorder
