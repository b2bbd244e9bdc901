"""A guild with its people, the API on the local network, and the bot between them as a process of its own."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts.devnet.network import Devnet
from sparta import secret_store
from sparta.addresses import checksum_address
from sparta.bot import sync
from sparta.bot.__main__ import commands
from sparta.models import Sending
from sparta.secret_store import ApiKeys, SecretStore
from sparta.settings import BotSettings, Tables
from sparta.stores import open_stores
from sparta.stores.database import connect
from tests.discord.people import Person
from tests.discord.permissions import bits
from tests.discord.programs import Program, run
from tests.discord.server import DiscordStandIn
from tests.discord.world import Channel, Role
from tests.sparta.api.client import REPOSITORY, Served
from tests.sparta.bot.proxy import ApiProxy

START_SECONDS = 30.0
_NUMBERS = itertools.count(1)


def new_address() -> str:
    """One that nobody else has."""
    return checksum_address("0x" + hashlib.sha256(str(next(_NUMBERS)).encode()).hexdigest()[:40])


class Scene:
    """``person`` and the like make people that no other test has."""

    def __init__(self, net: Devnet, api: Served, discord: DiscordStandIn, proxy: ApiProxy, home: Path) -> None:
        self.net = net
        self.api = api
        self.discord = discord
        self.proxy = proxy
        self.home = home
        tables = Tables.model_validate({"aws_endpoint_url_dynamodb": net.dynamodb_url})
        self.stores = open_stores(connect(tables), tables)
        world = discord.world
        self.apprentice = world.add_role("Apprentice", 1)
        self.guardian = world.add_role("Guardian", 2)
        self.moderator_role = world.add_role("Moderator", 3, bits(["MODERATE_MEMBERS"]))
        self.elsewhere = world.add_role("Another's moderator", 4, bits(["MODERATE_MEMBERS"]))
        self.operators = world.add_channel("operators")
        self.moderators = world.add_channel("moderators")
        self.audit = world.add_channel("audit")

    @property
    def environment(self) -> dict[str, str]:
        """All that the bot is told."""
        world = self.discord.world
        return {
            "BOT_TOKEN": world.token,
            "BOT_CLIENT_ID": world.bot.id,
            "GUILD_ID": world.guild_id,
            "DISCORD_API_URL": self.discord.url,
            "API_URL": self.proxy.url,
            "BACKEND_API_KEY": self.api.key,
            "ROLE_APPRENTICE_ID": self.apprentice.id,
            "ROLE_GUARDIAN_ID": self.guardian.id,
            "MODERATOR_ROLE_IDS": self.moderator_role.id,
            "CHANNEL_OPERATORS_ID": self.operators.id,
            "CHANNEL_MODERATORS_ID": self.moderators.id,
            "CHANNEL_AUDIT_ID": self.audit.id,
            "TMPDIR": str(self.home),
        }

    def person(self, *roles: Role, channel: Channel | None = None) -> Person:
        """Somebody new."""
        return self.discord.people.person(f"hoplite-{next(_NUMBERS)}", roles=roles, channel=channel or self.operators)

    def moderator(self) -> Person:
        """Somebody with the role."""
        return self.person(self.moderator_role)

    def operator(self, *roles: Role, approved: bool = False) -> Person:
        """Somebody who is registered."""
        person = self.person(*roles)
        self.ask(
            "POST",
            "/api/operator",
            discordId=person.id,
            discordUsername=person.member.user.username,
            walletAddress=new_address(),
        )
        if approved:
            self.ask("PUT", "/api/operator/approve", discordId=person.id)
        return person

    def with_validators(self, count: int, *roles: Role) -> tuple[Person, list[str]]:
        """An approved operator who has so many, on record only."""
        person, addresses = self.operator(*roles, approved=True), [new_address() for _ in range(count)]
        for address in addresses:
            body = {"validatorAddress": address, "skipOnChain": True}
            self.ask("POST", "/api/validator", body, discordId=person.id)
        return person, addresses

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """The API itself, past the proxy."""
        reply = self.api.call(method, path, body, timeout=60, **query)
        assert reply.status < 300, reply.body
        return reply.body

    def outbox(self) -> list[Sending]:
        """What waits to be sent."""
        return self.stores.alerts.due(1000)

    def record(self, person: Person) -> Any:
        """What the API has of an operator."""
        return self.ask("GET", "/api/operator", discordId=person.id)

    def proof(self, block: int) -> str:
        """As a synced node gives it."""
        return base64.b64encode(self.net.aztec.world.path(block)).decode()

    def start(self, person: Person, **options: Any) -> str:
        """Register as one should, but for ``options``; what they read."""
        block = self.net.aztec.world.proven
        given = {"address": new_address(), "block_number": block, "proof": self.proof(block), **options}
        return person.command("/operator start", **given).text

    def until_asked(self, method: str, part: str, seconds: float = 10.0) -> None:
        """Wait until the bot has asked the API for something."""
        end = time.monotonic() + seconds
        while not any(part in path for path in self.proxy.paths(method)):
            assert time.monotonic() < end, f"nobody has asked {method} …{part}…"
            time.sleep(0.01)

    @property
    def commands(self) -> sync.Commands:
        """Those of this version."""
        settings = BotSettings.model_validate({name.lower(): value for name, value in self.environment.items()})
        keys = ApiKeys(settings, SecretStore(lambda: secret_store.connect(settings)))
        return asyncio.run(commands(settings, keys))

    def tool(self, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """``python -m sparta.bot sync``, for example, to its end."""
        environment = {"PATH": os.environ["PATH"], **self.environment, **variables}
        words = [sys.executable, "-W", "error", "-m", "sparta.bot", command]
        return subprocess.run(
            words, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    @contextmanager
    def bot(self, **variables: str) -> Iterator[Program]:
        """The bot, running and connected."""
        gateway = self.discord.gateway
        before = set(gateway.sessions)
        with run("sparta.bot", {**self.environment, **variables}) as program:
            arrived = lambda: any(each.id not in before for each in gateway.connected)  # noqa: E731
            assert self.discord.world.wait_for(arrived, START_SECONDS), program.log
            yield program


@contextmanager
def scene(net: Devnet, api: Served) -> Iterator[Scene]:
    """A guild of its own, whose commands are registered."""
    with DiscordStandIn() as discord, ApiProxy(api.url) as proxy, tempfile.TemporaryDirectory() as home:
        made = Scene(net, api, discord, proxy, Path(home))
        done = made.tool("sync")
        assert done.returncode == 0, done.stderr
        yield made
