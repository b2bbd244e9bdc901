"""Production, asked service by service: what the requirement's resource table says is what stands there."""

from typing import Any

import pytest

from tests.deployment.system import System

INTERNET = "0.0.0.0/0"


@pytest.fixture(scope="module")
def ids(production: System) -> dict[str, str]:
    return production.resources()


def service(production: System, name: str) -> Any:
    found = production.emulator.client("ecs").describe_services(cluster="sparta-production", services=[name])
    return found["services"][0]


@pytest.mark.parametrize("name", ["sparta-api", "sparta-discord"])
def test_tasks_run_in_private_subnets_and_roll_back(production: System, ids: dict[str, str], name: str) -> None:
    found = service(production, name)
    network = found["networkConfiguration"]["awsvpcConfiguration"]
    assert network["assignPublicIp"] == "DISABLED"
    assert set(network["subnets"]) == {ids["Network/PrivateSubnetA"], ids["Network/PrivateSubnetB"]}
    assert found["deploymentConfiguration"]["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}


def test_there_are_never_two_bots(production: System) -> None:
    """A new bot starts only after the old one has stopped."""
    deployment = service(production, "sparta-discord")["deploymentConfiguration"]
    assert (deployment["minimumHealthyPercent"], deployment["maximumPercent"]) == (0, 100)


@pytest.mark.parametrize("family", ["sparta-api", "sparta-discord"])
def test_image_is_named_by_digest(production: System, family: str) -> None:
    found = production.emulator.client("ecs").describe_task_definition(taskDefinition=family)["taskDefinition"]
    assert [container["image"] for container in found["containerDefinitions"]] == [production.parameters["ImageUri"]]


def test_only_the_load_balancer_is_open_to_the_internet(production: System, ids: dict[str, str]) -> None:
    ec2 = production.emulator.client("ec2")
    groups = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [ids["Network/Vpc"]]}])
    open_ports = {
        (group["GroupId"], rule["FromPort"])
        for group in groups["SecurityGroups"]
        for rule in group["IpPermissions"]
        if group["GroupName"] != "default" and any(ip["CidrIp"] == INTERNET for ip in rule["IpRanges"])
    }
    balancer = ids["Security/LoadBalancerSecurityGroup"]
    assert open_ports == {(balancer, 80), (balancer, 443)}


def test_each_private_subnet_leaves_by_its_own_zone(production: System, ids: dict[str, str]) -> None:
    ec2 = production.emulator.client("ec2")
    for zone in ("A", "B"):
        table = ec2.describe_route_tables(RouteTableIds=[ids[f"Network/PrivateRouteTable{zone}"]])["RouteTables"][0]
        out = [route["NatGatewayId"] for route in table["Routes"] if route.get("DestinationCidrBlock") == INTERNET]
        assert out == [ids[f"Network/NatGateway{zone}"]]


def test_one_gateway_serves_staging(staging: System) -> None:
    assert [path for path in staging.resources() if path.startswith("Network/NatGateway")] == ["Network/NatGatewayA"]


@pytest.mark.parametrize("table", ["operators", "validators", "config", "validator-history", "network-stats", "alerts"])
def test_table_is_billed_on_demand_and_can_not_be_deleted(production: System, table: str) -> None:
    dynamodb = production.emulator.client("dynamodb")
    found = dynamodb.describe_table(TableName=f"sparta-{table}-production")["Table"]
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert found["DeletionProtectionEnabled"] is True


def test_logs_are_encrypted_and_expire(production: System, ids: dict[str, str]) -> None:
    groups = production.emulator.client("logs").describe_log_groups()["logGroups"]
    ours = [group for group in groups if group["logGroupName"] in set(ids.values())]
    assert {"/ecs/sparta-api", "/ecs/sparta-bot", "/aws/lambda/sparta-validator-monitor", "cloudtrail-log-group"} <= {
        group["logGroupName"] for group in ours
    }
    assert {group["retentionInDays"] for group in ours} == {30}
    assert all(group["kmsKeyId"] for group in ours)


def test_secrets_have_the_guides_names_and_the_api_key_rotates(production: System) -> None:
    secrets = production.emulator.client("secretsmanager")
    for name in ("bot-token", "ethereum-private-key", "api-key"):
        found = secrets.describe_secret(SecretId=f"sparta/production/{name}")
        assert found.get("RotationEnabled", False) is (name == "api-key")


def test_monitor_runs_by_schedule_on_arm(production: System, ids: dict[str, str]) -> None:
    function = production.emulator.client("lambda").get_function(FunctionName="sparta-validator-monitor")
    assert function["Configuration"]["Architectures"] == ["arm64"]
    schedule = production.emulator.client("scheduler").get_schedule(Name=ids["Monitor/MonitorSchedule"])
    assert schedule["Target"]["Arn"] == function["Configuration"]["FunctionArn"]
    assert schedule["State"] == "ENABLED"


def test_every_alarm_reaches_the_topic(production: System, ids: dict[str, str]) -> None:
    alarms = production.emulator.client("cloudwatch").describe_alarms()["MetricAlarms"]
    ours = [alarm for alarm in alarms if alarm["AlarmName"] in set(ids.values())]
    assert ours
    assert all(production.outputs()["AlertsTopicArn"] in alarm["AlarmActions"] for alarm in ours)


def test_guides_alarm_stands(production: System) -> None:
    found = production.emulator.client("cloudwatch").describe_alarms(AlarmNames=["sparta-api-high-cpu"])
    alarm = found["MetricAlarms"][0]
    assert (alarm["Threshold"], alarm["Period"], alarm["EvaluationPeriods"]) == (80, 120, 2)
    assert {item["Name"]: item["Value"] for item in alarm["Dimensions"]} == {
        "ServiceName": "sparta-api",
        "ClusterName": "sparta-production",
    }


def test_alerts_go_to_the_address_given(production: System) -> None:
    sns = production.emulator.client("sns")
    found = sns.list_subscriptions_by_topic(TopicArn=production.outputs()["AlertsTopicArn"])["Subscriptions"]
    assert [(item["Protocol"], item["Endpoint"]) for item in found] == [("email", production.parameters["AlertEmail"])]


def test_audit_log_is_on_and_validated(production: System, ids: dict[str, str]) -> None:
    cloudtrail = production.emulator.client("cloudtrail")
    name = ids["Observability/Trail"]
    assert cloudtrail.get_trail_status(Name=name)["IsLogging"] is True
    trail = cloudtrail.get_trail(Name=name)["Trail"]
    assert trail["LogFileValidationEnabled"] is True
    assert "cloudtrail-log-group" in trail["CloudWatchLogsLogGroupArn"]


def test_buckets_are_private_and_versioned(production: System, ids: dict[str, str]) -> None:
    s3 = production.emulator.client("s3")
    for bucket in (production.parameters["ArtifactBucket"], ids["Data/BackupBucket"]):
        blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        assert all(blocked.values())
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_scaling_policy_has_the_guides_name(ids: dict[str, str]) -> None:
    assert ids["Services/ApiCpuScaling"].endswith(":policyName/api-cpu-scaling")
