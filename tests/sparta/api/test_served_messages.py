"""What the API accepts arrives, through gunicorn and Discord's own way of speaking."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from scripts.devnet.network import Devnet
from tests.discord.server import DiscordStandIn
from tests.discord.world import World
from tests.sparta.api.client import Served

SOON = 20.0
WALLET = "0x00000000000000000000000000000000000a11ce"


@pytest.fixture
def discord() -> Iterator[DiscordStandIn]:
    """A guild with a channel for operators and one for moderators."""
    with DiscordStandIn(World()) as server:
        server.world.add_channel("operators")
        server.world.add_channel("moderators")
        yield server
    assert server.violations == []


@pytest.fixture
def api(net: Devnet, discord: DiscordStandIn) -> Iterator[Served]:
    """Served with the token of that guild's bot."""
    world = discord.world
    channel = next(each for each in world.channels.values() if each.name == "operators")
    with Served(
        {
            **net.env,
            "DISCORD_API_URL": discord.url,
            "BOT_TOKEN": world.token,
            "BOT_CLIENT_ID": world.bot.id,
            "GUILD_ID": world.guild_id,
            "CHANNEL_OPERATORS_ID": channel.id,
        }
    ) as served:
        yield served


def comes(condition: Callable[[], bool]) -> bool:
    """Whether it becomes true soon."""
    until = time.monotonic() + SOON
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_messages_arrive_soon_and_once(api: Served, discord: DiscordStandIn) -> None:
    """The operator's in a private thread, with a mention; the moderators' in their channel; asked for twice with one
    key, written once."""
    world = discord.world
    leonidas = world.add_user("leonidas")
    registered = api.call(
        "POST", "/api/operator", discordId=leonidas.id, walletAddress=WALLET, discordUsername="leonidas"
    )
    assert registered.status == 201
    moderators = next(each for each in world.channels.values() if each.name == "moderators")
    for text in ("Your node is behind.", "Stand ready."):
        assert api.call("POST", "/api/operator/message", {"message": text}, discordId=leonidas.id).status == 200
    body = {"message": "Leonidas was told.", "channelId": moderators.id}
    assert api.call("POST", "/api/moderator/message", body).status == 200
    assert comes(lambda: len(world.messages) >= 3), api.log
    time.sleep(1)
    assert sorted(each.content.partition(" ")[2] or each.content for each in world.messages) == sorted(
        ["Your node is behind.", "Stand ready.", "was told."]
    )
    (thread,) = world.threads
    assert leonidas.id in thread.members
    mentions = [each.content for each in world.messages if each.channel_id == thread.id]
    assert all(f"<@{leonidas.id}>" in each for each in mentions)
    assert world.token not in api.log


def test_a_wrong_token_is_noted_and_nothing_is_lost(api: Served, discord: DiscordStandIn) -> None:
    """Accepted all the same; it waits, and goes out when Discord takes the token again."""
    world = discord.world
    token, world.token = world.token, "another"
    moderators = next(each for each in world.channels.values() if each.name == "moderators")
    body = {"message": "Is anybody there?", "channelId": moderators.id}
    assert api.call("POST", "/api/moderator/message", body).status == 200
    assert comes(lambda: "sending stopped" in api.log)
    assert world.messages == []
    world.token = token
    assert api.call("POST", "/api/moderator/message", {**body, "message": "Again."}).status == 200
    assert comes(lambda: len(world.messages) == 2), api.log
