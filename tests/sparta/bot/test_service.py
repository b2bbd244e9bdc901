"""The bot's life as a process: it comes, stays through Discord's troubles, and goes in order."""

from __future__ import annotations

import copy
import json
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from sparta.bot import setup_texts, texts
from tests.discord.gateway.wire import Op
from tests.discord.people import NoAnswer
from tests.discord.programs import run
from tests.discord.world import Channel, Message
from tests.sparta.bot.scene import Scene, new_address


def of_the_bot(channel: Channel) -> list[str]:
    """The ids of its messages that stand there."""
    return [each.id for each in channel.messages if each.author.bot and not each.deleted]


@pytest.fixture
def scene(guild: Scene) -> Iterator[Scene]:
    """Without a bot yet; each test starts its own."""
    guild.discord.gateway.heard.clear()
    guild.discord.requests.clear()
    guild.proxy.asked.clear()
    yield guild
    guild.discord.heal()
    guild.proxy.heal()
    assert guild.discord.violations == []


def test_it_tells_that_it_is_well(scene: Scene) -> None:
    """By the file that its container looks at, and by the metric that an alarm counts."""
    file = scene.home / "sparta-bot.healthy"
    file.touch()
    with scene.bot() as bot:
        bot.wait_for_log('"BotHeartbeat":1', 30)
        assert file.stat().st_mtime > time.time() - 30
        bot.tell()
        assert bot.wait() == 0


def test_as_many_validators_as_configured(scene: Scene) -> None:
    """``VALIDATORS_PER_OPERATOR`` says how many an operator adds; for the next they ask a moderator."""
    person, (first,) = scene.with_validators(1, scene.guardian)
    second, third = new_address(), new_address()
    person.patience = 60
    with scene.bot(VALIDATORS_PER_OPERATOR="2"):
        assert person.command("/operator add-validator", validator_address=second).text.startswith("The validator was")
        text = person.command("/operator add-validator", validator_address=third).text
    assert text == f"{texts.NOT_DONE}\n{texts.has_share(2, 2)}"
    assert {each["address"] for each in scene.record(person)["validators"]} == {first, second}


def test_an_overview_of_before_a_restart_is_replaced(scene: Scene) -> None:
    """Also when people have written a lot since."""
    world, channel = scene.discord.world, scene.discord.world.add_channel("busy")
    person = scene.person(channel=channel)
    with scene.bot():
        person.command("/operator help")
    for _ in range(350):
        body = {"content": "Molon labe"}
        channel.messages.append(
            Message(world.new_id(), channel.id, person.member.user, world.clock(), body, frozenset())
        )
    with scene.bot():
        newest = person.command("/operator help")
        assert world.wait_for(lambda: of_the_bot(channel) == [newest.shown.id], 10)


def test_nothing_secret_is_logged(scene: Scene) -> None:
    """Neither the token, nor the key, nor what opens an interaction; and each line is JSON."""
    scene.discord.fail("unavailable", "PATCH", "@original$", times=2)
    with scene.bot(LOG_LEVEL="debug") as bot:
        answer = scene.operator().command("/operator my-stats")
        bot.tell(signal.SIGINT)
        assert bot.wait() == 0
        for secret in (scene.discord.world.token, scene.api.key, answer.interaction.token):
            assert secret not in bot.log
        assert all(json.loads(line)["level"] for line in bot.log.splitlines())


def test_what_runs_may_end(scene: Scene) -> None:
    """After SIGTERM it is answered, what is new is put off with a sentence, and then the process is gone."""
    person, another = scene.operator(), scene.operator()
    with scene.bot() as bot, ThreadPoolExecutor(1) as pool:
        scene.proxy.fail("slow", "GET", person.id, seconds=3)
        running = pool.submit(person.command, "/operator my-stats")
        scene.until_asked("GET", person.id)
        bot.tell()
        bot.wait_for_log("waiting for what runs")
        refused = another.command("/operator my-stats")
        assert (refused.text, refused.ephemeral) == (texts.RESTARTING, True)
        assert running.result().text.startswith("Operator ")
        assert bot.wait() == 0


