"""People and a bot: what they type, press and see, with disnake in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.discord.console import Console
from tests.discord.people import Impossible, NoAnswer, Person
from tests.discord.permissions import bits
from tests.discord.programs import sample_bot
from tests.discord.server import DiscordStandIn
from tests.discord.world import PRIVATE_THREAD, Channel


@pytest.fixture(scope="module")
def running() -> Iterator[DiscordStandIn]:
    """One bot for all of these tests: each uses people of its own."""
    with DiscordStandIn() as stand_in, sample_bot(stand_in):
        assert stand_in.world.wait_for(lambda: bool(stand_in.world.commands), 30)
        yield stand_in


@pytest.fixture
def discord(running: DiscordStandIn) -> Iterator[DiscordStandIn]:
    """Whatever people do, nothing said on the way contradicts Discord's types."""
    yield running
    assert running.violations == []


@pytest.fixture
def channel(discord: DiscordStandIn) -> Channel:
    return discord.world.add_channel("operators")


@pytest.fixture
def leonidas(discord: DiscordStandIn, channel: Channel) -> Person:
    return discord.people.person("leonidas", channel=channel)


def test_a_command_is_answered(leonidas: Person, channel: Channel) -> None:
    """From the command line, with its options, to the last edit; what is ephemeral stands in no channel."""
    answer = leonidas.command("/operator start", address="0xabc", block_number=5)
    assert (answer.text, answer.ephemeral) == ("Registered\n0xabc 5", True)
    assert 0 <= answer.acknowledged_after <= answer.done_after < 3
    assert channel.messages == []


@pytest.mark.parametrize(
    ("line", "options", "why"),
    [
        ("/nothing", {}, "there is no /nothing"),
        ("/operator", {}, "needs one more word"),
        ("/operator stop", {}, "has no stop"),
        ("/operator start", {"address": "0xabc"}, "block-number is required"),
        ("/operator start", {"address": "0x", "block_number": 1}, "address must be between 3 and 42"),
        ("/operator start", {"address": "0xabc", "block_number": -1}, "block-number must be between 0"),
        ("/operator start", {"address": "0xabc", "block_number": "1"}, "block-number cannot be '1'"),
        ("/operator start", {"address": "0xabc", "block_number": 1, "proof": "p"}, "has no proof"),
        ("/approve", {}, "hidden from leonidas"),
    ],
)
def test_what_cannot_be_typed(leonidas: Person, line: str, options: dict[str, Any], why: str) -> None:
    """Discord's window stops it, so the bot is never asked."""
    leonidas.patience = 0.1
    with pytest.raises(Impossible, match=why):
        leonidas.command(line, **options)


def test_a_moderator_gives_a_role(discord: DiscordStandIn, channel: Channel) -> None:
    """The bot is told who the member is; the role, the letter and the thread are there afterwards."""
    world = discord.world
    moderators = world.add_role("moderators", permissions=bits(["MANAGE_ROLES"]))
    guardian, hoplite = world.add_role("guardian"), world.add_role("hoplite")
    gorgo = discord.people.person("gorgo", roles=[moderators], channel=channel)
    recruit = discord.people.person("recruit", roles=["hoplite"])
    answer = gorgo.command("/approve", member=recruit, role=guardian)
    assert answer.content == f"{recruit.mention} ['@everyone', 'guardian', 'hoplite'] True"
    assert recruit.roles == {"guardian", hoplite.name}
    assert recruit.letters == ["You are guardian now"]
    letter = next(each for each in world.messages if each.content == recruit.letters[0])
    assert recruit.press(letter, "Thanks").content == "updated by recruit"
    thread = world.threads[-1]
    assert (thread.name, thread.type, recruit.id in thread.members) == ("recruit", PRIVATE_THREAD, True)


def test_somebody_who_left(discord: DiscordStandIn, channel: Channel) -> None:
    """Can still be named: as a person, though no longer as a member."""
    gorgo = discord.people.person("gorgo", channel=channel)
    left = discord.people.person("left")
    assert gorgo.command("/whois", user=left).content == "left, a member"
    discord.world.leave(left.member.user)
    assert gorgo.command("/whois", user=left).content == "left, a stranger"
    assert gorgo.command("/whois", user=left.member.user).content == "left, a stranger"


def test_a_role_above_the_bots_is_refused(discord: DiscordStandIn, channel: Channel) -> None:
    """The bot keeps thinking, for it does not catch what Discord refuses."""
    king = discord.world.add_role("king", position=60, permissions=bits(["ADMINISTRATOR"]))
    xerxes = discord.people.person("xerxes", roles=[king], channel=channel)
    xerxes.patience = 0.5
    with pytest.raises(NoAnswer, match="xerxes still sees: that the bot is thinking"):
        xerxes.command("/approve", member=xerxes, role=king)
    assert discord.asked("PUT", f"/roles/{king.id}")[-1].status == 403


