"""Root and its nested stacks: crossed, missing and superfluous wires are named."""

from __future__ import annotations

import pytest

from tests.templates.rules.planting import Mistake, both, news, put, remove, seen, small

NETWORK = "root/Resources/Network/Properties/Parameters"
SECURITY = "root/Resources/Security/Properties/Parameters"
TOPIC = {"Type": "AWS::SNS::Topic"}

MISTAKES: list[tuple[Mistake, tuple[str, str, str]]] = [
    (
        put("network/Parameters/Spare", {"Type": "String", "Description": "Not used at all"}),
        ("network", "Parameters.Spare", "parameter-used"),
    ),
    (
        put("root/Parameters/Spare", {"Type": "String", "Default": "", "Description": "Only a rule looks"}),
        ("root", "Parameters.Spare", "parameter-used"),
    ),
    (
        put("data/Outputs/Spare", {"Value": {"Ref": "BackupVault"}, "Description": "Nobody takes it"}),
        ("data", "Outputs.Spare", "output-used"),
    ),
    (
        put("data/Outputs/VpcId", {"Value": {"Ref": "BackupVault"}, "Description": "Not the network at all"}),
        ("data", "Outputs.VpcId", "output-named-once"),
    ),
    (
        put("root/Resources/Monitor/Properties/TemplateURL", "security.yaml"),
        ("root", "Monitor", "nested-template-present"),
    ),
    (remove(f"{SECURITY}/VpcId"), ("root", "Security", "nested-values-given")),
    (put(f"{SECURITY}/Vpc", "x"), ("root", "Security", "nested-values-given")),
    (
        both(put("root/Parameters/Zones", {"Type": "CommaDelimitedList"}), put(f"{NETWORK}/VpcCidr", {"Ref": "Zones"})),
        ("root", "Network", "nested-values-are-text"),
    ),
    (put(f"{NETWORK}/AvailabilityZones", {"Fn::GetAZs": ""}), ("root", "Network", "nested-values-are-text")),
    (
        put("security/Parameters/VpcId/AllowedPattern", "^vpc-"),
        ("security", "Parameters.VpcId", "nested-value-unchecked"),
    ),
    (
        put("security/Parameters/VpcId/Type", "AWS::EC2::VPC::Id"),
        ("security", "Parameters.VpcId", "nested-value-unchecked"),
    ),
    (
        put(
            "security/Resources/BotSecurityGroup/Properties/VpcId",
            {"Fn::Select": ["0", {"Fn::Split": [",", {"Ref": "VpcId"}]}]},
        ),
        ("security", "Parameters.VpcId", "nested-value-unchecked"),
    ),
    (
        put(
            "security/Resources/BotSecurityGroup/Properties/VpcId",
            {"Fn::Select": ["1", {"Fn::Split": ["/", {"Fn::Sub": "a/${VpcId}"}]}]},
        ),
        ("security", "Parameters.VpcId", "nested-value-unchecked"),
    ),
    (
        put(f"{SECURITY}/ConfigTableArn", {"Fn::GetAtt": ["Data", "Outputs.AlertsTableArn"]}),
        ("root", "Security", "wired-to-namesake"),
    ),
    (put(f"{SECURITY}/AztecRpcPort", {"Ref": "EthereumRpcPort"}), ("root", "Security", "wired-to-namesake")),
    (
        put("root/Outputs/ClusterName/Value", {"Fn::GetAtt": ["Services", "Outputs.ApiServiceName"]}),
        ("root", "Outputs.ClusterName", "output-shows-namesake"),
    ),
    (
        put("network/Outputs/VpcId/Export", {"Name": "vpc"}),
        ("network", "Outputs.VpcId", "no-exports"),
    ),
    (
        put("services/Resources/Cluster/Properties/ClusterName", {"Fn::ImportValue": "cluster"}),
        ("services", "Cluster", "no-exports"),
    ),
    (
        put("root/Resources/Network/Properties/TemplateURL", "networks.yaml"),
        ("root", "Network", "nested-template-present"),
    ),
    (
        put("root/Resources/Data/DependsOn", "Monitor"),
        ("root", "Data", "acyclic"),
    ),
    (
        put("network/Resources/Vpc/DependsOn", ["InternetAttachment"]),
        ("network", "InternetAttachment", "acyclic"),
    ),
    (
        put(
            "security/Resources/ApiSecurityGroup/Properties/SecurityGroupIngress/+",
            {"IpProtocol": "tcp", "SourceSecurityGroupId": {"Ref": "ApiSecurityGroup"}},
        ),
        ("security", "ApiSecurityGroup", "no-reference-to-itself"),
    ),
    (
        put("root/Resources/Again", {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "edge.yaml"}}),
        ("root", "Again", "nested-once"),
    ),
]


@pytest.mark.parametrize(
    ("mistake", "expected"), MISTAKES, ids=lambda value: value[2] if isinstance(value, tuple) else ""
)
def test_a_crossed_wire_is_named(mistake: Mistake, expected: tuple[str, str, str]) -> None:
    """Each mistake in our own templates is reported by its rule, at the stack and the entry where it stands."""
    assert expected in news(mistake)


def test_the_stack_that_has_the_output_is_named() -> None:
    """An output taken from the wrong stack: the finding says who has it."""
    mistake = put(f"{SECURITY}/VpcId", {"Fn::GetAtt": ["Data", "Outputs.VpcId"]})
    assert ("root", "Security", "attribute-exists") in news(mistake)


def test_two_standing_alone_have_nothing_to_do_with_each_other() -> None:
    """Templates that no root nests are checked by themselves: their outputs need no taker."""
    alone = small(
        a="""
            # one
            AWSTemplateFormatVersion: "2010-09-09"
            Description: A topic of its own
            Resources: {Topic: {Type: AWS::SNS::Topic}}
            Outputs: {TopicArn: {Value: !Ref Topic, Description: Where to publish}}
        """
    )
    assert not {rule for _, _, rule in seen(alone, {})} & {"output-used", "nested-values-given"}


def test_a_reference_of_another_shape_is_no_list() -> None:
    """A Ref that holds no name is the rendering's concern; this rule does not stumble over it."""
    found = news(put(f"{NETWORK}/VpcCidr", {"Ref": {"Fn::Sub": [1]}}))
    assert ("root", "Network", "computable") in found
    assert ("root", "Network", "malformed") not in found
