"""The root stack: every deploy-time parameter, the nested stacks wired together, and what an operator needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from troposphere import Delete, GetAtt, If, Output, Ref, Select, Split, Sub, Tags, Template
from troposphere.cloudformation import Stack as NestedStack

from templates import dns, plain, rules_of_input
from templates.acceptance import accepted
from templates.stack import BuildError, Tree, declare_deploy_parameters

CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
"""Hosted zone of every CloudFront distribution (Route 53 documentation, AliasTarget)."""

DERIVED: dict[str, Any] = {
    "NameSuffix": If("IsProduction", "", Sub("-${Environment}")),
    "OriginToken": Select(2, Split("/", Ref("AWS::StackId"))),
}

OPTIONAL = {"Edge": "HasCloudFront"}
"""Nested stacks that exist only under a condition."""

OUTPUTS = (
    "ClusterName",
    "ApiServiceName",
    "BotServiceName",
    "LoadBalancerDnsName",
    "ApiLogGroupName",
    "BotLogGroupName",
    "MonitorFunctionName",
    "MonitorLogGroupName",
    "RotationFunctionName",
    "RotationLogGroupName",
    "MonitorFailuresName",
    "BackupBucketName",
    "BackupVaultName",
    "AlertsTopicArn",
    "VpcId",
)
"""Outputs of nested stacks that root shows under the same name."""


def build(trees: Mapping[str, Tree], passed: Mapping[str, Tree], ids: Mapping[str, str]) -> Tree:
    """Stack ``root``, complete.

    :param trees: nested templates by stack name
    :param passed: what each nested stack is given, parameter name to value
    :param ids: logical id of each nested stack
    """
    template = Template(Description="Sparta: the whole system; deploy this one, it brings the nested stacks.")
    for name, logical_id in ids.items():
        template.add_resource(_nested(logical_id, name, passed[name]))
    _domain_record(template)
    _outputs(template, trees, ids)
    for rule, body in rules_of_input.RULES.items():
        template.add_rule(rule, body)
    tree: Tree = plain.tree(template)
    declare_deploy_parameters(tree)
    return tree


def _nested(logical_id: str, name: str, values: Tree) -> NestedStack:
    condition: dict[str, Any] = {"Condition": OPTIONAL[logical_id]} if logical_id in OPTIONAL else {}
    return NestedStack(
        logical_id,
        TemplateURL=f"{name}.yaml",
        Parameters=values,
        Tags=Tags(Project="sparta", Environment=Ref("Environment"), Stack=name),
        DeletionPolicy=Delete,  # what must stay says so itself
        UpdateReplacePolicy=Delete,
        Metadata=accepted("W3002", "The path is local on purpose: packaging uploads the file and puts its URL here."),
        **condition,
    )


def _domain_record(template: Template) -> None:
    """Here and in no nested stack: switching CloudFront on or off changes one record instead of making a second one."""
    distribution = GetAtt("Edge", "Outputs.DistributionDomainName")
    load_balancer = GetAtt("Services", "Outputs.LoadBalancerDnsName")
    zone = GetAtt("Services", "Outputs.LoadBalancerZoneId")
    template.add_resource(
        dns.alias(
            "DomainRecord",
            "HasDomain",
            Ref("DomainName"),
            If("HasCloudFront", distribution, load_balancer),
            If("HasCloudFront", CLOUDFRONT_ZONE, zone),
            check_health=If("HasCloudFront", False, True),
        )
    )


def _outputs(template: Template, trees: Mapping[str, Tree], ids: Mapping[str, str]) -> None:
    address = GetAtt("Services", "Outputs.LoadBalancerDnsName")
    scheme_and_name = If(
        "HasHttps", Sub("https://${Address}", Address=address), Sub("http://${Address}", Address=address)
    )
    template.add_output(
        Output(
            "ApiUrl",
            Description="Public address of the API.",
            Value=If("HasDomain", Sub("https://${DomainName}"), scheme_and_name),
        )
    )
    dashboard = GetAtt("Observability", "Outputs.DashboardName")
    console = (
        "https://${AWS::Region}.console.aws.amazon.com/cloudwatch/home?region=${AWS::Region}#dashboards:name=${Name}"
    )
    template.add_output(
        Output("DashboardUrl", Description="Dashboard to look at first.", Value=Sub(console, Name=dashboard))
    )
    for name in OUTPUTS:
        provider = next((stack for stack, tree in trees.items() if name in tree.get("Outputs", {})), None)
        if provider is None:
            raise BuildError(f"Root shows output {name}, which no stack provides; correct root.OUTPUTS.")
        template.add_output(
            Output(
                name,
                Description=trees[provider]["Outputs"][name]["Description"],
                Value=GetAtt(ids[provider], f"Outputs.{name}"),
            )
        )
