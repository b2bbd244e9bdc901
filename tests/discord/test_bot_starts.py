"""How bots of disnake start at the stand-in: well, in vain, twice, and again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.discord.gateway.events import MEMBERS
from tests.discord.gateway.wire import Op
from tests.discord.programs import sample_bot
from tests.discord.server import DiscordStandIn

START: dict[str, Any] = {"address": "0xabc", "block_number": 5}


def test_two_bots_on_one_token(discord: DiscordStandIn) -> None:
    """Both are told; the first to answer wins, and the other is refused."""
    leonidas = discord.people.person("leonidas")
    with sample_bot(discord) as first, sample_bot(discord) as second:
        discord.gateway.wait(sessions=2)
        for program in (first, second):
            program.wait_for_log("ready")
        leonidas.command("/operator start", **START)
        for program in (first, second):
            program.wait_for_log("started")
        assert discord.world.wait_for(lambda: len(discord.asked("POST", "/callback")) == 2, 10)
        assert sorted(each.status for each in discord.asked("POST", "/callback")) == [204, 400]
        assert discord.world.wait_for(lambda: "refused 400 40060" in first.log + second.log, 10)
    assert discord.violations == []


def test_a_second_start_finds_its_commands_known(discord: DiscordStandIn) -> None:
    """In the guild or everywhere: what is kept is what the bot made known, so it does not do so again."""
    for scope in ({}, {"SAMPLE_EVERYWHERE": "1"}):
        for starts in (1, 2):
            with sample_bot(discord, **scope) as program:
                program.wait_for_log("ready")
            assert len(discord.gateway.said(Op.IDENTIFY)) == (2 if scope else 0) + starts
        assert len(discord.asked("PUT", "/commands")) == (2 if scope else 1)
    assert discord.violations == []


def test_without_compression(discord: DiscordStandIn) -> None:
    """And with the members, who are told to a bot that may have them."""
    discord.world.intents = MEMBERS
    leonidas = discord.people.person("leonidas")
    with sample_bot(discord, SAMPLE_PLAIN="1", SAMPLE_MEMBERS="1") as program:
        program.wait_for_log("ready")
        assert leonidas.command("/operator start", **START).text == "Registered\n0xabc 5"
    assert discord.violations == []


@pytest.mark.parametrize(
    ("variables", "starts_left", "why"),
    [
        ({"BOT_TOKEN": "wrong"}, 1000, "LoginFailure: Improper token has been passed."),
        ({"SAMPLE_MEMBERS": "1"}, 1000, "PrivilegedIntentsRequired"),
        ({}, 0, "SessionStartLimitReached"),
    ],
)
def test_a_start_in_vain(discord: DiscordStandIn, variables: dict[str, str], starts_left: int, why: str) -> None:
    """A wrong token, an intent that was not granted, no start left today: the bot ends, and says why."""
    discord.world.starts_left = starts_left
    with sample_bot(discord, **variables) as program:
        assert program.wait() == 1
        assert why in program.log
    assert discord.gateway.sessions == {}
    assert discord.violations == []


def test_heartbeats_that_are_not_acknowledged(discord: DiscordStandIn) -> None:
    """The bot takes the connection for dead, and resumes on another."""
    discord.gateway.heartbeat_seconds = 1
    with sample_bot(discord, SAMPLE_HEARTBEAT_TIMEOUT="1.5") as program:
        program.wait_for_log("ready")
        discord.gateway.acknowledges = False
        assert discord.world.wait_for(lambda: bool(discord.gateway.said(Op.RESUME)), 20), program.log
        assert "Timed out receiving packet" in program.log or "has stopped responding" in program.log
    assert discord.violations == []