def test_what_does_not_end_is_told(scene: Scene) -> None:
    """Within the 30 seconds that ECS gives, so that nobody is left with "is thinking…"."""
    person = scene.operator(scene.guardian, approved=True)
    person.patience = 40
    with scene.bot() as bot, ThreadPoolExecutor(1) as pool:
        scene.proxy.fail("slow", "POST", "^/api/validator", seconds=40)
        running = pool.submit(person.command, "/operator add-validator", validator_address=new_address())
        scene.until_asked("POST", "/api/validator")
        begun = time.monotonic()
        bot.tell()
        assert texts.CUT in running.result().text
        assert bot.wait(30) == 0
        assert time.monotonic() - begun < 28


def test_buttons_work_after_a_restart(scene: Scene) -> None:
    """All that a button needs stands in it."""
    person, _ = scene.with_validators(13)
    with scene.bot():
        answer = person.command("/operator my-stats")
        overview = person.command("/operator help")
    with scene.bot():
        turned = person.press(answer, "Next", until=lambda found: found.text != answer.text)
        assert re.search(r"^7\. ", turned.text, re.MULTILINE)
        assert texts.START_TITLE in person.press(overview, "How to start").text


def test_two_processes_on_one_token(scene: Scene) -> None:
    """Each interaction is handled by one of them, also when its acknowledgement goes wrong."""
    moderator = scene.moderator()
    channel = scene.discord.world.add_channel("agora")
    with scene.bot(), scene.bot():
        assert len(scene.discord.gateway.connected) == 2
        for _ in range(8):
            target = scene.operator()
            answer = moderator.command("/mod approve", member=target)
            assert answer.text.startswith("Approved")
            assert len([path for path in scene.proxy.paths("PUT") if target.id in path]) == 1
            assert len([row for row in scene.outbox() if target.id in row.content]) == 1
            scene.person(channel=channel).command("/operator help")
        answers = scene.discord.asked("PATCH", "@original")
        assert len({each.path for each in answers}) == len(answers)


def test_two_processes_offer_choices_once(scene: Scene) -> None:
    """And the one that came second thinks nothing of it."""
    moderator, target = scene.moderator(), scene.operator()
    with scene.bot() as one, scene.bot() as another:
        for _ in range(3):
            assert moderator.autocomplete("/mod info", "operator", target.id) == [target.id]
        assert scene.discord.world.wait_for(lambda: "choices not taken" in one.log + another.log, 5)
        assert '"level":"error"' not in one.log + another.log


@pytest.mark.parametrize("line", ["/phalanx", "/operator advance"])
def test_commands_of_a_newer_version(scene: Scene, line: str) -> None:
    """Registered while an older process still runs: they stay, and who gives one is told to wait."""
    world, person = scene.discord.world, scene.operator()
    known = world.commands[world.guild_id]
    before = copy.deepcopy(known)
    (group,) = [each for each in known if each["name"] == "operator"]
    group["options"].append({"type": 1, "name": "advance", "description": "Forward"})
    known.append({**group, "id": world.new_id(), "name": "phalanx", "options": []})
    try:
        with scene.bot() as bot:
            answer = person.command(line)
            assert answer.text == f"{texts.NOT_DONE}\n{texts.ANOTHER_VERSION}"
            assert answer.acknowledged_after < 2.5
            assert person.command("/operator my-stats").text.startswith("Operator ")
            assert bot.running
        assert scene.discord.asked("PUT", "/commands") == scene.discord.asked("POST", "/commands") == []
        assert [each["name"] for each in known] == [*(each["name"] for each in before), "phalanx"]
    finally:
        known[:] = before


def test_a_newer_version_comes_first(scene: Scene) -> None:
    """What only a newer process knows is left to it, where both run for a moment."""
    world, person = scene.discord.world, scene.operator()
    known = world.commands[world.guild_id]
    for_all = next(each for each in known if each["name"] == "operator")
    known.append({**for_all, "id": world.new_id(), "name": "phalanx", "options": []})
    before = len(world.interactions)
    try:
        with scene.bot() as bot, ThreadPoolExecutor(1) as pool:
            asked = pool.submit(person.command, "/phalanx")
            assert world.wait_for(lambda: len(world.interactions) > before, 5)
            *_, interaction = world.interactions.values()
            answer = {"type": 4, "data": {"content": "Forward!"}}
            url = f"{scene.discord.url}/interactions/{interaction.id}/{interaction.token}/callback"
            httpx.post(url, json=answer).raise_for_status()
            assert asked.result().text == "Forward!"
            bot.wait_for_log("interaction is not ours")
    finally:
        known.pop()


