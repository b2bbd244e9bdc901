"""`make bootstrap` and `make changeset` in an account where nothing is yet, or where somebody was before."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment import stacks
from tests.emulator.emulator import REPOSITORY, Emulator
from tests.operations.between import Between
from tests.operations.deployments import Place, edited, place
from tests.operations.running import surroundings

MISSING = "https://s3.eu-west-2.amazonaws.com"


@pytest.fixture
def account() -> Iterator[Emulator]:
    """An account of its own: what these tests leave behind would stand in others' way."""
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def empty(account: Emulator, tmp_path: Path) -> Place:
    """Bootstrapped, and nothing more."""
    return place(account, tmp_path)


def keys(where: Place) -> set[str]:
    listed = where.emulator.client("s3").list_objects_v2(Bucket=where.bucket)
    return {each["Key"] for each in listed.get("Contents", [])}


def test_bootstrap_shows_and_asks_before_it_makes_anything(account: Emulator, tmp_path: Path) -> None:
    """Without a yes nothing is left behind, not even a change set; with it the stack stands; again changes nothing."""
    where = place(account, tmp_path, bootstrapped=False)
    done = where.call("bootstrap")
    assert done.code == 1
    assert "ArtifactBucket" in done.out
    assert "YES=1" in done.err
    assert where.stacks() == {}
    done = where.call("bootstrap", YES="1")
    assert done.code == 0, done.err
    assert f"ArtifactBucketName: {where.bucket}" in done.out
    assert where.stacks() == {"sparta-bootstrap-development": "CREATE_COMPLETE"}
    done = where.call("bootstrap")
    assert done.code == 0, done.err
    assert "Nothing would change" in done.out


def test_the_first_creation_is_prepared_and_nothing_is_created(empty: Place) -> None:
    """Everything is listed as added, examples in the file are named, and what is ready can be executed."""
    done = empty.call("changeset")
    assert done.code == 0, done.err
    assert "SpartaAddress: 0x1234567890123456789012345678901234567890 is an example" in done.out
    assert "OperatorsTable" in done.out
    assert empty.stacks()[empty.root] == "REVIEW_IN_PROGRESS"
    assert empty.emulator.client("dynamodb").list_tables()["TableNames"] == []
    assert empty.prepared()["type"] == "CREATE"
    empty.execute()
    assert empty.stacks()[empty.root] == "CREATE_COMPLETE"
    assert "sparta-operators-development" in empty.emulator.client("dynamodb").list_tables()["TableNames"]


def test_what_outlives_the_stack_is_named_so_that_it_can_be_imported(empty: Place) -> None:
    """AWS imports by literal names only: the uploaded template has them, and the request asks for import."""
    assert empty.call("changeset").code == 0
    s3 = empty.emulator.client("s3")
    (data,) = [key for key in keys(empty) if key.endswith("/data.yaml")]
    text = s3.get_object(Bucket=empty.bucket, Key=data)["Body"].read().decode()
    assert "TableName: sparta-operators-development\n" in text
    assert "BucketName: sparta-backups-development-000000000000\n" in text
    described = empty.emulator.client("cloudformation").describe_change_set(
        ChangeSetName=empty.prepared()["change_set_id"]
    )
    assert described["ImportExistingResources"] is True


def test_a_policy_that_stayed_on_a_bucket_is_deleted_with_consent(empty: Place) -> None:
    """CloudFormation cannot take a bucket's policy over: without a yes it is refused, with one the policy goes."""
    s3, bucket = empty.emulator.client("s3"), "sparta-backups-development-000000000000"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:*"}]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    done = empty.call("changeset")
    assert done.code == 1
    assert f"these buckets were kept, with their policies: {bucket}." in done.out
    assert empty.root not in empty.stacks()
    done = empty.call("changeset", YES="1")
    assert done.code == 0, done.err
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=bucket)


def test_without_bootstrap_the_next_step_is_named(account: Emulator, tmp_path: Path) -> None:
    """One line that says what comes first; nothing is made."""
    where = place(account, tmp_path, bootstrapped=False)
    done = where.call("changeset")
    assert done.code == 1
    assert done.err.strip().count("\n") == 0
    assert "make bootstrap ENV=development" in done.err
    assert where.stacks() == {}


def test_a_bucket_of_someone_else_is_one_line(empty: Place) -> None:
    """S3 answers 403 when the bucket is not the expected account's: nothing is uploaded, nothing made."""
    with Between(empty.emulator.url, refuse=403) as s3:
        done = empty.call("changeset", AWS_ENDPOINT_URL_S3=s3.url)
    assert done.code == 1
    assert done.err.strip().count("\n") == 0
    assert f"The bucket {empty.bucket} belongs to another account" in done.err
    assert empty.root not in empty.stacks()
    assert keys(empty) == set()


