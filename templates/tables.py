"""The tables there are: one list for their definitions, rights, backups, alarms and graphs.

The application creates the same tables on a local DynamoDB; the one definition of both is its ``stores/tables.json``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

DEFINITIONS = Path(__file__).parent.parent / "sparta" / "stores" / "tables.json"


class Table(NamedTuple):
    """One table; ``key`` and each index name their attributes and types, partition key first."""

    name: str
    title: str
    holds: str
    key: dict[str, str]
    indexes: dict[str, dict[str, str]]
    expires: str | None
    """Name of the attribute that holds the time at which an item may go."""

    @property
    def arn_output(self) -> str:
        """Name under which the data stack publishes its ARN."""
        return f"{self.title}TableArn"


TABLES = tuple(Table(**entry) for entry in json.loads(DEFINITIONS.read_text(encoding="utf-8")))
