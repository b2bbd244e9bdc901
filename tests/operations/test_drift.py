"""Drift: what somebody changed past the templates, in whichever nested stack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deployment.system import System, bring_up
from tests.emulator.emulator import Emulator
from tests.operations.answering import Answer, Between
from tests.operations.running import Done

Command = Callable[..., Done]
QUEUE = "sparta-validator-monitor-failures-staging"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An account of its own: what other tests do to a shared system would be drift."""
    with Emulator() as running:
        yield running


@pytest.fixture(scope="module")
def staging(emulator: Emulator, templates: Path) -> System:
    """As it was deployed."""
    return bring_up(emulator, templates, "staging")


@pytest.fixture
def changed_queue(staging: System) -> Iterator[None]:
    sqs = staging.emulator.client("sqs")
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "3600"})
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": str(14 * 86400)})


def test_nothing_differs_after_a_deployment(command: Command) -> None:
    """All seven stacks are compared, and what CloudFormation cannot compare is said apart."""
    done = command("drift")
    assert (done.code, done.err) == (0, "")
    assert "Nothing differs:" in done.out
    assert "in 7 stacks" in done.out
    assert "Not compared, since CloudFormation cannot:" in done.out


@pytest.mark.usefixtures("changed_queue")
def test_a_change_in_a_nested_stack_is_found(command: Command) -> None:
    done = command("drift")
    assert done.code == 1
    assert "Monitor/MonitorFailures (AWS::SQS::Queue" in done.out
    assert "/MessageRetentionPeriod changed: template 1209600, now 3600" in done.out
    assert "differ from the templates." in done.out


def test_a_comparison_that_failed_is_no_success(command: Command, between: Between) -> None:
    def failed(_body: bytes) -> Answer:
        said = (
            "<DescribeStackDriftDetectionStatusResponse><DescribeStackDriftDetectionStatusResult><StackId>s</StackId>"
            "<StackDriftDetectionId>d</StackDriftDetectionId><DetectionStatus>DETECTION_FAILED</DetectionStatus>"
            "<DetectionStatusReason>No right to look at the key.</DetectionStatusReason>"
            "<Timestamp>2026-01-01T00:00:00Z</Timestamp>"
            "</DescribeStackDriftDetectionStatusResult></DescribeStackDriftDetectionStatusResponse>"
        )
        return 200, {"Content-Type": "text/xml"}, said.encode()

    between.answer("DescribeStackDriftDetectionStatus", failed)
    done = command("drift", AWS_ENDPOINT_URL=between.url)
    assert done.code == 1
    assert "not everything could be compared: No right to look at the key." in done.out
