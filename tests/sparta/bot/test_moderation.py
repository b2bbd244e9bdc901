"""``/mod``: what each command does, who may, and what the audit channel is told."""

from __future__ import annotations

from typing import Any

import pytest

from sparta.bot import texts
from tests.discord.people import Person
from tests.sparta.bot.scene import Scene, new_address

COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("help", {}),
    ("info", {}),
    ("approve", {}),
    ("unapprove", {}),
    ("unslash", {}),
    ("add-validator", {"validator_address": new_address()}),
    ("remove-validator", {"validator_address": new_address()}),
    ("list-operators", {}),
    ("validator-stats", {}),
]
OF_NOBODY = {"help", "list-operators"}


def audited(scene: Scene, moderator: Person) -> list[str]:
    """What waits to be written about this moderator."""
    rows = [each for each in scene.outbox() if each.target == scene.audit.id and moderator.id in each.content]
    return [each.content for each in sorted(rows, key=lambda each: each.created_at)]


@pytest.mark.parametrize(("name", "options"), COMMANDS)
def test_nobody_else(scene: Scene, name: str, options: dict[str, Any]) -> None:
    """Somebody whom Discord shows the command, but who has none of the roles, gets nothing done and learns nothing."""
    person, target = scene.person(scene.elsewhere), scene.operator()
    named: dict[str, Any] = {} if name in OF_NOBODY else {"member": target}
    answer = person.command(f"/mod {name}", **options, **named)
    assert answer.text == f"{texts.NOT_DONE}\n{texts.MODERATORS_ONLY}"
    assert answer.ephemeral
    assert scene.record(target)["isApproved"] is False
    assert audited(scene, person) == []


@pytest.mark.parametrize(("name", "options"), [each for each in COMMANDS if each[0] not in OF_NOBODY])
def test_an_operator_must_be_named_once(scene: Scene, name: str, options: dict[str, Any]) -> None:
    """Nobody or two: the answer says which."""
    moderator, target = scene.moderator(), scene.operator()
    assert texts.ONE_OF_TWO in moderator.command(f"/mod {name}", **options).text
    both: dict[str, Any] = {"member": target, "operator": target.id}
    assert texts.NOT_BOTH in moderator.command(f"/mod {name}", **options, **both).text


@pytest.mark.parametrize("way", ["member", "id", "mention", "username", "at"])
def test_ways_to_name_an_operator(scene: Scene, way: str) -> None:
    """As a member, or as one writes people who may have left."""
    target = scene.operator()
    name = target.member.user.username
    written = {"id": target.id, "mention": target.mention, "username": name, "at": f"@{name}"}
    options: dict[str, Any] = {"member": target} if way == "member" else {"operator": written[way]}
    assert target.id in scene.moderator().command("/mod approve", **options).text
    assert scene.record(target)["isApproved"] is True


def test_somebody_unknown(scene: Scene) -> None:
    """Is said to be."""
    assert "Operator not found" in scene.moderator().command("/mod info", operator="nobody").text


def test_approval_is_given_and_taken(scene: Scene) -> None:
    """Each with a line in the audit channel that says who, whom and what came of it."""
    moderator, target = scene.moderator(), scene.operator()
    assert texts.guardian_hint(scene.guardian.id) in moderator.command("/mod approve", member=target).text
    assert scene.record(target)["isApproved"] is True
    assert texts.UNAPPROVED in moderator.command("/mod unapprove", member=target).text
    assert scene.record(target)["isApproved"] is False
    first, second = audited(scene, moderator)
    for line, act in ((first, ": approve "), (second, ": unapprove ")):
        assert act in line
        assert f"(`{target.id}`). Done." in line


def test_the_mark_of_being_slashed_goes_alone(scene: Scene) -> None:
    """Approval does not come back by it."""
    moderator, target = scene.moderator(), scene.operator(approved=True)
    scene.stores.operators.mark_slashed(target.id)
    assert texts.FORGIVEN in moderator.command("/mod unslash", member=target).text
    record = scene.record(target)
    assert (record["wasSlashed"], record["isApproved"]) == (False, False)
    assert len(audited(scene, moderator)) == 1


