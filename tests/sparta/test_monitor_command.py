"""``python -m sparta.monitor`` as a process of its own, over real contracts, database and node, and a Discord."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scripts.devnet.network import REPOSITORY, Devnet
from scripts.devnet.validators import add_validators, slash
from sparta.stores import Stores
from tests.discord.server import DiscordStandIn
from tests.sparta.chain.http_server import Server, raw
from tests.sparta.monitored import environment, guild, open_tables, register, told

SLASHED, ABSENT, FINE = (f"0x{number:040x}" for number in range(0xB0B0, 0xB0B3))
HOUR = 3600


@dataclass
class Command:
    """The command in its environment."""

    env: dict[str, str]
    folder: Path

    def __call__(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "sparta.monitor", *arguments],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), **self.env, **changes},
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def run(self) -> dict[str, Any]:
        """A run that comes to its end; its record, as it was logged."""
        done = self()
        assert done.returncode == 0, done.stderr
        lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
        (record,) = [line for line in lines if line["event"] == "monitor run"]
        return record


@pytest.fixture
def net() -> Iterator[Devnet]:
    with Devnet(say=lambda _: None) as network:
        yield network


@pytest.fixture
def discord() -> Iterator[DiscordStandIn]:
    with guild() as server:
        yield server


@pytest.fixture
def command(net: Devnet, discord: DiscordStandIn, tmp_path: Path) -> Command:
    return Command(environment(net, discord), tmp_path)


@pytest.fixture
def stores(command: Command) -> Stores:
    return open_tables(command.env)


def test_the_right_people_hear_the_right_things_once(
    net: Devnet, discord: DiscordStandIn, command: Command, stores: Stores
) -> None:
    """One validator is slashed, one misses its duties, one is fine: two operators are told, moderators see both; a dry
    run shows it before and changes nothing, and another run adds nothing."""
    add_validators(net.contracts, [SLASHED, ABSENT, FINE])
    ann_id, *_ = (
        register(stores, discord, name, address)
        for name, address in {"ann": SLASHED, "ben": ABSENT, "cat": FINE}.items()
    )
    net.contracts.rpc.pass_time(HOUR)
    assert command.run()["alerts"] == 0
    net.aztec.world.offline.add(ABSENT)
    slash(net.contracts, SLASHED)
    net.contracts.rpc.pass_time(HOUR)

    shown = command("--dry-run")
    assert shown.returncode == 0, shown.stderr
    assert "to ann" in shown.stdout
    assert "to cat" not in shown.stdout
    assert discord.world.messages == []

    assert command.run()["operators_told"] == 2
    (anns,), (bens,) = told(discord, "ann"), told(discord, "ben")
    assert "Slashed and out of the set" in anns
    assert "Attestations are missing" in bens
    assert anns.count(f"<@{ann_id}>") == 1
    assert told(discord, "cat") == []
    assert all(any(name in text for text in told(discord, "moderators")) for name in ("ann", "ben"))
    ann = stores.operators.get(ann_id)
    assert ann
    assert (ann.was_slashed, ann.is_approved) == (True, False)
    before = len(discord.world.messages)
    assert command.run()["alerts"] == 0
    assert len(discord.world.messages) == before


def test_what_cannot_begin_says_why(command: Command) -> None:
    """Wrong settings and a database out of reach are lines for a person, and an exit status."""
    wrong = command(L1_CHAIN_ID="one", GUILD_ID="")
    assert wrong.returncode == 1
    assert {line.partition(" ")[0] for line in wrong.stderr.splitlines()} == {"L1_CHAIN_ID", "GUILD_ID"}
    away = command(AWS_ENDPOINT_URL_DYNAMODB="http://127.0.0.1:9")
    assert away.returncode == 1
    assert "The database does not answer" in away.stderr
    assert "Traceback" not in away.stderr


def test_a_secret_without_urls_is_named(command: Command) -> None:
    """One line, and nothing of what the secret holds."""
    with Server(raw(b'{"SecretString": "not-for-everybody"}')) as secrets_manager:
        done = command(ETHEREUM_HOST="", ETHEREUM_HOST_SECRET="hosts", AWS_ENDPOINT_URL=secrets_manager.url)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("ETHEREUM_HOST_SECRET names a secret that has no http or https URL in place 1; ")
    assert "not-for-everybody" not in done.stdout + done.stderr
