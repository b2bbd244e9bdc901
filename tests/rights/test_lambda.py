"""The statements of the monitor's role that are Lambda's: it logs and keeps failed events in the function's name.

Nobody runs Lambda's own part here. So the calls are those that its documentation names.
"""

from __future__ import annotations

import pytest

from tests.rights import rotation
from tests.rights.account import Account, is_denied
from tests.rights.comparison import Document, granted, lacking, parted_by_name, unused
from tests.rights.foreign import queue_url
from tests.rights.monitor import OF_LAMBDA, ROLE
from tests.rights.recording import Request

ENCRYPTS = "EncryptFailures"
"""IAM asks for it when SQS uses the key in the function's name; not by an ARN alone, so it is read, not compared."""

STREAM = {"logGroupName": "/aws/lambda/sparta-validator-monitor", "logStreamName": "0"}
LOGGING = [
    Request("logs", "CreateLogStream", STREAM),
    Request("logs", "PutLogEvents", {**STREAM, "logEvents": [{"timestamp": 1, "message": "x"}]}),
]
KEEPING = Request(
    "sqs", "SendMessage", {"QueueUrl": queue_url("sparta-validator-monitor-failures"), "MessageBody": "{}"}
)


@pytest.fixture
def policies(account: Account) -> list[Document]:
    """What of the role is Lambda's."""
    return parted_by_name(account.policies(ROLE), OF_LAMBDA)[1]


def test_lambda_is_granted_what_it_asks_for(account: Account, policies: list[Document]) -> None:
    """A line of the log, and an event that failed for good: no less and no more."""
    rights = granted(parted_by_name(policies, {ENCRYPTS})[0])
    asked = {right for call in (*LOGGING, KEEPING) for right in account.recorder().rights(call)}
    assert (lacking(rights, asked), unused(rights, asked)) == (set(), set())


def test_it_can_log(account: Account, policies: list[Document]) -> None:
    """Also when asked; not so the queue, which refuses plain HTTP, which is spoken here, to everybody."""
    probe = account.user(policies)
    assert [call for call in LOGGING if is_denied(account.ask(call, probe))] == []


def test_the_key_is_used_by_way_of_the_queue_only(account: Account, policies: list[Document]) -> None:
    """One key, for what SQS needs to take an encrypted message, and for nobody who asks for it himself."""
    ((statement,),) = (document["Statement"] for document in parted_by_name(policies, {ENCRYPTS})[1])
    assert sorted(statement["Action"]) == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": "sqs.eu-west-2.amazonaws.com"}}
    (key,) = statement["Resource"]
    assert ":key/" in key
    asked = Request("kms", "GenerateDataKey", {"KeyId": key, "KeySpec": "AES_256"})
    assert is_denied(account.ask(asked, account.user(policies)))
    unconditional = [{key: value for key, value in statement.items() if key != "Condition"}]
    assert not is_denied(account.ask(asked, account.user([{"Version": "2012-10-17", "Statement": unconditional}])))


def test_the_rotation_logs_and_stands_in_the_vpc(account: Account) -> None:
    """What Lambda does for the rotation: its own log alone, and the three calls for its network interfaces."""
    (document,) = parted_by_name(account.policies(rotation.ROLE), rotation.OF_LAMBDA)[1]
    logs, interfaces = sorted(document["Statement"], key=lambda each: each["Sid"] == "StandInVpc")
    stream = {**STREAM, "logGroupName": f"/aws/lambda/{rotation.FUNCTION}"}
    calls = [Request("logs", each.operation, {**each.parameters, **stream}) for each in LOGGING]
    rights = granted([{**document, "Statement": [logs]}])
    asked = {right for call in calls for right in account.recorder().rights(call)}
    assert (lacking(rights, asked), unused(rights, asked)) == (set(), set())
    assert granted([{**document, "Statement": [interfaces]}]) == {
        (f"ec2:{verb}NetworkInterface{ending}", "*")
        for verb, ending in (("Create", ""), ("Delete", ""), ("Describe", "s"))
    }
