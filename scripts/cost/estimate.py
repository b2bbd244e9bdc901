"""What a system costs a month, resource by resource, by the price list in this package."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.cost.kinds import FREE, PRICED
from scripts.cost.model import HOURS, Estimate, Line, compare
from scripts.cost.prices import HOME, PriceList, price_list
from scripts.cost.site import Site, Use
from scripts.cost.traffic import TRAFFIC, Traffic
from templates.rules.system import Resource, System
from templates.rules.values import text

__all__ = ["TRAFFIC", "Estimate", "Line", "Traffic", "compare", "estimate", "region_of"]

ROOT = "root"


def estimate(system: System, traffic: Traffic = TRAFFIC) -> Estimate:
    """Price every resource of the system; what has no price is named, never guessed."""
    prices, site = price_list(region_of(system)), Site(system, traffic)
    lines = [line for resource in system.resources for line in _lines(site, resource, prices)]
    unknown = [each for each in system.resources if each.type not in PRICED and each.type not in FREE]
    unpriced = tuple(f"{path(system, each)} ({each.type})" for each in unknown)
    return Estimate(tuple(lines), tuple(_assumptions(prices)), unpriced)


def region_of(system: System) -> str:
    """The region of the system's zones; home where it names none."""
    zone = text(system.values.get("AvailabilityZones")).partition(",")[0]
    return zone.rstrip("abcdef") or HOME


def path(system: System, resource: Resource) -> str:
    """Logical ids from the root down; a stack that stands alone comes first with its name."""
    stack = system.stacks[resource.stack]
    if stack.parent:
        above = system.stacks[stack.parent].resources[stack.parent_id]
        return f"{path(system, above)}/{resource.id}"
    return resource.id if stack.name == ROOT else f"{stack.name}/{resource.id}"


def _lines(site: Site, resource: Resource, prices: PriceList) -> Iterator[Line]:
    if resource.type in PRICED:
        for use in PRICED[resource.type](site, resource):
            yield _line(path(site.system, resource), resource.type, use, prices)


def _line(place: str, kind: str, use: Use, prices: PriceList) -> Line:
    price = prices.prices[use.price]
    return Line(place, kind, use.what, use.quantity, price.unit, price.price, use.quantity * price.price, use.assumes)


def _assumptions(prices: PriceList) -> Iterator[str]:
    if prices.note:
        yield prices.note
    oldest, newest = prices.dates
    yield f"List prices of {prices.name}, in US dollars, of {oldest} to {newest}: no tax, discount or savings plan."
    yield f"A month of {HOURS:g} hours; every service at its desired count, day and night."
    yield "An account's free allowances (10 alarms, 5 GB of logs, 100 GB to the internet ...) are not deducted."
    yield "Not in it: the domain and its public zone, RPC providers, Discord, AWS support."
    yield f"Unconfirmed prices: {'; '.join(prices.unconfirmed)}."
