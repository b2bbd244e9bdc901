"""What only shows when values are put in."""

from __future__ import annotations

import pytest

from tests.templates.rules.planting import Mistake, news, put

CLUSTER = "services/Resources/Cluster/Properties/ClusterName"

MISTAKES: list[tuple[Mistake, tuple[str, str, str]]] = [
    (
        put("root/Outputs/Edge", {"Value": {"Fn::GetAtt": ["Edge", "Outputs.DistributionDomainName"]}}),
        ("root", "Outputs.Edge", "computable"),
    ),
    (put(CLUSTER, {"Fn::Select": ["2", ["a", "b"]]}), ("services", "Cluster", "computable")),
    (put(CLUSTER, {"Fn::Select": ["3", {"Fn::Split": ["-", "a-b-c"]}]}), ("services", "Cluster", "computable")),
    (put(CLUSTER, {"Fn::If": ["IsProduction", "a"]}), ("services", "Cluster", "computable")),
    (put(CLUSTER, {"Fn::Join": ["-"]}), ("services", "Cluster", "computable")),
    (put(CLUSTER, {"Ref": ["Environment"]}), ("services", "Cluster", "computable")),
    (put(CLUSTER, {"Fn::Sub": {"a": "b"}}), ("services", "Cluster", "computable")),
    (
        put("services/Conditions/IsProduction", {"Fn::Not": [{"Condition": "IsProduction"}]}),
        ("services", "Conditions.IsProduction", "computable"),
    ),
    (
        put("observability/Resources/Dashboard/Properties/DashboardBody", '{"widgets": [,]}'),
        ("observability", "Dashboard", "json-text-is-json"),
    ),
    (
        put(
            "services/Resources/ApiService/Properties/NetworkConfiguration/AwsvpcConfiguration/Subnets",
            [{"Ref": "PrivateSubnetIds"}],
        ),
        ("services", "ApiService", "list-in-list"),
    ),
]


@pytest.mark.parametrize(("mistake", "expected"), MISTAKES)
def test_what_cannot_be_computed_is_reported(mistake: Mistake, expected: tuple[str, str, str]) -> None:
    """CloudFormation would refuse the value in production: the resource or output that holds it is named."""
    assert expected in news(mistake)


def test_an_absent_resource_is_missed_only_where_it_is_absent() -> None:
    """A reference to the second NAT gateway fails with a single one, and not with one per zone."""
    mistake = put("network/Outputs/VpcId/Value", {"Fn::Sub": "${Vpc}${NatGatewayB}"})
    expected = ("network", "Outputs.VpcId", "computable")
    assert expected not in news(mistake)
    assert expected in news(mistake, NatGatewayMode="single")
