"""Messages over HTTP: a row of the outbox stands before the answer, and once for each key."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from sparta.models import Sending
from tests.sparta.api.client import Caller, Reply
from tests.sparta.api.conftest import forms, misspelt, new_address

TO_OPERATOR = "/api/operator/message"
TO_CHANNEL = "/api/moderator/message"
CHANNEL = "1367117045963161685"


def outbox(app: Flask, message_id: str) -> Sending | None:
    found: Sending | None = app.extensions["sparta"].messages.alerts.get(f"api#{message_id}")
    return found


def to_channel(app: Flask, text: str) -> list[Sending]:
    """All rows with this text, sent or not."""
    return [each for each in app.extensions["sparta"].messages.alerts.due() if each.content == text]


def with_key(call: Caller, path: str, body: Any, key: str, **query: str) -> Reply:
    return call.send("POST", path, {"Idempotency-Key": key}, json=body, query_string=query)


@pytest.mark.parametrize("name", ["discordId", "discordUsername"])
def test_a_message_to_an_operator_is_accepted(app: Flask, call: Caller, person: str, name: str) -> None:
    """It is in the outbox, with all that was given, when the answer comes."""
    operator = call("GET", "/api/operator", discordId=person).body
    address = forms(new_address())[2]
    details = {"validatorAddress": address, "threadName": "Missed duties", "parentChannelId": CHANNEL}
    reply = call("POST", TO_OPERATOR, {"message": "Stand ready.", **details}, **{name: operator[name]})
    assert (reply.status, reply.body["success"]) == (200, True)
    assert sorted(reply.body) == ["message", "messageId", "success"]
    assert operator["discordUsername"] in reply.body["message"]
    row = outbox(app, reply.body["messageId"])
    assert row
    assert (row.route, row.target, row.content, row.details) == ("operator", person, "Stand ready.", details)
    assert (row.status, row.attempts) == ("pending", 0)
    assert row in app.extensions["sparta"].messages.alerts.due()


def test_a_message_to_a_channel_is_accepted(app: Flask, call: Caller) -> None:
    """Likewise, to the channel."""
    reply = call("POST", TO_CHANNEL, {"message": "To the channel.", "channelId": CHANNEL})
    assert (reply.status, reply.body["success"]) == (200, True)
    assert sorted(reply.body) == ["message", "success"]
    assert CHANNEL in reply.body["message"]
    (row,) = to_channel(app, "To the channel.")
    assert (row.route, row.target, row.details) == ("channel", CHANNEL, {})


def test_the_same_message_twice_is_two_messages(app: Flask, call: Caller, person: str) -> None:
    """Unless the caller says that it is one."""
    ids = {call("POST", TO_OPERATOR, {"message": "again"}, discordId=person).body["messageId"] for _ in range(2)}
    assert len(ids) == 2
    assert all(outbox(app, message_id) for message_id in ids)


def test_a_repetition_with_its_key_is_one_message(app: Flask, call: Caller, person: str) -> None:
    """The same answer, one row, and its text is that of the first; another operator's with that key is another."""
    first = with_key(call, TO_OPERATOR, {"message": "first"}, "key.1", discordId=person)
    again = with_key(call, TO_OPERATOR, {"message": "second"}, "key.1", discordId=person)
    assert (first.status, first.body) == (again.status, again.body)
    row = outbox(app, first.body["messageId"])
    assert row
    assert row.content == "first"
    assert to_channel(app, "second") == []
    other = with_key(call, TO_OPERATOR, {"message": "first"}, "key.2", discordId=person)
    assert other.body["messageId"] != first.body["messageId"]


def test_a_repetition_to_a_channel_is_one_message(app: Flask, call: Caller) -> None:
    """Per channel and key."""
    for channel in ("1", "1", "2"):
        body = {"message": "once a channel", "channelId": channel}
        assert with_key(call, TO_CHANNEL, body, "k" * 64).status == 200
    assert sorted(row.target for row in to_channel(app, "once a channel")) == ["1", "2"]


@pytest.mark.parametrize("key", ["k" * 65, "a b", "ä", "a#b", "a\tb"])
def test_what_is_no_key(app: Flask, call: Caller, key: str) -> None:
    """Is refused, rather than taken for none."""
    reply = with_key(call, TO_CHANNEL, {"message": f"with {key}", "channelId": CHANNEL}, key)
    assert reply.status == 400
    assert reply.error.startswith("Invalid Idempotency-Key")
    assert to_channel(app, f"with {key}") == []


@pytest.mark.parametrize("text", ["x", "x" * 1900, "Zwei\nZeilen", "🛡" * 1900, "@everyone <@1>", "\u202e"])
def test_texts_up_to_their_limits(app: Flask, call: Caller, person: str, text: str) -> None:
    """1 to 1900 characters, kept as they are."""
    reply = call("POST", TO_OPERATOR, {"message": text}, discordId=person)
    row = outbox(app, reply.body["messageId"])
    assert row
    assert row.content == text


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"message": ""}, "message"),
        ({"message": " \n\t"}, "message"),
        ({"message": "x" * 1901}, "message"),
        ({"message": 7}, "message"),
        ({"message": None}, "message"),
        ({"threadName": ""}, "threadName"),
        ({"threadName": "x" * 101}, "threadName"),
        ({"parentChannelId": "a b"}, "parentChannelId"),
        ({"validatorAddress": misspelt(new_address())}, "validator address format"),
    ],
)
def test_what_cannot_be_sent(call: Caller, person: str, change: dict[str, Any], name: str) -> None:
    """Is named."""
    reply = call("POST", TO_OPERATOR, {"message": "x"} | change, discordId=person)
    assert reply.status == 400
    assert reply.error.startswith(f"Invalid {name}")


def test_a_message_needs_a_text_and_somebody(call: Caller, person: str) -> None:
    """What lacks is named; an unknown operator is 404."""
    assert call("POST", TO_OPERATOR, {}, discordId=person).error == "Missing message parameter"
    assert call("POST", TO_OPERATOR, {"message": "x"}).error == "Missing discordId or discordUsername parameter"
    reply = call("POST", TO_OPERATOR, {"message": "x"}, discordId="nobody")
    assert (reply.status, reply.error) == (404, "Operator not found")
    assert call("POST", TO_CHANNEL, {"message": "x"}).error == "Missing channelId parameter"
    assert call("POST", TO_CHANNEL, {"channelId": CHANNEL}).error == "Missing message parameter"
    for wrong in ("", "a b", "x" * 65, 7):
        reply = call("POST", TO_CHANNEL, {"message": "x", "channelId": wrong})
        assert (reply.status, reply.error.partition(":")[0]) == (400, "Invalid channelId")
