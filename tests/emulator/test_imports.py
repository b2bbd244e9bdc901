"""What exists is imported into nested stacks as AWS does it, or in the way of a creation as on AWS."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deployment import stacks
from tests.emulator.emulator import Emulator

BUCKET = "import-samples"
ROOT = {"Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "inner.yaml"}}}
TABLE = {
    "TableName": "kept",
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "Table": ("AWS::DynamoDB::Table", TABLE),
    "Group": ("AWS::Logs::LogGroup", {"LogGroupName": "kept"}),
    "Vault": ("AWS::Backup::BackupVault", {"BackupVaultName": "kept"}),
    "Bucket": ("AWS::S3::Bucket", {"BucketName": "kept-bucket"}),
}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        running.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        yield running


@pytest.fixture
def kept(emulator: Emulator, tmp_path: Path) -> str:
    """URL of a root whose nested stack was deployed with data in its table, and deleted, all of it retained."""
    url = uploaded(emulator, tmp_path, inner())
    stacks.deploy(emulator.client("cloudformation"), "first", url, {})
    emulator.client("dynamodb").put_item(TableName="kept", Item={"id": {"S": "old"}})
    stacks.delete(emulator.client("cloudformation"), "first")
    return url


def inner(policy: str = "Retain") -> dict[str, Any]:
    rest = {"DeletionPolicy": policy, "UpdateReplacePolicy": policy}
    return {name: {"Type": kind, "Properties": props, **rest} for name, (kind, props) in KINDS.items()}


def uploaded(emulator: Emulator, folder: Path, resources: dict[str, Any]) -> str:
    outputs = {"VaultArn": {"Value": {"Fn::GetAtt": ["Vault", "BackupVaultArn"]}}}
    (folder / "root.yaml").write_text(yaml.safe_dump({"Resources": ROOT}))
    (folder / "inner.yaml").write_text(yaml.safe_dump({"Resources": resources, "Outputs": outputs}))
    return stacks.package(emulator.client("s3"), BUCKET, folder, "root.yaml")


def planned(emulator: Emulator, url: str, stack: str = "second", *, take_over: bool = True) -> stacks.ChangeSet:
    return stacks.create_change_set(emulator.client("cloudformation"), stack, url, {}, take_over=take_over)


def test_what_was_retained_is_imported_with_its_data(emulator: Emulator, kept: str) -> None:
    """It is listed as an import, told by events of an import, and is the very same afterwards."""
    change_set = planned(emulator, kept)
    assert change_set.paths("Import") == {f"Inner/{name}" for name in KINDS}
    cloudformation = emulator.client("cloudformation")
    stacks.execute(cloudformation, change_set)
    assert emulator.client("dynamodb").get_item(TableName="kept", Key={"id": {"S": "old"}})["Item"]
    nested = stacks.resources(cloudformation, "second")
    assert nested["Inner/Table"] == "kept"
    told = cloudformation.describe_stack_events(StackName=nested["Inner"])["StackEvents"]
    assert [each["ResourceStatus"] for each in reversed(told) if each["LogicalResourceId"] == "Vault"] == [
        *("IMPORT_IN_PROGRESS", "IMPORT_COMPLETE"),
        *("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"),
    ]


def test_the_next_update_and_deletion_treat_it_as_their_own(emulator: Emulator, kept: str, tmp_path: Path) -> None:
    """A change in place reaches it; a deletion that no longer retains it deletes it."""
    cloudformation = emulator.client("cloudformation")
    stacks.execute(cloudformation, planned(emulator, kept))
    again = inner("Delete")
    again["Group"]["Properties"] = {"LogGroupName": "kept", "RetentionInDays": 7}
    stacks.deploy(cloudformation, "second", uploaded(emulator, tmp_path, again), {})
    (group,) = emulator.client("logs").describe_log_groups(logGroupNamePrefix="kept")["logGroups"]
    assert group["retentionInDays"] == 7
    stacks.delete(cloudformation, "second")
    assert emulator.client("dynamodb").list_tables()["TableNames"] == []


def test_what_is_not_retained_is_not_imported(emulator: Emulator, kept: str, tmp_path: Path) -> None:
    """The nested set fails with AWS's reason, and root's with it."""
    assert kept
    change_set = planned(emulator, uploaded(emulator, tmp_path, inner("Delete")))
    assert change_set.status == "FAILED"
    nested = emulator.client("cloudformation").describe_change_set(ChangeSetName=f"{change_set.arn}-Inner")
    assert "must have the DeletionPolicy attribute set to 'Retain'" in nested["StatusReason"]


def test_what_another_stack_has_is_not_imported(emulator: Emulator, tmp_path: Path) -> None:
    url = uploaded(emulator, tmp_path, inner())
    stacks.deploy(emulator.client("cloudformation"), "first", url, {})
    change_set = planned(emulator, url)
    assert change_set.status == "FAILED"
    nested = emulator.client("cloudformation").describe_change_set(ChangeSetName=f"{change_set.arn}-Inner")
    assert "already exists in stack" in nested["StatusReason"]


@pytest.mark.parametrize("name", KINDS)
def test_what_exists_is_in_the_way_of_a_creation_without_import(
    emulator: Emulator, kept: str, tmp_path: Path, name: str
) -> None:
    """Nothing is made over it: the creation fails, and the data stay."""
    assert kept
    only = {each: resource for each, resource in inner().items() if each in (name, "Vault")}
    if name != "Vault":
        only["Vault"]["Properties"] = {"BackupVaultName": "another"}
    change_set = planned(emulator, uploaded(emulator, tmp_path, only), take_over=False)
    with pytest.raises(stacks.StackFailedError, match="already exists"):
        stacks.execute(emulator.client("cloudformation"), change_set)
    assert emulator.client("dynamodb").get_item(TableName="kept", Key={"id": {"S": "old"}})["Item"]