def test_no_bucket_is_one_line(empty: Place) -> None:
    """The bootstrap stack stands, its bucket was deleted by hand."""
    empty.emulator.client("s3").delete_bucket(Bucket=empty.bucket)
    done = empty.call("changeset")
    assert done.code == 1
    assert f"There is no artifact bucket {empty.bucket}" in done.err
    assert empty.root not in empty.stacks()


def test_killed_while_uploading_the_next_run_continues(empty: Place) -> None:
    """The second run uploads what the first had not, nothing twice, and ends with a change set."""
    variables = surroundings(empty.emulator, empty.home) | {"ENV": "development", "PACKAGES": str(empty.packages)}
    process: list[subprocess.Popen[bytes]] = []

    def kill_at_the_fourth(uploaded: int) -> None:
        if uploaded == 3:
            os.kill(process[0].pid, signal.SIGKILL)

    with Between(empty.emulator.url, watch=kill_at_the_fourth) as s3:
        command = [sys.executable, "-m", "scripts", "changeset"]
        process.append(
            subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env=variables | {"AWS_ENDPOINT_URL_S3": s3.url},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        assert process[0].wait(timeout=90) == -signal.SIGKILL
    there = keys(empty)
    assert empty.root not in empty.stacks()
    with Between(empty.emulator.url) as s3:
        done = empty.call("changeset", AWS_ENDPOINT_URL_S3=s3.url)
    assert done.code == 0, done.err
    uploaded = {path.removeprefix(f"/{empty.bucket}/") for path in s3.uploads}
    assert len(there) >= 3
    assert not uploaded & there
    assert len(uploaded) == len(s3.uploads)


def test_a_change_set_that_failed_is_explained_and_gone(empty: Place, templates: Path, tmp_path: Path) -> None:
    """The nested stack's own reason is on the screen; neither the failed set nor an empty stack stays."""
    wrong = ("  VpcId:\n    Type: String\n", "  VpcId:\n    Type: AWS::EC2::VPC::Id\n")
    folder = edited(templates, tmp_path / "edited", security=wrong)
    done = empty.call("changeset", TEMPLATES=str(folder), CHECKS="warn")
    assert done.code == 1
    assert "Security: Parameter validation failed" in done.err
    assert "it was deleted again" in done.err
    assert empty.root not in empty.stacks()


def test_a_failed_first_creation_is_deleted_with_consent_only(empty: Place) -> None:
    """ROLLBACK_COMPLETE: explained, kept without a yes, deleted with one, and then the change set is made."""
    _fail_first_creation(empty)
    done = empty.call("changeset")
    assert done.code == 1
    assert "The first creation of sparta-development failed (ROLLBACK_COMPLETE" in done.out
    assert empty.stacks()[empty.root] == "ROLLBACK_COMPLETE"
    done = empty.call("changeset", YES="1")
    assert done.code == 0, done.err
    assert "sparta-development was deleted." in done.out
    assert empty.stacks()[empty.root] == "REVIEW_IN_PROGRESS"


def test_a_set_that_can_not_be_executed_is_deleted_with_consent(empty: Place) -> None:
    """A dead change set of somebody's: named and left alone without a yes, deleted with one; the good one stays."""
    assert empty.call("changeset", NAME="good").code == 0
    cloudformation = empty.emulator.client("cloudformation")
    # A nested template that is nowhere: its own change set fails, and the root's with it.
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": f"{MISSING}/{empty.bucket}/no.yaml"}}
    cloudformation.create_change_set(
        StackName=empty.root,
        ChangeSetName="dead",
        ChangeSetType="CREATE",
        TemplateBody=json.dumps({"Resources": {"Nested": nested}}),
        IncludeNestedStacks=True,
    )
    done = empty.call("changeset")
    assert done.code == 0, done.err
    assert "in review (REVIEW_IN_PROGRESS)" in done.out
    assert "dead (FAILED)" in done.out
    assert "dead" in empty.change_sets()
    done = empty.call("changeset", YES="1")
    assert done.code == 0, done.err
    assert "dead" not in empty.change_sets()
    assert "good" in empty.change_sets()


def _fail_first_creation(where: Place) -> None:
    """A stack of the root's name, one of whose resources cannot be made."""
    properties = {"TemplateURL": f"{MISSING}/{where.bucket}/no.yaml"}
    nested = {"Type": "AWS::CloudFormation::Stack", "DependsOn": "Queue", "Properties": properties}
    body = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}, "Nested": nested}})
    cloudformation = where.emulator.client("cloudformation")
    cloudformation.create_stack(StackName=where.root, TemplateBody=body)
    with pytest.raises(stacks.StackFailedError):
        stacks.wait(cloudformation, where.root)
