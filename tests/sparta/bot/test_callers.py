"""Every command for every kind of caller: who gets it done, and how soon Discord hears of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sparta.bot import texts
from tests.discord.people import Impossible, Person
from tests.sparta.bot.scene import Scene, new_address

Options = Callable[[Scene, Person], dict[str, Any]]
KINDS: dict[str, Callable[[Scene], Person]] = {
    "stranger": lambda scene: scene.person(),
    "registered": lambda scene: scene.operator(),
    "approved": lambda scene: scene.operator(approved=True),
    "Guardian": lambda scene: scene.operator(scene.guardian, approved=True),
    "moderator": lambda scene: scene.moderator(),
}
ALL = set(KINDS)
OPERATORS, MODERATORS = {"registered", "approved", "Guardian"}, {"moderator"}


def nothing(_: Scene, __: Person) -> dict[str, Any]:
    return {}


def an_operator(scene: Scene, _: Person) -> dict[str, Any]:
    return {"member": scene.operator(approved=True)}


def a_proof(scene: Scene, _: Person) -> dict[str, Any]:
    block = scene.net.aztec.world.proven
    return {"address": new_address(), "block_number": block, "proof": scene.proof(block)}


def their_validator(scene: Scene, person: Person) -> dict[str, Any]:
    """One on the record of whoever has a record, else anybody's."""
    address = new_address()
    reply = scene.api.call("PUT", "/api/operator/approve", discordId=person.id)
    if reply.status == 200:
        scene.ask("POST", "/api/validator", {"validatorAddress": address, "skipOnChain": True}, discordId=person.id)
    return {"validator": address, "name": "London"}


def an_operators_validator(scene: Scene, _: Person) -> dict[str, Any]:
    owner, (address,) = scene.with_validators(1)
    return {"member": owner, "validator_address": address}


COMMANDS: dict[str, tuple[Options, set[str]]] = {
    "/operator help": (nothing, ALL),
    "/operator start-help": (nothing, ALL),
    "/operator start": (a_proof, ALL),
    "/operator add-validator": (lambda *_: {"validator_address": new_address()}, {"Guardian"}),
    "/operator my-stats": (nothing, OPERATORS),
    "/operator is-ready": (nothing, ALL),
    "/operator label": (their_validator, OPERATORS),
    "/operator alerts": (nothing, OPERATORS),
    "/operator mute": (lambda *_: {"hours": 1}, OPERATORS),
    "/operator test-alert": (nothing, OPERATORS),
    "/aztec info": (nothing, ALL),
    "/mod help": (nothing, MODERATORS),
    "/mod info": (an_operator, MODERATORS),
    "/mod approve": (an_operator, MODERATORS),
    "/mod unapprove": (an_operator, MODERATORS),
    "/mod unslash": (an_operator, MODERATORS),
    "/mod add-validator": (
        lambda scene, person: {**an_operator(scene, person), "validator_address": new_address()},
        MODERATORS,
    ),
    "/mod remove-validator": (an_operators_validator, MODERATORS),
    "/mod list-operators": (nothing, MODERATORS),
    "/mod validator-stats": (an_operator, MODERATORS),
}
"""What each is given, and who gets it done."""


def test_none_is_left_out(guild: Scene) -> None:
    """By what is registered."""
    registered = {
        f"/{command['name']} {option['name']}" for command in guild.commands.values() for option in command["options"]
    }
    assert set(COMMANDS) == registered


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("line", COMMANDS)
def test_who_gets_it_done(scene: Scene, line: str, kind: str) -> None:
    """The others are refused with what to do, or do not even see the command; all are answered."""
    options, able = COMMANDS[line]
    person = KINDS[kind](scene)
    person.patience = 60
    given = options(scene, person)
    try:
        answer = person.command(line, **given)
    except Impossible:
        assert line.startswith("/mod ")
        assert kind not in able
        return
    title, _, sentence = answer.text.partition("\n")
    assert (title not in {texts.NOT_DONE, texts.TRY_AGAIN, texts.MISTAKE}) is (kind in able), answer.text
    assert sentence
    assert answer.acknowledged_after < 1
    assert answer.ephemeral is (line not in {"/operator help", "/aztec info"} or kind not in able)


def test_each_is_acknowledged_while_the_api_is_slow(scene: Scene) -> None:
    """Within a second, all at once, while the API takes five for each answer; and each is done in the end."""
    callers = [_able(scene, line) for line in COMMANDS]
    scene.proxy.fail("slow", seconds=5)
    with ThreadPoolExecutor(len(callers)) as pool:
        answers = list(pool.map(lambda call: call[0].command(call[1], **call[2]), callers))
    for (_, line, _), answer in zip(callers, answers, strict=True):
        assert answer.acknowledged_after < 1, line
        assert answer.text.partition("\n")[0] not in {texts.NOT_DONE, texts.TRY_AGAIN, texts.MISTAKE}, answer.text


def _able(scene: Scene, line: str) -> tuple[Person, str, dict[str, Any]]:
    options, able = COMMANDS[line]
    person = KINDS[next(kind for kind in reversed(KINDS) if kind in able)](scene)
    person.patience = 100
    return person, line, options(scene, person)
