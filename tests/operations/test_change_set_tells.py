"""What a change set says beyond our own comparison: a danger, nothing at all, or that it is out of date."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.operations.answering import Between
from tests.operations.deploying import Ground

ROOT = "sparta-development"
REPLACED = b"""<member><Type>Resource</Type><ResourceChange><Action>Modify</Action>
<LogicalResourceId>Cluster</LogicalResourceId><PhysicalResourceId>sparta-development</PhysicalResourceId>
<ResourceType>AWS::ECS::Cluster</ResourceType><Replacement>True</Replacement></ResourceChange></member>"""
UNTOUCHED = b"""<member><Type>Resource</Type><ResourceChange><Action>Modify</Action>
<LogicalResourceId>Services</LogicalResourceId><ResourceType>AWS::CloudFormation::Stack</ResourceType>
<Replacement>False</Replacement></ResourceChange></member>"""

EARLY = (
    b"The following hook(s)/validation failed: [AWS::EarlyValidation::ResourceExistenceCheck]. To troubleshoot Early "
    b"Validation errors, use the DescribeEvents API for detailed failure information."
)
REASON = "Resource of type 'AWS::Logs::LogGroup' with identifier '/ecs/a' already exists."
EVENTS = f"""<DescribeEventsResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeEventsResult>
<OperationEvents><member><EventId>1</EventId><EventType>VALIDATION_ERROR</EventType>
<LogicalResourceId>ApiLogGroup</LogicalResourceId><ValidationPath>/Resources/ApiLogGroup</ValidationPath>
<ValidationStatusReason>{REASON}</ValidationStatusReason></member></OperationEvents></DescribeEventsResult>
</DescribeEventsResponse>"""


@pytest.fixture
def image(living: Ground, request: pytest.FixtureRequest) -> str:
    """One that nothing else runs."""
    return living.push_image(request.node.name[-100:])


@pytest.fixture
def aws(living: Ground) -> Iterator[Between]:
    """Between the commands, which are given its ``url``, and the emulator."""
    with Between(living.system.emulator) as between:
        yield between


def with_a_replacement(described: bytes) -> bytes:
    """The services' change set replaces the cluster too, which nothing in the templates explains."""
    ours = b"<LogicalResourceId>ApiService</LogicalResourceId>" in described
    return described.replace(b"<Changes>", b"<Changes>" + REPLACED) if ours else described


def with_an_untouched_stack(described: bytes) -> bytes:
    """As AWS often describes a change set that changes nothing: complete, with a nested stack listed all the same."""
    if b"<Changes></Changes>" not in described:
        return described
    for old, new in (
        (b"FAILED", b"CREATE_COMPLETE"),
        (b"UNAVAILABLE", b"AVAILABLE"),
        (b"<Changes>", b"<Changes>" + UNTOUCHED),
    ):
        described = described.replace(old, new)
    head, _, rest = described.partition(b"<StatusReason>")
    return head + rest.partition(b"</StatusReason>")[2]


def failed_early(described: bytes) -> bytes:
    """AWS has looked at what exists and refuses the change set, without the cause."""
    if b"<LogicalResourceId>Services</LogicalResourceId>" not in described:
        return described
    head, _, rest = described.partition(b"<Status>")
    rest = rest.partition(b"</StatusReason>")[2]
    return head + b"<Status>FAILED</Status><StatusReason>" + EARLY + b"</StatusReason>" + rest


def from_templates(ground: Ground, **more: str) -> dict[str, str]:
    return {"TEMPLATES": str(ground.system.templates), "CHECKS": "warn"} | more


