"""An ARN, a name, an id: each property gets what it takes, from the right kind of resource."""

from __future__ import annotations

from typing import Any

import pytest

from templates.rules.kinds import kind
from templates.rules.system import render
from tests.templates.rules.planting import Mistake, emitted, news, put, remove, values

TASK = "services/Resources/ApiTask/Properties"
API_VPC = "services/Resources/ApiService/Properties/NetworkConfiguration/AwsvpcConfiguration"
RECORD = "root/Resources/DomainRecord/Properties"
ROUTE = "network/Resources/PublicInternetRoute/Properties"
FUNCTION = "monitor/Resources/MonitorFunction/Properties"
FAILURES = "monitor/Resources/MonitorFailuresPolicy/Properties"
RETRIES = "monitor/Resources/MonitorRetries/Properties"
SCHEDULE = "monitor/Resources/MonitorSchedule/Properties"
ALARM = "observability/Resources/ApiHighCpuAlarm/Properties"


def att(name: str, attribute: str = "Arn") -> dict[str, Any]:
    return {"Fn::GetAtt": [name, attribute]}


def ref(name: str) -> dict[str, Any]:
    return {"Ref": name}


SWAPPED: list[tuple[Mistake, tuple[str, str]]] = [
    (put(f"{RECORD}/AliasTarget/DNSName", att("Services", "Outputs.ApiLogGroupName")), ("root", "DomainRecord")),
    (put(f"{TASK}/TaskRoleArn", "sparta-ecs-task-role"), ("services", "ApiTask")),
    (put("security/Outputs/ApiTaskRoleArn/Value", ref("ApiTaskRole")), ("services", "ApiTask")),
    (
        put(f"{TASK}/ContainerDefinitions/0/LogConfiguration/Options/awslogs-group", att("ApiLogGroup")),
        ("services", "ApiTask"),
    ),
    (put("data/Outputs/EncryptionKeyArn/Value", ref("EncryptionKey")), ("services", "ApiLogGroup")),
    (
        put(f"{FUNCTION}/Role", "sparta-validator-monitor-role"),
        ("monitor", "MonitorFunction"),
    ),
    (put(f"{SCHEDULE}/Target/Arn", ref("MonitorFunction")), ("monitor", "MonitorSchedule")),
    (
        put(f"{RETRIES}/DestinationConfig/OnFailure/Destination", ref("MonitorFailures")),
        ("monitor", "MonitorRetries"),
    ),
    (
        put(f"{FAILURES}/Queues", [att("MonitorFailures")]),
        ("monitor", "MonitorFailuresPolicy"),
    ),
    (put(f"{ALARM}/AlarmActions", [att("AlertsTopic", "TopicName")]), ("observability", "ApiHighCpuAlarm")),
    (
        put("services/Outputs/ApiServiceName/Value", ref("ApiService")),
        ("observability", "ApiHighCpuAlarm"),
    ),
    (put("services/Outputs/LoadBalancerFullName/Value", ref("LoadBalancer")), ("observability", "ApiSlowAlarm")),
    (
        put("observability/Resources/Trail/Properties/CloudWatchLogsLogGroupArn", ref("TrailLogGroup")),
        ("observability", "Trail"),
    ),
    (put("observability/Resources/Trail/Properties/S3BucketName", att("AuditBucket")), ("observability", "Trail")),
    (put("network/Resources/NatGatewayA/Properties/AllocationId", ref("NatAddressA")), ("network", "NatGatewayA")),
    (put("network/Resources/FlowLog/Properties/LogGroupName", att("FlowLogGroup")), ("network", "FlowLog")),
    (
        put("services/Resources/ApiScaling/Properties/ResourceId", {"Fn::Sub": "service/${Cluster}/${ApiService}"}),
        ("services", "ApiScaling"),
    ),
    (
        put(
            f"{API_VPC}/Subnets",
            [{"Fn::Join": [",", ref("PrivateSubnetIds")]}],
        ),
        ("services", "ApiService"),
    ),
    (
        put("services/Resources/ApiService/Properties/ServiceRegistries/0/RegistryArn", ref("ApiDiscovery")),
        ("services", "ApiService"),
    ),
    (put(f"{TASK}/ContainerDefinitions/0/Environment/0/Value", ref("ApiTaskRoleArn")), ("services", "ApiTask")),
    (
        put("data/Resources/BackupSelection/Properties/BackupSelection/IamRoleArn", ref("BackupRole")),
        ("data", "BackupSelection"),
    ),
]
OF_ANOTHER_TYPE: list[tuple[Mistake, tuple[str, str]]] = [
    (put(f"{RECORD}/HostedZoneId", att("Security", "Outputs.ApiSecurityGroupId")), ("root", "DomainRecord")),
    (
        put("network/Resources/PublicInternetRoute/Properties/GatewayId", ref("NatGatewayA")),
        ("network", "PublicInternetRoute"),
    ),
    (put("network/Resources/FlowLog/Properties/DeliverLogsPermissionArn", att("FlowLogGroup")), ("network", "FlowLog")),
    (put(f"{ALARM}/AlarmActions", [ref("TrailLogGroup")]), ("observability", "ApiHighCpuAlarm")),
    (put(f"{ALARM}/Dimensions/0/Value", ref("ApiServiceName")), ("observability", "ApiHighCpuAlarm")),
    (
        put(f"{API_VPC}/SecurityGroups", [ref("VpcId")]),
        ("services", "ApiService"),
    ),
    (
        put(f"{SCHEDULE}/Target/RoleArn", att("MonitorFunction")),
        ("monitor", "MonitorSchedule"),
    ),
]


