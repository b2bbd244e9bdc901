"""DynamoDB: one small store per table. ``docs/data-model.md`` says what is read how."""

from __future__ import annotations

from typing import NamedTuple

from sparta.settings import Tables
from sparta.stores.alerts import Alerts
from sparta.stores.clock import Clock, now
from sparta.stores.config import Config
from sparta.stores.conversations import Conversations
from sparta.stores.database import Database
from sparta.stores.history import ValidatorHistory
from sparta.stores.journal import TableJournal
from sparta.stores.monitor import MonitorMemory
from sparta.stores.network_stats import NetworkStats
from sparta.stores.operators import Operators
from sparta.stores.table import Table
from sparta.stores.tokens import PageTokens
from sparta.stores.validators import Validators
from sparta.stores.watches import Watches


class Stores(NamedTuple):
    """All of them, over one connection."""

    operators: Operators
    validators: Validators
    history: ValidatorHistory
    network_stats: NetworkStats
    config: Config
    alerts: Alerts
    conversations: Conversations
    watches: Watches
    monitor: MonitorMemory
    database: Database
    config_table: Table
    clock: Clock

    def journal(self, scope: str) -> TableJournal:
        """The signer's journal of one account on one chain."""
        return TableJournal(self.config_table, scope, self.clock)


def open_stores(database: Database, settings: Tables, clock: Clock = now) -> Stores:
    """The stores over ``database``, in the tables that ``settings`` name."""

    def table(name: str) -> Table:
        return Table(database, settings.table_name(name))

    config = Config(table("config"), clock)
    tokens = PageTokens(config.page_key, lambda: clock() / 1000)
    return Stores(
        operators=Operators(table("operators"), tokens, clock),
        validators=Validators(table("validators"), table("operators"), clock),
        history=ValidatorHistory(table("validator-history"), clock),
        network_stats=NetworkStats(table("network-stats")),
        config=config,
        alerts=Alerts(table("alerts"), clock),
        conversations=Conversations(table("alerts"), clock),
        watches=Watches(table("operators"), clock),
        monitor=MonitorMemory(table("alerts")),
        database=database,
        config_table=table("config"),
        clock=clock,
    )