def test_buttons(leonidas: Person, channel: Channel) -> None:
    """One changes the message at once, one later, one brings another; links, what is off and what is gone cannot."""
    answer = leonidas.command("/operator help")
    assert answer.buttons == ["Update", "Later", "New", "Docs"]
    assert [each.content for each in channel.messages] == ["press"]
    assert leonidas.press(answer, "Update").content == "updated by leonidas"
    assert leonidas.press(channel.messages[0], "new").content == "a new one"
    for button in ("Docs", "Off"):
        with pytest.raises(Impossible):
            leonidas.press(answer, button)
    later = leonidas.press(answer, "later")
    assert (later.content, later.components) == ("updated later", [])
    with pytest.raises(Impossible):
        leonidas.press(later, "later")
    assert [each.content for each in channel.messages] == ["updated later"]


def test_menus(leonidas: Person) -> None:
    """As many as the menu takes, of what is in it."""
    answer = leonidas.command("/operator help")
    for choice in (["apple", "apricot", "fig"], ["pear"], []):
        with pytest.raises(Impossible):
            leonidas.choose(answer, "fruit", *choice)
    assert leonidas.choose(answer, "fruit", "apple", "fig").content == "apple and fig"


def test_autocomplete(leonidas: Person) -> None:
    """What is suggested for the beginning of a value, by the command or not at all."""
    assert leonidas.autocomplete("/eat", "fruit", "ap", much=True) == ["apple", "apricot"]
    assert leonidas.command("/eat", fruit="anything", much=True).content == "anything True"
    with pytest.raises(Impossible, match="much suggests nothing"):
        leonidas.autocomplete("/eat", "much", "t")


def test_a_form(leonidas: Person) -> None:
    """Filled in as it demands, it is answered."""
    answer = leonidas.command("/form")
    assert answer.form is not None
    assert answer.form["title"] == "Register"
    with pytest.raises(Impossible, match="address cannot be ''"):
        leonidas.submit(answer, address="")
    assert leonidas.submit(answer, address="0xabc").content == "got 0xabc"


def test_files(leonidas: Person) -> None:
    """A picture hangs on the answer with its name, its bytes and what it shows."""
    file = leonidas.command("/picture").attachments[0]
    assert (file.filename, file.content, file.description) == ("history.png", b"\x89PNG", "what was")
    assert file.content_type == "image/png"


def test_further_messages(leonidas: Person) -> None:
    """The first takes the place of "is thinking" and is as private as that was; one deleted is not seen."""
    answer = leonidas.command("/several")
    assert [(each.content, each.ephemeral) for each in answer.messages] == [("first, edited", True), ("third", True)]
    assert (answer.content, len(answer.interaction.followups)) == ("third", 2)


def test_a_bot_that_thinks_for_ever(leonidas: Person) -> None:
    """Is no answer, and the test is told what the person sees."""
    leonidas.patience = 0.3
    with pytest.raises(NoAnswer, match="leonidas still sees: that the bot is thinking"):
        leonidas.command("/think")


def test_an_answer_as_it_should_be(leonidas: Person) -> None:
    """Whoever knows how the answer ends waits for that, and is told what stands there instead."""
    answer = leonidas.command("/work", seconds=0.2, until=lambda answer: answer.content == "worked")
    assert answer.done_after >= 0.2
    leonidas.patience = 1
    with pytest.raises(NoAnswer, match="leonidas still sees: worked"):
        leonidas.command("/work", seconds=0.1, until=lambda answer: answer.content == "never")


def test_people_at_a_keyboard(discord: DiscordStandIn, channel: Channel) -> None:
    """What is typed is done, with values as the command wants them; what cannot be is said."""
    console = Console(discord)
    moderators = discord.world.add_role("ephors", permissions=bits(["MANAGE_ROLES"]))
    discord.world.add_role("spartiate")
    discord.people.person("chilon", roles=[moderators], channel=channel)

    def told(line: str) -> Any:
        return json.loads(console.do(line))

    answer = told("gorgo /operator start address=0xabc block-number=5")
    assert answer["messages"] == [{"text": "Registered\n0xabc 5", "buttons": [], "files": [], "ephemeral": True}]
    assert told("gorgo /eat fruit='two figs' much=true")["messages"][0]["text"] == "two figs True"
    assert "spartiate" in told("chilon /approve member=gorgo role=spartiate")["messages"][0]["text"]
    assert told("gorgo /picture")["messages"][0]["files"] == ["history.png"]
    assert told("gorgo /form") == {"form": "Register"}
    assert told("gorgo /operator help")["messages"][0]["buttons"] == ["Update", "Later", "New", "Docs"]
    assert told("gorgo press Update")["messages"][0]["text"] == "updated by gorgo"
    assert told("chilon /approve member=gorgo role=persian") == {"problem": "there is no persian"}
    for line in ("gorgo", "gorgo press Nothing", "gorgo /operator start", "gorgo /operator start block-number=x", "'"):
        assert told(line).keys() == {"problem"}, line