@pytest.mark.parametrize(("mistake", "where"), SWAPPED)
def test_what_is_no_arn_or_no_name_is_reported(mistake: Mistake, where: tuple[str, str]) -> None:
    """The resource that takes the value is named, also when the mistake stands in another stack's output."""
    assert (*where, "arn-or-name") in news(mistake)


@pytest.mark.parametrize(("mistake", "where"), OF_ANOTHER_TYPE)
def test_a_reference_to_another_kind_of_resource_is_reported(mistake: Mistake, where: tuple[str, str]) -> None:
    """A role where a log group is meant, a gateway for another: the type of the target gives it away."""
    assert (*where, "right-type-of-target") in news(mistake)


def test_a_url_of_no_host_is_reported() -> None:
    """The load balancer's name instead of its DNS name: people cannot open that."""
    url = {"Fn::Sub": ["https://${Address}/health", {"Address": att("Services", "Outputs.ClusterName")}]}
    assert ("root", "Outputs.ApiUrl", "url-names-host") in news(put("root/Outputs/ApiUrl/Value", url))
    variable = {"Name": "X", "Value": {"Fn::Sub": "http://${Cluster}:3000"}}
    assert ("services", "ApiTask", "url-names-host") in news(
        put(f"{TASK}/ContainerDefinitions/0/Environment/+", variable)
    )


def test_an_output_that_belies_its_name_is_reported() -> None:
    """Whoever takes ...Arn relies on an ARN."""
    mistake = put("data/Outputs/ConfigTableArn/Value", ref("ConfigTable"))
    assert ("data", "Outputs.ConfigTableArn", "output-as-named") in news(mistake)


def test_an_empty_reference_is_reported_where_the_option_is_off() -> None:
    """A listener without its condition has no certificate where there is no domain."""
    mistake = remove("services/Resources/HttpsListener/Condition")
    expected = ("services", "HttpsListener", "reference-given")
    assert expected not in news(mistake)
    assert expected in news(mistake, Environment="development", DomainName="", HostedZoneId="", CertificateArn="")


def test_a_trail_needs_the_streams_of_its_group() -> None:
    """CloudTrail wants :* at the end of the log group's ARN."""
    arn = {"Fn::Sub": "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:cloudtrail-log-group"}
    mistake = put("observability/Resources/Trail/Properties/CloudWatchLogsLogGroupArn", arn)
    assert ("observability", "Trail", "trail-writes-to-streams") in news(mistake)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${data/ConfigTable}", "name"),
        ("${data/ConfigTable.Arn}", "arn"),
        ("${data/ConfigTable.Arn}/index/*", "arn"),
        ("arn:aws:dynamodb:eu-west-2:123456789012:table/${data/ConfigTable.Arn}", "mixed"),
        ("arn:aws:dynamodb:eu-west-2:123456789012:table/${data/ConfigTable}", "arn"),
        ("${services/ApiService.Name}", "name"),
        ("${services/ApiService}", "arn"),
        ("${services/ApiService~}", ""),
        ("${monitor/MonitorFailures}", "url"),
        ("${network/PublicSubnetA},${network/PublicSubnetB}", "list"),
        ("${network/Vpc}", "id"),
        ("vpc-0a1b2c3d", "id"),
        ("origin.${root/DomainName}", ""),
        ("https://example.org", "url"),
        ("api.example.org", "host"),
        ("sparta-operators-production", "name"),
        ("${root/CertificateArn}", ""),
        (7, ""),
    ],
)
def test_the_kind_of_a_value(value: object, expected: str) -> None:
    """What a rendered value is follows from what Ref and Fn::GetAtt return; the unknown is no kind."""
    assert kind(value, render(emitted(), values("production"))) == expected
