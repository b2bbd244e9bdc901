"""Every AWS CLI command of the deployment guide's operations part, as the guide writes it.

``<...>`` marks what the guide leaves to the reader (a task's id, the account); it is filled in from the deployment.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Command:
    """A command that must answer, and what in its answer shows that it found our system."""

    text: str
    shows: Callable[[Any], object]


@dataclass(frozen=True)
class Refused:
    """A command that can not answer here: who refuses it, with what words, and why that is so."""

    text: str
    by: str
    words: str
    reason: str


def _wants(count: int) -> Callable[[Any], object]:
    return lambda answer: answer["service"]["desiredCount"] == count


def _names(secret: str) -> Callable[[Any], object]:
    return lambda answer: answer["Name"] == secret


METRICS = """\
aws cloudwatch get-metric-statistics \\
  --namespace {namespace} \\
  --metric-name {metric} \\
  --dimensions Name={dimension},Value={value}"""

ANSWERED = [
    Command(
        "aws ecs describe-services \\\n  --cluster sparta-production \\\n  --services sparta-api sparta-discord",
        lambda answer: (
            {service["status"] for service in answer["services"]} == {"ACTIVE"}
            and len(answer["services"]) == 2
            and not answer["failures"]
        ),
    ),
    *(
        Command(
            "aws ecs update-service \\\n"
            "  --cluster sparta-production \\\n"
            f"  --service {service} \\\n"
            f"  --desired-count {count}",
            _wants(count),
        )
        for service, count in (("sparta-api", 4), ("sparta-discord", 1), ("sparta-discord", 0), ("sparta-api", 3))
    ),
    Command(
        "aws ecs update-service \\\n"
        "  --cluster sparta-production \\\n"
        "  --service sparta-api \\\n"
        "  --force-new-deployment",
        lambda answer: answer["service"]["serviceName"] == "sparta-api",
    ),
    Command(
        "aws ecs update-service \\\n"
        "  --cluster sparta-production \\\n"
        "  --service sparta-api \\\n"
        "  --task-definition sparta-api:<previous-revision>",
        lambda answer: ":task-definition/sparta-api:" in answer["service"]["taskDefinition"],
    ),
    Command(
        "aws ecs describe-tasks --cluster sparta-production --tasks <task-id>",
        lambda answer: answer["tasks"][0]["launchType"] == "FARGATE",
    ),
    Command(
        'aws ecs stop-task \\\n  --cluster sparta-production \\\n  --task <task-id> \\\n  --reason "Emergency restart"',
        lambda answer: answer["task"]["stoppedReason"] == "Emergency restart",
    ),
    Command(
        METRICS.format(namespace="AWS/ECS", metric="CPUUtilization", dimension="ServiceName", value="sparta-api")
        + " \\\n  --start-time 2024-01-01T00:00:00Z \\\n"
        "  --end-time 2024-01-01T23:59:59Z \\\n"
        "  --period 300 \\\n"
        "  --statistics Average",
        lambda answer: answer["Label"] == "CPUUtilization",
    ),
    Command(
        "aws logs filter-log-events \\\n"
        "  --log-group-name /ecs/sparta-api \\\n"
        '  --filter-pattern "ERROR" \\\n'
        "  --start-time 1609459200000",
        lambda answer: [event["message"] for event in answer["events"]] == ['{"level": "ERROR"}'],
    ),
    Command(
        'aws logs filter-log-events \\\n  --log-group-name cloudtrail-log-group \\\n  --filter-pattern "sparta"',
        lambda answer: answer["events"] == [],
    ),
    Command(
        "aws dynamodb describe-table --table-name sparta-validators-production",
        lambda answer: answer["Table"]["TableStatus"] == "ACTIVE",
    ),
    Command(
        "aws dynamodb create-backup \\\n"
        "  --table-name sparta-validators-production \\\n"
        "  --backup-name sparta-validators-backup-$(date +%Y%m%d)",
        lambda answer: answer["BackupDetails"]["BackupName"].startswith("sparta-validators-backup-2"),
    ),
    *(
        Command(
            "aws secretsmanager update-secret \\\n"
            f"  --secret-id sparta/production/{name} \\\n"
            f'  --secret-string "new-{name}-here"',
            _names(f"sparta/production/{name}"),
        )
        for name in ("bot-token", "api-key")
    ),
    Command(
        "aws secretsmanager get-secret-value --secret-id sparta/production/bot-token",
        lambda answer: answer["SecretString"] != "",
    ),
    Command(
        "aws iam get-role-policy \\\n  --role-name sparta-ecs-task-role \\\n  --policy-name sparta-ecs-policy",
        lambda answer: all(item.get("Sid") for item in answer["PolicyDocument"]["Statement"]),
    ),
    Command(
        "aws iam simulate-principal-policy \\\n"
        "  --policy-source-arn arn:aws:iam::<account>:role/sparta-ecs-task-role \\\n"
        "  --action-names dynamodb:GetItem \\\n"
        "  --resource-arns arn:aws:dynamodb:<region>:<account>:table/sparta-validators",
        lambda answer: answer["EvaluationResults"][0]["EvalActionName"] == "dynamodb:GetItem",
    ),
    # AWS looks names up in the default VPC only: there it takes --filters Name=group-name,Values=sparta-ecs-sg.
    # MiniStack answers with every group, so ours is looked for among them.
    Command(
        "aws ec2 describe-security-groups \\\n  --group-names sparta-ecs-sg",
        lambda answer: "sparta-ecs-sg" in {group["GroupName"] for group in answer["SecurityGroups"]},
    ),
    Command(
        "aws lambda invoke \\\n  --function-name sparta-validator-monitor \\\n  --payload '{}' \\\n  response.json",
        lambda answer: answer["StatusCode"] == 200 and "FunctionError" not in answer,
    ),
]

CLIENT, AWS, EMULATOR = "the aws client", "AWS itself", "the emulator"
NO_TAIL = "The command is version 2's; the package index has version 1 only, which has no `logs tail`."
NO_TIMES = "The client wants the times and the period; the guide leaves them out, here and on AWS."
NO_STREAM = "The client wants a log stream's name; `logs filter-log-events` reads a whole group."
NO_NAME = "The client wants the backup's name; the guide leaves it out, here and on AWS."

REFUSED = [
    Refused("aws logs tail /ecs/sparta-bot --follow --region eu-west-2", CLIENT, "Invalid choice", NO_TAIL),
    Refused('aws logs tail /ecs/sparta-bot --follow --filter-pattern "discord"', CLIENT, "Invalid choice", NO_TAIL),
    *(
        Refused(
            METRICS.format(namespace=namespace, metric=metric, dimension=dimension, value=value),
            CLIENT,
            "the following arguments are required: --start-time, --end-time, --period",
            NO_TIMES,
        )
        for namespace, metric, dimension, value in (
            ("AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", "sparta-validators-production"),
            ("AWS/ECS", "CPUUtilization", "ServiceName", "sparta-api"),
            ("AWS/ECS", "MemoryUtilization", "ServiceName", "sparta-api"),
            ("AWS/DynamoDB", "UserErrors", "TableName", "sparta-validators"),
        )
    ),
    *(
        Refused(
            f"aws dynamodb create-backup --table-name sparta-{table}-production",
            CLIENT,
            "the following arguments are required: --backup-name",
            NO_NAME,
        )
        for table in ("validators", "operators")
    ),
    *(
        Refused(command, CLIENT, "the following arguments are required: --log-stream-name", NO_STREAM)
        for command in (
            "aws logs get-log-events --log-group-name /ecs/sparta-api",
            "aws logs get-log-events \\\n  --log-group-name /aws/lambda/sparta-validator-monitor",
        )
    ),
    Refused(
        "aws dynamodb update-table \\\n"
        "  --table-name sparta-validators \\\n"
        "  --provisioned-throughput ReadCapacityUnits=10,WriteCapacityUnits=5",
        AWS,
        "ResourceNotFoundException",
        "Tables end in their environment, and ours are billed on demand: they have no capacity to raise.",
    ),
    Refused(
        "aws ce get-cost-and-usage \\\n"
        "  --time-period Start=2024-01-01,End=2024-01-31 \\\n"
        "  --granularity MONTHLY \\\n"
        "  --metrics BlendedCost \\\n"
        "  --group-by Type=DIMENSION,Key=SERVICE",
        EMULATOR,
        "calling the GetCostAndUsage operation",
        "MiniStack has no Cost Explorer.",
    ),
]
