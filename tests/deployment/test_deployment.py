"""The emitted templates become the whole system: created, changed, switched, left alone and deleted."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.deployment import stacks
from tests.deployment.system import System, bring_up
from tests.emulator.emulator import Emulator


def test_every_resource_type_can_be_deployed(emulator: Emulator, templates: Path) -> None:
    """A type that the emulator neither has nor gets from us would be one that no test deploys."""
    texts = [file.read_text(encoding="utf-8") for file in templates.glob("*.yaml")]
    types = {name for text in texts for name in re.findall(r"^    Type: (AWS::\S+)$", text, re.MULTILINE)}
    assert "AWS::ECS::Service" in types
    assert emulator.unsupported(types) == []


def test_change_set_announced_what_was_created(production: System) -> None:
    """Root's change set, followed into its nested ones, lists every resource that came and none that did not.

    MiniStack lists no change sets of nested stacks; tests/emulator/server/nested_change_sets.py makes them as AWS does.
    """
    assert production.creation is not None
    assert production.creation.paths("Add") == set(production.resources())


def test_outputs_tell_where_everything_is(production: System) -> None:
    outputs = production.outputs()
    assert outputs["ClusterName"] == "sparta-production"
    assert outputs["ApiUrl"].startswith("https://")
    assert all(outputs.values())


def test_environments_share_an_account(production: System, staging: System) -> None:
    """Nothing of staging has the name of anything of production."""
    assert set(production.resources().values()).isdisjoint(staging.resources().values())


def test_unchanged_input_is_recognised(staging: System) -> None:
    assert staging.review().is_empty


def test_update_inside_a_nested_stack_reaches_the_service(staging: System) -> None:
    """One parameter of root changes one service in one nested stack, in place."""
    before = staging.resources()
    tasks = int(staging.parameters["ApiDesiredCount"])
    change_set = staging.review(ApiDesiredCount=str(tasks + 1))
    assert {"Services", "Services/ApiService"} <= change_set.paths("Modify")
    assert change_set.paths("Add") | change_set.paths("Remove") == set()
    staging.execute(change_set)
    assert api_tasks(staging) == tasks + 1
    assert staging.resources() == before
    staging.execute(staging.review())
    assert api_tasks(staging) == tasks


def api_tasks(system: System) -> int:
    ecs = system.emulator.client("ecs")
    found = ecs.describe_services(cluster=system.root, services=["sparta-api"])["services"]
    return int(found[0]["desiredCount"])


def test_update_keeps_data(staging: System) -> None:
    """A change in every nested stack leaves what the tables hold."""
    dynamodb = staging.emulator.client("dynamodb")
    table = staging.resources()["Data/ConfigTable"]
    key = dynamodb.describe_table(TableName=table)["Table"]["KeySchema"]
    item = {part["AttributeName"]: {"S": "kept"} for part in key}
    dynamodb.put_item(TableName=table, Item=item)
    staging.execute(staging.review(LogRetentionDays="60"))
    groups = staging.emulator.client("logs").describe_log_groups(logGroupNamePrefix="/ecs/sparta-api-staging")
    assert [group["retentionInDays"] for group in groups["logGroups"]] == [60]
    assert dynamodb.get_item(TableName=table, Key=item)["Item"] == item
    staging.execute(staging.review())


def test_cloudfront_can_be_switched_on_and_off(staging: System) -> None:
    """The stack behind a condition comes with its distribution and web ACL, and goes again."""
    client = staging.emulator.client
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
    on = staging.review(EnableCloudFront="true", CloudFrontCertificateArn=certificate)
    assert {"Edge", "Edge/Distribution"} <= on.paths("Add")
    staging.execute(on)
    distributions = client("cloudfront").list_distributions()["DistributionList"]["Items"]
    assert [item["Aliases"]["Items"] for item in distributions] == [[staging.parameters["DomainName"]]]
    balancer = staging.resources()["Services/LoadBalancer"]
    assert client("wafv2").get_web_acl_for_resource(ResourceArn=balancer)["WebACL"]["Name"]
    off = staging.review()
    assert "Edge" in off.paths("Remove")
    staging.execute(off)
    assert client("cloudfront").list_distributions()["DistributionList"].get("Items", []) == []


def test_monitor_can_be_switched_off(staging: System) -> None:
    staging.execute(staging.review(EnableValidatorMonitorSchedule="false"))
    assert monitor_schedule(staging)["State"] == "DISABLED"
    staging.execute(staging.review())
    assert monitor_schedule(staging)["State"] == "ENABLED"


def monitor_schedule(system: System) -> Any:
    return system.emulator.client("scheduler").get_schedule(Name=system.resources()["Monitor/MonitorSchedule"])


def test_contradictory_input_is_refused_before_anything_is_made(production: System) -> None:
    """Root's rules speak up when the change set is asked for."""
    with pytest.raises(production.emulator.client("cloudformation").exceptions.ClientError, match="HTTPS only"):
        production.review(CertificateArn="", DomainName="", HostedZoneId="")


