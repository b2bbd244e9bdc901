"""Whatever goes wrong between the bot, Discord and the API: one answer, in time, and nothing done twice."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from sparta.bot import texts
from sparta.bot.acknowledge import Acknowledger, How, Taken
from tests.discord.people import NoAnswer
from tests.discord.people.answer import Answer
from tests.discord.people.person import Person
from tests.sparta.bot.scene import Scene

CALLBACK, ORIGINAL = "^/interactions/", "@original$"


@pytest.fixture
def person(scene: Scene) -> Person:
    """An operator with time."""
    found = scene.operator()
    found.patience = 30
    return found


def is_record(answer: Answer) -> bool:
    """Of ``/operator my-stats``."""
    return answer.text.startswith("Operator ")


def test_an_api_that_takes_five_seconds(scene: Scene, person: Person) -> None:
    """The command is acknowledged within one all the same, and answered in the end."""
    scene.proxy.fail("slow", "GET", "^/api/operator", seconds=5)
    answer = person.command("/operator my-stats")
    assert is_record(answer)
    assert answer.acknowledged_after < 1
    assert answer.done_after >= 5


def test_one_persons_slow_command_delays_nobody(scene: Scene, person: Person) -> None:
    """While theirs hang, all others are answered at once."""
    scene.proxy.fail("slow", "GET", person.id, seconds=5)
    with ThreadPoolExecutor(4) as pool:
        slow = [pool.submit(person.command, "/operator my-stats") for _ in range(3)]
        others = [scene.operator().command("/operator my-stats") for _ in range(5)]
        assert all(not each.done() for each in slow)
        assert all(is_record(each) and each.done_after < 2 for each in others)
        assert all(is_record(each.result()) for each in slow)


def test_more_than_three_at_once(scene: Scene, person: Person) -> None:
    """Of one person are refused, so that nobody uses up the bot."""
    scene.proxy.fail("slow", "GET", person.id, seconds=2)
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(person.command, ["/operator my-stats"] * 5))
    assert sum(texts.TOO_MANY_AT_ONCE in each.text for each in answers) == 2
    assert sum(is_record(each) for each in answers) == 3


def test_an_api_that_is_stopped(scene: Scene, person: Person) -> None:
    """Says so and when to come back; what needs no API works."""
    scene.proxy.fail("dropped")
    with ThreadPoolExecutor(2) as pool:
        waiting = pool.submit(person.command, "/operator my-stats")
        assert "/operator start-help" in scene.person().command("/operator help").text
        assert waiting.result().text == f"{texts.TRY_AGAIN}\n{texts.API_SILENT}"


def test_an_api_that_restarts_in_mid_command(scene: Scene, person: Person) -> None:
    """The person waits a little longer, and is answered."""
    scene.api.kill()
    try:
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(person.command, "/operator my-stats")
            scene.api.start()
            assert is_record(waiting.result())
    finally:
        if scene.api.process and scene.api.process.poll() is not None:
            scene.api.start()


@pytest.mark.parametrize("kind", ["error", "unavailable", "garbage"])
def test_an_answer_that_is_none_of_the_apis(scene: Scene, person: Person, kind: str) -> None:
    """Of a proxy, say: nothing of it is shown."""
    scene.proxy.fail(kind, "GET", "^/api/operator")
    assert person.command("/operator my-stats").text == f"{texts.TRY_AGAIN}\n{texts.API_SILENT}"


def test_one_bad_answer_is_asked_for_again(scene: Scene, person: Person) -> None:
    """So nobody sees it."""
    for kind in ("unavailable", "dropped", "lost"):
        scene.proxy.fail(kind, "GET", "^/api/operator", times=1)
        assert is_record(person.command("/operator my-stats"))


def test_a_mistake_of_the_api(scene: Scene, person: Person) -> None:
    """Is shown as the API says it, with its reference."""
    scene.proxy.instead["/api/operator"] = (500, {"success": False, "error": "On our side. Tell the maintainers: r-1."})
    assert person.command("/operator my-stats").text.endswith("On our side. Tell the maintainers: r-1.")


def test_a_mistake_of_ours(scene: Scene, person: Person) -> None:
    """The person gets a reference and nothing else, and the log has the rest under it: here Discord's commands are of
    another version, and a number comes as a text."""
    world = scene.discord.world
    (command,) = [each for each in world.commands[world.guild_id] if each["name"] == "operator"]
    (option,) = next(each for each in command["options"] if each["name"] == "mute")["options"]
    before = dict(option)
    option.update({"type": 3, "min_value": None, "max_value": None})
    try:
        answer = person.command("/operator mute", hours="two")
    finally:
        option.update(before)
    assert answer.text == f"{texts.MISTAKE}\n{texts.our_mistake(answer.interaction.id)}"
    assert answer.ephemeral


def test_the_apis_log_knows_the_interaction(scene: Scene, person: Person) -> None:
    """The reference that a person is told stands in both logs."""
    answer = person.command("/operator my-stats")
    served = [json.loads(line) for line in scene.api.log.splitlines() if answer.interaction.id in line]
    assert {"/api/operator"} <= {each.get("path") for each in served if each["event"] == "request"}


@pytest.mark.parametrize("kind", ["lost", "error-after", "error", "dropped", "unavailable"])
def test_an_acknowledgement_that_goes_wrong_once(scene: Scene, kind: str) -> None:
    """Whether Discord took it or not, the command is done, once, and answered."""
    moderator, target = scene.moderator(), scene.operator()
    scene.discord.fail(kind, "POST", CALLBACK, times=1)
    answer = moderator.command("/mod approve", member=target)
    assert answer.text.startswith("Approved")
    assert answer.acknowledged_after < 2.5
    assert len(answer.messages) == 1
    approvals = [path for path in scene.proxy.paths("PUT") if target.id in path]
    assert len(approvals) == 1


def test_an_acknowledgement_that_takes_long(scene: Scene, person: Person) -> None:
    """Is waited for, and asked for again, within Discord's three seconds."""
    scene.discord.fail("slow", "POST", CALLBACK, seconds=1.5, times=1)
    assert is_record(person.command("/operator my-stats"))


