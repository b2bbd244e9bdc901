"""ARNs written by hand, alone and in policies."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.rules.planting import Mistake, news, put

STATEMENT = "security/Resources/ApiTaskRole/Properties/Policies/0/PolicyDocument/Statement"
CLUSTER = "services/Resources/Cluster/Properties/ClusterName"
ROLE = {"Ref": "BotTaskRole"}
SECRET = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:sparta/x/api-key"
SELF = "${AWS::Region}:${AWS::AccountId}"


def sub(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}


def allow(action: str | list[str], resource: Any) -> dict[str, Any]:
    return {"Sid": "Planted", "Effect": "Allow", "Action": action, "Resource": resource}


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::${AWS::AccountId}:role/x",
        "https://sqs.us-east-1.amazonaws.com/x",
        "com.amazonaws.eu-west-2.s3",
        "210987654321",
        "arn:${AWS::Partition}:iam::210987654321:role/x",
        "vpc-0a1b2c3d4e5f60718",
    ],
)
def test_what_holds_in_one_account_only_is_reported(text: str) -> None:
    """Partition, region, account and ids belong to the place of deployment, not into the template."""
    assert ("services", "Cluster", "nothing-hard-coded") in news(put(CLUSTER, sub(text)))


@pytest.mark.parametrize(
    "text", ["${AWS::Region}a", "1329079356785688616", "ecs-tasks.amazonaws.com", "10.10.0.0/16", "2012-10-17"]
)
def test_what_holds_everywhere_is_not(text: str) -> None:
    """Service principals, Discord's ids and addresses are the same in every account."""
    assert ("services", "Cluster", "nothing-hard-coded") not in news(put(CLUSTER, sub(text)))


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:${{AWS::Partition}}:dynamodb:{SELF}:tables/x",
        "arn:${AWS::Partition}:dynamodb::${AWS::AccountId}:table/x",
        "arn:${AWS::Partition}:dynamodb:${AWS::Region}::table/x",
        "arn:${AWS::Partition}:dynamodb:us-east-1:${AWS::AccountId}:table/x",
        "arn:${AWS::Partition}:dynamodb:${AWS::Region}:210987654321:table/x",
        f"arn:${{AWS::Partition}}:iam:{SELF}:role/x",
        f"arn:${{AWS::Partition}}:s3:{SELF}:bucket/x",
        "arn:${AWS::Partition}:s3:::",
        f"arn:${{AWS::Partition}}:logs:{SELF}:/ecs/sparta-api",
        f"arn:${{AWS::Partition}}:lambda:{SELF}:sparta-validator-monitor",
        "arn:${AWS::Partition}:secretsmanager:x",
    ],
)
def test_an_arn_with_a_wrong_part_is_reported(arn: str) -> None:
    """Each service builds its ARNs in its own way; a wrong part names nothing."""
    assert ("security", "ApiTaskRole", "arn-well-built") in news(put(f"{STATEMENT}/+", allow("x:Get", sub(arn))))


POLICY: list[tuple[Any, str]] = [
    (allow("dynamodb:GetItem", sub(f"arn:${{AWS::Partition}}:sqs:{SELF}:x")), "arn-fits-action"),
    (allow(["dynamodb:GetItem", "kms:Decrypt"], {"Ref": "ConfigTableArn"}), "arn-fits-action"),
    (allow("s3:GetObject", {"Ref": "ConfigTableArn"}), "arn-fits-action"),
    (allow("iam:PassRole", {"Ref": "ApiExecutionRole"}), "policy-names-arns"),
    (allow("secretsmanager:GetSecretValue", sub("sparta/${Environment}/api-key")), "policy-names-arns"),
    (
        {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sts:AssumeRole"},
        "policy-names-arns",
    ),
    (allow("s3:GetObject", sub("arn:${AWS::Partition}:s3:::sparta-backups")), "bucket-or-objects"),
    (allow("s3:ListBucket", sub("arn:${AWS::Partition}:s3:::sparta-backups/*")), "bucket-or-objects"),
    (
        allow(
            "secretsmanager:GetSecretValue",
            sub(f"arn:${{AWS::Partition}}:secretsmanager:{SELF}:secret:sparta/x/api-key"),
        ),
        "secret-arn-has-suffix",
    ),
]


@pytest.mark.parametrize(("statement", "rule"), POLICY)
def test_a_statement_that_allows_nothing_is_reported(statement: dict[str, Any], rule: str) -> None:
    """A permission whose resource its actions never meet is found at run time, as a denial."""
    assert ("security", "ApiTaskRole", rule) in news(put(f"{STATEMENT}/+", statement))


def test_the_same_in_a_branch_of_a_condition() -> None:
    """What stands in Fn::If is checked under the values that choose it."""
    statement = allow("s3:GetObject", sub("arn:${AWS::Partition}:s3:::sparta-backups"))
    planted: Mistake = put(f"{STATEMENT}/+", {"Fn::If": ["HasEthereumHostSecret", statement, {"Ref": "AWS::NoValue"}]})
    given = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:host-AbCdEf"
    expected = ("security", "ApiTaskRole", "bucket-or-objects")
    assert expected not in news(planted)
    assert expected in news(planted, EthereumHostSecretArn=given)
