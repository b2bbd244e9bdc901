"""What the API's role must never let anybody do, whoever got hold of it; and its key, read as it rotates."""

from __future__ import annotations

import pytest

from sparta import secret_store
from sparta.secret_store import ApiKeys, SecretStore
from sparta.settings import ApiKey
from tests.emulator.emulator import REGION
from tests.rights import api
from tests.rights.account import Account, Credentials, at_work, is_denied
from tests.rights.recording import Request

ITEM = {"pk": {"S": "x"}}
SECRET = "sparta/production"
OTHERS = "of-others"
"""A bucket that has no policy of its own: ours refuse plain HTTP, which is spoken here, to everybody."""
EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def table(operation: str, name: str, **parameters: object) -> Request:
    """A request to one of production's tables."""
    return Request("dynamodb", operation, {"TableName": f"sparta-{name}-production", **parameters})


def query(name: str, **parameters: object) -> Request:
    values = {":x": {"S": "x"}}
    return table("Query", name, KeyConditionExpression="pk = :x", ExpressionAttributeValues=values, **parameters)


def batch(name: str) -> dict[str, object]:
    return {f"sparta-{name}-production": [{"PutRequest": {"Item": ITEM}}]}


def secret(operation: str, name: str, **parameters: object) -> Request:
    return Request("secretsmanager", operation, {"SecretId": f"{SECRET}/{name}", **parameters})


FOREIGN = [
    table("Scan", "operators"),
    query("operators"),
    query("operators", IndexName="other"),
    query("alerts"),
    table("Scan", "alerts", IndexName="pending"),
    table("PutItem", "validators", Item=ITEM),
    table("PutItem", "validator-history", Item=ITEM),
    table("DeleteItem", "validator-history", Key=ITEM),
    table("GetItem", "network-stats", Key=ITEM),
    table("PutItem", "network-stats", Item=ITEM),
    table("Scan", "config"),
    table("DescribeTable", "operators"),
    table("UpdateTable", "operators", DeletionProtectionEnabled=False),
    table("DeleteTable", "operators"),
    table("CreateBackup", "operators", BackupName="mine"),
    Request("dynamodb", "ListTables", {}),
    Request("dynamodb", "GetItem", {"TableName": "sparta-operators-staging", "Key": ITEM}),
    Request("dynamodb", "GetItem", {"TableName": "foreign", "Key": ITEM}),
    Request("dynamodb", "BatchWriteItem", {"RequestItems": batch("operators")}),
    Request("dynamodb", "BatchWriteItem", {"RequestItems": batch("config")}),
    Request("dynamodb", "BatchGetItem", {"RequestItems": {"sparta-operators-production": {"Keys": [ITEM]}}}),
    Request(
        "dynamodb",
        "TransactWriteItems",
        {"TransactItems": [{"Delete": {"TableName": "sparta-validator-history-production", "Key": ITEM}}]},
    ),
    secret("GetSecretValue", "bot-token"),
    secret("GetSecretValue", "ethereum-private-key"),
    secret("PutSecretValue", "api-key", SecretString="x"),
    secret("DescribeSecret", "api-key"),
    secret("DeleteSecret", "api-key"),
    Request("secretsmanager", "ListSecrets", {}),
    Request("s3", "ListBuckets", {}),
    Request("s3", "ListObjectsV2", {"Bucket": OTHERS}),
    Request("s3", "GetObject", {"Bucket": OTHERS, "Key": "x"}),
    Request("s3", "PutObject", {"Bucket": OTHERS, "Key": "x", "Body": b""}),
    Request("iam", "CreateUser", {"UserName": "other"}),
    Request("iam", "PutRolePolicy", {"RoleName": api.ROLE, "PolicyName": "more", "PolicyDocument": "{}"}),
    Request("sts", "AssumeRole", {"RoleArn": f"arn:aws:iam::000000000000:role/{api.ROLE}", "RoleSessionName": "other"}),
    Request("ecs", "UpdateService", {"cluster": "sparta-production", "service": "sparta-api", "desiredCount": 0}),
    Request("lambda", "Invoke", {"FunctionName": "sparta-validator-monitor"}),
    Request("logs", "DescribeLogGroups", {}),
    Request("kms", "ListKeys", {}),
    Request("cloudformation", "DescribeStacks", {}),
]


LOOKS = ("BatchGet", "Describe", "Get", "List", "Query", "Scan")


def named(request: Request) -> str:
    return f"{request.service} {request.operation}"


@pytest.fixture(scope="module")
def probe(account: Account) -> Credentials:
    """Somebody with the API's role; there is a bucket of others."""
    account.emulator.client("s3").create_bucket(Bucket=OTHERS, CreateBucketConfiguration={"LocationConstraint": REGION})
    return account.user(account.policies(api.ROLE))


@pytest.mark.parametrize("wish", FOREIGN, ids=named)
def test_anything_else_is_refused(account: Account, probe: Credentials, wish: Request) -> None:
    """Nothing of it happens, whether or not what it is about exists."""
    assert is_denied(account.ask(wish, probe))


@pytest.mark.usefixtures("probe")
def test_it_is_refused_for_want_of_the_right(account: Account) -> None:
    """A policy that is wider lets it pass, so it would be seen; asked of what changes nothing."""
    able = account.user([*account.policies(api.ROLE), EVERYTHING])
    looking = [wish for wish in FOREIGN if wish.operation.startswith(LOOKS)]
    assert [named(wish) for wish in looking if is_denied(account.ask(wish, able))] == []


def test_its_key_is_read_as_it_is_and_as_it_was(account: Account) -> None:
    """During a rotation both open the API, by the name of the secret that the task is told."""
    environment = account.task_environment(api.FAMILY)
    for key in ("the key before", "the key since"):
        account.emulator.client("secretsmanager").put_secret_value(SecretId=f"{SECRET}/api-key", SecretString=key)
    with at_work(account, api.ROLE, environment):
        settings = ApiKey()
        keys = ApiKeys(settings, SecretStore(lambda: secret_store.connect(settings)))
        assert [key.get_secret_value() for key in keys.all()] == ["the key since", "the key before"]
        assert keys.current().get_secret_value() == "the key since"
