"""Security groups, and the roles of everything that runs.

Roles that AWS services use to deliver flow logs, backups and the audit trail stand beside those resources.
"""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, If, NoValue, Ref, Template
from troposphere.ec2 import SecurityGroup, SecurityGroupRule

from templates import policies
from templates.stack import named, output

TABLES = tuple(
    f"{name}TableArn" for name in ("Operators", "Validators", "ValidatorHistory", "NetworkStats", "Config", "Alerts")
)
MONITOR_FAILURES = "sparta-validator-monitor-failures"
READINESS_PORTS = (8080, 40400)
"""Ports of an operator's node that ``/operator is-ready`` probes (spec: discord)."""


def build() -> Template:
    """Stack ``security``."""
    template = Template(Description="Sparta security: security groups and IAM roles, each limited to what is used.")
    _security_groups(template)
    _task_roles(template)
    _function_roles(template)
    return template


def _rule(port: object, why: str, **peer: Any) -> SecurityGroupRule:
    return SecurityGroupRule(IpProtocol="tcp", FromPort=port, ToPort=port, Description=why, **peer)


def _anywhere(port: object, why: str) -> SecurityGroupRule:
    return _rule(port, why, CidrIp="0.0.0.0/0")


def _group(template: Template, title: str, name: str, why: str, **rules: Any) -> None:
    group = SecurityGroup(title, GroupName=named(name), GroupDescription=why, VpcId=Ref("VpcId"), **rules)
    template.add_resource(group)
    output(template, f"{title}Id", GetAtt(title, "GroupId"), f"Id of the group {name}: {why[0].lower()}{why[1:]}")


def _public(port: int, why: str) -> Any:
    """Open to the internet, or to CloudFront alone when it stands in front."""
    return If(
        "HasCloudFront",
        _rule(port, f"{why} from CloudFront", SourcePrefixListId=Ref("CloudFrontPrefixListId")),
        _anywhere(port, f"{why} from the internet"),
    )


def _security_groups(template: Template) -> None:
    inside = {"CidrIp": Ref("VpcCidr")}
    _group(
        template,
        "LoadBalancerSecurityGroup",
        "sparta-alb-sg",
        "Load balancer of the API",
        SecurityGroupIngress=[
            If(
                "HasCloudFront",
                NoValue,
                _anywhere(80, "HTTP from the internet, redirected to HTTPS where there is one"),
            ),
            _public(443, "HTTPS"),
        ],
        SecurityGroupEgress=[_rule(Ref("ApiPort"), "API tasks", **inside)],
    )
    _group(
        template,
        "BotSecurityGroup",
        "sparta-bot-sg",
        "Discord bot, which nobody connects to",
        SecurityGroupEgress=[
            _anywhere(443, "Discord and AWS"),
            _rule(Ref("ApiPort"), "API tasks", **inside),
        ],
    )
    _group(
        template,
        "ApiSecurityGroup",
        "sparta-ecs-sg",
        "API tasks",
        SecurityGroupIngress=[
            _rule(
                Ref("ApiPort"), "Load balancer", SourceSecurityGroupId=GetAtt("LoadBalancerSecurityGroup", "GroupId")
            ),
            _rule(
                Ref("ApiPort"), "Bot, by service discovery", SourceSecurityGroupId=GetAtt("BotSecurityGroup", "GroupId")
            ),
        ],
        SecurityGroupEgress=[
            _anywhere(443, "AWS, Discord and RPC endpoints"),
            *(_anywhere(port, "Readiness probe of operator nodes") for port in READINESS_PORTS),
            If("HasOwnEthereumPort", _anywhere(Ref("EthereumRpcPort"), "Ethereum RPC"), NoValue),
            If("HasOwnAztecPort", _anywhere(Ref("AztecRpcPort"), "Aztec node"), NoValue),
        ],
    )


def _task_roles(template: Template) -> None:
    tasks = policies.trust("ecs-tasks", "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:*")
    api = [
        policies.read_tables(*TABLES),
        policies.write_tables(*TABLES),
        policies.read_secrets("api-key"),
    ]
    bot = [policies.read_secrets("api-key")]
    image = [policies.log_in_to_registry(), policies.pull_image()]
    start_api = [
        *image,
        policies.write_logs("/ecs/sparta-api${NameSuffix}"),
        policies.read_secrets("bot-token", "ethereum-private-key"),
    ]
    start_bot = [*image, policies.write_logs("/ecs/sparta-bot${NameSuffix}"), policies.read_secrets("bot-token")]
    for title, name, policy_name, statements, why in (
        (
            "ApiTaskRole",
            "sparta-ecs-task-role",
            "sparta-ecs-policy",
            api,
            "What the API does in AWS: tables and its key.",
        ),
        (
            "ApiExecutionRole",
            "sparta-ecs-execution-role",
            "sparta-ecs-execution-policy",
            start_api,
            "Starts API tasks: image, logs and the secrets they are given.",
        ),
        (
            "BotTaskRole",
            "sparta-bot-task-role",
            "sparta-bot-policy",
            bot,
            "What the bot does in AWS: read the API's key.",
        ),
        (
            "BotExecutionRole",
            "sparta-bot-execution-role",
            "sparta-bot-execution-policy",
            start_bot,
            "Starts the bot's task: image, logs and the bot's token.",
        ),
    ):
        _role(template, policies.role(title, named(name), tasks, policy_name, statements, why))
    template.resources["ApiExecutionRole"].Policies += policies.read_rpc_secrets()


def _function_roles(template: Template) -> None:
    monitor = [
        policies.read_tables(*TABLES),
        policies.scan_tables("OperatorsTableArn", "ValidatorsTableArn", "AlertsTableArn"),
        policies.write_tables(*TABLES),
        policies.read_secrets("bot-token"),
        policies.write_logs("/aws/lambda/sparta-validator-monitor${NameSuffix}"),
        *policies.keep_failures(MONITOR_FAILURES),
    ]
    rotation = [
        *policies.rotate_secret("api-key"),
        policies.write_logs("/aws/lambda/sparta-api-key-rotation${NameSuffix}"),
    ]
    scheduler = policies.trust(
        "scheduler",
        "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule-group/default",
    )
    for title, name, trusted, statements, why in (
        (
            "MonitorRole",
            "sparta-validator-monitor-role",
            policies.lambda_trust(),
            monitor,
            "What the validator monitor does in AWS: tables, the bot's token, logs and its failure queue.",
        ),
        (
            "RotationRole",
            "sparta-api-key-rotation-role",
            policies.lambda_trust(),
            rotation,
            "Replaces the API key, and nothing else.",
        ),
        (
            "SchedulerRole",
            "sparta-eventbridge-role",
            scheduler,
            [policies.invoke_function("sparta-validator-monitor")],
            "Lets EventBridge start the validator monitor, and nothing else.",
        ),
    ):
        _role(template, policies.role(title, named(name), trusted, name.replace("-role", "-policy"), statements, why))
    template.resources["MonitorRole"].Policies += policies.read_rpc_secrets()


def _role(template: Template, role: Any) -> None:
    template.add_resource(role)
    output(template, f"{role.title}Arn", GetAtt(role.title, "Arn"), f"ARN of the role: {role.Description}")