def test_a_process_that_was_suspended(scene: Scene) -> None:
    """What came meanwhile is too old, and has no effect; what comes then is answered."""
    moderator, target = scene.moderator(), scene.operator()
    with scene.bot() as bot:
        bot.tell(signal.SIGSTOP)
        with pytest.raises(NoAnswer):
            moderator.command("/mod approve", member=target)
        bot.tell(signal.SIGCONT)
        bot.wait_for_log("interaction is not ours")
        assert moderator.command("/mod info", member=target).text
        assert scene.record(target)["isApproved"] is False


@pytest.mark.parametrize("fault", ["close", "reconnect", "invalid", "invalid for ever", "away"])
def test_the_gateway_is_lost_in_mid_command(scene: Scene, fault: str) -> None:
    """The command is answered all the same, and the next one too once the bot is back."""
    person, gateway = scene.operator(), scene.discord.gateway
    person.patience = 30
    with scene.bot(), ThreadPoolExecutor(1) as pool:
        scene.proxy.fail("slow", "GET", person.id, seconds=1, times=1)
        running = pool.submit(person.command, "/operator my-stats")
        scene.until_asked("GET", person.id)
        if fault == "away":
            gateway.refuse()
        acts: dict[str, Callable[..., None]] = {
            "reconnect": gateway.ask_to_reconnect,
            "invalid": lambda: gateway.invalidate(resumable=True),
            "invalid for ever": gateway.invalidate,
        }
        acts.get(fault, gateway.close)()
        assert running.result().text.startswith("Operator ")
        gateway.admit()
        gateway.wait()
        assert person.command("/operator my-stats").text.startswith("Operator ")


def test_discord_is_away_at_the_start(scene: Scene) -> None:
    """The bot waits for it, and identifies itself once."""
    scene.discord.fail("unavailable", "GET", "^/users/@me$", times=2)
    scene.discord.fail("dropped", "GET", "^/gateway/bot$", times=1)
    with scene.bot() as bot:
        assert "Discord does not answer" in bot.log
        assert len(scene.discord.gateway.said(Op.IDENTIFY)) == 1


@pytest.mark.parametrize("why", ["token", "starts"])
def test_what_cannot_start_gives_discord_a_rest(scene: Scene, why: str) -> None:
    """It says what to do, keeps still instead of being started over and over, and ends when it is told to."""
    world, wrong = scene.discord.world, {"BOT_TOKEN": "no.such.token"} if why == "token" else {}
    starts_left, world.starts_left = world.starts_left, 0 if why == "starts" else world.starts_left
    told = setup_texts.NOT_KNOWN_TO_DISCORD if why == "token" else "started too often today"
    try:
        with run("sparta.bot", {**scene.environment, **wrong}) as bot:
            bot.wait_for_log(told)
            time.sleep(2)
            assert bot.running
            assert len(scene.discord.asked("GET", "/gateway/bot")) <= 1
            bot.tell()
            assert bot.wait(5) == 1
    finally:
        world.starts_left = starts_left
    assert scene.discord.gateway.said(Op.IDENTIFY) == []


def test_a_token_that_ends_while_it_runs(scene: Scene) -> None:
    """Discord closes with 4004: the log says what to do, and the process keeps still."""
    with scene.bot() as bot:
        scene.discord.gateway.close(4004)
        bot.wait_for_log("refuses the connection (code 4004")
        time.sleep(1)
        assert bot.running
        assert len(scene.discord.gateway.said(Op.IDENTIFY)) == 1
        bot.tell()
        assert bot.wait(5) == 1


def test_settings_that_lack(scene: Scene) -> None:
    """A line for each, and nothing else happens."""
    done = scene.tool("run", GUILD_ID="", BACKEND_API_KEY="", BOT_CLIENT_ID="sparta")
    assert done.returncode == 1
    assert [line.partition(" ")[0] for line in done.stderr.splitlines()] == [
        "BACKEND_API_KEY",
        "BOT_CLIENT_ID",
        "GUILD_ID",
    ]


def test_what_lacks_in_the_set_up_is_logged_at_the_start(scene: Scene) -> None:
    """And the bot works all the same."""
    scene.apprentice.position = 99
    try:
        with scene.bot() as bot:
            bot.wait_for_log("Drag the bot's role above it")
            assert scene.operator().command("/operator my-stats").text
    finally:
        scene.apprentice.position = 1
