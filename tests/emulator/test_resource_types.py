"""Each resource type that we add can be created, seen through its service, changed and deleted."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.deployment import stacks
from tests.emulator.emulator import Emulator
from tests.emulator.server.resource_types import REGISTERED

SAMPLE = (Path(__file__).parent / "samples" / "added-types.yaml").read_text(encoding="utf-8")
STACK = "added-types"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An AWS of this file's own: one test deletes what the others look at, so it works on a second stack."""
    with Emulator() as running:
        yield running


@pytest.fixture(scope="module")
def ids(emulator: Emulator) -> dict[str, str]:
    """The sample's physical ids."""
    cloudformation = emulator.client("cloudformation")
    create(emulator, STACK, SAMPLE)
    return stacks.resources(cloudformation, STACK)


def create(emulator: Emulator, stack: str, template: str) -> None:
    cloudformation = emulator.client("cloudformation")
    cloudformation.create_stack(StackName=stack, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"])
    stacks.wait(cloudformation, stack)


def seen_address(emulator: Emulator, ids: dict[str, str]) -> Any:
    return emulator.client("ec2").describe_addresses(PublicIps=[ids["Address"]])["Addresses"][0]["AllocationId"]


def seen_nat(emulator: Emulator, ids: dict[str, str]) -> Any:
    return emulator.client("ec2").describe_nat_gateways(NatGatewayIds=[ids["Nat"]])["NatGateways"][0]["SubnetId"]


def seen_flow_log(emulator: Emulator, ids: dict[str, str]) -> Any:
    return emulator.client("ec2").describe_flow_logs(FlowLogIds=[ids["FlowLog"]])["FlowLogs"][0]["TrafficType"]


def seen_rules(emulator: Emulator, ids: dict[str, str]) -> Any:
    group = emulator.client("ec2").describe_security_groups(GroupIds=[ids["Group"]])["SecurityGroups"][0]
    egress = {rule.get("FromPort") for rule in group["IpPermissionsEgress"]}
    return group["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"] == ids["Group"], 443 in egress


def seen_selection(emulator: Emulator, ids: dict[str, str]) -> Any:
    selection, plan = ids["Selection"].split("_")
    found = emulator.client("backup").get_backup_selection(BackupPlanId=plan, SelectionId=selection)
    return found["BackupSelection"]["SelectionName"]


def seen_provider(emulator: Emulator, ids: dict[str, str]) -> Any:
    found = emulator.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=ids["Provider"])
    return found["ClientIDList"]


def seen_role_policy(emulator: Emulator, _ids: dict[str, str]) -> Any:
    policy = emulator.client("iam").get_role_policy(RoleName="sample", PolicyName="sample")
    return policy["PolicyDocument"]["Statement"][0]["Action"]


def seen_rotation(emulator: Emulator, ids: dict[str, str]) -> Any:
    secrets = emulator.client("secretsmanager")
    found = secrets.describe_secret(SecretId=ids["Rotation"])
    value = secrets.get_secret_value(SecretId=ids["Secret"])["SecretString"]
    return found["RotationEnabled"], found["RotationRules"]["AutomaticallyAfterDays"], value


def seen_secret_policy(emulator: Emulator, ids: dict[str, str]) -> Any:
    policy = emulator.client("secretsmanager").get_resource_policy(SecretId=ids["SecretPolicy"])["ResourcePolicy"]
    return "2012-10-17" in policy


def seen_providers(emulator: Emulator, ids: dict[str, str]) -> Any:
    cluster = emulator.client("ecs").describe_clusters(clusters=[ids["Providers"]])["clusters"][0]
    return cluster["capacityProviders"], cluster["defaultCapacityProviderStrategy"]


def seen_scaling(_emulator: Emulator, ids: dict[str, str]) -> Any:
    return ids["Target"], ids["Scaling"].partition(":resource/")[2]


