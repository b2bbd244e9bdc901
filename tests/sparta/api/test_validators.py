"""Validators over HTTP: who has which, and how they change hands. Adding to the chain is tested beside this."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from sparta.models import Duty, History, ValidatorStats
from tests.sparta.api.client import Caller
from tests.sparta.api.conftest import forms, misspelt, new_address, register

ROUTE = "/api/validator"
NO_VALIDATOR = "Validator not found"
NOT_THEIRS = "This operator has no such validator."
BAD_ADDRESS = "Invalid validator address format"
STATS = ValidatorStats(
    total_slots=32,
    missed_attestations_count=4,
    missed_attestations_current_streak=2,
    missed_attestations_rate=0.125,
    missed_proposals_count=0,
    missed_proposals_current_streak=0,
    missed_proposals_rate=None,
    last_attestation=Duty(slot=30, timestamp=1_763_856_000),
)


@pytest.fixture
def owned(call: Caller, approved: str) -> str:
    """The address of a validator that is on record for ``approved``."""
    return record(call, approved)


def record(call: Caller, operator: str, address: str | None = None) -> str:
    chosen = address or new_address()
    reply = call("POST", ROUTE, {"validatorAddress": chosen, "skipOnChain": True}, discordId=operator)
    assert reply.status == 201, reply.body
    return chosen


def operator(call: Caller, discord_id: str) -> dict[str, Any]:
    """Without the validators, as validators carry it."""
    body: dict[str, Any] = call("GET", "/api/operator", discordId=discord_id).body
    return {name: value for name, value in body.items() if name != "validators"}


def without_validators(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "validators"}


def test_a_validator_by_its_address(call: Caller, approved: str, owned: str) -> None:
    """In any case: itself, its operator under both names that clients know, and its times."""
    for form in forms(owned):
        reply = call("GET", ROUTE, address=form)
        assert (reply.status, reply.body["success"]) == (200, True)
        data = reply.body["data"]
        assert without_validators(data.pop("operatorInfo")) == operator(call, approved)
        assert without_validators(data.pop("operator")) == operator(call, approved)
        assert data.pop("createdAt") <= data.pop("updatedAt")
        assert data == {"address": owned, "operatorId": approved, "isActive": False}


def test_a_validator_with_statistics(app: Flask, call: Caller, owned: str) -> None:
    """They stand among its own fields; a rate without any duty is left out."""
    app.extensions["sparta"].validators.store.record_stats(owned, STATS)
    data = call("GET", ROUTE, address=owned).body["data"]
    assert STATS.to_json().items() <= data.items()
    assert data["lastAttestation"] == {"slot": 30, "timestamp": 1_763_856_000}
    assert "missedProposalsRate" not in data


def test_a_validator_that_nobody_claims(app: Flask, call: Caller) -> None:
    """One that the monitor has seen is known, without an operator, until somebody registers it in their own form."""
    address = new_address()
    app.extensions["sparta"].validators.store.see([address])
    data = call("GET", ROUTE, address=address).body["data"]
    assert set(data) == {"address", "isActive", "createdAt", "updatedAt"}
    owner = register(call)
    call("PUT", "/api/operator/approve", discordId=owner)
    given = forms(address)[2]
    record(call, owner, given)
    assert call("GET", ROUTE, address=address).body["data"]["address"] == given


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_address_is_answered_as_it_was_registered(call: Caller, approved: str, place: int) -> None:
    """Whatever the case in which it is asked for, or registered again."""
    address = new_address()
    given = record(call, approved, forms(address)[place])
    for form in forms(address):
        assert call("GET", ROUTE, address=form).body["data"]["address"] == given
        again = {"validatorAddress": form, "skipOnChain": True}
        assert call("POST", ROUTE, again, discordId=approved).status == 409
    (listed,) = call("GET", "/api/operator", discordId=approved).body["validators"]
    assert listed["address"] == given


def test_the_validators_of_an_operator(call: Caller, approved: str) -> None:
    """By id or username: the operator, and each validator as address, operator and whether it is in the set."""
    username = operator(call, approved)["discordUsername"]
    assert call("GET", ROUTE, discordId=approved).body["data"]["validators"] == []
    mine = sorted(record(call, approved) for _ in range(3))
    for who in ({"discordId": approved}, {"discordUsername": username}):
        reply = call("GET", ROUTE, **who)
        assert (reply.status, reply.body["success"]) == (200, True)
        assert reply.body["data"]["validators"] == [
            {"address": address, "operatorId": approved, "isActive": False} for address in mine
        ]
        assert without_validators(reply.body["data"]["operator"]) == operator(call, approved)


def test_the_address_decides_where_both_are_given(call: Caller, person: str, owned: str) -> None:
    """An operator beside it does not matter."""
    assert call("GET", ROUTE, address=owned, discordId=person).body["data"]["address"] == owned


def test_a_validator_that_is_not_there(call: Caller) -> None:
    """By address or by operator, each in its words; nothing given is 400."""
    reply = call("GET", ROUTE, address=new_address())
    assert (reply.status, reply.error) == (404, NO_VALIDATOR)
    reply = call("GET", ROUTE, discordId="nobody")
    assert (reply.status, reply.error) == (404, "Operator not found")
    for nothing in ({}, {"address": "", "discordId": "", "discordUsername": ""}):
        reply = call("GET", ROUTE, **nothing)
        assert (reply.status, reply.error) == (400, "Missing address, discordId or discordUsername parameter")


@pytest.mark.parametrize("wrong", ["x", "0x", "0x" + "g" * 40, "0x" + "a" * 39, "0x" + "a" * 41, "misspelt"])
def test_what_is_no_address(call: Caller, person: str, wrong: str) -> None:
    """Is refused in the words of the contract wherever a validator is named, with the reason beside them."""
    address = misspelt(new_address()) if wrong == "misspelt" else wrong
    body = {"validatorAddress": address}
    for reply in (
        call("GET", ROUTE, address=address),
        call("POST", ROUTE, body, discordId=person),
        call("PUT", ROUTE, body | {"fromDiscordId": person, "toDiscordId": "x"}),
        call("DELETE", ROUTE, validatorAddress=address, discordId=person),
        call("PUT", "/api/validator/label", body | {"discordId": person}),
        call("GET", "/api/validator/history", address=address),
        call("POST", "/api/operator/message", body | {"message": "x"}, discordId=person),
    ):
        assert (reply.status, reply.error) == (400, BAD_ADDRESS)
        assert ("EIP-55" if wrong == "misspelt" else "0x and 40 hex digits") in reply.body["detail"]


def test_a_validator_changes_hands(call: Caller, approved: str, owned: str) -> None:
    """It is the other's from then on, in every answer, and no longer the first one's."""
    other = register(call)
    body = {"validatorAddress": forms(owned)[1], "fromDiscordId": approved, "toDiscordId": other}
    reply = call("PUT", ROUTE, body)
    assert (reply.status, reply.body["success"]) == (200, True)
    assert reply.body["data"] == call("GET", ROUTE, address=owned).body["data"]
    assert (reply.body["data"]["operatorId"], reply.body["data"]["address"]) == (other, owned)
    assert call("GET", ROUTE, discordId=approved).body["data"]["validators"] == []
    (moved,) = call("GET", ROUTE, discordId=other).body["data"]["validators"]
    assert moved == {"address": owned, "operatorId": other, "isActive": False}
    assert call("PUT", ROUTE, body).status == 404


def test_what_cannot_change_hands(call: Caller, approved: str, owned: str) -> None:
    """An unknown validator, another's, to or from nobody: 404 says which; to oneself is 400. Nothing changes."""
    other = register(call)
    good = {"validatorAddress": owned, "fromDiscordId": approved, "toDiscordId": other}
    changes: list[tuple[dict[str, Any], int, str]] = [
        ({"validatorAddress": new_address()}, 404, NO_VALIDATOR),
        ({"fromDiscordId": other, "toDiscordId": approved}, 404, NOT_THEIRS),
        ({"fromDiscordId": "nobody"}, 404, "Operator not found"),
        ({"toDiscordId": "nobody"}, 404, "Operator not found"),
        ({"toDiscordId": approved}, 400, "fromDiscordId and toDiscordId are the same operator"),
        ({"toDiscordId": ""}, 400, "Invalid toDiscordId"),
        ({"toDiscordId": 7}, 400, "Invalid toDiscordId"),
    ]
    for change, status, sentence in changes:
        reply = call("PUT", ROUTE, good | change)
        assert (reply.status, reply.error[: len(sentence)]) == (status, sentence)
    for name in good:
        reply = call("PUT", ROUTE, {key: value for key, value in good.items() if key != name})
        assert (reply.status, reply.error) == (400, f"Missing {name} parameter")
    assert call("GET", ROUTE, address=owned).body["data"]["operatorId"] == approved


