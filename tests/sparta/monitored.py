"""What the monitor is run over as a whole: the local network, and a guild with the two channels it writes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from scripts.devnet.network import Devnet
from sparta.settings import Part, load
from sparta.stores import Stores, open_stores
from sparta.stores.database import connect
from tests.discord.server import DiscordStandIn
from tests.discord.world import World, wall_clock


@contextmanager
def guild(clock: Callable[[], int] = wall_clock) -> Iterator[DiscordStandIn]:
    """A Discord in no hurry; nothing may be asked of it that Discord does not know."""
    with DiscordStandIn(World(clock)) as server:
        server.limits.rates.clear()
        server.world.add_channel("operators")
        server.world.add_channel("moderators")
        yield server
    assert server.violations == []


def environment(net: Devnet, discord: DiscordStandIn) -> dict[str, str]:
    """The monitor's variables, the secrets directly."""
    world = discord.world
    channels = {channel.name: channel.id for channel in world.channels.values()}
    return net.env | {
        "DISCORD_API_URL": discord.url,
        "BOT_TOKEN": world.token,
        "BOT_CLIENT_ID": world.bot.id,
        "GUILD_ID": world.guild_id,
        "CHANNEL_OPERATORS_ID": channels["operators"],
        "CHANNEL_MODERATORS_ID": channels["moderators"],
    }


def open_tables(variables: dict[str, str]) -> Stores:
    """A look at the same tables."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        settings = load(Part.STORES, env_file=None)
        return open_stores(connect(settings), settings)


def register(stores: Stores, discord: DiscordStandIn, name: str, *attesters: str) -> str:
    """A member of the guild who is an approved operator with these validators; the member's id."""
    user = discord.world.add_user(name)
    stores.operators.create(user.id, f"0x{int(user.id):040x}", name)
    stores.operators.approve(user.id, approved=True)
    for each in attesters:
        stores.validators.register(each, user.id, is_active=True)
    return user.id


def told(discord: DiscordStandIn, name: str) -> list[str]:
    """What a person read in private, or stands in a channel of that name."""
    world = discord.world
    places = [
        channel
        for channel in world.channels.values()
        if (channel.name == name and not channel.is_thread)
        or any(world.users[member].username == name for member in channel.members)
    ]
    return [message.content for channel in places for message in channel.messages]
