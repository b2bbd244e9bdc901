"""What people read: within Discord's limits, uncut, and every command in its overview."""

from __future__ import annotations

import re

import pytest

from sparta.bot import guides, preferences, setup_texts, texts
from sparta.bot.embeds import clip, plain
from sparta.bot.replies import Reply
from sparta.models import Preferences
from tests.sparta.bot.scene import Scene

EXPLAINED = [guides.overview(), guides.start_help(), guides.readiness_help(), guides.moderators_overview()]


def words(reply: Reply) -> str:
    """All of an embed."""
    fields = [f"{field.name}\n{field.value}" for field in reply.embed.fields]
    return "\n".join(filter(None, [reply.embed.title, reply.embed.description, *fields]))


@pytest.mark.parametrize("reply", EXPLAINED)
def test_nothing_that_explains_is_cut(reply: Reply) -> None:
    """And it fits into a message."""
    assert "…" not in words(reply)
    assert len(reply.embed) <= 6000
    assert len(reply.embed.fields) <= 25


def test_each_command_is_in_an_overview(guild: Scene) -> None:
    """Under the name by which it is called; and no overview promises one that there is not."""
    commands = {
        f"/{command['name']} {option['name']}"
        for command in guild.discord.world.commands[guild.discord.world.guild_id]
        for option in command["options"]
    }
    told = {name for name, _ in (*texts.HELP, *texts.MOD_HELP)}
    assert commands - told == {"/operator help", "/mod help"}
    assert told <= commands


def test_each_command_that_a_text_names_exists(guild: Scene) -> None:
    """Whoever does what they are told gets somewhere."""
    scope = guild.discord.world.commands[guild.discord.world.guild_id]
    commands = {f"/{each['name']} {option['name']}" for each in scope for option in each["options"]}
    written = "\n".join(str(value) for value in vars(texts).values()) + "\n".join(map(words, EXPLAINED))
    named = set(re.findall(r"/(?:operator|mod|aztec) [a-z][a-z-]+", written))
    assert named
    assert named <= commands


def test_sentences_end() -> None:
    """Each is a whole one: what people read says what to do next."""
    for module in (texts, setup_texts):
        for name, value in vars(module).items():
            if name.isupper() and isinstance(value, str) and len(value) > 80:
                assert value.endswith((".", "`", "yourself.")), name


def test_names_that_people_chose_do_nothing() -> None:
    """No mention, no formatting, no link text."""
    assert plain("@everyone **x** `y` _z_") == "@\u200beveryone \\*\\*x\\*\\* \\`y\\` \\_z\\_"
    assert clip("x" * 20, 10) == "x" * 9 + "…"


def test_a_silence_that_is_over_is_none() -> None:
    """The stored time stays; what people read is what holds now."""
    assert preferences.muted(Preferences(muted_until=1000)) == "no"
    assert preferences.muted(Preferences(muted_until=4_000_000_000_000)).startswith("until <t:4000000000:f>")
