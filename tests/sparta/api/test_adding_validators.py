"""POST /api/validator on a real chain: in the set and on record, once, for one operator; or refused with a reason."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr

from scripts.devnet.anvil import OWNER
from scripts.devnet.network import Devnet
from scripts.devnet.rpc import Rpc
from sparta.addresses import checksum_address
from sparta.chain.journal import Claim
from tests.sparta.api.client import Caller, Reply
from tests.sparta.api.conftest import forms, new_address, register

ROUTE = "/api/validator"
Another = Callable[..., Caller]
POOR = ("0xe239cdc5fbe977a8a141B72194D3CF8c41bC5BC6", "0x" + "ab" * 32)
"""An account that nobody has sent anything."""


def add(call: Caller, operator: str, address: str, **more: Any) -> Reply:
    return call("POST", ROUTE, {"validatorAddress": address, **more}, discordId=operator)


def approve(call: Caller) -> str:
    """Another operator who may add."""
    discord_id = register(call)
    call("PUT", "/api/operator/approve", discordId=discord_id)
    return discord_id


def limited(net: Devnet) -> dict[str, Any]:
    """The settings of the account that may add three validators an hour."""
    key = SecretStr(net.env["SPARTA_PRIVATE_KEY_LIMITED"])
    return {"sparta_address": net.env["SPARTA_ADDRESS_LIMITED"], "sparta_private_key": key}


def sent(net: Devnet) -> int:
    """How many transactions Sparta's account has sent, waiting ones included."""
    return int(Rpc(net.ethereum_url).call("eth_getTransactionCount", OWNER[0], "pending"), 16)


def in_set(net: Devnet) -> list[str]:
    return [address.lower() for address in net.contracts.rollup.read("getAttesters")]


