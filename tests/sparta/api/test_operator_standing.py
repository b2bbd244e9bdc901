"""What moderators say of an operator, and what an operator wants to hear."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.sparta.api.client import Caller
from tests.sparta.api.conftest import new_address, somebody

APPROVE = "/api/operator/approve"
SLASHED = "/api/operator/slashed"
PREFERENCES = "/api/operator/preferences"


def standing(body: dict[str, Any]) -> tuple[bool, bool]:
    return body["isApproved"], body["wasSlashed"]


@pytest.mark.parametrize("name", ["discordId", "discordUsername"])
def test_approval_is_given_and_taken(call: Caller, name: str) -> None:
    """By id or username, as often as one likes; the operator is answered as it then is."""
    given = somebody()
    call("POST", "/api/operator", **given)
    who = {name: given[name]}
    for method, approved in [("PUT", True), ("PUT", True), ("DELETE", False), ("DELETE", False), ("PUT", True)]:
        reply = call(method, APPROVE, **who)
        assert (reply.status, standing(reply.body)) == (200, (approved, False))
        assert reply.body == call("GET", "/api/operator", **who).body


@pytest.mark.parametrize("name", ["discordId", "discordUsername"])
def test_the_mark_of_being_slashed_is_taken_away(app: Flask, call: Caller, name: str) -> None:
    """Approval, which went with it, does not come back by that; a second time changes nothing."""
    given = somebody()
    call("POST", "/api/operator", **given)
    who = {name: given[name]}
    call("PUT", APPROVE, **who)
    app.extensions["sparta"].operators.store.mark_slashed(given["discordId"])
    assert standing(call("GET", "/api/operator", **who).body) == (False, True)
    for _ in range(2):
        reply = call("DELETE", SLASHED, **who)
        assert (reply.status, standing(reply.body)) == (200, (False, False))
    assert standing(call("PUT", APPROVE, **who).body) == (True, False)


def test_validators_are_answered_with_their_operator(call: Caller, approved: str) -> None:
    """Each as address, operator and whether it is in the set, also by what changes the operator."""
    address = new_address()
    body = {"validatorAddress": address, "skipOnChain": True}
    call("POST", "/api/validator", body, discordId=approved)
    expected = [{"address": address, "operatorId": approved, "isActive": False}]
    for reply in (
        call("GET", "/api/operator", discordId=approved),
        call("PUT", APPROVE, discordId=approved),
        call("DELETE", SLASHED, discordId=approved),
        call("PUT", "/api/operator", discordId=approved, walletAddress=new_address()),
    ):
        assert reply.body["validators"] == expected


def test_preferences_are_kept_whole(call: Caller, person: str) -> None:
    """Nothing is set at first; what is left out of a change goes back to that."""
    assert call("GET", PREFERENCES, discordId=person).body == {"success": True, "data": {}}
    wanted = {"kinds": ["left-the-set", "recovered"], "missRateThreshold": 0.5, "mutedUntil": 1_763_856_000_000}
    bodies: list[dict[str, Any]] = [wanted, {"kinds": []}, {"missRateThreshold": 1}, {"mutedUntil": 5.0}, {}]
    for body in bodies:
        reply = call("PUT", PREFERENCES, body, discordId=person)
        assert (reply.status, reply.body) == (200, {"success": True, "data": body})
        assert call("GET", PREFERENCES, discordId=person).body == reply.body
    assert call("GET", "/api/operator", discordId=person).status == 200


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"kinds": ["lost"]}, "kinds.0"),
        ({"kinds": "recovered"}, "kinds"),
        ({"missRateThreshold": 0}, "missRateThreshold"),
        ({"missRateThreshold": 1.1}, "missRateThreshold"),
        ({"missRateThreshold": "0.5"}, "missRateThreshold"),
        ({"missRateThreshold": 1e-300}, "missRateThreshold"),
        ({"mutedUntil": -1}, "mutedUntil"),
        ({"mutedUntil": 2**63}, "mutedUntil"),
        ({"mutedUntil": True}, "mutedUntil"),
    ],
)
def test_preferences_that_cannot_be_meant(call: Caller, person: str, body: Any, name: str) -> None:
    """Name the field; slashing is no kind that one could do without. Nothing changes."""
    reply = call("PUT", PREFERENCES, body, discordId=person)
    assert reply.status == 400
    assert reply.error.startswith(f"Invalid {name}: ")
    assert call("GET", PREFERENCES, discordId=person).body["data"] == {}


def test_two_changes_at_once_do_not_lose_each_other(call: Caller, person: str) -> None:
    """Preferences and approval are separate parts of one record."""
    call("PUT", PREFERENCES, {"missRateThreshold": 0.25}, discordId=person)
    call("PUT", APPROVE, discordId=person)
    call("PUT", "/api/operator", discordId=person, walletAddress=new_address())
    assert call("GET", PREFERENCES, discordId=person).body["data"] == {"missRateThreshold": 0.25}
    assert call("GET", "/api/operator", discordId=person).body["isApproved"] is True
