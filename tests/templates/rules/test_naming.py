"""Names, attributes, placeholders and leftovers inside one template."""

from __future__ import annotations

import pytest

from tests.templates.rules.planting import Bodies, Mistake, news, put

CLUSTER = "services/Resources/Cluster/Properties"
TRAIL = "observability/Resources/Trail"

MISTAKES: list[tuple[Mistake, tuple[str, str, str]]] = [
    (put(f"{CLUSTER}/ClusterName", {"Ref": "Enviroment"}), ("services", "Cluster", "name-declared")),
    (put(f"{CLUSTER}/ClusterName", {"Fn::Sub": "sparta-${Enviroment}"}), ("services", "Cluster", "name-declared")),
    (put(f"{CLUSTER}/ClusterName", {"Ref": "AWS::Acount"}), ("services", "Cluster", "name-declared")),
    (put("services/Resources/Cluster/Condition", "IsProd"), ("services", "Cluster", "name-declared")),
    (put(f"{CLUSTER}/ClusterName", {"Fn::If": ["IsProd", "a", "b"]}), ("services", "Cluster", "name-declared")),
    (put(f"{CLUSTER}/ClusterName", {"Fn::FindInMap": ["Sizes", "a", "b"]}), ("services", "Cluster", "name-declared")),
    (put(f"{TRAIL}/DependsOn", ["AuditBucketPolicies"]), ("observability", "Trail", "name-declared")),
    (
        put("services/Conditions/HasHttps", {"Fn::Not": [{"Condition": "HasHttp"}]}),
        ("services", "Conditions.HasHttps", "name-declared"),
    ),
    (
        put("observability/Outputs/AlertsTopicArn/Value", {"Fn::GetAtt": ["AlertTopic", "TopicArn"]}),
        ("observability", "Outputs.AlertsTopicArn", "name-declared"),
    ),
    (
        put("observability/Outputs/AlertsTopicArn/Value", {"Fn::GetAtt": ["AlertsTopic", "Arn"]}),
        ("observability", "Outputs.AlertsTopicArn", "attribute-exists"),
    ),
    (
        put("data/Outputs/BackupVaultName/Value", {"Fn::Sub": "${BackupVault.Name}"}),
        ("data", "Outputs.BackupVaultName", "attribute-exists"),
    ),
    (
        put("root/Outputs/VpcId/Value", {"Fn::GetAtt": ["Network", "Outputs.Vpc"]}),
        ("root", "Outputs.VpcId", "attribute-exists"),
    ),
    (
        put("root/Outputs/VpcId/Value", {"Fn::GetAtt": "Security.Outputs.VpcId"}),
        ("root", "Outputs.VpcId", "attribute-exists"),
    ),
    (
        put("data/Conditions", {"IsBig": {"Fn::Equals": [{"Ref": "Environment"}, "production"]}}),
        ("data", "Conditions.IsBig", "condition-used"),
    ),
    (put("data/Mappings", {"Sizes": {"production": {"Cpu": "1"}}}), ("data", "Mappings.Sizes", "mapping-used")),
    (
        put("security/Resources/SpareRole", {"Type": "AWS::IAM::Role", "Properties": {}}),
        ("security", "SpareRole", "resource-used"),
    ),
]


@pytest.mark.parametrize(("mistake", "expected"), MISTAKES)
def test_a_name_that_does_not_fit_is_reported(mistake: Mistake, expected: tuple[str, str, str]) -> None:
    """Undeclared, misspelt and unused names are reported where they stand."""
    assert expected in news(mistake)


def test_being_completed_is_no_use() -> None:
    """A route table with routes but without a subnet serves nobody; with a subnet it does."""

    def mistake(bodies: Bodies) -> None:
        bodies["network"]["Resources"]["SpareRouteTable"] = {"Type": "AWS::EC2::RouteTable", "Properties": {}}
        bodies["network"]["Resources"]["SpareRoute"] = {
            "Type": "AWS::EC2::Route",
            "Properties": {"RouteTableId": {"Ref": "SpareRouteTable"}, "GatewayId": {"Ref": "InternetGateway"}},
        }

    assert ("network", "SpareRouteTable", "resource-used") in news(mistake)


def test_policy_variables_are_no_placeholders() -> None:
    """IAM's own variables (aws:username) stand outside Fn::Sub rightly."""
    path = "security/Resources/MonitorRole/Properties/Policies/0/PolicyDocument/Statement/0/Condition"
    assert not news(put(path, {"StringEquals": {"aws:username": "${aws:username}"}}))
