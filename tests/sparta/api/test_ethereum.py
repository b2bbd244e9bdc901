"""The chain's state over HTTP: of each generation of the real contracts, before there are validators and after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr

from scripts.devnet.anvil import CHAIN_ID, deploy_contracts
from scripts.devnet.deploy import Contracts
from scripts.devnet.network import Devnet
from scripts.devnet.validators import add_validators
from sparta.addresses import checksum_address
from sparta.models import NetworkStats
from tests.sparta.api.client import Caller
from tests.sparta.api.conftest import new_address, register

STATUS = "/api/ethereum/rollup/status"
VALIDATORS = "/api/ethereum/rollup/validators"
COMMITTEE = "/api/ethereum/rollup/committee"
STATS = "/api/ethereum/rollup/stats"
NO_ONE = "0x" + "0" * 40
GENERATIONS = ["0.87.9", "1.2.1", "2.0.3", "4.1.2"]
LATER = GENERATIONS[1:]
EPOCH_SECONDS = 12 * 4
Another = Callable[..., Caller]


def addresses(contracts: Contracts) -> dict[str, str]:
    """The settings that lead to these contracts."""
    return {
        "staking_asset_handler_address": contracts.handler.address,
        "rollup_address": contracts.rollup.address,
        "registry_address": contracts.registry.address,
    }


def data(call: Caller, path: str) -> Any:
    reply = call("GET", path)
    assert (reply.status, reply.body["success"]) == (200, True), reply.body
    assert sorted(reply.body) == ["data", "success"]
    return reply.body["data"]


@pytest.mark.parametrize("generation", GENERATIONS)
def test_each_generation_is_shown(net: Devnet, another: Another, generation: str) -> None:
    """Numbers as decimal strings, addresses with checksum; nobody where there is nobody yet."""
    contracts = deploy_contracts(net.ethereum_url, generation)
    call = another(**addresses(contracts))
    assert data(call, VALIDATORS) == data(call, COMMITTEE) == []
    empty = data(call, STATUS)
    assert (empty["pendingBlockNum"], empty["provenBlockNum"], empty["proposerNow"]) == ("0", "0", NO_ONE)
    assert empty["validators"] == empty["committee"] == []

    wanted = sorted(checksum_address(new_address()) for _ in range(5))
    add_validators(contracts, wanted)
    contracts.rpc.pass_time(8 * EPOCH_SECONDS)
    assert sorted(data(call, VALIDATORS)) == wanted
    status = data(call, STATUS)
    assert sorted(status) == [
        "committee",
        "currentEpoch",
        "currentSlot",
        "pendingBlockNum",
        "proposerNow",
        "provenBlockNum",
        "validators",
    ]
    assert sorted(status["validators"]) == wanted
    assert int(status["currentEpoch"]) == int(status["currentSlot"]) // 4 >= 8
    assert status["committee"] == data(call, COMMITTEE)
    assert len(status["committee"]) == 3
    assert set(status["committee"]) <= set(wanted)
    assert status["proposerNow"] in wanted
    sets = data(call, "/api/validator/validators")
    assert sorted(sets["blockchainValidators"]["validators"]) == wanted
    assert sets["blockchainValidators"]["stats"] == {"totalValidators": 5}
    assert sets["knownValidators"] == {"validators": [], "stats": {"totalValidators": 0}}


@pytest.mark.parametrize("generation", LATER)
def test_later_generations_take_no_validator_from_us(net: Devnet, another: Another, generation: str) -> None:
    """502 says so under a name of its own, whatever address the settings have; nothing is sent or recorded."""
    contracts = deploy_contracts(net.ethereum_url, generation)
    call = another(**addresses(contracts))
    operator, address = register(call), new_address()
    call("PUT", "/api/operator/approve", discordId=operator)
    body = {"validatorAddress": address}
    sent = net.contracts.rpc.call("eth_getTransactionCount", net.env["SPARTA_ADDRESS"], "pending")
    reply = call("POST", "/api/validator", body, discordId=operator)
    assert (reply.status, reply.body["contractError"]) == (502, "AddingNotSupported")
    assert "lets nobody add validators for others" in reply.error
    assert "the validator's owner registers it" in reply.error
    assert net.contracts.rpc.call("eth_getTransactionCount", net.env["SPARTA_ADDRESS"], "pending") == sent
    assert call("GET", "/api/validator", address=address).status == 404
    assert call("POST", "/api/validator", {**body, "skipOnChain": True}, discordId=operator).status == 201


@pytest.mark.parametrize("name", ["staking_asset_handler_address", "rollup_address", "registry_address"])
def test_one_address_is_enough(net: Devnet, another: Another, name: str) -> None:
    """The handler's, the rollup's or the registry's leads to the same chain."""
    known = addresses(net.contracts)
    call = another(**{each: known[each] if each == name else None for each in known})
    assert data(call, VALIDATORS) == [checksum_address(each) for each in net.contracts.rollup.read("getAttesters")]
    assert data(call, STATUS)["currentSlot"].isdecimal()
    where = {"l1ChainId": CHAIN_ID, "rollupAddress": checksum_address(net.contracts.rollup.address)}
    assert data(call, "/api/ethereum/rollup/network") == where


