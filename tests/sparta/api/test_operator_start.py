"""POST /api/operator/start: a proof that one's Aztec node is synced makes an operator."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from scripts.devnet.aztec.server import AztecStandIn
from scripts.devnet.aztec.world import World
from scripts.devnet.network import Devnet
from tests.sparta.api.client import Caller, Reply
from tests.sparta.api.conftest import forms, misspelt, new_address, somebody

ROUTE = "/api/operator/start"


@pytest.fixture
def node(net: Devnet) -> Iterator[AztecStandIn]:
    """Our Aztec node, in the dialect that it had before, and well, whatever a test does to it."""
    yield net.aztec
    net.aztec.heal()
    net.aztec.speak("0.87")


def proof_of(node: AztecStandIn, block: int) -> dict[str, Any]:
    """What a synced node gives its operator."""
    return {"blockNumber": block, "proof": base64.b64encode(node.world.path(block)).decode()}


def tips(node: AztecStandIn) -> tuple[int, int]:
    """The proven and the latest block of now."""
    world = node.current()
    return world.proven, world.latest


def start(call: Caller, *parts: dict[str, Any]) -> Reply:
    body: dict[str, Any] = {}
    for part in parts:
        body |= part
    return call("POST", ROUTE, body)


@pytest.mark.parametrize("dialect", ["0.87", "1.2", "2.0"])
def test_a_true_proof_registers(call: Caller, node: AztecStandIn, dialect: str) -> None:
    """201 and the operator; moderators' approval is another matter."""
    node.speak(dialect)
    who, (proven, _) = somebody(), tips(node)
    reply = start(call, who, proof_of(node, proven))
    assert (reply.status, reply.body["success"], reply.body["data"]["created"]) == (201, True, True)
    operator = reply.body["data"]["operator"]
    assert who.items() <= operator.items()
    assert (operator["isApproved"], operator["wasSlashed"]) == (False, False)
    assert call("GET", "/api/operator", discordId=who["discordId"]).body == operator


def test_a_second_proof_corrects_the_record(call: Caller, node: AztecStandIn) -> None:
    """200: wallet and username are what the request says; approval, time of registration and validators stay."""
    who, (proven, _) = somebody(), tips(node)
    first = start(call, who, proof_of(node, proven)).body["data"]["operator"]
    call("PUT", "/api/operator/approve", discordId=who["discordId"])
    call("POST", "/api/validator", {"validatorAddress": new_address(), "skipOnChain": True}, discordId=who["discordId"])
    changed = somebody() | {"discordId": who["discordId"]}
    reply = start(call, changed, proof_of(node, proven))
    assert (reply.status, reply.body["data"]["created"]) == (200, False)
    operator = reply.body["data"]["operator"]
    assert changed.items() <= operator.items()
    assert (operator["isApproved"], operator["createdAt"]) == (True, first["createdAt"])
    assert len(operator["validators"]) == 1
    assert call("GET", "/api/operator", discordId=who["discordId"]).body == operator
    assert call("GET", "/api/operator", discordUsername=who["discordUsername"]).status == 404
    assert call("GET", f"/api/operator/address/{who['walletAddress']}").status == 404


def test_the_same_again_changes_nothing(call: Caller, node: AztecStandIn) -> None:
    """Also with the wallet in another case."""
    who, (proven, _) = somebody(), tips(node)
    first = start(call, who, proof_of(node, proven)).body["data"]["operator"]
    for wallet in forms(who["walletAddress"]):
        reply = start(call, who, {"walletAddress": wallet}, proof_of(node, proven))
        assert (reply.status, reply.body["data"]) == (200, {"operator": first, "created": False})


@pytest.mark.parametrize("name", ["walletAddress", "discordUsername"])
@pytest.mark.parametrize("known", [True, False])
def test_what_is_anothers_is_not_taken(call: Caller, node: AztecStandIn, name: str, known: bool) -> None:
    """409, for somebody new and somebody known; nothing changes."""
    other, who, (proven, _) = somebody(), somebody(), tips(node)
    call("POST", "/api/operator", **other)
    if known:
        call("POST", "/api/operator", **who)
    before = call("GET", "/api/operator", discordId=who["discordId"])
    reply = start(call, who, {name: other[name]}, proof_of(node, proven))
    assert reply.status == 409
    assert "belongs to another operator" in reply.error
    after = call("GET", "/api/operator", discordId=who["discordId"])
    assert (after.status, after.body) == (before.status, before.body)


