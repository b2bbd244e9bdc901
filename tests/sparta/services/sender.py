"""Senders that can be killed: ``python -m tests.sparta.services.sender <dynamodb> <environment> <discord> <token>
<guild> <channel>`` reads lines from its input, each how many milliseconds the time is ahead of the clock. For each it
writes the id of a new process that makes one run, and then how that process ended."""

from __future__ import annotations

import os
import sys
import time

from pydantic import SecretStr

from sparta import telemetry
from sparta.notify.discord import Connection
from sparta.notify.rest import Deadline
from sparta.services.delivery import GuildIds, deliver
from sparta.stores import open_stores
from sparta.stores.clock import now
from sparta.stores.database import connect
from tests.sparta.stores.world import tables

RUN_SECONDS = 10.0
HURRY = 20
"""Pauses are this much shorter."""


def hurried(seconds: float) -> Deadline:
    return Deadline(seconds, sleep=lambda pause: time.sleep(pause / HURRY))


def main(dynamodb: str, environment: str, discord: str, token: str, *guild: str) -> None:
    """One child per line: it shares the libraries that are loaded, and no connection."""
    telemetry.configure(level="error")
    settings = tables(dynamodb, environment)
    database, connection = connect(settings), Connection(discord, SecretStr(token))
    for line in sys.stdin:
        ahead = int(line)
        child = os.fork()
        if child == 0:
            os.dup2(2, 1)  # What it logs is not for who reads our lines.
            stores = open_stores(database, settings, lambda: now() + ahead)  # noqa: B023 - a child has one line
            run = connection.run(RUN_SECONDS, hurried)
            deliver(stores.alerts, stores.conversations, stores.config, run, GuildIds(*guild))
            os._exit(0)
        print(child, flush=True)
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
