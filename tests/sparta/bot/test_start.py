"""``/operator start`` on a real node's answers: who is let in, who is not and why."""

from __future__ import annotations

from typing import Any

import pytest

from sparta.bot import texts
from tests.sparta.bot.scene import Scene, new_address


def test_a_true_proof_registers(scene: Scene) -> None:
    """The record, the role with its reason, and what comes next."""
    person, wallet = scene.person(), new_address()
    text = scene.start(person, address=wallet)
    assert text.startswith("Welcome to Sparta")
    assert texts.NEXT_STEPS in text
    record = scene.record(person)
    assert (record["walletAddress"], record["discordUsername"]) == (wallet, person.member.user.username)
    assert person.roles == {"Apprentice"}


def test_registering_again_corrects_the_wallet(scene: Scene) -> None:
    """And asks Discord for no role that is there."""
    person = scene.person()
    scene.start(person)
    wallet = new_address()
    assert texts.UPDATED in scene.start(person, address=wallet)
    assert scene.record(person)["walletAddress"] == wallet
    assert len(scene.discord.asked("PUT", f"/members/{person.id}/roles/")) == 1


def test_a_proof_with_blanks_and_quotes_from_copying(scene: Scene) -> None:
    """Is as good as without."""
    proof = scene.proof(scene.net.aztec.world.proven)
    assert "Welcome" in scene.start(scene.person(), proof=f' "{proof[:400]} {proof[400:]}"')


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("stale", "too old"),
        ("ahead", "does not exist yet"),
        ("another block", "not the right one"),
        ("another node", "not the right one"),
        ("cut", "not the right one"),
    ],
)
def test_a_proof_that_does_not_hold(scene: Scene, wrong: str, told: str) -> None:
    """Is refused with what is wrong, what to do, no record and no role."""
    world, person = scene.net.aztec.world, scene.person()
    proven = world.proven
    cases: dict[str, dict[str, Any]] = {
        "stale": {"block_number": 0, "proof": scene.proof(0)},
        "ahead": {"block_number": world.latest + 1000, "proof": scene.proof(world.latest + 1000)},
        "another block": {"proof": scene.proof(proven - 1)},
        "another node": {"proof": scene.proof(proven)[::-1]},
        "cut": {"proof": scene.proof(proven)[:-8]},
    }
    if wrong == "stale":
        _pass_time(scene)
    text = scene.start(person, **cases[wrong])
    assert text.startswith(texts.NOT_DONE)
    assert told in text
    assert person.roles == set()
    assert scene.api.call("GET", "/api/operator", discordId=person.id).status == 404


def test_an_address_with_a_mistyped_letter(scene: Scene) -> None:
    """Its checksum says so, and the API's reason is shown."""
    wallet = "0x70997970C51812dc3A010C7d01b50e0d17dc79c8"
    text = scene.start(scene.person(), address=wallet)
    assert "Invalid wallet address format" in text
    assert "checksum (EIP-55)" in text


def test_anothers_wallet(scene: Scene) -> None:
    """Is refused."""
    wallet = scene.record(scene.operator())["walletAddress"]
    assert "belongs to another operator" in scene.start(scene.person(), address=wallet)


def test_a_role_that_cannot_be_given(scene: Scene) -> None:
    """Does not undo the registration; the person is told, and gets it with the next try."""
    person = scene.person()
    scene.apprentice.position = 99
    try:
        text = scene.start(person)
    finally:
        scene.apprentice.position = 1
    assert "Welcome" in text
    assert texts.ROLE_LATER in text
    assert scene.record(person)["discordId"] == person.id
    scene.start(person)
    assert person.roles == {"Apprentice"}


def test_a_node_of_ours_that_is_away(scene: Scene) -> None:
    """Is nobody's fault: try again."""
    person = scene.person()
    person.patience = 30
    scene.net.aztec.fail("unavailable")
    try:
        text = scene.start(person)
    finally:
        scene.net.aztec.heal()
    assert "Aztec node" in text
    assert scene.api.call("GET", "/api/operator", discordId=person.id).status == 404


def _pass_time(scene: Scene) -> None:
    """Until there is a block that is too old: the stand-in's chain proves block 96 at first, then one each 12 s."""
    scene.net.contracts.rpc.call("evm_increaseTime", 12 * 10)
    scene.net.contracts.rpc.call("evm_mine")