@pytest.mark.parametrize("name", ["discordId", "discordUsername"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_validator_is_added(net: Devnet, call: Caller, approved: str, name: str, place: int) -> None:
    """On the chain and on record when the answer comes, for an operator by id or username, as it was written."""
    operator = call("GET", "/api/operator", discordId=approved).body
    address = forms(new_address())[place]
    reply = call("POST", ROUTE, {"validatorAddress": address}, **{name: operator[name]})
    assert (reply.status, reply.body["success"]) == (201, True)
    assert sorted(reply.body["data"]) == ["address", "operatorId", "operatorInfo"]
    assert (reply.body["data"]["address"], reply.body["data"]["operatorId"]) == (address, approved)
    owned = {"address": address, "operatorId": approved, "isActive": True}
    operator = call("GET", "/api/operator", discordId=approved).body
    assert reply.body["data"]["operatorInfo"] == operator
    assert operator["validators"] == [owned]
    assert address.lower() in in_set(net)
    data = call("GET", ROUTE, address=address).body["data"]
    assert {key: data[key] for key in owned} == owned
    sets = call("GET", "/api/validator/validators").body["data"]
    for each in (sets["blockchainValidators"], sets["knownValidators"]):
        assert checksum_address(address) in each["validators"]
        assert each["stats"] == {"totalValidators": len(each["validators"])}


def test_the_sets_of_validators_differ(net: Devnet, call: Caller, approved: str) -> None:
    """The chain's holds all; the known one those with an operator, and nobody who is on record only."""
    stranger, recorded = new_address(), new_address()
    net.contracts.handler.send(OWNER[0], "addValidator", stranger, stranger)
    assert add(call, approved, recorded, skipOnChain=True).status == 201
    reply = call("GET", "/api/validator/validators")
    assert (reply.status, reply.body["success"]) == (200, True)
    chain, known = (reply.body["data"][name]["validators"] for name in ("blockchainValidators", "knownValidators"))
    assert checksum_address(stranger) in chain
    assert checksum_address(stranger) not in known
    assert checksum_address(recorded) not in chain + known
    assert set(known) <= set(chain)


def test_only_who_is_approved_adds(net: Devnet, app: Flask, call: Caller, person: str) -> None:
    """403 in the words of the contract, with and without the chain; nothing is sent, nothing recorded."""
    address, before = new_address(), sent(net)
    for more in ({}, {"skipOnChain": True}):
        reply = add(call, person, address, **more)
        assert (reply.status, reply.error) == (403, "Node operator is not approved")
    app.extensions["sparta"].operators.store.mark_slashed(person)
    reply = add(call, person, address)
    assert (reply.status, reply.error) == (403, "Operator was slashed")
    call("PUT", "/api/operator/approve", discordId=person)
    assert add(call, person, address).error == "Operator was slashed"
    call("DELETE", "/api/operator/slashed", discordId=person)
    assert call("GET", ROUTE, address=address).status == 404
    assert sent(net) == before
    assert add(call, person, address).status == 201


def test_what_cannot_be_added(net: Devnet, call: Caller, approved: str) -> None:
    """No operator, no address, and a switch that is neither true nor false."""
    address, before = new_address(), sent(net)
    body = {"validatorAddress": address}
    assert call("POST", ROUTE, body).error == "Missing discordId or discordUsername parameter"
    reply = call("POST", ROUTE, body, discordId="nobody")
    assert (reply.status, reply.error) == (404, "Operator not found")
    for wrong, sentence in [
        ({}, "Missing validatorAddress parameter"),
        (body | {"skipOnChain": "true"}, "Invalid skipOnChain"),
        (body | {"skipOnChain": 1}, "Invalid skipOnChain"),
        (body | {"skipOnChain": None}, "Invalid skipOnChain"),
        ([body], "The body must be a JSON object"),
    ]:
        reply = call("POST", ROUTE, wrong, discordId=approved)
        assert reply.status == 400
        assert reply.error.startswith(sentence)
    assert call("GET", ROUTE, address=address).status == 404
    assert sent(net) == before


def test_a_validator_is_recorded_without_the_chain(net: Devnet, call: Caller, approved: str) -> None:
    """With skipOnChain nothing is sent; it is not in the set until it is seen there."""
    address, before = new_address(), sent(net)
    reply = add(call, approved, address, skipOnChain=True)
    assert (reply.status, reply.body["data"]["operatorId"]) == (201, approved)
    assert call("GET", ROUTE, address=address).body["data"]["isActive"] is False
    assert sent(net) == before
    assert address not in in_set(net)


@pytest.mark.parametrize("skip", [False, True])
def test_a_validator_is_added_once(net: Devnet, call: Caller, approved: str, skip: bool) -> None:
    """409 for what is registered, to oneself or another, in whatever case; nothing is sent, nothing changes."""
    address, other = new_address(), approve(call)
    assert add(call, approved, address, skipOnChain=skip).status == 201
    before = sent(net)
    for form in forms(address):
        for operator, whose in [(approved, "this operator"), (other, "another operator")]:
            for more in ({}, {"skipOnChain": True}):
                reply = add(call, operator, form, **more)
                assert reply.status == 409
                assert f"is already registered to {whose}" in reply.error
    assert sent(net) == before
    assert call("GET", ROUTE, address=address).body["data"]["operatorId"] == approved


def test_a_validator_that_came_into_the_set_without_sparta(net: Devnet, call: Caller, approved: str) -> None:
    """409 and nothing sent: only a moderator can say whose it is, with skipOnChain, as the answer tells."""
    address = new_address()
    net.contracts.handler.send(OWNER[0], "addValidator", address, address)
    before = sent(net)
    reply = add(call, approved, address)
    assert reply.status == 409
    assert "is in the validator set already" in reply.error
    assert "skipOnChain" in reply.error
    assert sent(net) == before
    assert call("GET", ROUTE, address=address).status == 404
    assert add(call, approved, address, skipOnChain=True).status == 201


def test_the_quota_is_named(net: Devnet, another: Another, approved: str) -> None:
    """502 with the contract's own error and until when; nothing is on record, and an hour later it is added."""
    call = another(**limited(net))
    for _ in range(4):
        address = new_address()
        reply = add(call, approved, address)
        if reply.status != 201:
            break
    assert (reply.status, reply.body["contractError"]) == (502, "ValidatorQuotaFilledUntil")
    until = net.contracts.handler.read("lastMintTimestamp") + 3600
    assert reply.body["until"] == until > net.contracts.rpc.now()
    assert "adds no more validators until 20" in reply.error
    assert checksum_address(address) in reply.error
    assert call("GET", ROUTE, address=address).status == 404
    assert address not in in_set(net)
    net.contracts.rpc.pass_time(until - net.contracts.rpc.now() + 1)
    assert add(call, approved, address).status == 201


def test_an_account_without_ether_is_named(another: Another, approved: str) -> None:
    """502 says which account lacks it; nothing is on record."""
    call = another(sparta_address=POOR[0], sparta_private_key=SecretStr(POOR[1]))
    address = new_address()
    reply = add(call, approved, address)
    assert (reply.status, reply.body["contractError"]) == (502, "InsufficientFunds")
    assert POOR[0] in reply.error
    assert call("GET", ROUTE, address=address).status == 404


@pytest.mark.parametrize(
    "lacking", [{"sparta_private_key": None}, {"staking_asset_handler_address": None}], ids=["account", "handler"]
)
def test_an_api_that_only_reads(another: Another, approved: str, lacking: dict[str, Any]) -> None:
    """Says what lacks, and that nothing was sent; recording still works."""
    call, address = another(**lacking), new_address()
    reply = add(call, approved, address)
    assert (reply.status, reply.body["contractError"]) == (502, "AddingNotConfigured")
    assert next(iter(lacking)).upper() in reply.error
    assert "Nothing was sent" in reply.error
    assert call("GET", ROUTE, address=address).status == 404
    assert add(call, approved, address, skipOnChain=True).status == 201


def test_a_chain_out_of_reach_leaves_nothing(another: Another, approved: str) -> None:
    """502 tells to try again, and nothing is on record."""
    call, address = another(ethereum_host=(SecretStr("http://127.0.0.1:9"),)), new_address()
    reply = add(call, approved, address)
    assert reply.status == 502
    assert "Ethereum gives no usable answer" in reply.error
    assert call("GET", ROUTE, address=address).status == 404


@pytest.mark.parametrize("asks_again", [True, False])
def test_a_crash_between_chain_and_record_is_made_up_for(
    net: Devnet, app: Flask, call: Caller, approved: str, asks_again: bool
) -> None:
    """By whoever comes next, the claimant with the same request or the keeper; nothing is sent a second time."""
    services, address = app.extensions["sparta"].validators, new_address()
    services.writer.add_validator(address, Claim(operator_id=approved, address=address))
    assert call("GET", ROUTE, address=address).status == 404
    before = sent(net)
    if asks_again:
        assert add(call, approved, forms(address)[2]).status == 201
    for _ in range(2):
        services.finish()
    data = call("GET", ROUTE, address=address).body["data"]
    assert (data["operatorId"], data["isActive"]) == (approved, True)
    assert sent(net) == before
    assert services.writer.unsettled() == []
    assert add(call, approved, address).status == 409


def test_a_crash_gives_nobody_anothers_validator(net: Devnet, app: Flask, call: Caller, approved: str) -> None:
    """Another operator who asks in between is refused, and the claimant has it in the end."""
    services, address = app.extensions["sparta"].validators, new_address()
    services.writer.add_validator(address, Claim(operator_id=approved, address=address))
    before = sent(net)
    reply = add(call, approve(call), address)
    assert reply.status == 409
    assert "did not add it for this operator" in reply.error
    services.finish()
    assert call("GET", ROUTE, address=address).body["data"]["operatorId"] == approved
    assert sent(net) == before


def test_what_moderators_decided_meanwhile_stays(app: Flask, call: Caller, approved: str) -> None:
    """A claim of before the crash does not take a validator away that was recorded for another since."""
    services, address, other = app.extensions["sparta"].validators, new_address(), approve(call)
    services.writer.add_validator(address, Claim(operator_id=approved, address=address))
    assert add(call, other, address, skipOnChain=True).status == 201
    services.finish()
    assert call("GET", ROUTE, address=address).body["data"]["operatorId"] == other
    assert services.writer.unsettled() == []


def test_a_claim_of_an_operator_who_is_gone(app: Flask, call: Caller, approved: str) -> None:
    """Is dropped, with a line in the log, and does not hold up others."""
    services, address = app.extensions["sparta"].validators, new_address()
    services.writer.add_validator(address, Claim(operator_id=approved, address=address))
    assert call("DELETE", "/api/operator", discordId=approved).status == 204
    services.finish()
    assert services.writer.unsettled() == []
    assert call("GET", ROUTE, address=address).status == 404


def test_requests_at_once_add_once(net: Devnet, app: Flask, call: Caller) -> None:
    """Four operators ask for one validator, twice each: one has it, all others are refused, one transaction is sent."""
    key, address = net.env["BACKEND_API_KEY"], new_address()
    operators = [approve(call) for _ in range(4)] * 2
    before = sent(net)
    with ThreadPoolExecutor(len(operators)) as pool:
        replies = list(pool.map(lambda operator: (operator, add(Caller(app, key), operator, address)), operators))
    assert sent(net) == before + 1
    owner = call("GET", ROUTE, address=address).body["data"]["operatorId"]
    assert {reply.status for operator, reply in replies if operator != owner} == {409}
    assert {reply.status for operator, reply in replies if operator == owner} <= {201, 409}
    assert 201 in {reply.status for _, reply in replies}


def test_a_validator_that_was_forgotten_is_added_again(net: Devnet, call: Caller, approved: str) -> None:
    """By its operator and without a transaction, since the chain never forgot it."""
    address = new_address()
    add(call, approved, address)
    assert call("DELETE", ROUTE, validatorAddress=address, discordId=approved).status == 204
    before = sent(net)
    assert add(call, approve(call), address).status == 409
    assert add(call, approved, address).status == 201
    assert sent(net) == before
