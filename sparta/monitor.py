"""One run of the validator monitor by hand: ``python -m sparta.monitor [--dry-run]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from typing import Any

from sparta import parts, starting
from sparta.errors import SpartaError
from sparta.models import Delivery
from sparta.notify import text
from sparta.notify.discord import Connection
from sparta.rules.facts import Policy
from sparta.services import monitor
from sparta.services.announce import Audience
from sparta.services.delivery import GuildIds, deliver
from sparta.services.monitor import Task
from sparta.services.reading import Sources
from sparta.settings import MonitorSettings, Part, load
from sparta.stores import Stores, open_stores
from sparta.stores.database import Limits, connect

TIMEOUT = 30.0
"""Seconds for one answer of Ethereum or of the Aztec node: the whole set's statistics are megabytes."""
CONNECTIONS = 4
LIMITS = Limits(read=20.0, busy=30.0)
DELIVERY_SECONDS = 90.0
"""The function that runs the monitor has 240 s in all."""


def run() -> dict[str, Any]:
    """Everything, once, by the settings of the environment; the record of the run.

    :raises SettingsError: with every mistake in the settings
    :raises DependencyFailed: the database or a secret is out of reach; the next run makes up for this one
    """
    with wired(_settings()) as task:
        return asdict(monitor.run(task))


@contextmanager
def wired(settings: MonitorSettings) -> Iterator[Task]:
    """What a run works with; nothing is asked yet but secrets, where the settings name them.

    :raises DependencyFailed: a secret cannot be read
    """
    secrets = parts.secrets(settings)
    stores = open_stores(connect(settings, limits=LIMITS), settings)
    rpc = parts.ethereum(settings, secrets, timeout=TIMEOUT, connections=CONNECTIONS)
    node = parts.aztec(settings, secrets, timeout=TIMEOUT, connections=CONNECTIONS)
    discord = parts.discord(settings, secrets)
    with ExitStack() as stack:
        for connection in (rpc, node, discord):
            if connection is not None:
                stack.callback(connection.close)
        yield Task(
            sources=Sources(stores, rpc, parts.contracts(settings, rpc), node, settings.sparta_address),
            deliver=lambda: _delivered(settings, discord, stores),
            audience=Audience(settings.channel_moderators_id, settings.l1_chain_id or 0),
            policy=Policy(miss_rate=settings.miss_rate_alert_threshold),
        )


def _delivered(settings: MonitorSettings, discord: Connection | None, stores: Stores) -> Delivery:
    if discord is None or settings.guild_id is None:
        return Delivery()
    guild = GuildIds(settings.guild_id, settings.channel_operators_id)
    sending = discord.run(DELIVERY_SECONDS)
    report = deliver(stores.alerts, stores.conversations, stores.config, sending, guild)
    return Delivery(sent=len(report.sent), given_up=report.failed, fell_back=report.fell_back)


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 when the run came to its end, whatever it found."""
    parser = argparse.ArgumentParser(prog="python -m sparta.monitor", description=__doc__)
    parser.add_argument("--dry-run", action="store_true", help="show what would be sent; send and store nothing")
    try:
        if parser.parse_args(arguments).dry_run:
            with wired(_settings()) as task:
                print(_would_say(task))
        else:
            run()
    except SpartaError as error:
        print(error.sentence, file=sys.stderr)
        return 1
    return 0


def _settings() -> MonitorSettings:
    settings = load(Part.MONITOR)
    starting.begin(settings)
    return settings


def _would_say(task: Task) -> str:
    """Each message as it would be sent, below its reader; and what is not believed, since then nothing is concluded."""
    reading, verdict = monitor.look(task)
    doubts = [f"Nothing is concluded from {source}: {doubt}." for source, doubt in verdict.doubts.items() if doubt]
    said = [
        f"--- to {decision.listener.name} ({decision.listener.operator_id})\n{message}"
        for decision in monitor.decisions(reading, verdict)
        for message in text.digest(decision.listener.operator_id, decision.alerts, task.audience.chain_id)
    ]
    counted = f"{len(reading.known)} validators known, {len(reading.operators)} operators; nothing was sent or stored."
    return "\n".join([*doubts, *(said or ["No operator would be told anything."]), counted])


if __name__ == "__main__":
    sys.exit(main())
