"""Security groups, and the roles of everything that runs.

Roles that AWS services use to deliver flow logs, backups and the audit trail stand beside those resources.
"""

from __future__ import annotations

from typing import Any

from troposphere import GetAtt, If, NoValue, Ref, Template
from troposphere.ec2 import SecurityGroup, SecurityGroupRule

from templates import roles
from templates.acceptance import accepted
from templates.stack import named, output

READINESS_PORTS = (8080, 40400)
"""Ports of an operator's node that ``/operator is-ready`` probes (spec: discord)."""


def build() -> Template:
    """Stack ``security``."""
    template = Template(Description="Sparta security: security groups and IAM roles, each limited to what is used.")
    _security_groups(template)
    roles.add(template)
    return template


def _rule(port: object, why: str, **peer: Any) -> SecurityGroupRule:
    return SecurityGroupRule(IpProtocol="tcp", FromPort=port, ToPort=port, Description=why, **peer)


def _anywhere(port: object, why: str) -> SecurityGroupRule:
    return _rule(port, why, CidrIp="0.0.0.0/0")


def _group(template: Template, title: str, name: str, why: str, **rules: Any) -> None:
    metadata = accepted("CKV_AWS_23", "Every rule has a description; the scanner does not look inside a choice.")
    group = SecurityGroup(
        title, GroupName=named(name), GroupDescription=why, VpcId=Ref("VpcId"), Metadata=metadata, **rules
    )
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
        "RotationSecurityGroup",
        "sparta-rotation-sg",
        "Rotation of the API key, which nobody connects to",
        SecurityGroupEgress=[
            _anywhere(443, "AWS"),
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
            _rule(
                Ref("ApiPort"),
                "Rotation of the key, by service discovery",
                SourceSecurityGroupId=GetAtt("RotationSecurityGroup", "GroupId"),
            ),
        ],
        SecurityGroupEgress=[
            _anywhere(443, "AWS, Discord and RPC endpoints"),
            *(_anywhere(port, "Readiness probe of operator nodes") for port in READINESS_PORTS),
            If("HasOwnEthereumPort", _anywhere(Ref("EthereumRpcPort"), "Ethereum RPC"), NoValue),
            If("HasOwnAztecPort", _anywhere(Ref("AztecRpcPort"), "Aztec node"), NoValue),
        ],
    )
