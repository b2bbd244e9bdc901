"""One review, on a screen, in a pull request and for a program."""

import dataclasses
import io
import json
import re

import pytest
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from scripts.review.compare import review
from scripts.review.model import CostChange, Danger, Listed, PropertyChange, ResourceChange, Review
from scripts.review.render import to_json, to_markdown, to_terminal
from templates.rules.system import System
from tests.operations.review.planted import STAGING, Trees, props, renaming, setting, system

COST = CostChange(120.5, 140.25, (("NAT gateways", 33.0, 66.0), ("Fargate", 40.1, 26.85)))
HOSTILE = "[bold red]no[/] `code` @everyone <script> | \x1b[31m"


def _edit(trees: Trees) -> None:
    props(trees, "security", "ApiSecurityGroup")["SecurityGroupIngress"].append(
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
    )
    statements = props(trees, "security", "ApiTaskRole")["Policies"][0]["PolicyDocument"]["Statement"]
    next(each for each in statements if each["Sid"] == "UseOperators")["Action"] = ["dynamodb:*"]
    alarm = props(trees, "observability", "ApiHighCpuAlarm")
    alarm["AlarmDescription"] = str(alarm["AlarmDescription"]).replace("Auto-scaling", "The autoscaler")
    alarm["Threshold"] = 85


@pytest.fixture(scope="module")
def rich_review() -> Review:
    """Everything a review can hold."""
    after = system(
        _edit,
        setting("data", "OperatorsTable", TableName="sparta-ops-staging"),
        setting("services", "BotService", ServiceName="sparta-bot"),
        renaming("observability", "ApiSlowAlarm", "SlowApiAlarm"),
        ImageUri=STAGING["ImageUri"].replace("000", "111"),
        LogRetentionDays="7",
        NatGatewayMode="per-zone",
    )
    listed = [
        Listed("Services/ApiLogGroup", "Modify", "AWS::Logs::LogGroup", "True"),
        Listed("Data/ConfigTable", "Modify", "AWS::DynamoDB::Table", "Conditional"),
    ]
    found = review(
        system(), after, listed=listed, cost=COST, physical={"Data/OperatorsTable": "sparta-operators-staging"}
    )
    return dataclasses.replace(found, disagreements=found.disagreements[:3], notes=found.notes[:2])


