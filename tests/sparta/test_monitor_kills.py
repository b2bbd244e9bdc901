"""``python -m sparta.monitor`` is killed at random points while Discord fails at random: what arrives is what should.

``MONITOR_KILLS=200`` asks for that many kills instead of those that every run of the tests affords.
"""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from scripts.devnet.network import REPOSITORY, TABLES, Devnet
from scripts.devnet.validators import add_validators, slash
from sparta.stores import Stores
from sparta.stores.alerts import Alerts
from sparta.stores.codec import Item
from sparta.stores.definitions import create
from sparta.stores.table import Table
from tests.discord.server import DiscordStandIn
from tests.discord.world import Member, User
from tests.sparta.api.proxy import Proxy
from tests.sparta.monitored import environment, guild, open_tables, register
from tests.sparta.services.test_delivery_kills import CHAOS
from tests.sparta.services.world import FAR

KILLS = int(os.environ.get("MONITOR_KILLS", "30"))
SEED = 1
SLASHED, ABSENT, FINE = 3, 3, 4
ATTESTERS = [f"0x{0x51A1E000 + number:040x}" for number in range(SLASHED + ABSENT + FINE)]
HOURS = 4
"""By which the chain is ahead: each copy's clock moves less, so that no answer of it is old."""
MOST_RUNS = 10
RUN_SECONDS = 60
_NUMBERS = count(1)


class MovedClock:
    """The machine's, ``ahead`` by some milliseconds."""

    ahead = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead

    def forward(self, seconds: float) -> None:
        self.ahead += int(seconds * 1000)


