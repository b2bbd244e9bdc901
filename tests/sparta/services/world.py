"""A desk at which messages are handed in and delivered, and a look at what arrived."""

from __future__ import annotations

import re
from collections import Counter

from pydantic import SecretStr

from sparta.models import Sending
from sparta.notify.discord import Connection, Discord
from sparta.notify.rest import Deadline
from sparta.services.delivery import GuildIds, Report, deliver
from sparta.settings import Tables
from sparta.stores import Stores
from sparta.stores.alerts import Alerts
from sparta.stores.table import Table
from tests.discord.server import DiscordStandIn
from tests.discord.world import Channel
from tests.sparta.stores.world import Ticks

RUN_SECONDS = 20.0
FAR = 2**53
"""A time by which all is due."""


class Desk:
    """Over real stores and a stand-in Discord that share a clock."""

    def __init__(self, stores: Stores, settings: Tables, stand_in: DiscordStandIn, clock: Ticks) -> None:
        self.stores = stores
        self.settings = settings
        self.stand_in = stand_in
        self.world = stand_in.world
        self.clock = clock
        self.operators = self.world.add_channel("operators")
        self.moderators = self.world.add_channel("moderators")
        self.guild = GuildIds(self.world.guild_id, self.operators.id)
        self.connection = Connection(stand_in.url, SecretStr(self.world.token))

    def close(self) -> None:
        self.connection.close()

    def renew(self) -> None:
        """Another process: a connection that remembers nothing, with the token that is good now."""
        self.connection.close()
        self.connection = Connection(self.stand_in.url, SecretStr(self.world.token))

    def revoke(self) -> None:
        """The token that we have is good no longer."""
        self.world.token += "-renewed"

    def to_operator(self, key: str, user_id: str, content: str = "Hold.", **details: str) -> Sending:
        """Hand in a message to an operator."""
        return self._add(
            Sending(key=key, route="operator", target=user_id, content=content, details=details, **self._now())
        )

    def to_channel(self, key: str, channel_id: str, content: str = "Hold.") -> Sending:
        """Hand in a message to a channel."""
        return self._add(Sending(key=key, route="channel", target=channel_id, content=content, **self._now()))

    def discord(self, seconds: float = RUN_SECONDS) -> Discord:
        """For one run, which counts its pauses and does not make them."""
        return self.connection.run(seconds, lambda given: Deadline(given, sleep=lambda _: None))

    def deliver(self, seconds: float = RUN_SECONDS) -> Report:
        """One run."""
        stores = self.stores
        return deliver(stores.alerts, stores.conversations, stores.config, self.discord(seconds), self.guild)

    def later(self, seconds: float = 4000) -> Report:
        """A run after all that was put off is due, and Discord has forgotten all nonces."""
        self.clock.forward(seconds)
        return self.deliver()

    def stored(self, key: str) -> Sending:
        """A message as it stands in the outbox."""
        found = self.stores.alerts.get(key)
        assert found
        return found

    def waiting(self) -> list[Sending]:
        """All that waits, whenever it is due, the soonest first."""
        alerts = Alerts(Table(self.stores.config_table.database, self.settings.table_name("alerts")), lambda: FAR)
        return alerts.due(1000)

    def contents(self, channel: Channel | None = None) -> list[str]:
        """What stands in a channel, or anywhere, in order."""
        return [each.content for each in self.world.messages if channel is None or each.channel_id == channel.id]

    def arrived(self) -> Counter[tuple[str, str]]:
        """How often each text stands in each place, with people's names for their ids: comparable between worlds."""
        return Counter((self._place(each.channel_id), self._named(each.content)) for each in self.world.messages)

    def threads(self) -> list[tuple[str, list[str]]]:
        """Names of the threads and of those in them besides the bot."""
        return sorted((thread.name, self._others(thread)) for thread in self.world.threads)

    def _place(self, channel_id: str) -> str:
        channel = self.world.channels[channel_id]
        return f"{channel.type} {channel.name} {self._others(channel)}"

    def _others(self, channel: Channel) -> list[str]:
        ids = (set(channel.members) | set(channel.recipients)) - {self.world.bot.id}
        return sorted(self.world.users[each].username for each in ids)

    def _named(self, content: str) -> str:
        return re.sub(r"<@([0-9]+)>", lambda found: f"@{self.world.users[found[1]].username}", content)

    def _add(self, message: Sending) -> Sending:
        assert self.stores.alerts.add(message)
        return message

    def _now(self) -> dict[str, int]:
        time = self.clock()
        return {"created_at": time, "updated_at": time}