def test_client_can_package_the_templates(production: System, tmp_path: Path) -> None:
    """`aws cloudformation package` finds the nested templates by their local names; what it writes can be deployed."""
    packaged = tmp_path / "root.yaml"
    bucket = production.parameters["ArtifactBucket"]
    done = production.emulator.shell(
        f"aws cloudformation package --template-file root.yaml --s3-bucket {bucket} --output-template-file {packaged}",
        cwd=production.templates,
    )
    assert done.returncode == 0, done.stderr
    client = production.emulator.client
    url = stacks.upload(client("s3"), bucket, packaged.read_text(encoding="utf-8"))
    change_set = stacks.create_change_set(client("cloudformation"), production.root, url, production.parameters)
    assert change_set.status == "CREATE_COMPLETE", change_set.reason
    assert change_set.paths("Add") | change_set.paths("Remove") == set()


@pytest.fixture
def development(emulator: Emulator, templates: Path) -> System:
    """Deployed for the one test that takes it down again."""
    return bring_up(emulator, templates, "development")


def test_deletion_leaves_only_what_holds_data(development: System, templates: Path) -> None:
    """Deleting root takes down what can be made again; tables, keys, backups, logs and bootstrap stay."""
    before = development.resources()
    stays = retained(templates) & set(before)
    assert {"Data/OperatorsTable", "Data/EncryptionKey", "Data/BackupBucket"} <= stays
    development.delete()
    left = existing(development.emulator)
    assert {before[path] for path in stays if path.endswith(("Table", "Bucket", "LogGroup"))} <= left
    goes = ("Network/Vpc", "Services/Cluster", "Monitor/MonitorFunction", "Observability/ApiHighCpuAlarm")
    assert {before[path] for path in goes} & left == set()
    assert development.parameters["ArtifactBucket"] in left
    assert "sparta/development/bot-token" in left


def existing(emulator: Emulator) -> set[str]:
    """Names of what there is in the account, of the kinds that a deletion is judged by."""
    client = emulator.client
    clusters = client("ecs").describe_clusters(clusters=client("ecs").list_clusters()["clusterArns"])["clusters"]
    return {
        *client("dynamodb").list_tables()["TableNames"],
        *(item["Name"] for item in client("s3").list_buckets()["Buckets"]),
        *(item["logGroupName"] for item in client("logs").describe_log_groups()["logGroups"]),
        *(item["VpcId"] for item in client("ec2").describe_vpcs()["Vpcs"]),
        *(item["FunctionName"] for item in client("lambda").list_functions()["Functions"]),
        *(item["AlarmName"] for item in client("cloudwatch").describe_alarms()["MetricAlarms"]),
        *(item["Name"] for item in client("secretsmanager").list_secrets()["SecretList"]),
        *(item["clusterName"] for item in clusters if item["status"] == "ACTIVE"),
    }


def retained(templates: Path) -> set[str]:
    """Paths of the resources that stay when their stack goes."""
    found = set()
    for file in templates.glob("*.yaml"):
        resources = file.read_text(encoding="utf-8").partition("\nResources:\n")[2].partition("\nOutputs:\n")[0]
        for match in re.finditer(r"^  (\w+):\n((?:    .*\n|\n)*)", resources, re.MULTILINE):
            if re.search(r"^    DeletionPolicy: Retain", match[2], re.MULTILINE):
                found.add(f"{file.stem.capitalize()}/{match[1]}")
    return found
