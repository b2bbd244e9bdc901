"""States of the root stack that the emulator does not get into, as AWS describes them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import Stubber

from scripts.changeset import leftovers
from scripts.operations.errors import OperationError, RefusedError
from scripts.operations.target import Target

ID = "arn:aws:cloudformation:eu-west-2:123456789012:stack/sparta-staging/1"
NESTED = f"{ID}-Data"
WHEN = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Target, Stubber]]:
    """Staging, whose CloudFormation answers what a test says; nothing else is asked."""
    monkeypatch.delenv("AWS_REGION", raising=False)
    target = Target("staging")
    target.cloudformation = boto3.client(
        "cloudformation", region_name="eu-west-2", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(target.cloudformation) as stubber:
        yield target, stubber
        stubber.assert_no_pending_responses()


def stands(stubber: Stubber, status: str, name: str = "sparta-staging", reason: str = "It failed") -> None:
    stack = {"StackId": ID, "StackName": "sparta-staging", "CreationTime": WHEN, "StackStatus": status}
    stubber.add_response("describe_stacks", {"Stacks": [stack | {"StackStatusReason": reason}]}, {"StackName": name})


def has(stubber: Stubber, stack: str, *resources: tuple[str, str, str, str]) -> None:
    listed = [
        {
            "LogicalResourceId": name,
            "ResourceType": kind,
            "PhysicalResourceId": physical,
            "ResourceStatus": status,
            "ResourceStatusReason": f"{name} says why",
            "LastUpdatedTimestamp": WHEN,
        }
        for name, kind, physical, status in resources
    ]
    stubber.add_response("list_stack_resources", {"StackResourceSummaries": listed}, {"StackName": stack})


def stuck(stubber: Stubber) -> None:
    """An update failed below Data, and so did its rollback."""
    stands(stubber, "UPDATE_ROLLBACK_FAILED")
    has(stubber, "sparta-staging", ("Data", "AWS::CloudFormation::Stack", NESTED, "UPDATE_FAILED"))
    stands(stubber, "UPDATE_ROLLBACK_FAILED", NESTED)
    has(stubber, NESTED, ("Table", "AWS::DynamoDB::Table", "t", "UPDATE_FAILED"))


def test_a_running_change_is_left_alone(aws: tuple[Target, Stubber]) -> None:
    """What is at work is named, and nothing is done, whatever was agreed to."""
    target, stubber = aws
    stands(stubber, "UPDATE_IN_PROGRESS")
    has(stubber, "sparta-staging", ("Record", "AWS::Route53::RecordSet", "r", "UPDATE_IN_PROGRESS"))
    with pytest.raises(OperationError, match=r"being changed right now.*Record UPDATE_IN_PROGRESS.*Nothing was done"):
        leftovers.clear(target, yes=True)


def test_a_failed_rollback_is_explained_and_never_deleted(
    aws: tuple[Target, Stubber], capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a yes only the explanation: what failed, by path, and that the stack must not be deleted."""
    target, stubber = aws
    stuck(stubber)
    with pytest.raises(RefusedError, match="continue the rollback of sparta-staging"):
        leftovers.clear(target, yes=False)
    said = capsys.readouterr().out
    assert "Data/Table: Table says why" in said
    assert "must not be deleted" in said


def test_a_failed_rollback_is_continued_with_consent(aws: tuple[Target, Stubber]) -> None:
    """After it has worked the change set can be made."""
    target, stubber = aws
    stuck(stubber)
    stubber.add_response("continue_update_rollback", {}, {"StackName": ID})
    stands(stubber, "UPDATE_ROLLBACK_COMPLETE", ID)
    leftovers.clear(target, yes=True)


def test_a_rollback_that_fails_again_stops_it(aws: tuple[Target, Stubber]) -> None:
    """The person is told what to repair by hand."""
    target, stubber = aws
    stuck(stubber)
    stubber.add_response("continue_update_rollback", {}, {"StackName": ID})
    stands(stubber, "UPDATE_ROLLBACK_FAILED", ID)
    with pytest.raises(OperationError, match=r"UPDATE_ROLLBACK_FAILED after another attempt.*repair"):
        leftovers.clear(target, yes=True)


def test_a_deletion_that_failed_takes_no_change_set(aws: tuple[Target, Stubber]) -> None:
    """AWS's reason is told, and nothing is done."""
    target, stubber = aws
    stands(stubber, "DELETE_FAILED", reason="resource sg-1 has a dependent object")
    expected = re.escape("sparta-staging is DELETE_FAILED: resource sg-1 has a dependent object. Nothing was done.")
    with pytest.raises(OperationError, match=expected):
        leftovers.clear(target, yes=True)


def test_a_failed_creation_tells_what_is_left_of_it(
    aws: tuple[Target, Stubber], capsys: pytest.CaptureFixture[str]
) -> None:
    """What the templates retain is named before the stack is deleted; when deleting fails, that is the end."""
    target, stubber = aws
    stands(stubber, "ROLLBACK_COMPLETE")
    has(
        stubber,
        "sparta-staging",
        ("Table", "AWS::DynamoDB::Table", "t", "DELETE_SKIPPED"),
        ("Queue", "AWS::SQS::Queue", "q", "DELETE_COMPLETE"),
    )
    stubber.add_response("delete_stack", {}, {"StackName": ID})
    stands(stubber, "DELETE_FAILED", ID)
    with pytest.raises(OperationError, match="could not be deleted; it is DELETE_FAILED"):
        leftovers.clear(target, yes=True)
    said = capsys.readouterr().out
    assert "Table (AWS::DynamoDB::Table)" in said
    assert "Queue" not in said