@dataclass
class Copy:
    """The same beginning with tables and a Discord of its own, in which the same people are."""

    env: dict[str, str]
    stores: Stores
    discord: DiscordStandIn
    dynamodb: Proxy
    clock: MovedClock
    folder: Path

    @contextmanager
    def command(self) -> Iterator[subprocess.Popen[bytes]]:
        path = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{REPOSITORY / 'tests' / 'sparta' / 'ahead'}:{REPOSITORY}"}
        log = self.folder / "log"
        with (
            log.open("wb") as output,
            subprocess.Popen(
                [sys.executable, "-m", "sparta.monitor"],
                env=path | self.env | {"CLOCK_AHEAD": str(self.clock.ahead)},
                cwd=self.folder,
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            yield process
            status = process.wait(RUN_SECONDS)
        assert status in {0, -signal.SIGKILL}, log.read_text(encoding="utf-8")

    def run(self) -> None:
        """Left alone."""
        with self.command():
            pass

    def run_and_kill(self, events: int, posts: int, chance: random.Random) -> bool:
        """Killed soon after so many questions to the database and to Discord, or right when Discord has taken so many
        messages and threads, whose answers are on their way; whether it had not ended by itself.
        """
        last, left, taken = self.events + events, iter(range(posts - 1)), threading.Event()
        self.discord.watch = lambda moment, method, _: (
            taken.set() if (moment, method) == ("after", "POST") and next(left, None) is None else None
        )
        with self.command() as process:
            while self.events < last and process.poll() is None and not taken.wait(0.001):
                pass
            time.sleep(0 if taken.is_set() else chance.uniform(0, 0.02))
            process.kill()
        return process.returncode != 0

    @property
    def events(self) -> int:
        return self.dynamodb.questions + len(self.discord.requests)

    @property
    def waits(self) -> bool:
        """Whether a message does, whenever it is due."""
        table = Table(self.stores.database, self.env[_variable("alerts")])
        return bool(Alerts(table, lambda: FAR).due())

    @property
    def failures(self) -> int:
        """Answers of Discord that were lost or none."""
        return sum(seen.status in {0, 429} or seen.status >= 500 for seen in self.discord.requests)

    def arrived(self) -> Counter[tuple[str, str]]:
        """How often each text stands at each place; the same for every copy."""
        return Counter((self._place(each.channel_id), _bare(each.content)) for each in self.discord.world.messages)

    def _place(self, channel_id: str) -> str:
        channel = self.discord.world.channels[channel_id]
        return f"{channel.name} {sorted(channel.members.keys() - {self.discord.world.bot.id})}"


def _bare(text: str) -> str:
    """Without times and the ids of threads, which differ."""
    return re.sub(r"<(t:|#)[0-9:RfFdDtT]+>", "", text)


@dataclass
class Beginning:
    """Some validators were slashed and some miss their duties since the last run."""

    net: Devnet
    people: list[User]
    items: dict[str, list[Item]]

    @contextmanager
    def copy(self, folder: Path) -> Iterator[Copy]:
        clock = MovedClock()
        with guild(clock) as discord, Proxy(self.net.dynamodb_url) as dynamodb:
            for user in self.people:
                discord.world.users[user.id] = user
                discord.world.members[user.id] = Member(user, clock())
            env = environment(self.net, discord) | _names(f"copy-{next(_NUMBERS)}")
            stores = open_tables(env)
            create(stores.database, lambda name: env[_variable(name)])
            for name, items in self.items.items():
                Table(stores.database, env[_variable(name)]).put_many(items)
            env["AWS_ENDPOINT_URL_DYNAMODB"] = dynamodb.url
            yield Copy(env, stores, discord, dynamodb, clock, folder)


def _variable(table: str) -> str:
    return f"{table.upper().replace('-', '_')}_TABLE_NAME"


def _names(suffix: str) -> dict[str, str]:
    return {_variable(table): f"sparta-{table}-{suffix}" for table in TABLES}


@pytest.fixture
def beginning(tmp_path: Path) -> Iterator[Beginning]:
    with Devnet(say=lambda _: None) as net:
        add_validators(net.contracts, ATTESTERS)
        empty = Beginning(net, [], {})
        with empty.copy(tmp_path) as first:
            for number, each in enumerate(ATTESTERS):
                register(first.stores, first.discord, f"operator-{'abcdefghij'[number]}", each)
            net.contracts.rpc.pass_time(3600)
            first.run()
            assert first.discord.world.messages == []
            for each in ATTESTERS[:SLASHED]:
                slash(net.contracts, each)
            net.aztec.world.offline |= set(ATTESTERS[SLASHED : SLASHED + ABSENT])
            net.contracts.rpc.pass_time(3600 * HOURS)
            people = [user for user in first.discord.world.users.values() if not user.bot]
            tables = {name: Table(first.stores.database, first.env[_variable(name)]) for name in TABLES}
            yield Beginning(net, people, {name: list(table.scan_all()) for name, table in tables.items()})


@pytest.mark.timeout(120 + 6 * KILLS)
def test_killed_at_random_while_discord_fails_at_random(beginning: Beginning, tmp_path: Path) -> None:
    """All that was delivered in the end is what one undisturbed run delivers, none of it twice."""
    with beginning.copy(tmp_path) as calm:
        calm.run()
        expected, events = calm.arrived(), calm.events
        assert len(expected) > SLASHED + ABSENT
        assert set(expected.values()) == {1}
        assert not calm.waits
    kills, failures, rounds = 0, 0, 0
    while kills < KILLS:
        rounds += 1
        chance = random.Random(SEED * 1000 + rounds)  # noqa: S311 - it decides when to kill
        with beginning.copy(tmp_path) as disturbed:
            kills += disturb(disturbed, events, chance)
            failures += disturbed.failures
            assert disturbed.arrived() == expected, f"in round {rounds}, after {kills} kills"
    print(f"{kills} kills and {failures} failures of Discord in {rounds} rounds of {expected.total()} messages")
    assert failures >= kills / 2, "hardly anything was disturbed"


def disturb(copy: Copy, events: int, chance: random.Random) -> int:
    """Until nothing waits after a run that came to its end; how many were killed."""
    copy.discord.chaos(chance.randrange(2**31), 0.1, *CHAOS)
    kills, ended = 0, False
    for _ in range(MOST_RUNS):
        # As often soon as anywhere: later runs have less to do.
        requests = chance.randint(1, chance.choice((events // 4, events)))
        killed = copy.run_and_kill(requests, chance.choice((events, chance.randint(1, 5))), chance)
        kills, ended = kills + killed, ended or not killed
        copy.discord.world.nonce_seconds = chance.choice((20.0, 300.0))
        copy.clock.forward(chance.uniform(60, 180))
        if ended and not copy.waits:
            break
    copy.discord.heal()
    for _ in range(MOST_RUNS):
        copy.clock.forward(240)
        copy.run()
        if not copy.waits:
            return kills
    pytest.fail("messages are left for ever")