def test_large_numbers_are_exact(app: Flask, call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above what JavaScript can count: that is why they are strings."""
    rollup = app.extensions["sparta"].chain.contracts.rollup()
    status = rollup.status()
    huge = type(status)(status.tips, 2**63 + 1, 2**64 - 1, status.committee, status.proposer, 0, 0)
    monkeypatch.setattr(rollup, "status", lambda: huge)
    shown = data(call, STATUS)
    assert (shown["currentEpoch"], shown["currentSlot"]) == ("9223372036854775809", "18446744073709551615")


@pytest.mark.parametrize("path", [STATUS, VALIDATORS, COMMITTEE, "/api/validator/validators"])
@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "another chain"])
def test_a_chain_out_of_reach(net: Devnet, another: Another, path: str, url: str) -> None:
    """502 with what to do, and never an empty set; a server of another chain counts as none."""
    change = {"l1_chain_id": 1} if url == "another chain" else {"ethereum_host": (SecretStr(url),)}
    reply = another(**change)("GET", path)
    assert reply.status == 502
    assert reply.error.startswith("Ethereum gives no usable answer")
    assert "Try again in a minute" in reply.error
    assert "data" not in reply.body
    assert net.ethereum_url not in reply.error


def test_an_address_without_a_rollup(another: Another) -> None:
    """502 names it: the settings are wrong, and that shows where somebody looks."""
    nothing = checksum_address(new_address())
    reply = another(rollup_address=nothing)("GET", STATUS)
    assert reply.status == 502
    assert nothing in reply.error


def test_statistics_of_the_set(app: Flask, call: Caller) -> None:
    """Of the epochs that the monitor recorded, newest first, as many as asked for; none before it ran."""
    assert data(call, STATS) == []
    store = app.extensions["sparta"].chain.network_stats
    for epoch in range(1, 13):
        store.record(
            NetworkStats(
                epoch=epoch,
                validators_in_set=9,
                validators_active=7,
                attested_last_day=8,
                attestation_miss_rate=0.25,
                recorded_at=epoch,
            )
        )
    assert [each["epoch"] for each in data(call, STATS)] == list(range(12, 2, -1))
    assert call("GET", STATS, epochs="1").body["data"] == [
        {
            "epoch": 12,
            "validatorsInSet": 9,
            "validatorsActive": 7,
            "attestedLastDay": 8,
            "attestationMissRate": 0.25,
            "recordedAt": 12,
        }
    ]
    assert call("GET", STATS, epochs="101").status == 400


def test_statistics_need_no_chain(another: Another) -> None:
    """They come from the database alone."""
    assert another(ethereum_host=(SecretStr("http://127.0.0.1:9"),))("GET", STATS).status == 200
