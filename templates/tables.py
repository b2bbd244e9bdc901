"""The tables there are: one list for their definitions, rights, backups, alarms and graphs."""

from __future__ import annotations

from typing import NamedTuple


class Table(NamedTuple):
    """One table: ``pk`` and, where items of one key are a series, ``sk`` are its key; some expire."""

    title: str
    name: str
    holds: str
    sort_key: str | None = None
    expires: bool = False
    secondary: tuple[str, str, str] | None = None
    """Name, partition key and sort key of its index."""

    @property
    def arn_output(self) -> str:
        """Name under which the data stack publishes its ARN."""
        return f"{self.title}TableArn"


TABLES = (
    Table("Operators", "operators", "operators, and the wallets and usernames that are taken"),
    Table("Validators", "validators", "validators and who runs them", secondary=("by-operator", "operatorId", "pk")),
    Table(
        "ValidatorHistory",
        "validator-history",
        "attestation history, one item per validator and epoch",
        sort_key="N",
        expires=True,
    ),
    Table("NetworkStats", "network-stats", "network statistics, one item per epoch", sort_key="N", expires=True),
    Table("Config", "config", "settings, leases and the signer's transactions", expires=True),
    Table(
        "Alerts",
        "alerts",
        "alert states and the messages to send",
        expires=True,
        secondary=("pending", "status", "createdAt"),
    ),
)
