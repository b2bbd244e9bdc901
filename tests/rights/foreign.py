"""What a program's role must never let anybody do, whoever got hold of it."""

from __future__ import annotations

from tests.rights import api, monitor
from tests.rights.account import AZTEC_SECRET
from tests.rights.recording import Request

ITEM = {"pk": {"S": "x"}}
SECRET = "sparta/production"
OTHERS = "of-others"
"""A bucket and a queue without policies of their own: ours refuse plain HTTP, which is spoken here, to everybody."""
ROLES = {"api": api.ROLE, "monitor": monitor.ROLE}
"""By program."""


def table(operation: str, name: str, **parameters: object) -> Request:
    """A request to one of production's tables."""
    return Request("dynamodb", operation, {"TableName": f"sparta-{name}-production", **parameters})


def query(name: str, **parameters: object) -> Request:
    values = {":x": {"S": "x"}}
    return table("Query", name, KeyConditionExpression="pk = :x", ExpressionAttributeValues=values, **parameters)


def batch_get(name: str) -> Request:
    return Request("dynamodb", "BatchGetItem", {"RequestItems": {f"sparta-{name}-production": {"Keys": [ITEM]}}})


def batch_write(name: str) -> Request:
    items = [{"PutRequest": {"Item": ITEM}}]
    return Request("dynamodb", "BatchWriteItem", {"RequestItems": {f"sparta-{name}-production": items}})


def transaction(verb: str, name: str, **parameters: object) -> Request:
    part = {verb: {"TableName": f"sparta-{name}-production", **parameters}}
    return Request("dynamodb", "TransactWriteItems", {"TransactItems": [part]})


def secret(operation: str, name: str, **parameters: object) -> Request:
    return Request("secretsmanager", operation, {"SecretId": f"{SECRET}/{name}", **parameters})


def queue_url(name: str) -> str:
    return f"https://sqs.eu-west-2.amazonaws.com/000000000000/{name}"


def arn_of(role: str) -> str:
    return f"arn:aws:iam::000000000000:role/{role}"


TO_EVERY_PROGRAM = [
    table("Scan", "operators"),
    query("operators"),
    query("operators", IndexName="other"),
    query("alerts"),
    table("Scan", "alerts", IndexName="pending"),
    table("PutItem", "validators", Item=ITEM),
    table("PutItem", "validator-history", Item=ITEM),
    table("DeleteItem", "validator-history", Key=ITEM),
    table("GetItem", "network-stats", Key=ITEM),
    table("Scan", "config"),
    table("DescribeTable", "operators"),
    table("UpdateTable", "operators", DeletionProtectionEnabled=False),
    table("DeleteTable", "operators"),
    table("CreateBackup", "operators", BackupName="mine"),
    Request("dynamodb", "ListTables", {}),
    Request("dynamodb", "GetItem", {"TableName": "sparta-operators-staging", "Key": ITEM}),
    Request("dynamodb", "GetItem", {"TableName": "foreign", "Key": ITEM}),
    batch_write("operators"),
    batch_write("config"),
    transaction("Delete", "validator-history", Key=ITEM),
    secret("GetSecretValue", "ethereum-private-key"),
    secret("PutSecretValue", "api-key", SecretString="x"),
    secret("DescribeSecret", "api-key"),
    secret("DeleteSecret", "api-key"),
    Request("secretsmanager", "PutSecretValue", {"SecretId": AZTEC_SECRET, "SecretString": "x"}),
    Request("secretsmanager", "ListSecrets", {}),
    Request("s3", "ListBuckets", {}),
    Request("s3", "ListObjectsV2", {"Bucket": OTHERS}),
    Request("s3", "GetObject", {"Bucket": OTHERS, "Key": "x"}),
    Request("s3", "PutObject", {"Bucket": OTHERS, "Key": "x", "Body": b""}),
    Request("iam", "CreateUser", {"UserName": "other"}),
    *(
        Request("iam", "PutRolePolicy", {"RoleName": role, "PolicyName": "x", "PolicyDocument": "{}"})
        for role in ROLES.values()
    ),
    *(Request("sts", "AssumeRole", {"RoleArn": arn_of(role), "RoleSessionName": "other"}) for role in ROLES.values()),
    Request("ecs", "UpdateService", {"cluster": "sparta-production", "service": "sparta-api", "desiredCount": 0}),
    Request("lambda", "Invoke", {"FunctionName": "sparta-validator-monitor"}),
    Request("lambda", "GetFunctionConfiguration", {"FunctionName": "sparta-validator-monitor"}),
    Request("logs", "DescribeLogGroups", {}),
    Request("sqs", "ListQueues", {}),
    Request("sqs", "GetQueueAttributes", {"QueueUrl": queue_url(OTHERS)}),
    Request("sqs", "SendMessage", {"QueueUrl": queue_url(OTHERS), "MessageBody": "x"}),
    Request("kms", "ListKeys", {}),
    Request("cloudformation", "DescribeStacks", {}),
]
TO_THE_API = [
    table("PutItem", "network-stats", Item=ITEM),
    batch_get("operators"),
    secret("GetSecretValue", "bot-token"),
    Request("secretsmanager", "GetSecretValue", {"SecretId": AZTEC_SECRET}),
]
TO_THE_MONITOR = [
    table("GetItem", "operators", Key=ITEM),
    table("PutItem", "operators", Item=ITEM),
    table("DeleteItem", "operators", Key=ITEM),
    transaction("Delete", "operators", Key=ITEM),
    transaction("ConditionCheck", "operators", Key=ITEM, ConditionExpression="attribute_exists(pk)"),
    batch_get("validators"),
    table("DeleteItem", "validators", Key=ITEM),
    transaction("Delete", "validators", Key=ITEM),
    transaction("Put", "validators", Item=ITEM),
    query("validator-history"),
    query("network-stats"),
    table("UpdateItem", "network-stats", Key=ITEM),
    table("DeleteItem", "network-stats", Key=ITEM),
    table("GetItem", "config", Key=ITEM),
    table("PutItem", "config", Item=ITEM),
    table("Scan", "alerts"),
    batch_get("alerts"),
    secret("GetSecretValue", "api-key"),
    secret("PutSecretValue", "bot-token", SecretString="x"),
    Request("logs", "CreateLogGroup", {"logGroupName": "/aws/lambda/other"}),
    Request("logs", "GetLogEvents", {"logGroupName": "/aws/lambda/sparta-validator-monitor", "logStreamName": "0"}),
    Request("logs", "CreateLogStream", {"logGroupName": "/ecs/sparta-api", "logStreamName": "0"}),
    Request("logs", "DeleteLogGroup", {"logGroupName": "/aws/lambda/sparta-validator-monitor"}),
]
FOREIGN = {"api": TO_EVERY_PROGRAM + TO_THE_API, "monitor": TO_EVERY_PROGRAM + TO_THE_MONITOR}
"""By program, what its role must not let pass."""
