"""Operators over HTTP: each row of the contract."""

from __future__ import annotations

from tests.sparta.api.client import Caller


def test_somebody_who_registers_is_answered_as_registered(call: Caller, person: str) -> None:
    """With the names and kinds of values that clients know."""
    reply = call("GET", "/api/operator", discordId=person)
    assert reply.status == 200
    assert reply.body["discordId"] == person
    assert reply.body["validators"] == []
    assert (reply.body["isApproved"], reply.body["wasSlashed"]) == (False, False)
