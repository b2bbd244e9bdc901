"""IncludeNestedStacks answers as AWS does, so a change set can be read to its leaves and fails where AWS's does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment import stacks
from tests.emulator.emulator import Emulator

SAMPLES = Path(__file__).parent / "samples"
BUCKET = "change-set-samples"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An AWS of this file's own: the samples' names are fixed."""
    with Emulator() as running:
        running.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        yield running


@pytest.fixture(scope="module")
def deployed(emulator: Emulator) -> stacks.ChangeSet:
    url = stacks.package(emulator.client("s3"), BUCKET, SAMPLES, "nested-root.yaml")
    return stacks.deploy(emulator.client("cloudformation"), "sample", url, {})


def test_creation_lists_what_every_nested_stack_creates(deployed: stacks.ChangeSet) -> None:
    """The root's change set leads to its children's; what a false condition switches off is not in it."""
    store = {f"Store/{name}" for name in ("Balancer", "Bucket", "LogGroup", "Secret", "Subnet", "Table", "Vpc")}
    assert deployed.paths("Add") == {"Store", "Reader", "Reader/Dashboard"} | store


@pytest.mark.usefixtures("deployed")
def test_update_lists_what_changes_inside(emulator: Emulator) -> None:
    cloudformation = emulator.client("cloudformation")
    url = stacks.package(emulator.client("s3"), BUCKET, SAMPLES, "nested-root.yaml")
    change_set = stacks.create_change_set(cloudformation, "sample", url, {"Days": "14"})
    assert {"Store", "Store/LogGroup", "Store/Bucket"} <= change_set.paths("Modify")
    assert change_set.paths("Add") == set()


@pytest.mark.usefixtures("deployed")
def test_what_a_condition_switches_on_is_added(emulator: Emulator) -> None:
    """A nested stack that was there in the template but not in the account comes with all that is in it."""
    cloudformation = emulator.client("cloudformation")
    url = stacks.package(emulator.client("s3"), BUCKET, SAMPLES, "nested-root.yaml")
    change_set = stacks.create_change_set(cloudformation, "sample", url, {"Extra": "yes"})
    assert {"Spare", "Spare/Bucket"} <= change_set.paths("Add")


def test_children_name_their_parent(emulator: Emulator) -> None:
    cloudformation = emulator.client("cloudformation")
    url = stacks.package(emulator.client("s3"), BUCKET, SAMPLES, "nested-root.yaml")
    change_set = stacks.create_change_set(cloudformation, "kinship", url, {})
    root = cloudformation.describe_change_set(ChangeSetName=change_set.arn)
    children = [change["ResourceChange"]["ChangeSetId"] for change in root["Changes"]]
    for child in (cloudformation.describe_change_set(ChangeSetName=arn) for arn in children):
        assert (child["ParentChangeSetId"], child["RootChangeSetId"]) == (change_set.arn, change_set.arn)
        assert child["IncludeNestedStacks"] is True


@pytest.mark.parametrize(
    ("written", "planted", "reason"),
    [
        ("BucketNames: {Type: CommaDelimitedList}", "BucketNames: {Type: 'List<AWS::EC2::Subnet::Id>'}", "not exist"),
        ("BalancerName: {Type: String}", "BalancerName: {Type: String, AllowedPattern: '[a-z-]+'}", "pattern"),
        ("SecretArn: {Type: String}", "SecretArn: {Type: String, MaxLength: 60}", "at most 60"),
        ('{Buckets: !Join [" ", !Ref BucketNames]}', "{Buckets: !Select [1, !Ref BucketNames]}", "Fn::Select"),
        (
            '{Buckets: !Join [" ", !Ref BucketNames]}',
            "{Buckets: !Select [1, !Split [',', !Ref BalancerName]]}",
            "Fn::Select",
        ),
    ],
    ids=["typed", "patterned", "measured", "selected", "split"],
)
def test_value_that_does_not_exist_yet_can_not_be_checked_or_taken_apart(
    emulator: Emulator, tmp_path: Path, written: str, planted: str, reason: str
) -> None:
    """What a sibling has yet to produce is a placeholder; a template that does more than hand it on is refused."""
    for sample in SAMPLES.glob("nested-*.yaml"):
        (tmp_path / sample.name).write_text(sample.read_text().replace(written, planted))
    cloudformation = emulator.client("cloudformation")
    url = stacks.package(emulator.client("s3"), BUCKET, tmp_path, "nested-root.yaml")
    name = f"planted-{tmp_path.name.replace('_', '-')}"
    change_set = stacks.create_change_set(cloudformation, name, url, {})
    assert change_set.status == "FAILED"
    nested = cloudformation.describe_change_set(ChangeSetName=f"{change_set.arn}-Reader")
    assert nested["Status"] == "FAILED"
    assert reason in nested["StatusReason"]
