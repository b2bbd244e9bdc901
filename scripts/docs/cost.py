"""``docs/cost.md``: what production costs a month, what a choice changes, what is assumed, and the prices."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.cost.estimate import TRAFFIC, Estimate, estimate
from scripts.cost.prices import Price, document, price_list
from scripts.cost.show import Row, alike, amount, cents, stacks, total
from scripts.cost.systems import guide
from scripts.cost.traffic import spoken
from scripts.docs import world
from scripts.docs.markdown import code, page, plain, table
from templates.rules.system import render

ABOUT = """
In US dollars a month of 730 hours, made from the templates, the parameters of an environment and
`scripts/cost/prices.json`. `make cost ENV=production` shows the same for any environment, with `ALL=1` line by line,
and asks Cost Explorer for the bill of a month (`MONTH=2026-10`) to lay beside it: that takes a cent a question, so it
asks you first; `OFFLINE=1` leaves it out. The review of a change set says what the change does to the bill.
"""

CHOICES: list[tuple[str, dict[str, str]]] = [
    ("one NAT gateway for both zones", {"NatGatewayMode": "single"}),
    ("interface endpoints", {"InterfaceEndpoints": "true"}),
    ("CloudFront and its firewall", {name: world.OPTIONS[name] for name in world.OPTIONS if "CloudFront" in name}),
    ("no Container Insights", {"ContainerInsights": "disabled"}),
    ("one task of the API", {"ApiDesiredCount": "1"}),
    ("ten tasks of the API, its maximum", {"ApiDesiredCount": "10"}),
    ("a quarter of the API's size", {"ApiCpu": "256", "ApiMemory": "512"}),
    ("logs kept for a year", {"LogRetentionDays": "365"}),
]

GUIDE_IS = """
The system of the guide is counted by the same prices and the same use from `scripts/cost/guide.yaml`, which says what
the guide names and what is taken where it names nothing. It has one NAT gateway, x86 tasks, and neither flow logs,
Container Insights, a customer key, point-in-time recovery nor scheduled backups.
"""


def text() -> str:
    """The page."""
    ours = estimate(world.system("production"))
    return page(
        "What it costs",
        ABOUT,
        f"## In short\n\n{_totals(ours)}\n\n{GUIDE_IS.strip()}",
        f"## What a choice changes\n\n{_choices(ours)}",
        f"## Production\n\n{_production(ours)}",
        f"## Assumed\n\n{_points(ours)}",
        f"### Use\n\n{_use()}",
        f"## Prices\n\n{_prices()}",
    )


def _totals(ours: Estimate) -> str:
    others = [(name, estimate(world.system(name))) for name in ("staging", "development")]
    rows = [("production", ours), *others, ("the guide's system", estimate(guide()))]
    return table(["System", "A month"], [(name, f"{each.monthly:.2f}") for name, each in rows])


def _choices(ours: Estimate) -> str:
    head = ["Production with", "Parameters", "A month more"]
    return table(head, [(name, _given(values), _more(ours, values)) for name, values in CHOICES])


def _given(values: dict[str, str]) -> str:
    """The certificate's ARN says nothing of the price."""
    return " ".join(code(f"{name}={value}") for name, value in values.items() if not value.startswith("arn:"))


def _more(ours: Estimate, values: dict[str, str]) -> str:
    changed = estimate(render(world.templates(), world.values("production") | values))
    return f"{changed.monthly - ours.monthly:+.2f}"


def _production(ours: Estimate) -> str:
    rows = [row for stack, lines in stacks(ours) for row in _stack(stack, total(lines), alike(lines))]
    return table(["Stack", "Resource", "What", "So much", "Price", "A month"], rows)


def _stack(name: str, sum_: float, rows: list[Row]) -> Iterator[tuple[str, ...]]:
    yield f"**{name}**", "", "", "", "", f"**{sum_:.2f}**"
    for row in rows:
        much = f"{amount(row.quantity)} {row.unit}"
        yield "", row.resource, row.what, much, cents(row.price), f"{row.monthly:.2f}"


def _points(ours: Estimate) -> str:
    return "\n".join(f"- {plain(sentence)}" for sentence in ours.assumptions)


def _use() -> str:
    return table(["Number", "Value", "Why"], [(code(name), value, plain(why)) for name, value, why in spoken(TRAFFIC)])


def _prices() -> str:
    prices = price_list()
    how = "\n".join(f"- **{name}**: {plain(said)}" for name, said in document()["obtained"].items())
    pages = list(dict.fromkeys(price.page for price in prices.prices.values()))
    rows = [_price(price, pages.index(price.page) + 1) for price in prices.prices.values()]
    links = "\n".join(f"[{number}]: {link}" for number, link in enumerate(pages, 1))
    listed = table([f"{prices.name} ({prices.region})", "Dollars", "For a", "Obtained", "As of", "AWS's page"], rows)
    return f"{' '.join(document()['about'])}\n\n{how}\n\n{listed}\n\n{links}"


def _price(price: Price, number: int) -> tuple[str, ...]:
    return price.what, cents(price.price), price.unit, price.obtained, price.read, f"[page {number}][{number}]"
