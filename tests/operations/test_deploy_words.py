"""What is said of an operation, from events alone."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ConnectionClosedError
from rich.console import Console

from scripts.deploy import causes
from scripts.deploy.events import Event, in_order
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


def test_a_cause_comes_before_what_it_leads_to() -> None:
    """AWS's times are milliseconds: a failure and what the parents say of it may have the same."""
    cause = event("Data/Inner/Table", "CREATE_FAILED")
    inner, data = event("Data/Inner", "CREATE_FAILED", type_=NESTED), event("Data", "CREATE_FAILED", type_=NESTED)
    begun = event("", "ROLLBACK_IN_PROGRESS", own=True)
    later = event("Network/Vpc", "DELETE_COMPLETE", seconds=1)
    assert in_order([data, begun, inner, later, cause]) == [cause, inner, data, begun, later]


def test_the_tree_shows_how_far_each_stack_is_and_what_is_left_by_earlier_runs() -> None:
    """Resources done of those expected; the time left is the median of earlier runs less what has passed."""
    progress = Progress.of({"": 2, "Data": 4}, usual([{"Data": 50.0}, {"Data": 60.0}, {"Data": 900.0}]))
    for each in (
        event("", "UPDATE_IN_PROGRESS", own=True),
        event("Data", "UPDATE_IN_PROGRESS", own=True),
        event("Data/OperatorsTable", "UPDATE_COMPLETE", seconds=5),
    ):
        progress.apply(each)
    data = shown(progress)[1]
    assert "1/4" in data
    assert "about 40 s left" in data


def shown(progress: Progress, latest: str = "latest") -> list[str]:
    console = Console(width=100, file=io.StringIO(), record=True)
    console.print(tree(progress, "sparta-staging", latest, START + timedelta(seconds=20)))
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_the_tree_stands_still_whatever_has_just_happened() -> None:
    """A long path in the line of the latest event moves none of the columns."""
    progress = Progress.of({"": 2, "Data": 4}, {})
    progress.apply(event("Data", "UPDATE_IN_PROGRESS", own=True))
    latest = "Observability/ValidatorHistoryTableErrorsAlarm UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
    assert shown(progress, latest) == [*shown(progress)[:-1], latest]


def test_at_the_end_only_the_stacks_remain() -> None:
    """What came last is no news any more, and late events of nested stacks may come after the root's own."""
    progress = Progress.of({"": 1}, {})
    progress.apply(event("", "UPDATE_COMPLETE", own=True))
    assert len(shown(progress)) == 1


def test_a_nested_stack_that_is_gone_is_not_called_untouched() -> None:
    """Its parent tells that it was deleted, where its own last events cannot be read any more."""
    progress = Progress.of({"": 1, "Data": 4, "Network": 2}, {})
    progress.apply(event("Data", "DELETE_COMPLETE", type_=NESTED))
    progress.apply(event("", "DELETE_COMPLETE", own=True))
    _, data, network = shown(progress)
    assert data.endswith("  DELETE_COMPLETE")
    assert "0/4" not in data
    assert network.endswith("0/2  untouched")


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
