"""What is said of an operation, from events alone."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ConnectionClosedError
from rich.console import Console

from scripts.deploy import causes
from scripts.deploy.events import Event
from scripts.deploy.follow import Patience
from scripts.deploy.progress import Progress, usual, words
from scripts.deploy.tree import tree

START = datetime(2026, 11, 26, 12, tzinfo=UTC)
NESTED = "AWS::CloudFormation::Stack"


def event(
    path: str, status: str, *, seconds: float = 0, reason: str = "", type_: str = "AWS::SNS::Topic", own: bool = False
) -> Event:
    """An event of a resource, or with ``own`` of the stack ``path`` itself."""
    stack, _, name = ("", "", path) if "/" not in path else path.rpartition("/")
    return Event(
        id=f"{path}-{status}-{seconds}",
        at=START + timedelta(seconds=seconds),
        stack=path if own else stack,
        name=name,
        type=type_,
        status=status,
        reason=reason,
        physical_id="",
        of_stack=own,
    )


def test_the_first_cause_is_neither_an_echo_nor_a_cancellation() -> None:
    """Parallel creations are cancelled, and each stack above repeats what failed in it."""
    told = causes.causes(
        [
            event("Data", "CREATE_FAILED", seconds=1, type_=NESTED, reason="Resource creation cancelled"),
            event(
                "Services",
                "CREATE_FAILED",
                seconds=3,
                type_=NESTED,
                reason="Embedded stack arn:aws:cloudformation:... was not successfully created",
            ),
            event("Services/BotService", "CREATE_FAILED", seconds=2.5, reason="Resource creation cancelled"),
            event("Services/ApiService", "CREATE_FAILED", seconds=2, reason="Resource handler returned message: no"),
            event("", "ROLLBACK_IN_PROGRESS", seconds=4, own=True),
        ]
    )
    assert [each.path for each in told] == ["Services/ApiService"]


def test_a_nested_stack_that_fails_by_itself_is_a_cause() -> None:
    """Nothing in it failed: its own reason is the only one."""
    alone = event("Data", "CREATE_FAILED", type_=NESTED, reason="Template error: parameter X is missing")
    assert causes.causes([alone]) == [alone]


def test_an_unknown_reason_stands_alone() -> None:
    """No advice is better than a wrong one."""
    assert causes.advice("Something nobody has seen") == ""


def test_each_state_says_what_to_do_next() -> None:
    """With the environment's own names; what must never be deleted is said to be kept."""
    told = causes.state("UPDATE_ROLLBACK_FAILED", "production", "sparta-production", "eu-west-2")
    assert "continue-update-rollback --stack-name sparta-production --region eu-west-2" in told
    assert "Never delete" in told
    assert "make changeset ENV=production" in causes.state("ROLLBACK_COMPLETE", "production", "x", "eu-west-2")


def test_a_cancelled_update_blames_no_resource() -> None:
    """AWS's own reason of the rollback is what there is."""
    rolled = event("", "UPDATE_ROLLBACK_IN_PROGRESS", own=True, reason="User Initiated")
    first, last = causes.report(
        [rolled], "UPDATE_ROLLBACK_COMPLETE", environment="staging", root="sparta-staging", region="eu-west-2"
    )
    assert "no resource failed. User Initiated" in first
    assert "the previous version runs" in last


def test_the_tree_shows_how_far_each_stack_is_and_what_is_left_by_earlier_runs() -> None:
    """Resources done of those expected; the time left is the median of earlier runs less what has passed."""
    progress = Progress.of({"": 2, "Data": 4}, usual([{"Data": 50.0}, {"Data": 60.0}, {"Data": 900.0}]))
    for each in (
        event("", "UPDATE_IN_PROGRESS", own=True),
        event("Data", "UPDATE_IN_PROGRESS", own=True),
        event("Data/OperatorsTable", "UPDATE_COMPLETE", seconds=5),
    ):
        progress.apply(each)
    console = Console(width=100, file=io.StringIO(), record=True)
    console.print(tree(progress, "sparta-staging", "latest", START + timedelta(seconds=20)))
    shown = console.export_text()
    assert "1/4" in shown
    assert "about 40 s left" in shown


def test_durations_are_said_as_people_say_them() -> None:
    """Seconds, then minutes with seconds, then minutes."""
    assert [words(each) for each in (0.4, 59, 95, 1230)] == ["0 s", "59 s", "1 min 35 s", "20 min"]


def test_a_connection_that_breaks_ends_no_watching() -> None:
    """The operation goes on; it is looked again, slower, and said why."""
    said: list[str] = []
    patience = Patience(0.1, said.append)

    def broken() -> str:
        raise ConnectionClosedError(endpoint_url="https://cloudformation.eu-west-2.amazonaws.com")

    assert patience.ask(broken) is None
    assert said == ["AWS cannot be reached; looking again in 0 s. The operation goes on meanwhile."]
    assert patience.ask(lambda: "back") == "back"
