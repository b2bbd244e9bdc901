"""Operators over HTTP: registering, finding, correcting and forgetting them, as the contract has it."""

from __future__ import annotations

import pytest

from tests.sparta.api.client import Caller
from tests.sparta.api.conftest import forms, misspelt, new_address, register, somebody

EITHER = "Missing discordId or discordUsername parameter"
NO_OPERATOR = "Operator not found"
BAD_WALLET = "Invalid wallet address format"
LONGEST_ID = "azAZ09_.-" + "x" * 55
BY_OPERATOR = [
    ("GET", "/api/operator"),
    ("PUT", "/api/operator"),
    ("DELETE", "/api/operator"),
    ("PUT", "/api/operator/approve"),
    ("DELETE", "/api/operator/approve"),
    ("DELETE", "/api/operator/slashed"),
    ("GET", "/api/operator/preferences"),
    ("PUT", "/api/operator/preferences"),
]
"""Every route that takes an operator by id or by username."""


def ask(call: Caller, method: str, path: str, **query: str) -> tuple[int, str]:
    """Status and error of a route in ``BY_OPERATOR``, with what it wants besides the operator."""
    if (method, path) == ("PUT", "/api/operator"):
        query["walletAddress"] = new_address()
    reply = call(method, path, {} if path.endswith("preferences") and method == "PUT" else None, **query)
    return reply.status, reply.error


def test_somebody_who_registers_is_answered_as_registered(call: Caller) -> None:
    """With the names and kinds of values that clients know, times in milliseconds; and so ever after."""
    given = somebody()
    reply = call("POST", "/api/operator", **given)
    assert reply.status == 201
    times = {name: reply.body.pop(name) for name in ("createdAt", "updatedAt")}
    assert reply.body == {**given, "isApproved": False, "wasSlashed": False, "validators": []}
    assert times["createdAt"] == times["updatedAt"] > 1_700_000_000_000
    assert call("GET", "/api/operator", discordId=given["discordId"]).body == {**reply.body, **times}


@pytest.mark.parametrize("name", ["discordId", "walletAddress", "discordUsername"])
@pytest.mark.parametrize("value", [None, ""])
def test_registering_takes_all_three(call: Caller, name: str, value: str | None) -> None:
    """One that lacks, or is empty, is named, and nothing is registered."""
    given = somebody()
    rest = {key: text for key, text in given.items() if key != name}
    reply = call("POST", "/api/operator", **rest, **({} if value is None else {name: value}))
    assert reply.status == 400
    if value is None:
        assert reply.error == f"Missing {name} parameter"
    else:
        assert reply.error.startswith("Invalid ")
    assert call("POST", "/api/operator", **given).status == 201


def test_parameters_stand_in_the_query(call: Caller) -> None:
    """A body is not where registering looks."""
    assert call("POST", "/api/operator", somebody()).error == "Missing discordId parameter"


@pytest.mark.parametrize("discord_id", ["a", "7", LONGEST_ID, "1144692727120937080", "..", "-"])
def test_ids_up_to_their_limits(call: Caller, discord_id: str) -> None:
    """1 to 64 characters of A-Z a-z 0-9 _ . - are taken, found again and given back as they are."""
    assert register(call, discordId=discord_id) == discord_id
    assert call("GET", "/api/operator", discordId=discord_id).body["discordId"] == discord_id
    assert call("DELETE", "/api/operator", discordId=discord_id).status == 204


@pytest.mark.parametrize("discord_id", [LONGEST_ID + "x", "a b", "a#b", "a/b", "é", "a\n", "٣", "a\x00"])
@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_what_is_no_id(call: Caller, method: str, discord_id: str) -> None:
    """Is refused with what an id looks like."""
    reply = call(method, "/api/operator", **{**somebody(), "discordId": discord_id})
    assert (reply.status, reply.error) == (
        400,
        "Invalid discordId: an id has 1 to 64 characters of A-Z a-z 0-9 _ . -",
    )