def test_validators_come_and_go_on_record(scene: Scene) -> None:
    """More than one for an operator, where a moderator wants it."""
    moderator, (target, (first,)) = scene.moderator(), scene.with_validators(1)
    second = new_address()
    options: dict[str, Any] = {"validator_address": second, "member": target}
    assert "was added" in moderator.command("/mod add-validator", **options, skip_on_chain=True).text
    assert moderator.autocomplete("/mod remove-validator", "validator-address", second[:20], operator=target.id) == [
        second
    ]
    assert texts.REMOVED in moderator.command("/mod remove-validator", validator_address=first, member=target).text
    assert [each["address"] for each in scene.record(target)["validators"]] == [second]
    assert len(audited(scene, moderator)) == 2


def test_a_refused_act_is_audited_too(scene: Scene) -> None:
    """With the reason."""
    moderator, target = scene.moderator(), scene.operator()
    text = moderator.command("/mod add-validator", validator_address=new_address(), member=target).text
    assert "Node operator is not approved" in text
    (line,) = audited(scene, moderator)
    assert line.endswith("Refused: Node operator is not approved")


def test_an_act_that_cannot_be_audited_is_told(scene: Scene) -> None:
    """It is done, and the moderator knows that nobody else sees it."""
    moderator, target = scene.moderator(), scene.operator()
    moderator.patience = 30
    scene.proxy.fail("dropped", "POST", "/api/moderator/message")
    assert texts.NOT_AUDITED in moderator.command("/mod approve", member=target).text
    assert scene.record(target)["isApproved"] is True


def test_an_audit_line_whose_answer_is_lost_is_written_once(scene: Scene) -> None:
    """The command is its key."""
    moderator, target = scene.moderator(), scene.operator()
    scene.proxy.fail("lost", "POST", "/api/moderator/message", times=1)
    assert texts.NOT_AUDITED not in moderator.command("/mod approve", member=target).text
    assert len(audited(scene, moderator)) == 1


def test_reading_is_not_audited(scene: Scene) -> None:
    """The channel is for what changes something."""
    moderator, (target, addresses) = scene.moderator(), scene.with_validators(12)
    assert min(addresses, key=str.lower) in moderator.command("/mod info", member=target).text
    assert "1 / 2" in str(moderator.command("/mod validator-stats", member=target).components)
    moderator.command("/mod help")
    moderator.command("/mod list-operators")
    assert audited(scene, moderator) == []


def test_all_operators_page_by_page(scene: Scene) -> None:
    """Each once, from the first page to the last and back."""
    for _ in range(25):
        scene.operator()
    moderator = scene.moderator()
    answer = moderator.command("/mod list-operators")
    seen = [answer.text]
    while "Next" in answer.buttons:
        answer = moderator.press(answer, "Next")
        seen.append(answer.text)
    total = scene.ask("GET", "/api/operator/stats")["stats"]["totalOperators"]
    lines = [line for text in seen for line in text.splitlines() if "(`" in line]
    assert len(lines) == len(set(lines)) == total
    assert moderator.press(answer, "First").text == seen[0]


def test_pages_turn_for_moderators_only(scene: Scene) -> None:
    """A moderator who lost the role keeps the old page, and is told why alone."""
    for _ in range(21):
        scene.operator()
    moderator = scene.moderator()
    answer = moderator.command("/mod list-operators")
    moderator.member.roles.clear()
    pressed = moderator.press(answer, "Next", until=lambda answer: len(answer.messages) == 2)
    assert texts.MODERATORS_ONLY in pressed.text
    assert pressed.messages[0].text == answer.text


def test_names_are_offered_to_moderators_only(scene: Scene) -> None:
    """By any part of the name or the id."""
    target = scene.operator()
    name = target.member.user.username
    assert scene.moderator().autocomplete("/mod info", "operator", name[3:].upper()) == [target.id]
    assert scene.person(scene.elsewhere).autocomplete("/mod info", "operator", name) == []