def test_a_validator_is_forgotten(call: Caller, approved: str, owned: str) -> None:
    """204 without a body, in any case of its address; then it is unknown, and free for another."""
    who = {"validatorAddress": forms(owned)[2], "discordId": approved}
    reply = call("DELETE", ROUTE, **who)
    assert (reply.status, reply.body) == (204, None)
    assert "content-type" not in reply.headers
    assert call("GET", ROUTE, address=owned).error == NO_VALIDATOR
    assert call("GET", "/api/operator", discordId=approved).body["validators"] == []
    assert call("DELETE", ROUTE, **who).error == NO_VALIDATOR
    record(call, approved, owned)


def test_what_cannot_be_forgotten(call: Caller, person: str, approved: str, owned: str) -> None:
    """Another's validator and an unknown one are 404, a parameter that lacks is 400."""
    reply = call("DELETE", ROUTE, validatorAddress=owned, discordId=person)
    assert (reply.status, reply.error) == (404, NOT_THEIRS)
    assert call("DELETE", ROUTE, validatorAddress=owned, discordId="nobody").status == 404
    reply = call("DELETE", ROUTE, validatorAddress=new_address(), discordId=approved)
    assert (reply.status, reply.error) == (404, NO_VALIDATOR)
    assert call("DELETE", ROUTE, discordId=approved).error == "Missing validatorAddress parameter"
    assert call("DELETE", ROUTE, validatorAddress=owned).error == "Missing discordId parameter"
    assert call("GET", ROUTE, address=owned).status == 200


