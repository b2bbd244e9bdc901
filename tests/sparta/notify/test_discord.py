"""What Sparta asks of Discord, asked of the stand-in."""

from __future__ import annotations

import itertools

import pytest

from sparta.notify.discord import NONCE_LENGTH, Discord, nonce
from sparta.notify.failures import Refused
from tests.discord.server import DiscordStandIn


def test_who_is_a_member(stand_in: DiscordStandIn, discord: Discord) -> None:
    """By username; nobody for who left, and for who never was."""
    world = stand_in.world
    gorgo, stranger = world.add_user("gorgo"), world.add_user("stranger", member=False)
    names = [discord.member_name(world.guild_id, each) for each in (gorgo.id, stranger.id, "1")]
    assert names == ["gorgo", None, None]
    assert discord.me() == world.bot.id
    with pytest.raises(Refused, match="10004"):
        discord.member_name("1", gorgo.id)


def test_a_message_notifies_one_person(stand_in: DiscordStandIn, discord: Discord) -> None:
    """Or none; whoever else is mentioned in its text."""
    world = stand_in.world
    gorgo, leonidas = world.add_user("gorgo").id, world.add_user("leonidas").id
    channel, content = world.add_channel("operators").id, f"@everyone <@{gorgo}> <@{leonidas}>"
    discord.post(channel, content, nonce="1", mentioned=gorgo)
    discord.post(channel, content, nonce="2")
    assert [message.pings for message in world.messages] == [{gorgo}, set()]


def test_a_message_that_was_deleted_is_not_written_again(stand_in: DiscordStandIn, discord: Discord) -> None:
    """Its nonce still stands for it."""
    channel = stand_in.world.add_channel("operators").id
    assert discord.post(channel, "x", nonce="1")
    stand_in.world.messages[0].deleted = True
    assert discord.post(channel, "x", nonce="1") is None


def test_history_from_a_time_on(stand_in: DiscordStandIn, discord: Discord) -> None:
    """All of it, however many pages, the oldest first; nothing from before."""
    world = stand_in.world
    stand_in.limits.rates.clear()
    times = itertools.count(world.clock(), 1000)
    world.clock = lambda: next(times)
    channel = world.add_channel("operators").id
    posted = [discord.post(channel, str(number), nonce=f"n{number}") for number in range(205)]
    middle = world.messages[2].created_at
    found = [written.id for written in discord.history(channel, middle)]
    assert found == posted[3:]
    assert [written.content for written in discord.history(channel, 0)] == [str(number) for number in range(205)]


def test_a_private_thread(stand_in: DiscordStandIn, discord: Discord) -> None:
    """Only the bot lets people in; it is found while it is open, and letting somebody in opens it."""
    world = stand_in.world
    gorgo, parent = world.add_user("gorgo").id, world.add_channel("operators").id
    thread_id = discord.make_thread(parent, "alerts")
    (thread,) = discord.private_threads(world.guild_id)
    assert thread == (thread_id, "alerts", parent, world.bot.id)
    made = world.channels[thread_id]
    assert not made.invitable
    made.archived = True
    assert discord.private_threads(world.guild_id) == []
    discord.join(thread_id, gorgo)
    assert (made.archived, set(made.members)) == (False, {world.bot.id, gorgo})


def test_direct_messages(stand_in: DiscordStandIn, discord: Discord) -> None:
    """A refusal carries Discord's code."""
    closed = stand_in.world.add_user("xerxes", accepts_dms=False).id
    channel = discord.open_dm(closed)
    assert channel == discord.open_dm(closed)
    with pytest.raises(Refused) as caught:
        discord.post(channel, "x", nonce="1")
    assert (caught.value.status, caught.value.code, caught.value.of_content) == (403, 50007, False)


def test_nonces() -> None:
    """The same for the same page of the same message in the same channel, another otherwise; not too long."""
    same = {nonce("digest/1", "7") for _ in range(3)}
    others = {nonce("digest/2", "7"), nonce("digest/1", "8"), nonce("digest/1", "7", 1)}
    assert len(same) == 1
    assert len(same | others) == 4
    assert {len(each) for each in same | others} == {NONCE_LENGTH}
