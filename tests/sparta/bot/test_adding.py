"""``/operator add-validator`` and its moderators' sister, on the real contracts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from scripts.devnet.network import Devnet
from sparta.bot import texts
from tests.sparta.api.client import Served
from tests.sparta.bot.scene import Scene, new_address
from tests.sparta.bot.scene import scene as made_scene


def in_set(scene: Scene, address: str) -> bool:
    """As the rollup says."""
    return address.lower() in [each.lower() for each in scene.net.contracts.rollup.read("getAttesters")]


@pytest.fixture(scope="module")
def limited(net: Devnet) -> Iterator[Scene]:
    """With the account that has to keep to the quota."""
    account = {
        "SPARTA_ADDRESS": net.env["SPARTA_ADDRESS_LIMITED"],
        "SPARTA_PRIVATE_KEY": net.env["SPARTA_PRIVATE_KEY_LIMITED"],
    }
    with Served({**net.env, **account}) as api, made_scene(net, api) as made, made.bot():
        yield made
        assert made.discord.violations == []


def test_an_approved_guardian_adds_a_validator(scene: Scene) -> None:
    """It is in the set and on record when the answer comes."""
    person, address = scene.operator(scene.guardian, approved=True), new_address()
    person.patience = 60
    text = person.command("/operator add-validator", validator_address=address).text
    assert text.startswith("The validator was added")
    assert in_set(scene, address)
    assert [each["address"] for each in scene.record(person)["validators"]] == [address]


def test_who_may_not(scene: Scene) -> None:
    """Each rule says which it is and what to do, and nothing reaches the chain."""
    slashed = scene.operator(scene.guardian, approved=True)
    scene.stores.operators.mark_slashed(slashed.id)
    one, _ = scene.with_validators(1, scene.guardian)
    for person, told in [
        (scene.person(), texts.guardians_only(scene.guardian.id)),
        (scene.operator(approved=True), texts.guardians_only(scene.guardian.id)),
        (scene.moderator(), texts.guardians_only(scene.guardian.id)),
        (scene.person(scene.guardian), texts.NOT_REGISTERED),
        (scene.operator(scene.guardian), texts.NOT_APPROVED),
        (slashed, texts.SLASHED),
        (one, texts.has_share(1, 1)),
    ]:
        address = new_address()
        text = person.command("/operator add-validator", validator_address=address).text
        assert text == f"{texts.NOT_DONE}\n{told}"
        assert not in_set(scene, address)


def test_a_guardian_who_no_longer_is_one(scene: Scene) -> None:
    """The roles of the moment count, not those of their last command."""
    person = scene.operator(scene.guardian)
    assert texts.NOT_APPROVED in person.command("/operator add-validator", validator_address=new_address()).text
    person.member.roles.remove(scene.guardian.id)
    text = person.command("/operator add-validator", validator_address=new_address()).text
    assert texts.guardians_only(scene.guardian.id) in text


def test_a_validator_that_is_taken(scene: Scene) -> None:
    """By another, or by oneself: the API says whose it is."""
    _, (taken,) = scene.with_validators(1)
    person = scene.operator(scene.guardian, approved=True)
    text = person.command("/operator add-validator", validator_address=taken).text
    assert "already registered to another operator" in text
    owner, (own,) = scene.with_validators(1, scene.guardian)
    assert "already registered to this operator" in owner.command("/operator add-validator", validator_address=own).text


def test_the_quota(limited: Scene) -> None:
    """When it is used up the answer has the time from which on it can be tried again; what was added stays so."""
    person = limited.operator(limited.guardian, approved=True)
    person.patience = 60
    for _ in range(4):
        moderator = limited.moderator()
        moderator.patience = 60
        address = new_address()
        text = moderator.command("/mod add-validator", validator_address=address, member=person).text
        if "quota" in text:
            break
    assert "adds no more validators until" in text
    assert re.search(r"Possible again: <t:\d{10}:f>", text)
    assert "ValidatorQuotaFilledUntil" in text
    assert not in_set(limited, address)
    assert address not in [each["address"] for each in limited.record(person)["validators"]]
    another = limited.operator(limited.guardian, approved=True)
    another.patience = 60
    text = another.command("/operator add-validator", validator_address=address).text
    assert "adds no more validators until" in text
    assert re.search(r"Possible again: <t:\d{10}:f>", text)


def test_a_lost_answer_is_made_up_for(scene: Scene) -> None:
    """The chain and the record have it once, and the person is told that it is done."""
    person, address = scene.operator(scene.guardian, approved=True), new_address()
    person.patience = 60
    scene.proxy.fail("lost", "POST", "^/api/validator", times=1)
    text = person.command("/operator add-validator", validator_address=address).text
    assert text.startswith("The validator was added")
    assert in_set(scene, address)


def test_an_account_that_is_away(scene: Scene) -> None:
    """While Ethereum does not answer nothing is added, and the person is told to come back."""
    person, address = scene.operator(scene.guardian, approved=True), new_address()
    scene.proxy.instead["/api/validator"] = (
        502,
        {"success": False, "error": "Sparta's account holds too little.", "contractError": "InsufficientFunds"},
    )
    text = person.command("/operator add-validator", validator_address=address).text
    assert "Sparta's account holds too little." in text
    assert "InsufficientFunds" in text
