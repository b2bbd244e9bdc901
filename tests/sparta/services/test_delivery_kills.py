"""Senders are killed at random moments while Discord fails at random: what arrives is what should arrive."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.discord.server import DiscordStandIn
from tests.discord.world import World
from tests.sparta.services.scenes import SCENES
from tests.sparta.services.test_delivery_crashes import recover, shape
from tests.sparta.services.world import Desk
from tests.sparta.stores.world import Ticks

SEEDS = (1, 2)
SCENES_PER_ROUND = 2
KILLS, MOST_SECONDS = 30, 15.0
"""Of one seed: it ends with the round in which one of them is reached."""
CHAOS = ("limited", "error", "error-after", "unavailable", "lost", "dropped", "garbage")
DAY = 86_400_000


class MovedClock:
    """The clock of the machine, ``ahead`` by some milliseconds; it begins at midnight, so that a day suffices."""

    def __init__(self) -> None:
        self.ahead = -(time.time_ns() // 1_000_000) % DAY

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead

    def forward(self, seconds: float) -> None:
        self.ahead += int(seconds * 1000)


@pytest.fixture
def clock() -> Ticks:
    return MovedClock()  # type: ignore[return-value]


@contextmanager
def senders(desk: Desk, dynamodb: str) -> Iterator[subprocess.Popen[str]]:
    where = (dynamodb, desk.settings.environment, desk.stand_in.url, desk.world.token, *desk.guild)
    command = [sys.executable, "-m", "tests.sparta.services.sender", *where]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        yield process
        process.stdin.close()
        assert process.wait(30) == 0


def line(process: subprocess.Popen[str], given: object = None) -> int:
    """The next number that it writes, after it was given something."""
    assert process.stdin
    assert process.stdout
    if given is not None:
        process.stdin.write(f"{given}\n")
        process.stdin.flush()
    return int(process.stdout.readline())


def run_and_kill(desk: Desk, process: subprocess.Popen[str], ahead: int, chance: random.Random) -> bool:
    """One run, ended by force soon after some request, before its work or after it: counted in requests, so that a
    slow machine gets as far as a quick one. Whether it had not ended by itself.
    """
    reached, left = threading.Event(), iter(range(chance.randint(1, 30)))
    when = chance.choice(("before", "after"))
    desk.stand_in.watch = lambda moment, *_: reached.set() if moment == when and next(left, None) is None else None
    child = line(process, ahead)
    while not reached.wait(0.005) and exists(child):
        pass
    time.sleep(chance.uniform(0, 0.03))
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    status = line(process)
    assert status in {0, signal.SIGKILL}, "a run may be killed, but not fail"
    return status != 0


def exists(child: int) -> bool:
    try:
        os.kill(child, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_random_while_discord_fails_at_random(desk: Desk, dynamodb_url: str, seed: int) -> None:
    """The same messages in the same threads as without any of it, none twice and none missing."""
    chance = random.Random(seed)  # noqa: S311 - it decides when to kill
    kills, rounds, began = 0, 0, time.monotonic()
    with senders(desk, dynamodb_url) as process:
        while kills < KILLS and time.monotonic() - began < MOST_SECONDS:
            rounds += 1
            for scene in SCENES * SCENES_PER_ROUND:
                scene(desk)
            desk.stand_in.chaos(seed * 1000 + rounds, 0.1, *CHAOS)
            while desk.stores.alerts.due():
                desk.world.nonce_seconds = chance.choice((20.0, 300.0))
                kills += run_and_kill(desk, process, desk.clock.ahead, chance)  # type: ignore[attr-defined]
                desk.clock.forward(chance.uniform(45, 150))
            desk.stand_in.heal()
            recover(desk)
    arrived, threads = undisturbed(desk)
    assert shape(desk.arrived()) == sorted(arrived * (rounds * SCENES_PER_ROUND))
    assert len(desk.threads()) == threads * rounds * SCENES_PER_ROUND
    assert kills >= KILLS / 2, "hardly anything was disturbed"


def undisturbed(desk: Desk) -> tuple[list[tuple[str, str, int]], int]:
    """What each scene, played once, comes to in a world of its own where nothing fails, and how many threads."""
    with DiscordStandIn(World(desk.clock)) as stand_in:
        stand_in.limits = desk.stand_in.limits
        calm = Desk(desk.stores, desk.settings, stand_in, desk.clock)
        for scene in SCENES:
            scene(calm)
        calm.deliver()
        calm.close()
        return shape(calm.arrived()), len(calm.threads())
