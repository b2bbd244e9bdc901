"""A change set and those of its nested stacks, as AWS describes them: every answer here has botocore's own shape."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from scripts.changeset.follow import Failure, follow
from scripts.review.model import Listed

ROOT = "arn:aws:cloudformation:eu-west-2:123456789012:changeSet/first/root"
DATA = "arn:aws:cloudformation:eu-west-2:123456789012:changeSet/first-Data/nested"
DEEP = "arn:aws:cloudformation:eu-west-2:123456789012:changeSet/first-Deep/nested"
STACK = "arn:aws:cloudformation:eu-west-2:123456789012:stack/sparta-staging/1"
NESTED = "AWS::CloudFormation::Stack"
NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
EARLY = (
    "The following hook(s)/validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]. To troubleshoot Early "
    "Validation errors, use the DescribeEvents API for detailed failure information."
)


@pytest.fixture
def aws() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client(
        "cloudformation", region_name="eu-west-2", aws_access_key_id="test", aws_secret_access_key="test"
    )
    with Stubber(client) as stubber:
        yield client, stubber
        stubber.assert_no_pending_responses()


def change(name: str, kind: str, **more: Any) -> dict[str, Any]:
    resource = {"Action": "Modify", "LogicalResourceId": name, "ResourceType": kind} | more
    return {"Type": "Resource", "ResourceChange": resource}


def describes(
    stubber: Stubber,
    arn: str,
    *changes: dict[str, Any],
    status: str = "CREATE_COMPLETE",
    reason: str = "",
    token: str = "",
    more: str = "",
    **besides: Any,
) -> None:
    """One answer of DescribeChangeSet: ``token`` is the page asked for, ``more`` the next one's."""
    answer = {"ChangeSetId": arn, "StackId": STACK, "Status": status, "Changes": list(changes)} | besides
    answer |= {"StatusReason": reason} if reason else {}
    answer |= {"NextToken": more} if more else {}
    asked = {"ChangeSetName": arn} | ({"NextToken": token} if token else {})
    stubber.add_response("describe_change_set", answer, asked)


def tells(stubber: Stubber, arn: str, *events: dict[str, Any], token: str = "", more: str = "") -> None:
    answer: dict[str, Any] = {"OperationEvents": list(events)} | ({"NextToken": more} if more else {})
    asked = {"ChangeSetName": arn, "Filters": {"FailedEvents": True}} | ({"NextToken": token} if token else {})
    stubber.add_response("describe_events", answer, asked)


def test_every_page_of_every_nested_set_is_read(aws: tuple[Any, Stubber]) -> None:
    """A nested stack's changes come right after its own row, with paths from the root; no page is left out."""
    client, stubber = aws
    describes(stubber, ROOT, change("Data", NESTED, ChangeSetId=DATA), more="2")
    describes(stubber, ROOT, change("DomainRecord", "AWS::Route53::RecordSet", Action="Add"), token="2")
    table = change("Table", "AWS::DynamoDB::Table", Replacement="True", PolicyAction="ReplaceAndRetain")
    describes(stubber, DATA, table, more="b")
    describes(stubber, DATA, change("Deep", NESTED, ChangeSetId=DEEP, Action="Dynamic"), token="b")
    describes(stubber, DEEP, change("Key", "AWS::KMS::Key", Replacement="Conditional"))
    found = follow(client, ROOT)
    assert found.listed == (
        Listed("Data", "Modify", NESTED),
        Listed("Data/Table", "Modify", "AWS::DynamoDB::Table", "True", "ReplaceAndRetain"),
        Listed("Data/Deep", "Dynamic", NESTED),
        Listed("Data/Deep/Key", "Modify", "AWS::KMS::Key", "Conditional"),
        Listed("DomainRecord", "Add", "AWS::Route53::RecordSet"),
    )
    assert (found.failures, found.empty, found.running) == ((), False, False)


def test_a_set_that_is_still_made_is_not_read_yet(aws: tuple[Any, Stubber]) -> None:
    """While AWS works on it there is nothing to follow."""
    client, stubber = aws
    describes(stubber, ROOT, status="CREATE_IN_PROGRESS")
    assert follow(client, ROOT).running


