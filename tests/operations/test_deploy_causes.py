"""Failures as CloudFormation tells them, and what is said of each: the cause, AWS's reason, what to try, the state.

The reasons stand in ``reasons.yaml``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from scripts.deploy import causes
from scripts.deploy.events import Event
from tests.operations.test_deploy_words import NESTED, event

SERVICE = "AWS::ECS::Service"
TOKEN = "RequestToken: 258db5a1-23c6-5e4b-4d23-7a469fc2de96"


def said(message: str, code: str) -> str:
    """A reason as the newer resource types give it."""
    return f'Resource handler returned message: "{message}" ({TOKEN}, HandlerErrorCode: {code})'


REASONS = [
    (type_, status, reason, tip)
    for tip, failures in yaml.safe_load(Path(__file__).with_name("reasons.yaml").read_text(encoding="utf-8")).items()
    for type_, status, reason in failures
]


def report(events: list[Event], status: str) -> list[str]:
    where = {"environment": "staging", "root": "sparta-staging", "region": "eu-west-2"}
    return causes.report(events, status, **where)


@pytest.mark.parametrize(("type_", "status", "reason", "tip"), REASONS)
def test_a_reason_stands_whole_and_with_what_to_try(type_: str, status: str, reason: str, tip: str) -> None:
    """The resource with its type, every word of AWS, and the advice that belongs to it and to nothing else."""
    first, try_, state = report([event("Part/Thing", status, type_=type_, reason=reason)], "ROLLBACK_COMPLETE")
    assert first == f"First cause: Part/Thing ({type_}) {status}: {reason}"
    assert try_.startswith("What to try: ")
    assert tip in try_
    assert state.startswith("sparta-staging is in ROLLBACK_COMPLETE.")


def test_every_advice_is_given_by_some_reason() -> None:
    """No line of the table is there for a reason that AWS does not write."""
    given = {causes.advice(reason, type_) for type_, _, reason, _ in REASONS}
    assert given == {sentence for _, sentence in causes.KNOWN}


def test_of_a_failed_update_the_deepest_failure_is_told_and_no_noise() -> None:
    """What was cancelled for it, the stacks above that repeat it, and the root's own summary are no causes."""
    breaker = said(
        "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.", "GeneralServiceException"
    )
    embedded = (
        "Embedded stack arn:aws:cloudformation:eu-west-2:1:stack/sparta-staging-Services-1/1 was not successfully "
        "updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: The following resource(s) failed to update: "
        "[ApiService]."
    )
    summary = "The following resource(s) failed to update: [Monitor, Services]."
    lines = report(
        [
            event("Services/ApiService", "UPDATE_FAILED", seconds=1, type_=SERVICE, reason=breaker),
            event("Services/BotService", "UPDATE_FAILED", seconds=2, type_=SERVICE, reason="Resource update cancelled"),
            event("Services", "UPDATE_ROLLBACK_IN_PROGRESS", seconds=3, own=True, reason=summary),
            event("Monitor", "UPDATE_FAILED", seconds=4, type_=NESTED, reason="Resource update cancelled"),
            event("Services", "UPDATE_FAILED", seconds=5, type_=NESTED, reason=embedded),
            event("", "UPDATE_ROLLBACK_IN_PROGRESS", seconds=6, own=True, reason=summary),
        ],
        "UPDATE_ROLLBACK_COMPLETE",
    )
    assert lines[0] == f"First cause: Services/ApiService ({SERVICE}) UPDATE_FAILED: {breaker}"
    assert "did not become healthy" in lines[1]
    assert lines[2].startswith("sparta-staging is in UPDATE_ROLLBACK_COMPLETE. Everything was put back")
    assert len(lines) == 3


def test_a_nested_stack_whose_own_events_are_gone_is_told_as_aws_tells_it() -> None:
    """Its echo is better than nothing, and comes with no advice that nobody can know."""
    embedded = (
        "Embedded stack arn:aws:cloudformation:eu-west-2:1:stack/sparta-staging-Data-1/1 was not successfully created: "
        "The following resource(s) failed to create: [OperatorsTable]."
    )
    lines = report([event("Data", "CREATE_FAILED", type_=NESTED, reason=embedded)], "ROLLBACK_COMPLETE")
    assert lines[0].endswith(embedded)
    assert len(lines) == 2


def test_a_reason_that_only_speaks_of_cancelling_is_a_cause_all_the_same() -> None:
    """Noise is what CloudFormation itself writes, word for word."""
    reason = said(
        "The operation was cancelled because the certificate was deleted meanwhile", "GeneralServiceException"
    )
    told = causes.causes([event("Edge/Certificate", "CREATE_FAILED", reason=reason)])
    assert [each.path for each in told] == ["Edge/Certificate"]


def test_a_deletion_that_went_well_when_it_was_tried_again_is_no_cause() -> None:
    """CloudFormation tries again by itself while other resources go; what stays is what failed at last."""
    told = causes.causes(
        [
            event(
                "Security/ApiSecurityGroup", "DELETE_FAILED", seconds=1, reason="resource sg-1 has a dependent object"
            ),
            event(
                "Network/Vpc",
                "DELETE_FAILED",
                seconds=2,
                reason="The vpc 'vpc-1' has dependencies and cannot be deleted.",
            ),
            event("Security/ApiSecurityGroup", "DELETE_COMPLETE", seconds=3),
        ]
    )
    assert [each.path for each in told] == ["Network/Vpc"]


def test_an_export_in_use_is_told_though_no_resource_failed() -> None:
    """CloudFormation turns the stack back before it touches anything; who imports it stands in the reason."""
    reason = "Export sparta-staging:Vpc cannot be deleted as it is in use by other-stack"
    first, try_, _ = report(
        [
            event("", "UPDATE_IN_PROGRESS", own=True, reason="User Initiated"),
            event("", "UPDATE_ROLLBACK_IN_PROGRESS", seconds=1, own=True, reason=reason),
        ],
        "UPDATE_ROLLBACK_COMPLETE",
    )
    assert first.endswith(reason)
    assert "uses it still" in try_
    stays = f"Delete canceled. {reason.replace('Export', 'Cannot delete export').replace(' cannot be deleted', '')}"
    first, try_, state = report([event("", "CREATE_COMPLETE", own=True, reason=stays)], "CREATE_COMPLETE")
    assert (first.endswith(stays), "uses it still" in try_) == (True, True)
    assert state.startswith("sparta-staging is in CREATE_COMPLETE.")
