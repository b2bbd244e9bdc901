"""The statements of the monitor's role that are Lambda's: it logs and keeps failed events in the function's name.

Nobody runs Lambda's own part here. So the calls are those that its documentation names.
"""

from __future__ import annotations

import pytest

from tests.rights.account import Account, is_denied
from tests.rights.comparison import Document, granted, lacking, parted_by_name, unused
from tests.rights.monitor import OF_LAMBDA, ROLE
from tests.rights.recording import Request

ENCRYPTS = "EncryptFailures"
"""IAM asks for it when SQS uses the key in the function's name; not by an ARN alone, so it is read, not compared."""


@pytest.fixture
def policies(account: Account) -> list[Document]:
    """What of the role is Lambda's."""
    return parted_by_name(account.policies(ROLE), OF_LAMBDA)[1]


def calls(account: Account) -> list[Request]:
    """A line of the log, and an event that failed for good."""
    stream = {"logGroupName": "/aws/lambda/sparta-validator-monitor", "logStreamName": "0"}
    queue = account.emulator.client("sqs").get_queue_url(QueueName="sparta-validator-monitor-failures")["QueueUrl"]
    return [
        Request("logs", "CreateLogStream", stream),
        Request("logs", "PutLogEvents", {**stream, "logEvents": [{"timestamp": 1, "message": "x"}]}),
        Request("sqs", "SendMessage", {"QueueUrl": queue, "MessageBody": "{}"}),
    ]


def test_lambda_is_granted_what_it_asks_for(account: Account, policies: list[Document]) -> None:
    """No less and no more: by comparison, and by asking."""
    wanted, recorder = calls(account), account.recorder()
    rights = granted(parted_by_name(policies, {ENCRYPTS})[0])
    asked = {right for call in wanted for right in recorder.rights(call)}
    assert (lacking(rights, asked), unused(rights, asked)) == (set(), set())
    probe = account.user(policies)
    assert [call for call in wanted if is_denied(account.ask(call, probe))] == []


def test_nothing_is_read_back(account: Account, policies: list[Document]) -> None:
    """Whoever writes there need not see, or take away, what stands there."""
    *_, sending = calls(account)
    probe = account.user(policies)
    queue = {"QueueUrl": sending.parameters["QueueUrl"]}
    group = {"logGroupName": "/aws/lambda/sparta-validator-monitor"}
    for wish in (
        Request("sqs", "ReceiveMessage", queue),
        Request("sqs", "PurgeQueue", queue),
        Request("logs", "FilterLogEvents", group),
        Request("logs", "CreateLogGroup", {"logGroupName": "/aws/lambda/other"}),
    ):
        assert is_denied(account.ask(wish, probe)), wish


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