def seen_composite(emulator: Emulator, ids: dict[str, str]) -> Any:
    found = emulator.client("cloudwatch").describe_alarms(AlarmNames=[ids["Composite"]], AlarmTypes=["CompositeAlarm"])
    return found["CompositeAlarms"][0]["AlarmRule"]


def seen_trail(emulator: Emulator, ids: dict[str, str]) -> Any:
    cloudtrail = emulator.client("cloudtrail")
    trail = cloudtrail.get_trail(Name=ids["Trail"])["Trail"]
    logs = cloudtrail.get_trail_status(Name=ids["Trail"])["IsLogging"]
    return logs, trail["LogFileValidationEnabled"], ":log-group:sample" in trail["CloudWatchLogsLogGroupArn"]


def seen_association(emulator: Emulator, ids: dict[str, str]) -> Any:
    return emulator.client("wafv2").get_web_acl_for_resource(ResourceArn=ids["Balancer"])["WebACL"]["Name"]


TARGET = "service/sample/api|ecs:service:DesiredCount|ecs"


@pytest.mark.parametrize(
    ("look", "expected"),
    [
        (seen_flow_log, "REJECT"),
        (seen_rules, (True, True)),
        (seen_selection, "sample"),
        (seen_provider, ["sts.amazonaws.com"]),
        (seen_role_policy, "s3:ListAllMyBuckets"),
        (seen_rotation, (True, 30, "value")),
        (seen_secret_policy, True),
        (seen_providers, (["FARGATE"], [{"capacityProvider": "FARGATE", "weight": 1}])),
        (seen_scaling, (TARGET, "ecs/service/sample/api:policyName/sample-scaling")),
        (seen_composite, 'ALARM("sample")'),
        (seen_trail, (True, True, True)),
        (seen_association, "sample"),
    ],
)
def test_service_knows_the_resource(
    emulator: Emulator, ids: dict[str, str], look: Callable[[Emulator, dict[str, str]], Any], expected: Any
) -> None:
    assert look(emulator, ids) == expected


def test_nat_gateway_stands_in_its_subnet_with_its_address(emulator: Emulator, ids: dict[str, str]) -> None:
    assert seen_nat(emulator, ids) == ids["Subnet"]
    assert seen_address(emulator, ids).startswith("eipalloc-")


def test_attributes_are_there(emulator: Emulator, ids: dict[str, str]) -> None:
    """GetAtt answers with what AWS documents for each type."""
    found = stacks.outputs(emulator.client("cloudformation"), STACK)
    assert found["NatGatewayId"] == ids["Nat"]
    assert found["ProviderArn"] == ids["Provider"]
    assert found["TrailArn"].endswith(":trail/sample")
    assert found["CompositeArn"].endswith(":alarm:sample-composite")


def test_every_type_of_the_table_is_in_the_sample() -> None:
    """A type that is added comes with a test that it works."""
    assert set(REGISTERED) <= set(re.findall(r"AWS::\w+::\w+", SAMPLE))


def test_update_then_deletion() -> None:
    """A change reaches the service, changes what it must and nothing else; a deletion leaves nothing."""
    with Emulator() as emulator:
        create(emulator, STACK, SAMPLE)
        cloudformation = emulator.client("cloudformation")
        before = stacks.resources(cloudformation, STACK)
        cloudformation.update_stack(
            StackName=STACK,
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": "Description", "ParameterValue": "second"}],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        stacks.wait(cloudformation, STACK)
        after = stacks.resources(cloudformation, STACK)
        assert {name for name in after if after[name] != before[name]} <= {"Ingress"}
        alarms = emulator.client("cloudwatch").describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
        assert [alarm["AlarmDescription"] for alarm in alarms] == ["second"]
        stacks.delete(cloudformation, STACK)
        assert emulator.client("ec2").describe_addresses()["Addresses"] == []
        assert emulator.client("cloudtrail").describe_trails()["trailList"] == []
        assert emulator.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"] == []