@pytest.mark.parametrize("verb", ["changeset", "release"])
def test_a_danger_that_only_the_change_set_knows_is_refused(
    living: Ground, aws: Between, image: str, verb: str
) -> None:
    """Our comparison sees none; AWS would do it. The set is deleted again, and the path to agree to is named."""
    aws.rewrite("DescribeChangeSet", with_a_replacement)
    given = {"IMAGE": image, "AWS_ENDPOINT_URL": aws.url}
    before = living.parameters
    done = living.command(verb, **(from_templates(living, **given) if verb == "changeset" else given))
    assert done.code == 1
    refused = done.err.splitlines()[-2:]
    assert any("Services/Cluster: It is replaced (the change set says so" in line for line in refused), done.err
    assert any("ALLOW=Services/Cluster" in line for line in refused)
    assert any("was deleted again" in line for line in refused)
    assert (living.pending(), living.parameters) == ([], before)


def test_a_danger_that_only_the_change_set_knows_can_be_agreed_to(living: Ground, aws: Between, image: str) -> None:
    """By its path; before the question it is said once more what was accepted."""
    aws.rewrite("DescribeChangeSet", with_a_replacement)
    done = living.command("release", IMAGE=image, ALLOW="Services/Cluster", AWS_ENDPOINT_URL=aws.url)
    assert done.code == 0, done.err
    assert "Accepted when it was made, though it harms: Services/Cluster" in done.out


@pytest.mark.parametrize("verb", ["changeset", "release"])
def test_a_nested_stack_that_is_only_listed_is_no_change(living: Ground, aws: Between, image: str, verb: str) -> None:
    """Nothing would change is said, nothing is asked or executed, and no change set is left."""
    given = {"IMAGE": image}
    if verb == "changeset":
        given = from_templates(living, IMAGE=image)
        assert living.command("changeset", **given).code == 0
        assert living.command("deploy").code == 0
    else:
        assert living.command("release", **given).code == 0
    aws.rewrite("DescribeChangeSet", with_an_untouched_stack)
    done = living.command(verb, **given, AWS_ENDPOINT_URL=aws.url)
    assert "Nothing would change" in done.out + done.err
    assert done.code == (0 if verb == "changeset" else 1)
    assert "ExecuteChangeSet" not in aws.asked
    assert living.pending() == []


def test_a_change_set_that_fails_early_tells_the_cause_and_what_to_try(
    living: Ground, aws: Between, image: str
) -> None:
    """AWS keeps the cause apart, among the events of the change set; nothing is left behind."""
    aws.answer("DescribeEvents", lambda _: (200, {"Content-Type": "text/xml"}, EVENTS.encode()))
    aws.rewrite("DescribeChangeSet", failed_early)
    done = living.command("release", IMAGE=image, AWS_ENDPOINT_URL=aws.url)
    assert done.code == 1
    [line] = done.err.splitlines()
    assert line.startswith(
        "CloudFormation could not make the change set; it was deleted again, nothing else was changed."
    )
    assert f"ApiLogGroup /Resources/ApiLogGroup: {REASON}" in line
    assert "What to try: Something of that name is there and in no stack" in line
    assert living.pending() == []


def test_a_change_set_that_another_change_has_overtaken_is_refused(living: Ground) -> None:
    """AWS calls it obsolete; deploy says why and what to do, and the next change set clears it away."""
    number = int(living.parameters["ApiMaxCount"])
    made = living.prepare(ApiMaxCount=str(number + 1), ImageUri=living.parameters["ImageUri"])
    by_hand = {name: value for name, value in living.parameters.items() if name != "ApiMaxCount"}
    living.client("cloudformation").update_stack(
        StackName=ROOT,
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[
            {"ParameterKey": "ApiMaxCount", "ParameterValue": str(number + 2)},
            *({"ParameterKey": name, "UsePreviousValue": True} for name in by_hand),
        ],
    )
    living.wait_for("UPDATE_COMPLETE")
    done = living.command("deploy")
    assert done.code == 1
    assert "is obsolete: the stack was changed after it was made. Nothing was changed." in done.err
    assert living.parameters["ApiMaxCount"] == str(number + 2)
    done = living.command("changeset", **from_templates(living))
    assert done.code == 0, done.err
    assert f"can not be executed any more: {made.arn.split('/')[1]}" in done.out
    assert living.command("deploy").code == 0
