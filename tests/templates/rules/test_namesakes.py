"""Crossed wires between things that are called alike."""

from __future__ import annotations

from typing import Any

import pytest

from templates.rules.namesakes import words
from tests.templates.rules.planting import Mistake, news, put

SERVICES = "services/Resources"
NETWORK = "network/Resources"
TASK = f"{SERVICES}/ApiTask/Properties"


def ref(name: str) -> dict[str, Any]:
    return {"Ref": name}


def first(name: str) -> dict[str, Any]:
    return {"Fn::Select": ["0", {"Fn::Split": [",", ref(name)]}]}


CROSSED: list[tuple[Mistake, tuple[str, str, str]]] = [
    (put(f"{TASK}/TaskRoleArn", ref("BotTaskRoleArn")), ("services", "ApiTask", "wired-to-own-partner")),
    (put(f"{TASK}/TaskRoleArn", ref("ApiExecutionRoleArn")), ("services", "ApiTask", "value-of-its-namesake")),
    (
        put(f"{TASK}/ContainerDefinitions/0/LogConfiguration/Options/awslogs-group", ref("BotLogGroup")),
        ("services", "ApiTask", "wired-to-own-partner"),
    ),
    (
        put(f"{SERVICES}/ApiService/Properties/TaskDefinition", ref("BotTask")),
        ("services", "ApiService", "wired-to-own-partner"),
    ),
    (
        put(f"{NETWORK}/PrivateSubnetBRoutes/Properties/RouteTableId", ref("PrivateRouteTableA")),
        ("network", "PrivateSubnetBRoutes", "wired-to-own-partner"),
    ),
    (
        put(f"{NETWORK}/NatGatewayB/Properties/SubnetId", ref("PublicSubnetA")),
        ("network", "NatGatewayB", "wired-to-own-partner"),
    ),
    (put("root/Resources/Data/Properties/Tags/0/Value", ref("VpcCidr")), ("root", "Data", "value-of-its-namesake")),
    (put(f"{TASK}/Cpu", ref("ApiMemory")), ("services", "ApiTask", "value-of-its-namesake")),
    (put(f"{TASK}/Memory", ref("BotMemory")), ("services", "ApiTask", "value-of-its-namesake")),
    (
        put(f"{SERVICES}/ApiScaling/Properties/MinCapacity", ref("ApiMaxCount")),
        ("services", "ApiScaling", "value-of-its-namesake"),
    ),
    (
        put(
            f"{NETWORK}/PrivateSubnetA/Properties/CidrBlock",
            first("PublicSubnetCidrs"),
        ),
        ("network", "PrivateSubnetA", "value-of-its-namesake"),
    ),
    (
        put("services/Conditions/HasRollupAddress", {"Fn::Not": [{"Fn::Equals": [ref("RegistryAddress"), ""]}]}),
        ("services", "Conditions.HasRollupAddress", "value-of-its-namesake"),
    ),
    (
        put("security/Outputs/ApiTaskRoleArn/Value", {"Fn::GetAtt": ["BotTaskRole", "Arn"]}),
        ("security", "Outputs.ApiTaskRoleArn", "output-of-its-namesake"),
    ),
    (
        put("data/Outputs/ConfigTableName/Value", ref("AlertsTable")),
        ("data", "Outputs.ConfigTableName", "output-of-its-namesake"),
    ),
    (
        put(f"{TASK}/ContainerDefinitions/0/Environment/0/Value", ref("ConfigTableName")),
        ("services", "ApiTask", "variable-of-its-namesake"),
    ),
    (
        put(f"{TASK}/ContainerDefinitions/0/Environment/0/Value", {"Fn::Sub": "sparta-config-${Environment}"}),
        ("services", "ApiTask", "variable-of-its-namesake"),
    ),
]


@pytest.mark.parametrize(("mistake", "expected"), CROSSED)
def test_a_wire_to_the_neighbour_is_reported(mistake: Mistake, expected: tuple[str, str, str]) -> None:
    """The one that was meant is called like its user; the finding stands at the user."""
    assert expected in news(mistake)


def test_one_secret_for_another_is_reported() -> None:
    """The bot token's variable filled from the private key's secret: told by the words of their names."""

    def mistake(bodies: dict[str, Any]) -> None:
        text = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:"
        for entry in bodies["services"]["Resources"]["ApiTask"]["Properties"]["ContainerDefinitions"][0]["Secrets"]:
            if entry.get("Name") == "BOT_TOKEN":
                entry["ValueFrom"] = {"Fn::Sub": text + "sparta/${Environment}/ethereum-private-key"}

    assert ("services", "ApiTask", "variable-of-its-namesake") in news(mistake)


def test_the_words_of_a_name() -> None:
    """Names are split at capitals, and long words are cut to their stem."""
    assert words("PrivateSubnetA") == ("Privat", "Subnet", "A")
    assert words("NATGatewayId") == ("NAT", "Gatewa", "Id")
