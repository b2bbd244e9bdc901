"""Trouble on demand, each kind once, and what disnake makes of it in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.discord.gateway.wire import Op
from tests.discord.people import NoAnswer, Person
from tests.discord.programs import Program, sample_bot
from tests.discord.server import DiscordStandIn
from tests.discord.world import MovingClock, World

START: dict[str, Any] = {"address": "0xabc", "block_number": 5}
CALLBACK, HOOK = r"^/interactions/", r"^/webhooks/"


@pytest.fixture(scope="module")
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture(scope="module")
def running(clock: MovingClock) -> Iterator[tuple[DiscordStandIn, Program]]:
    """One bot for all trouble that a bot survives; its heart beats quickly."""
    with DiscordStandIn(World(clock)) as stand_in:
        stand_in.gateway.heartbeat_seconds = 0.8
        with sample_bot(stand_in) as program:
            program.wait_for_log("ready")
            assert stand_in.world.wait_for(lambda: bool(stand_in.world.commands), 30)
            yield stand_in, program


@pytest.fixture
def bot(running: tuple[DiscordStandIn, Program]) -> Program:
    return running[1]


@pytest.fixture
def discord(running: tuple[DiscordStandIn, Program]) -> Iterator[DiscordStandIn]:
    """Each test leaves it whole, and a bot that works."""
    stand_in = running[0]
    stand_in.gateway.wait()
    yield stand_in
    stand_in.heal()
    stand_in.gateway.wait()
    found, stand_in.violations[:] = list(stand_in.violations), []
    assert found == []
    assert stand_in.people.person("leonidas").command("/operator start", **START).ephemeral


@pytest.fixture
def leonidas(discord: DiscordStandIn) -> Person:
    return discord.people.person("leonidas")


def counted(discord: DiscordStandIn, op: Op) -> int:
    return len(discord.gateway.said(op))


def wait_for(discord: DiscordStandIn, op: Op, count: int) -> None:
    assert discord.world.wait_for(lambda: counted(discord, op) >= count, 20), discord.gateway.heard[-10:]
    discord.gateway.wait()


@pytest.mark.parametrize("kind", ["limited", "limited-globally"])
@pytest.mark.parametrize(("method", "path"), [("POST", CALLBACK), ("PATCH", HOOK)])
def test_limits_are_waited_for(discord: DiscordStandIn, leonidas: Person, kind: str, method: str, path: str) -> None:
    """Of one bucket or of all: the bot asks again when it may, and the person gets their answer."""
    discord.fail(kind, method, path, times=1, seconds=0.3)
    answer = leonidas.command("/operator start", **START)
    assert answer.text == "Registered\n0xabc 5"
    assert answer.done_after >= 0.3


def test_a_ban_is_not(discord: DiscordStandIn, leonidas: Person, bot: Program) -> None:
    """The wall before Discord answers without ``Via``, and the bot gives up."""
    discord.fail("cloudflare", "PATCH", HOOK, times=1)
    leonidas.patience = 0.5
    with pytest.raises(NoAnswer, match="the bot is thinking"):
        leonidas.command("/operator start", **START)
    bot.wait_for_log("refused 429 0")


@pytest.mark.parametrize("kind", ["error", "unavailable", "error-after"])
def test_errors_are_tried_again(discord: DiscordStandIn, leonidas: Person, kind: str) -> None:
    """Whether the edit was done or not: it can be done twice."""
    discord.fail(kind, "PATCH", HOOK, times=1)
    edits = 2 if kind == "error-after" else 1
    answer = leonidas.command("/operator start", until=lambda seen: seen.interaction.changes == edits, **START)
    assert answer.text == "Registered\n0xabc 5"


def test_an_answer_that_is_lost(discord: DiscordStandIn, leonidas: Person, bot: Program) -> None:
    """The person sees it; the bot does not know."""
    discord.fail("lost", "POST", CALLBACK, times=1)
    assert leonidas.command("/eat", fruit="fig").content == "fig False"
    bot.wait_for_log("ServerDisconnectedError")


def test_a_connection_that_is_closed(discord: DiscordStandIn, leonidas: Person) -> None:
    """The bot resumes, and what people did meanwhile is told again."""
    resumed, identified = counted(discord, Op.RESUME), counted(discord, Op.IDENTIFY)
    discord.gateway.close(4000)
    assert leonidas.command("/operator start", **START).ephemeral
    wait_for(discord, Op.RESUME, resumed + 1)
    assert counted(discord, Op.IDENTIFY) == identified


def test_an_order_to_come_again(discord: DiscordStandIn) -> None:
    """Op 7: the bot resumes."""
    resumed = counted(discord, Op.RESUME)
    discord.gateway.ask_to_reconnect()
    wait_for(discord, Op.RESUME, resumed + 1)


def test_a_session_that_may_be_resumed(discord: DiscordStandIn) -> None:
    """Op 9 with true."""
    resumed = counted(discord, Op.RESUME)
    discord.gateway.invalidate(resumable=True)
    wait_for(discord, Op.RESUME, resumed + 1)


def test_a_session_that_is_invalid(discord: DiscordStandIn) -> None:
    """Op 9 with false: the bot begins anew, and does not make its commands known again."""
    identified, made_known = counted(discord, Op.IDENTIFY), len(discord.asked("PUT", "/commands"))
    discord.gateway.invalidate()
    wait_for(discord, Op.IDENTIFY, identified + 1)
    assert len(discord.asked("PUT", "/commands")) == made_known


def test_a_gateway_that_is_away(discord: DiscordStandIn, bot: Program) -> None:
    """Nobody listens: the bot tries until somebody does, and begins anew."""
    identified = counted(discord, Op.IDENTIFY)
    discord.gateway.refuse()
    discord.gateway.close(4000)
    bot.wait_for_log("Attempting a reconnect in")
    discord.gateway.admit()
    wait_for(discord, Op.IDENTIFY, identified + 1)


def test_a_bot_that_blocks(discord: DiscordStandIn, leonidas: Person, bot: Program) -> None:
    """Its heart stops with it: the gateway drops it, and it resumes."""
    resumed = counted(discord, Op.RESUME)
    assert leonidas.command("/slow", seconds=2.0, block=True).content == "at last"
    assert "a bot's heart stopped" in discord.gateway.notes
    wait_for(discord, Op.RESUME, resumed + 1)
    assert bot.running


def test_an_acknowledgement_that_is_late(
    discord: DiscordStandIn, leonidas: Person, bot: Program, clock: MovingClock
) -> None:
    """After three seconds the person has no answer, and the bot is refused."""
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(leonidas.command, "/slow", seconds=1.0)
        assert discord.world.wait_for(lambda: newest(discord) == "slow", 10)
        clock.forward(3.1)
        with pytest.raises(NoAnswer, match="did not respond"):
            answer.result(10)
    bot.wait_for_log("InteractionTimedOut: Interaction took more than 3 seconds")


def test_an_answer_after_fifteen_minutes(leonidas: Person, bot: Program, clock: MovingClock) -> None:
    """The token has expired while the bot worked."""
    leonidas.patience = 1
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(leonidas.command, "/work", seconds=0.5)
        bot.wait_for_log("working")
        clock.forward(15 * 60)
        with pytest.raises(NoAnswer, match="the bot is thinking"):
            answer.result(10)
    bot.wait_for_log("refused 401 50027")


def test_a_message_that_cannot_be(discord: DiscordStandIn, leonidas: Person, bot: Program, clock: MovingClock) -> None:
    """2000 characters are the most."""
    assert len(leonidas.command("/wrong", length=2000).content) == 2000
    with ThreadPoolExecutor() as pool:
        answer = pool.submit(leonidas.command, "/wrong", length=2001)
        bot.wait_for_log("refused 400 50035")
        clock.forward(3.1)
        with pytest.raises(NoAnswer):
            answer.result(10)
    assert "is too long" in discord.violations.pop()


def newest(discord: DiscordStandIn) -> str:
    interactions = list(discord.world.interactions.values())
    return str(interactions[-1].data.get("name")) if interactions else ""