def screen(found: Review, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    to_terminal(found, console)
    file = console.file
    assert isinstance(file, io.StringIO)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


def test_screen(rich_review: Review, snapshot: SnapshotAssertion) -> None:
    assert screen(rich_review) == snapshot


def test_pull_request_comment(rich_review: Review, snapshot: SnapshotAssertion) -> None:
    assert to_markdown(rich_review) == snapshot


def test_document(rich_review: Review, snapshot: SnapshotAssertion) -> None:
    assert to_json(rich_review) == snapshot


def test_dangers_come_first_and_are_recalled_last(rich_review: Review) -> None:
    lines = screen(rich_review).splitlines()
    assert "DANGER" in lines[0]
    assert lines[-1] == f"There are {len(rich_review.dangers)} dangers: read the top again."


def test_narrow_screen_loses_nothing(rich_review: Review) -> None:
    """At 60 columns the same words are there, only broken."""
    words = {word for word in screen(rich_review, 200).split() if "/" in word and len(word) < 30 and "…" not in word}
    assert {word for word in words if word.startswith(("Data/", "Services/"))} <= set(screen(rich_review, 60).split())


def test_nothing_changes_is_said_in_one_line() -> None:
    found = review(system(), system())
    assert screen(found) == "Nothing changes."
    assert to_markdown(found) == "Nothing changes.\n"
    assert json.loads(to_json(found))["is_empty"] is True


def test_first_creation_fits_two_screens_and_a_comment() -> None:
    found = review(None, system())
    assert len(screen(found).splitlines()) < 90
    assert "The API's group now admits TCP 3000 from the load balancer's group." in screen(found)
    assert len(to_markdown(found)) < 65_000


def test_destruction_fits_a_comment() -> None:
    found = review(system(), System({}, {}, {}))
    assert len(to_markdown(found)) < 65_000
    assert "DANGER" in screen(found)


def _many(length: int) -> Review:
    values = (PropertyChange("Value", "a" * length, "b" * length),)
    changes = tuple(ResourceChange(f"Big/Thing{n}", "change", "AWS::SSM::Parameter", "", values) for n in range(400))
    return Review(changes, dangers=(Danger("Big/Thing1", "AWS::SSM::Parameter", "It is lost."),))


@pytest.mark.parametrize("length", [10, 300, 5000])
def test_comment_is_never_longer_than_github_takes(length: int) -> None:
    """What gives way is the detail, never the danger; and folded parts are closed."""
    text = to_markdown(_many(length))
    assert len(text) < 65_000
    assert "It is lost." in text
    assert text.count("<details") == text.count("</details>")


def test_words_of_others_are_shown_as_they_are() -> None:
    """Neither markup of the screen, nor of Markdown, nor a terminal's control letters, nor a mention of people."""
    changes = (
        ResourceChange("Data/X", "change", HOSTILE, HOSTILE, (PropertyChange("Value", HOSTILE, "x"),), (HOSTILE,)),
    )
    found = Review(changes, dangers=(Danger("Data/X", HOSTILE, HOSTILE),), disagreements=(HOSTILE,))
    assert "[bold red]no[/]" in screen(found)
    assert "\x1b" not in screen(found)
    assert "\x1b" not in to_markdown(found)
    assert "@everyone" not in re.sub(r"(`+).*?\1", "", to_markdown(found))
    assert "<script>" not in re.sub(r"(`+).*?\1", "", to_markdown(found))


def test_document_holds_what_the_model_holds(rich_review: Review) -> None:
    document = json.loads(to_json(rich_review))
    assert [each["path"] for each in document["changes"]] == [each.path for each in rich_review.changes]
    assert document["security_rules"]["opened"] == list(rich_review.security_rules.opened)
    assert document["cost"]["lines"][0] == ["NAT gateways", 33.0, 66.0]
    assert "_Absent" not in to_json(rich_review)
    assert "(none)" not in to_json(rich_review)


def test_cost_that_is_not_known_is_said() -> None:
    assert "nothing → $10.00 a month" in screen(dataclasses.replace(_many(3), cost=CostChange(None, 10.0)))


def test_the_same_said_of_many_resources_is_said_once() -> None:
    """A change set invents the same for every resource that takes a value of another stack."""
    fed = "may be replaced by the change set; our comparison finds no change in it."
    notes = (
        f"Data/A {fed}",
        "Data/B: the change set is not sure.",
        f"Data/C {fed}",
        "Data/D: the change set is not sure.",
    )
    lines = screen(dataclasses.replace(_many(3), notes=notes)).splitlines()
    told = lines[lines.index("What the change set leaves open") + 1 :][:2]
    assert told == [f"  * Data/A, Data/C: each {fed}", "  * Data/B, Data/D: the change set is not sure."]
    assert f"- Data/A, Data/C: each {fed}" in to_markdown(dataclasses.replace(_many(3), notes=notes))


def test_a_physical_id_that_does_not_fit_stands_below_its_resource() -> None:
    arn = f"arn:aws:ecs:eu-west-2:123456789012:service/{'x' * 60}"
    changes = (ResourceChange("Services/ApiService", "change", "AWS::ECS::Service", arn, ()),)
    lines = screen(Review(changes)).splitlines()
    assert lines[lines.index("  ~ ApiService  ECS Service") + 1 :][:1] == [f"      {arn[:94]}"]


def test_disagreement_alone_is_shown_without_an_empty_table() -> None:
    found = review(system(), system(), listed=[Listed("Data/OtherTable", "Add", "AWS::DynamoDB::Table")])
    assert screen(found).splitlines()[1] == "Our comparison and the change set disagree"
    assert "| stack |" not in to_markdown(found)


def test_what_is_taken_over_is_told_from_what_is_made() -> None:
    """By its own sign and word, and with what that means, on the screen and in a pull request."""
    found = review(None, system(), listed=[Listed("Data/OperatorsTable", "Import", "AWS::DynamoDB::Table")])
    assert "  = OperatorsTable  DynamoDB Table" in screen(found)
    assert "- **taken over** `OperatorsTable` DynamoDB Table" in to_markdown(found)
    for shown in (screen(found, width=200), to_markdown(found)):
        assert "exists already, outside of the stacks, and stays as it is" in shown