@pytest.mark.parametrize("username", ["#", "leonidas#0001", "x" * 64, "Λεωνίδας", "斯巴达", "a&b=c?d/e+f%20", "🛡"])
def test_usernames_up_to_their_limits(call: Caller, username: str) -> None:
    """1 to 64 printable characters of any script, # and what a URL treats specially included."""
    discord_id = register(call, discordUsername=username)
    found = call("GET", "/api/operator", discordUsername=username)
    assert (found.body["discordId"], found.body["discordUsername"]) == (discord_id, username)
    assert call("DELETE", "/api/operator", discordUsername=username).status == 204


@pytest.mark.parametrize(
    "username", ["x" * 65, " leonidas", "leonidas ", "a\nb", "a\u200bb", "a\u202eb", "\ue000", " "]
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_what_is_no_username(call: Caller, method: str, username: str) -> None:
    """Too long, or with what nobody can see."""
    given = somebody() if method == "POST" else {}
    reply = call(method, "/api/operator", **{**given, "discordUsername": username})
    assert reply.status == 400
    assert reply.error.startswith("Invalid discordUsername: a username has 1 to 64 printable characters")


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_wallet_is_taken_in_every_case(call: Caller, place: int) -> None:
    """It is answered in the form in which it was registered, found in any, and nobody else's in any."""
    address = new_address()
    given = somebody() | {"walletAddress": forms(address)[place]}
    assert call("POST", "/api/operator", **given).body["walletAddress"] == given["walletAddress"]
    for form in forms(address):
        found = call("GET", f"/api/operator/address/{form}")
        assert (found.status, found.body["discordId"]) == (200, given["discordId"])
        assert found.body["walletAddress"] == given["walletAddress"]
        assert call("POST", "/api/operator", **somebody() | {"walletAddress": form}).status == 409


@pytest.mark.parametrize("wallet", ["0x", "abc", "0x" + "g" * 40, "0x" + "a" * 39, "0x" + "a" * 41, "0X" + "a" * 40])
def test_what_is_no_wallet(call: Caller, wallet: str) -> None:
    """Is refused in the words of the contract on every route, with the reason beside them."""
    person = register(call)
    for reply in (
        call("POST", "/api/operator", **somebody() | {"walletAddress": wallet}),
        call("PUT", "/api/operator", discordId=person, walletAddress=wallet),
        call("GET", f"/api/operator/address/{wallet}"),
    ):
        assert (reply.status, reply.error) == (400, BAD_WALLET)
        assert reply.body["detail"] == "an address is 0x and 40 hex digits"


def test_a_mistake_in_a_wallet_is_noticed(call: Caller, person: str) -> None:
    """Mixed case must pass EIP-55."""
    wrong = misspelt(new_address())
    for reply in (
        call("POST", "/api/operator", **somebody() | {"walletAddress": wrong}),
        call("PUT", "/api/operator", discordId=person, walletAddress=wrong),
        call("GET", f"/api/operator/address/{wrong}"),
    ):
        assert (reply.status, reply.error) == (400, BAD_WALLET)
        assert "EIP-55" in reply.body["detail"]


def test_nobody_registers_twice(call: Caller) -> None:
    """Not the id, the wallet or the username of another: 409 says which, and the rest stays free."""
    first, other = somebody(), somebody()
    assert call("POST", "/api/operator", **first).status == 201
    for name, word in [("discordId", "Discord id"), ("walletAddress", "wallet"), ("discordUsername", "username")]:
        reply = call("POST", "/api/operator", **other | {name: first[name]})
        assert reply.status == 409
        assert word in reply.error
    assert call("POST", "/api/operator", **other).status == 201
    assert call("GET", "/api/operator", discordId=first["discordId"]).body["walletAddress"] == first["walletAddress"]


@pytest.mark.parametrize(("method", "path"), BY_OPERATOR)
def test_an_operator_is_named_one_way_or_the_other(call: Caller, method: str, path: str) -> None:
    """Neither is 400, an empty one counts as none, a wrong one is 400 and an unknown one 404, in the same words."""
    assert ask(call, method, path) == (400, EITHER)
    assert ask(call, method, path, discordId="", discordUsername="") == (400, EITHER)
    assert ask(call, method, path, discordId="#")[0] == 400
    assert ask(call, method, path, discordId="nobody") == (404, NO_OPERATOR)
    assert ask(call, method, path, discordUsername="nobody#1") == (404, NO_OPERATOR)


def test_an_operator_is_found_by_id_and_by_username(call: Caller) -> None:
    """Usernames exactly as they are; where both are given the id decides."""
    one, two = somebody(), somebody()
    for each in (one, two):
        call("POST", "/api/operator", **each)
    by_name = call("GET", "/api/operator", discordUsername=one["discordUsername"])
    assert (by_name.status, by_name.body["discordId"]) == (200, one["discordId"])
    both = call("GET", "/api/operator", discordId=two["discordId"], discordUsername=one["discordUsername"])
    assert both.body["discordId"] == two["discordId"]
    assert call("GET", "/api/operator", discordUsername=one["discordUsername"].upper()).status == 404


def test_a_wallet_that_nobody_has(call: Caller) -> None:
    """Is 404."""
    reply = call("GET", f"/api/operator/address/{new_address()}")
    assert (reply.status, reply.error) == (404, NO_OPERATOR)


@pytest.mark.parametrize("name", ["discordId", "discordUsername"])
def test_a_wallet_is_changed(call: Caller, name: str) -> None:
    """By id or username; the new one leads to the operator, and the old one is free."""
    given, wallet = somebody(), new_address()
    call("POST", "/api/operator", **given)
    reply = call("PUT", "/api/operator", walletAddress=wallet, **{name: given[name]})
    assert (reply.status, reply.body["walletAddress"]) == (200, wallet)
    assert reply.body["updatedAt"] >= reply.body["createdAt"]
    assert call("GET", f"/api/operator/address/{wallet}").body == reply.body
    assert call("GET", f"/api/operator/address/{given['walletAddress']}").status == 404
    assert register(call, walletAddress=given["walletAddress"])


def test_the_same_wallet_in_another_case_changes_nothing(call: Caller) -> None:
    """The form that was registered first stays."""
    given = somebody()
    before = call("POST", "/api/operator", **given).body
    for form in forms(given["walletAddress"]):
        reply = call("PUT", "/api/operator", discordId=given["discordId"], walletAddress=form)
        assert (reply.status, reply.body) == (200, before)


def test_the_wallet_of_another_is_not_taken(call: Caller, person: str) -> None:
    """409 in whatever case; neither loses theirs."""
    other = somebody()
    call("POST", "/api/operator", **other)
    mine = call("GET", "/api/operator", discordId=person).body
    for form in forms(other["walletAddress"]):
        assert call("PUT", "/api/operator", discordId=person, walletAddress=form).status == 409
    assert call("GET", "/api/operator", discordId=person).body == mine


def test_changing_a_wallet_takes_a_wallet(call: Caller, person: str) -> None:
    """Without one it is 400."""
    reply = call("PUT", "/api/operator", discordId=person)
    assert (reply.status, reply.error) == (400, "Missing walletAddress parameter")


@pytest.mark.parametrize("name", ["discordId", "discordUsername"])
def test_an_operator_is_forgotten(call: Caller, name: str) -> None:
    """204 without a body; then they are unknown, and all that was theirs is free."""
    given = somebody()
    call("POST", "/api/operator", **given)
    reply = call("DELETE", "/api/operator", **{name: given[name]})
    assert (reply.status, reply.body) == (204, None)
    assert call("GET", "/api/operator", discordId=given["discordId"]).status == 404
    assert call("DELETE", "/api/operator", **{name: given[name]}).status == 404
    assert call("POST", "/api/operator", **given).status == 201


def test_an_operator_with_validators_stays(call: Caller, approved: str) -> None:
    """409 until the last of them is gone."""
    validator = new_address()
    body = {"validatorAddress": validator, "skipOnChain": True}
    assert call("POST", "/api/validator", body, discordId=approved).status == 201
    reply = call("DELETE", "/api/operator", discordId=approved)
    assert reply.status == 409
    assert "still has 1 validator" in reply.error
    assert call("DELETE", "/api/validator", validatorAddress=validator, discordId=approved).status == 204
    assert call("DELETE", "/api/operator", discordId=approved).status == 204