def test_a_validator_is_named(call: Caller, person: str, approved: str, owned: str) -> None:
    """By its operator only; the name goes with a null, and with a change of hands."""
    label = {"validatorAddress": owned, "discordId": approved, "label": "London 1 🛡"}
    assert call("PUT", "/api/validator/label", label).body["data"]["label"] == "London 1 🛡"
    (details,) = call("GET", "/api/validator/details", discordId=approved).body["data"]
    assert details["label"] == "London 1 🛡"
    assert call("PUT", "/api/validator/label", label | {"discordId": person}).error == NOT_THEIRS
    assert call("PUT", "/api/validator/label", label | {"validatorAddress": new_address()}).error == NO_VALIDATOR
    for wrong in ("", " x", "x ", "x" * 65, 7, "a\nb"):
        assert call("PUT", "/api/validator/label", label | {"label": wrong}).status == 400
    assert "label" not in call("PUT", "/api/validator/label", label | {"label": None}).body["data"]
    call("PUT", "/api/validator/label", label)
    call("PUT", ROUTE, {"validatorAddress": owned, "fromDiscordId": approved, "toDiscordId": person})
    assert "label" not in call("GET", ROUTE, address=owned).body["data"]


def test_everything_about_the_validators_of_an_operator(app: Flask, call: Caller, approved: str) -> None:
    """One entry each, with statistics where there are any."""
    assert call("GET", "/api/validator/details", discordId=approved).body == {"success": True, "data": []}
    with_stats, without = sorted(record(call, approved) for _ in range(2))
    app.extensions["sparta"].validators.store.record_stats(with_stats, STATS)
    first, second = call("GET", "/api/validator/details", discordId=approved).body["data"]
    assert (first["address"], first["missedAttestationsRate"]) == (with_stats, 0.125)
    assert second["address"] == without
    assert "missedAttestationsRate" not in second
    assert call("GET", "/api/validator/details", discordId="nobody").status == 404
    assert call("GET", "/api/validator/details").error == "Missing discordId or discordUsername parameter"


def test_the_history_of_a_validator(app: Flask, call: Caller, owned: str) -> None:
    """The newest epochs first, as many as are asked for; none for a validator without any."""
    assert call("GET", "/api/validator/history", address=owned).body == {"success": True, "data": []}
    epochs = [History(address=owned, epoch=epoch, slots={epoch * 32: "attestation-sent"}) for epoch in range(12)]
    app.extensions["sparta"].validators.history.record(epochs)
    found = call("GET", "/api/validator/history", address=forms(owned)[1]).body["data"]
    assert [each["epoch"] for each in found] == list(range(11, 1, -1))
    assert found[0] == {"address": owned, "epoch": 11, "slots": {"352": "attestation-sent"}}
    found = call("GET", "/api/validator/history", address=owned, epochs="3").body["data"]
    assert [each["epoch"] for each in found] == [11, 10, 9]
    for wrong in ("0", "101", "x", "1.5", "-1"):
        reply = call("GET", "/api/validator/history", address=owned, epochs=wrong)
        assert (reply.status, reply.error.partition(":")[0]) == (400, "Invalid epochs")
