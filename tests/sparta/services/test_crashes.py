"""A run that is killed anywhere and run again, and runs at once: messages and records as if it had been left alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from scripts.devnet.validators import slash
from sparta.settings import Tables
from sparta.stores import Stores, open_stores
from sparta.stores.codec import Item
from sparta.stores.database import Database, connect
from sparta.stores.definitions import create
from sparta.stores.table import Table
from tests.sparta.services.network import CHANNEL, Network
from tests.sparta.stores.world import tables

NAMES = ("operators", "validators", "validator-history", "network-stats", "alerts")
SLASHED, ABSENT, FINE = 12, 36, 52
_NUMBERS = count(1)


class KilledError(BaseException):
    """What ends the process: nothing in it may catch this."""


class Mortal:
    """A database whose process is killed before a call, which is as well after the call before it: nothing that a run
    does in between is seen by anybody else."""

    def __init__(self, database: Database, dies_at: int) -> None:
        self._database = database
        self._dies_at = dies_at
        self.calls = 0

    def call(self, operation: str, **parameters: Any) -> Item:
        self.calls += 1
        if self.calls == self._dies_at:
            raise KilledError
        return self._database.call(operation, **parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


class Copies:
    """The same beginning again and again, each time in tables of its own; the chain does not change meanwhile."""

    def __init__(self, network: Network, url: str) -> None:
        self.network = network
        self._url = url
        self._database = network.stores.database
        self._items = {name: list(Table(self._database, self._name(name)).scan_all()) for name in NAMES}
        self.moment = network.stores.clock()

    def fresh(self) -> Tables:
        settings = tables(self._url, f"copy-{next(_NUMBERS)}")
        create(self._database, settings.table_name)
        for name, items in self._items.items():
            Table(self._database, settings.table_name(name)).put_many(items)
        return settings

    def network_over(self, settings: Tables, database: Any) -> Network:
        return replace(self.network, stores=open_stores(database, settings, lambda: self.moment))

    def _name(self, table: str) -> str:
        return self.network.stores.config_table.name.replace("-config-", f"-{table}-")


@pytest.fixture
def copies(network: Network, dynamodb_url: str) -> Copies:
    """A hundred validators with as many operators; some were slashed and some are absent since the last run, in which
    the node did not answer."""
    attesters = network.join(SLASHED + ABSENT + FINE)
    for number, each in enumerate(attesters, 1):
        network.operator(str(number), each)
    network.pass_time(minutes=10)
    network.run()
    network.node.fail("error")
    network.run()
    network.node.heal()
    for each in attesters[:SLASHED]:
        slash(network.deployed, each)
    network.node.world.offline |= set(attesters[SLASHED : SLASHED + ABSENT])
    network.pass_time(minutes=5)
    network.join(3)
    return Copies(network, dynamodb_url)


def everything(stores: Stores) -> dict[str, list[Item]]:
    """All that is stored, but for nothing."""
    names = {name: stores.config_table.name.replace("-config-", f"-{name}-") for name in NAMES}
    return {
        name: sorted(Table(stores.database, full).scan_all(), key=lambda item: (item["pk"], item.get("sk", 0)))
        for name, full in names.items()
    }


def undisturbed(copies: Copies) -> tuple[dict[str, list[Item]], int]:
    """What one run leaves, and how many calls it made."""
    settings = copies.fresh()
    database = Mortal(connect(settings), dies_at=0)
    network = copies.network_over(settings, database)
    run = network.run()
    calls = database.calls
    assert run.operators_told == SLASHED + ABSENT
    began, *new = network.told(CHANNEL)
    assert began.startswith("🔴 **The Aztec node does not answer")
    assert sum(content.startswith("🟢 **Over: ") for content in new) == 1
    assert sum(content.startswith("**Operators were alerted") for content in new) == len(new) - 1 > 1
    return everything(network.stores), calls


def test_a_run_that_is_killed_at_any_call_is_made_up_for(copies: Copies) -> None:
    """The next run ends where an undisturbed one would have."""
    expected, calls = undisturbed(copies)
    assert calls >= 8
    for dies_at in range(1, calls + 1):
        settings = copies.fresh()
        database = connect(settings)
        with pytest.raises(KilledError):
            copies.network_over(settings, Mortal(database, dies_at)).run()
        survivor = copies.network_over(settings, database)
        survivor.run()
        assert everything(survivor.stores) == expected, f"killed before call {dies_at} of {calls}"


@pytest.mark.parametrize("seed", range(3))
def test_runs_that_are_killed_again_and_again(copies: Copies, seed: int) -> None:
    """However often, at whatever calls."""
    expected, calls = undisturbed(copies)
    chance = random.Random(seed)  # noqa: S311 - the same calls on every run
    settings = copies.fresh()
    database = connect(settings)
    for _ in range(8):
        mortal = Mortal(database, chance.randint(1, calls))
        try:
            copies.network_over(settings, mortal).run()
        except KilledError:
            continue
    survivor = copies.network_over(settings, database)
    survivor.run()
    assert everything(survivor.stores) == expected


def test_runs_at_once_do_no_harm(copies: Copies) -> None:
    """Several at the same moment end in the rows of one."""
    expected, _ = undisturbed(copies)
    settings = copies.fresh()
    networks = [copies.network_over(settings, connect(settings)) for _ in range(4)]
    with ThreadPoolExecutor(len(networks)) as pool:
        runs: list[Callable[[], object]] = [network.run for network in networks]
        for finished in [pool.submit(run) for run in runs]:
            finished.result()
    assert everything(networks[0].stores) == expected
