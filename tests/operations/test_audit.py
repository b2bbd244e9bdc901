"""The audit finds what was planted, first, and nothing in the system as it is deployed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.deployment.system import System
from tests.operations.answering import Between
from tests.operations.running import Done

Command = Callable[..., Done]
ROLE = "sparta-bot-task-role-staging"
BUCKET = "sparta-backups-staging-000000000000"


@contextmanager
def wide_policy(staging: System) -> Iterator[None]:
    iam = staging.emulator.client("iam")
    statement = {"Effect": "Allow", "Action": ["s3:*", "dynamodb:DeleteTable"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_role_policy(RoleName=ROLE, PolicyName="planted", PolicyDocument=document)
    yield
    iam.delete_role_policy(RoleName=ROLE, PolicyName="planted")


@contextmanager
def open_port(staging: System) -> Iterator[None]:
    ec2 = staging.emulator.client("ec2")
    groups = ec2.describe_security_groups()["SecurityGroups"]
    group = next(each["GroupId"] for each in groups if each["GroupName"] == "sparta-ecs-sg-staging")
    rule = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    given = {"GroupId": group, "IpPermissions": rule}
    ec2.authorize_security_group_ingress(**given)
    yield
    ec2.revoke_security_group_ingress(**given)


@contextmanager
def public_bucket(staging: System) -> Iterator[None]:
    s3 = staging.emulator.client("s3")
    blocks = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    s3.delete_public_access_block(Bucket=BUCKET)
    yield
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=blocks)


@contextmanager
def silent_trail(staging: System) -> Iterator[None]:
    trail = staging.emulator.client("cloudtrail")
    trail.stop_logging(Name="sparta-staging")
    yield
    trail.start_logging(Name="sparta-staging")


def test_the_system_as_deployed_has_no_findings(command: Command, between: Between) -> None:
    """And each role's rights, port, bucket, secret and the trail are listed; no value of a secret is read."""
    done = command("audit", AWS_ENDPOINT_URL=between.url)
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[0] == "No findings."
    assert (
        "may read, change, delete DynamoDB (GetItem, PutItem, UpdateItem, DeleteItem): table/sparta-operators"
        in done.out
    )
    assert "sparta-alb-sg-staging: tcp 443 from 0.0.0.0/0" in done.out
    assert "sparta/staging/api-key: rotates every 30 days" in done.out
    assert "sparta-staging logs, to bucket" in done.out
    assert "GetSecretValue" not in between.asked
    assert between.changed == []


@pytest.mark.parametrize(
    ("planted", "words"),
    [
        (wide_policy, f"Role {ROLE}: may do s3:*, that is anything"),
        (wide_policy, f"Role {ROLE}: may do dynamodb:DeleteTable on every resource"),
        (open_port, "lets 0.0.0.0/0 reach tcp 22"),
        (public_bucket, f"Bucket {BUCKET} does not block public access"),
        (silent_trail, "Audit trail sparta-staging does not log"),
    ],
)
def test_what_is_planted_is_found_first(command: Command, staging: System, planted: Any, words: str) -> None:
    with planted(staging):
        done = command("audit")
    assert done.code == 1
    findings = done.out.partition("What each role may do")[0]
    assert words in " ".join(findings.split())


def test_an_old_secret_is_a_finding(command: Command, between: Between) -> None:
    def aged(answer: dict[str, Any]) -> dict[str, Any]:
        return answer | {"LastChangedDate": time.time() - 100 * 86400}

    between.change("DescribeSecret", aged)
    done = command("audit", AWS_ENDPOINT_URL=between.url)
    assert done.code == 1
    assert done.out.startswith("3 findings\n")
    assert done.out.endswith("\n3 findings, which stand at the top.\n")
    assert "Secret sparta/staging/bot-token was last changed 100 days ago, more than 90" in done.out
    assert "Secret sparta/staging/api-key should have been rotated every 30 days" in done.out


def test_how_old_a_secret_may_be_can_be_said(command: Command, between: Between) -> None:
    between.change("DescribeSecret", lambda answer: answer | {"LastChangedDate": time.time() - 50 * 86400})
    done = command("audit", DAYS="40", AWS_ENDPOINT_URL=between.url)
    assert "Secret sparta/staging/bot-token was last changed 50 days ago, more than 40" in done.out