def test_an_interaction_that_cannot_be_acknowledged(scene: Scene) -> None:
    """Has no effect at all: the person is told by Discord that nobody answered, and would try again."""
    moderator, target = scene.moderator(), scene.operator()
    scene.discord.fail("unavailable", "POST", CALLBACK)
    with pytest.raises(NoAnswer):
        moderator.command("/mod approve", member=target)
    assert scene.record(target)["isApproved"] is False


def test_an_acknowledgement_of_which_nothing_is_heard(scene: Scene) -> None:
    """If Discord did take it, somebody sees "is thinking…": they are told to try again, and nothing was done."""
    moderator, target = scene.moderator(), scene.operator()
    scene.discord.fail("slow", "POST", CALLBACK, seconds=3, times=1)
    scene.discord.fail("lost", "POST", CALLBACK, times=1)
    scene.discord.fail("unavailable", "POST", CALLBACK)
    answer = moderator.command("/mod approve", member=target)
    assert texts.NOT_TAKEN in answer.text
    assert scene.record(target)["isApproved"] is False


def test_what_is_too_old_is_dropped(scene: Scene) -> None:
    """Before it costs anybody anything: by the time since it came, whatever the clocks say."""

    async def take() -> Taken:
        acknowledger = Acknowledger(scene.discord.url)
        try:
            return await acknowledger.take(1, "token", How.PRIVATE.answer, time.monotonic() - 3)
        finally:
            await acknowledger.close()

    before = len(scene.discord.asked("POST", "/interactions/1/"))
    assert asyncio.run(take()) is Taken.NOT_OURS
    assert len(scene.discord.asked("POST", "/interactions/1/")) == before


@pytest.mark.parametrize("kind", ["lost", "error", "error-after", "unavailable", "dropped", "garbage"])
def test_an_answer_that_goes_wrong_once(scene: Scene, person: Person, kind: str) -> None:
    """Is given again, and stands there once."""
    scene.discord.fail(kind, "PATCH", ORIGINAL, times=1)
    answer = person.command("/operator my-stats")
    assert is_record(answer)
    assert len(answer.messages) == 1


def test_an_answer_that_discord_forbids(scene: Scene, person: Person) -> None:
    """Is a mistake of ours: the person gets a reference, and is not left waiting. Here the API tells nonsense."""
    status = scene.ask("GET", "/api/ethereum/rollup/status")["data"]
    nonsense = {**status, "proposerNow": "0x" + 2000 * "1"}
    scene.proxy.instead["/api/ethereum/rollup/status"] = (200, {"success": True, "data": nonsense})
    answer = person.command("/aztec info")
    assert answer.text == f"{texts.MISTAKE}\n{texts.our_mistake(answer.interaction.id)}"
    refused = [each for each in scene.discord.violations if "embeds.0.fields" in each]
    assert refused == scene.discord.violations
    scene.discord.violations.clear()


def test_an_answer_that_must_wait(scene: Scene, person: Person) -> None:
    """For Discord's limit of requests."""
    scene.discord.fail("limited", "PATCH", ORIGINAL, seconds=0.5, times=1)
    assert is_record(person.command("/operator my-stats"))


@pytest.mark.parametrize("kind", ["limited", "limited-globally"])
def test_everything_is_limited(scene: Scene, kind: str) -> None:
    """Acknowledgement, role and answer wait as long as Discord says; nothing is asked for sooner."""
    person = scene.person()
    person.patience = 30
    before = len(scene.discord.requests)
    for method in ("POST", "PUT", "PATCH"):
        scene.discord.fail(kind, method, seconds=0.6, times=1)
    assert "Welcome" in scene.start(person)
    assert person.roles == {"Apprentice"}
    own = [person.id, *(each.token for each in scene.discord.world.interactions.values() if each.user.id == person.id)]
    asked = [each for each in scene.discord.requests[before:] if any(word in each.path for word in own)]
    counts = Counter((each.method, each.path) for each in asked)
    assert len(counts) == 3
    assert max(counts.values()) <= 2, counts


@pytest.mark.parametrize("kind", ["limited", "cloudflare"])
def test_an_acknowledgement_that_may_not_be_repeated(scene: Scene, kind: str) -> None:
    """Within the time that there is: it is asked for once, and nothing is done."""
    moderator, target = scene.moderator(), scene.operator()
    before = len(scene.discord.asked("POST", "/interactions/"))
    scene.discord.fail(kind, "POST", CALLBACK, seconds=5)
    with pytest.raises(NoAnswer):
        moderator.command("/mod approve", member=target)
    assert len(scene.discord.asked("POST", "/interactions/")) == before + 1
    assert scene.record(target)["isApproved"] is False


def test_a_role_whose_answer_is_lost(scene: Scene) -> None:
    """Is not asked for in vain: it is there, whatever the person is told."""
    person = scene.person()
    scene.discord.fail("lost", "PUT", "/roles/", times=1)
    assert "Welcome" in scene.start(person)
    assert person.roles == {"Apprentice"}
