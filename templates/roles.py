"""Roles of the programs: what each may do in AWS, and what is needed to start it."""

from __future__ import annotations

from typing import Any

from awacs.aws import PolicyDocument, Statement
from troposphere import GetAtt, Template

from templates import policies
from templates.stack import named, output

MONITOR_FAILURES = "sparta-validator-monitor-failures"

TASKS = "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:*"
SCHEDULES = "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule-group/default"


def add(template: Template) -> None:
    """One task role and one execution role per service, one role per function, one for the schedule."""
    _tasks(template)
    _functions(template)


def _role(
    template: Template,
    title: str,
    name: str,
    trusted: PolicyDocument,
    statements: list[Statement],
    why: str,
    *,
    policy: str = "",
    more: list[Any] | None = None,
) -> None:
    policy_name = policy or name.replace("-role", "-policy")
    template.add_resource(policies.role(title, named(name), trusted, policy_name, statements, why, more or []))
    output(template, f"{title}Arn", GetAtt(title, "Arn"), f"ARN of the role: {why}")


def _tasks(template: Template) -> None:
    running, starting = policies.trust("ecs-tasks", TASKS), policies.trust("ecs-tasks")
    image = [policies.log_in_to_registry(), policies.pull_image()]
    _role(
        template,
        "ApiTaskRole",
        "sparta-ecs-task-role",
        running,
        [*policies.use_tables("api"), policies.read_secrets("api-key")],
        "What the API does in AWS: tables and its key.",
        policy="sparta-ecs-policy",
    )
    _role(
        template,
        "ApiExecutionRole",
        "sparta-ecs-execution-role",
        starting,
        [
            *image,
            policies.write_logs("/ecs/sparta-api${NameSuffix}"),
            policies.read_secrets("bot-token", "ethereum-private-key"),
        ],
        "Starts API tasks: image, logs and the secrets they are given.",
        more=policies.read_rpc_secrets(),
    )
    _role(
        template,
        "BotTaskRole",
        "sparta-bot-task-role",
        running,
        [policies.read_secrets("api-key")],
        "What the bot does in AWS: read the API's key.",
    )
    _role(
        template,
        "BotExecutionRole",
        "sparta-bot-execution-role",
        starting,
        [*image, policies.write_logs("/ecs/sparta-bot${NameSuffix}"), policies.read_secrets("bot-token")],
        "Starts the bot's task: image, logs and the bot's token.",
    )


def _functions(template: Template) -> None:
    _role(
        template,
        "MonitorRole",
        "sparta-validator-monitor-role",
        policies.trust("lambda"),
        [
            *policies.use_tables("monitor"),
            policies.read_secrets("bot-token"),
            policies.write_logs("/aws/lambda/sparta-validator-monitor${NameSuffix}"),
            *policies.keep_failures(MONITOR_FAILURES),
        ],
        "What the validator monitor does in AWS: tables, the bot's token, logs and its failure queue.",
        more=policies.read_rpc_secrets(),
    )
    _role(
        template,
        "RotationRole",
        "sparta-api-key-rotation-role",
        policies.trust("lambda"),
        [
            *policies.rotate_secret("api-key"),
            policies.stand_in_vpc(),
            policies.write_logs("/aws/lambda/sparta-api-key-rotation${NameSuffix}"),
        ],
        "Replaces the API key, and nothing else.",
    )
    _role(
        template,
        "SchedulerRole",
        "sparta-eventbridge-role",
        policies.trust("scheduler", SCHEDULES),
        [policies.invoke_function("sparta-validator-monitor")],
        "Lets EventBridge start the validator monitor, and nothing else.",
    )
