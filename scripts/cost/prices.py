"""The price list beside this file: what a unit costs in a region, by whose word and of what date."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("prices.json")
HOME = "eu-west-2"
"""Whose prices stand in for those of a region that has none."""

NOTE = "There are no prices for {region} in scripts/cost/prices.json: those of {name} stand in, and differ from them."


@dataclass(frozen=True)
class Price:
    """What one ``unit`` costs in dollars. ``obtained`` is a key of the list's own explanation, ``read`` a date."""

    price: float
    unit: str
    what: str
    page: str
    obtained: str
    read: str
    usage_type: str = ""


@dataclass(frozen=True)
class PriceList:
    """One region's prices by key; ``note`` says so where they are another region's."""

    region: str
    name: str
    prices: Mapping[str, Price]
    note: str = ""

    @property
    def unconfirmed(self) -> list[str]:
        """What is priced by a figure that nobody confirmed."""
        return sorted(price.what for price in self.prices.values() if price.obtained == "unconfirmed")

    @property
    def dates(self) -> tuple[str, str]:
        """The oldest date and the newest."""
        read = sorted(price.read for price in self.prices.values())
        return read[0], read[-1]


@cache
def document() -> dict[str, Any]:
    """The file as it is."""
    loaded: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return loaded


@cache
def price_list(region: str = HOME) -> PriceList:
    """A region's prices; London's, with a note, where the list has none of its own."""
    regions = document()["regions"]
    found = region if region in regions else HOME
    entry = regions[found]
    note = "" if found == region else NOTE.format(region=region, name=entry["name"])
    return PriceList(found, entry["name"], {key: Price(**each) for key, each in entry["prices"].items()}, note)