def test_how_old_a_proof_may_be(call: Caller, node: AztecStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """100 blocks behind the proven one is recent, 101 is not; up to the latest one a block need not be proven."""
    monkeypatch.setattr(node.world, "source", None)
    monkeypatch.setattr(node.world, "proven", 500)
    monkeypatch.setattr(node.world, "latest", 510)
    for block in (400, 500, 510):
        assert start(call, somebody(), proof_of(node, block)).status == 201
    who = somebody()
    reply = start(call, who, proof_of(node, 399))
    assert reply.status == 400
    assert "too old: block 399 is more than 100 blocks behind the proven one, 500" in reply.error
    reply = start(call, who, proof_of(node, 511))
    assert reply.status == 400
    assert "Block 511 does not exist yet: our node's newest is 510" in reply.error
    assert call("GET", "/api/operator", discordId=who["discordId"]).status == 404


def test_a_block_that_our_node_dropped_meanwhile(
    call: Caller, node: AztecStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our node counts a block and then cannot prove it: 400 tells to take the proven one."""
    who, (_, latest) = somebody(), tips(node)
    asked: list[World] = []

    def prune(world: World) -> None:
        """The first question is for the tips; at the second the newest block is gone."""
        asked.append(world)
        world.latest = latest if len(asked) == 1 else latest - 1

    monkeypatch.setattr(node.world, "source", prune)
    reply = start(call, who, proof_of(node, latest))
    assert reply.status == 400
    assert f"cannot prove block {latest}" in reply.error


@pytest.mark.parametrize("wrong", ["x", "AAAA", "another block's", "another node's"])
def test_a_proof_of_something_else(call: Caller, node: AztecStandIn, wrong: str) -> None:
    """Nonsense, the right proof of another block, and the proof of a node on another network prove nothing."""
    who, (proven, _) = somebody(), tips(node)
    body = proof_of(node, proven)
    if wrong == "another block's":
        body["proof"] = proof_of(node, proven - 1)["proof"]
    elif wrong == "another node's":
        other = bytearray(node.world.path(proven))
        other[-1] ^= 1
        body["proof"] = base64.b64encode(other).decode()
    else:
        body["proof"] = wrong
    reply = start(call, who, body)
    assert reply.status == 400
    assert f"not the right one for block {proven}" in reply.error
    assert call("GET", "/api/operator", discordId=who["discordId"]).status == 404


def test_what_copying_adds_to_a_proof_does_not_matter(call: Caller, node: AztecStandIn) -> None:
    """Blanks, line ends and quotes around it."""
    proven, _ = tips(node)
    body = proof_of(node, proven)
    for copied in (f' "{body["proof"]}"\n', "`" + body["proof"][:76] + "\r\n" + body["proof"][76:] + "`"):
        assert start(call, somebody(), body, {"proof": copied}).status == 201


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"walletAddress": "0x1"}, "Invalid wallet address format"),
        ({"walletAddress": misspelt(new_address())}, "Invalid wallet address format"),
        ({"discordId": "a b"}, "Invalid discordId"),
        ({"discordUsername": ""}, "Invalid discordUsername"),
        ({"blockNumber": -1}, "Invalid blockNumber"),
        ({"blockNumber": "1"}, "Invalid blockNumber"),
        ({"blockNumber": 1.5}, "Invalid blockNumber"),
        ({"blockNumber": True}, "Invalid blockNumber"),
        ({"blockNumber": 2**53 + 1}, "Invalid blockNumber"),
        ({"proof": ""}, "Invalid proof"),
        ({"proof": "x" * 8193}, "Invalid proof"),
        ({"proof": None}, "Invalid proof"),
    ],
)
def test_what_cannot_be_meant(call: Caller, node: AztecStandIn, change: dict[str, Any], sentence: str) -> None:
    """Is 400 with the field's name, before our node is asked anything."""
    good = somebody() | proof_of(node, tips(node)[0])
    before = dict(node.requests)
    reply = start(call, good, change)
    assert reply.status == 400
    assert reply.error.startswith(sentence)
    assert node.requests == before


@pytest.mark.parametrize("name", ["discordId", "discordUsername", "walletAddress", "blockNumber", "proof"])
def test_all_of_it_is_needed(call: Caller, node: AztecStandIn, name: str) -> None:
    """What lacks is named."""
    good = somebody() | proof_of(node, tips(node)[0])
    reply = start(call, {key: value for key, value in good.items() if key != name})
    assert (reply.status, reply.error) == (400, f"Missing {name} parameter")


@pytest.mark.parametrize("dialect", ["4.1", "5.0"])
def test_a_network_without_such_proofs(call: Caller, node: AztecStandIn, dialect: str) -> None:
    """502 says that this version of the node has none, and what to do; nobody is registered without one."""
    who, (proven, _) = somebody(), tips(node)
    node.speak(dialect)
    reply = start(call, who, proof_of(node, proven))
    assert reply.status == 502
    assert "version does not offer proofs of being synced" in reply.error
    assert "AZTEC_RPC_URL" in reply.error
    assert call("GET", "/api/operator", discordId=who["discordId"]).status == 404


@pytest.mark.parametrize("fault", ["error", "unavailable", "garbage", "truncated", "dropped"])
def test_a_node_that_fails(call: Caller, node: AztecStandIn, fault: str) -> None:
    """502 tells to try again; once it is well the same request registers."""
    who, (proven, _) = somebody(), tips(node)
    node.fail(fault)
    reply = start(call, who, proof_of(node, proven))
    assert reply.status == 502
    assert reply.error.startswith("Aztec node gives no usable answer")
    node.heal()
    assert start(call, who, proof_of(node, proven)).status == 201


def test_a_node_that_is_down(another: Callable[..., Caller], node: AztecStandIn) -> None:
    """502 likewise."""
    call = another(aztec_rpc_url=(SecretStr("http://127.0.0.1:9"),))
    reply = start(call, somebody(), proof_of(node, tips(node)[0]))
    assert reply.status == 502
    assert "Try again in a minute" in reply.error