def test_no_changes_is_no_failure(aws: tuple[Any, Stubber]) -> None:
    """AWS says FAILED when there is nothing to do; we say empty."""
    client, stubber = aws
    describes(stubber, ROOT, status="FAILED", reason=NO_CHANGES)
    found = follow(client, ROOT)
    assert (found.empty, found.failures, found.listed) == (True, (), ())


def test_a_nested_set_without_changes_is_no_failure(aws: tuple[Any, Stubber]) -> None:
    """A nested stack that stays as it is does not spoil the root's set."""
    client, stubber = aws
    describes(stubber, ROOT, change("Data", NESTED, ChangeSetId=DATA))
    describes(stubber, DATA, status="FAILED", reason=NO_CHANGES)
    found = follow(client, ROOT)
    assert (found.empty, found.failures) == (False, ())


def test_the_nested_reason_stands_for_the_roots(aws: tuple[Any, Stubber]) -> None:
    """ "Nested change set ... FAILED" says nothing; what the nested one says is told, with its path."""
    client, stubber = aws
    reason = f"Nested change set {DATA} was not successfully created: Currently in FAILED."
    describes(stubber, ROOT, change("Data", NESTED, ChangeSetId=DATA), status="FAILED", reason=reason)
    describes(stubber, DATA, status="FAILED", reason="Parameter validation failed: VpcId does not exist")
    tells(stubber, ROOT)
    assert follow(client, ROOT).failures == (Failure("Data", "Parameter validation failed: VpcId does not exist"),)


def test_a_failed_root_that_lists_nothing_still_leads_to_the_cause(aws: tuple[Any, Stubber]) -> None:
    """Where the root lists no changes, its reason alone names the nested set."""
    client, stubber = aws
    reason = f"Nested change set {DATA} was not successfully created: Currently in FAILED."
    describes(stubber, ROOT, status="FAILED", reason=reason)
    describes(stubber, DATA, status="FAILED", reason="Template format error", StackName="sparta-staging-Data-1")
    tells(stubber, ROOT)
    assert follow(client, ROOT).failures == (Failure("sparta-staging-Data-1", "Template format error"),)


def test_early_validation_is_told_by_its_events(aws: tuple[Any, Stubber]) -> None:
    """AWS gives no cause in the change set; DescribeEvents has it, page by page."""
    client, stubber = aws
    describes(stubber, ROOT, status="FAILED", reason=EARLY)
    event = {
        "EventId": "1",
        "EventType": "VALIDATION_ERROR",
        "LogicalResourceId": "OperatorsTable",
        "ValidationPath": "/Resources/OperatorsTable",
        "ValidationStatusReason": "Resource of type 'AWS::DynamoDB::Table' with identifier 'x' already exists.",
    }
    tells(stubber, ROOT, event, more="2")
    tells(stubber, ROOT, {"EventId": "2", "EventType": "STACK_EVENT"}, token="2")
    (failure,) = follow(client, ROOT).failures
    assert failure.reason == (
        "OperatorsTable /Resources/OperatorsTable: Resource of type 'AWS::DynamoDB::Table' with identifier 'x' already "
        "exists."
    )


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidAction"])
def test_a_cause_that_cannot_be_asked_for_leaves_what_aws_said(aws: tuple[Any, Stubber], code: str) -> None:
    """Without DescribeEvents the change set's own words are all there is, and they are told."""
    client, stubber = aws
    describes(stubber, ROOT, status="FAILED", reason=EARLY)
    stubber.add_client_error("describe_events", code)
    assert follow(client, ROOT).failures == (Failure("", EARLY),)


def test_an_obsolete_set_is_a_failure(aws: tuple[Any, Stubber]) -> None:
    """A set that another deployment has overtaken can not be executed, and that is said."""
    client, stubber = aws
    describes(stubber, ROOT, change("Data", NESTED, ChangeSetId=DATA))
    describes(stubber, DATA, ExecutionStatus="OBSOLETE")
    (failure,) = follow(client, ROOT).failures
    assert failure.path == "Data"
    assert "obsolete" in failure.reason
