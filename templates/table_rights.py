"""Which program does what with which table: the one place; statements, rules and a page of the docs are made of it.

IAM authorises a transaction by its parts (PutItem, UpdateItem, DeleteItem, ConditionCheckItem), a batch as itself. An
index is a resource of its own, written ``table/index`` here. ``tests/rights`` runs the programs with exactly these
rights on an emulated AWS: a right that lacks fails there, and so does one that nobody uses.
"""

from __future__ import annotations

from dataclasses import dataclass

from templates.tables import TABLES, Table

_BY_NAME = {table.name: table for table in TABLES}


@dataclass(frozen=True)
class TableRight:
    """Actions, separated by blanks, on a table or one of its indexes; ``why`` completes "so that the program …"."""

    on: str
    actions: str
    why: str

    @property
    def table(self) -> Table:
        """The table, also of an index."""
        return _BY_NAME[self.on.partition("/")[0]]

    @property
    def index(self) -> str:
        """The index, "" for the table itself."""
        return self.on.partition("/")[2]

    @property
    def sid(self) -> str:
        """Name of the statement, which people see in the IAM console: UseOperators, UseOperatorsListing."""
        return f"Use{self.table.title}{self.index.capitalize()}"


RIGHTS: dict[str, tuple[TableRight, ...]] = {
    "api": (
        TableRight("operators", "GetItem PutItem UpdateItem DeleteItem", "registers, reads, changes and deletes them"),
        TableRight("operators/listing", "Query", "lists operators page by page"),
        TableRight(
            "validators",
            "GetItem BatchGetItem Scan UpdateItem DeleteItem",
            "reads one, an operator's and all; records, labels, transfers and forgets them",
        ),
        TableRight("validator-history", "Query", "shows a validator's last epochs"),
        TableRight("network-stats", "Query", "shows the set's last epochs"),
        TableRight(
            "config",
            "GetItem BatchGetItem PutItem UpdateItem DeleteItem ConditionCheckItem",
            "keeps leases, the signer's transactions, the key of page tokens, and counts of requests",
        ),
        TableRight(
            "alerts",
            "GetItem PutItem UpdateItem DeleteItem",
            "accepts messages, notes what became of them and where operators' threads are",
        ),
        TableRight("alerts/pending", "Query", "finds the messages that are due"),
    ),
    "monitor": (
        TableRight(
            "operators", "BatchGetItem UpdateItem", "notes what each was told, and reads anew who changed meanwhile"
        ),
        TableRight("operators/listing", "Query", "reads all operators"),
        TableRight(
            "validators", "GetItem Scan UpdateItem", "goes through all of them, once per run, and records how each does"
        ),
        TableRight("validator-history", "UpdateItem", "records attestations"),
        TableRight("network-stats", "PutItem", "records statistics of the set"),
        TableRight("config", "UpdateItem DeleteItem", "holds a lease while it makes an operator's thread"),
        TableRight(
            "alerts",
            "GetItem PutItem UpdateItem DeleteItem",
            "remembers how far it read, writes and sends messages, notes where operators' threads are",
        ),
        TableRight("alerts/pending", "Query", "finds the messages that are due"),
    ),
}
"""By the program's name; a program that is not listed has nothing to do with tables."""
