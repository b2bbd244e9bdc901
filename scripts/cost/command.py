"""``make cost``: what an environment should cost a month, what the guide's system would, and what AWS billed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import click

from scripts.cost.bill import HOME, Bill, period, read_bill
from scripts.cost.estimate import estimate
from scripts.cost.model import Estimate
from scripts.cost.prices import price_list
from scripts.cost.show import as_json, bill_table, lines_table, points, reasons
from scripts.cost.systems import guide, ours
from scripts.cost.traffic import TRAFFIC, spoken
from scripts.operations.command import verb, yes_option
from scripts.operations.consent import ask
from scripts.operations.errors import RefusedError
from scripts.operations.screen import OUT, say
from scripts.operations.target import CONFIG, Target

QUESTIONS = 2
"""Whether the tags are active, and the costs."""
IN_SHORT = (
    f"{TRAFFIC.api_requests:,.0f} requests to the API a day, 10,000 validators; all else of their use, with reasons, "
    "is in scripts/cost/traffic.py. ALL=1 shows every line and every assumption."
)
GUIDES = "The guide's system"


@verb("cost")
@click.option("--month", envvar="MONTH", default="", help="The month to ask the bill for: 2026-10. The last whole one.")
@click.option("--offline", envvar="OFFLINE", is_flag=True, help="The estimate only, AWS is not asked (also OFFLINE=1).")
@click.option("--all", "everything", envvar="ALL", is_flag=True, help="Small lines too (also ALL=1).")
@click.option("--json", "machine", envvar="JSON", is_flag=True, help="Everything as JSON (also JSON=1).")
@yes_option
def cost(target: Target, month: str, offline: bool, everything: bool, machine: bool, yes: bool) -> None:
    """Estimate what an environment costs a month, and show the bill beside it. Changes nothing.

    The estimate is made on this machine, from the templates, the environment's parameters and scripts/cost/prices.json.
    The bill comes from Cost Explorer, which takes a cent a question, so it asks first.

    Example: make cost ENV=production MONTH=2026-10
    """
    start, end = period(month, datetime.now(UTC).date())
    ours_, guides = estimate(ours(target.environment)), estimate(guide())
    if not machine:
        _show(target, ours_, guides, everything=everything)
    bill, note = _bill(target, start, end, offline=offline, yes=yes)
    if machine:
        click.echo(json.dumps(as_json(ours_, guides, bill, note), indent=2))
    elif bill:
        _compare(ours_, bill)
    else:
        say(f"\n{note}")


def _show(target: Target, ours_: Estimate, guides: Estimate, *, everything: bool) -> None:
    say(f"[bold]{target.environment}: about {ours_.monthly:.2f} dollars a month[/]\n")
    OUT.print(lines_table(ours_, everything=everything))
    say(f"[bold]{'Total':20}{ours_.monthly:10.2f}[/] dollars a month")
    say(f"{GUIDES:20}{guides.monthly:10.2f} by the same prices and use (scripts/cost/guide.yaml)")
    if ours_.unpriced:
        say(f"\n[bold yellow]No price is known for:[/] {', '.join(ours_.unpriced)}")
    say("\nAssumed:")
    use = [f"{name}: {value} ({why})" for name, value, why in spoken(TRAFFIC)] if everything else [IN_SHORT]
    OUT.print(points([*ours_.assumptions, *(reasons(ours_) if everything else []), *use]))


def _bill(target: Target, start: date, end: date, *, offline: bool, yes: bool) -> tuple[Bill | None, str]:
    """The bill, or why there is none."""
    if offline:
        return None, "The bill was not asked for (OFFLINE=1): this is the estimate only."
    if target.session.get_credentials() is None:
        return None, "There are no AWS credentials here, so there is no bill: this is the estimate only."
    dollars = QUESTIONS * price_list().prices["cost-explorer"].price
    try:
        ask(f"Ask Cost Explorer for the bill of {start:%Y-%m}? It takes about {dollars:.2f} dollars.", yes=yes)
    except RefusedError:
        return None, f"Cost Explorer was not asked: it takes about {dollars:.2f} dollars, and YES=1 says yes."
    client = target.session.client("ce", region_name=HOME, config=CONFIG)
    return read_bill(client, target.environment, start, end), ""


def _compare(ours_: Estimate, bill: Bill) -> None:
    say(f"\n[bold]The bill of {bill.month}[/], in dollars, of {bill.scope}\n")
    OUT.print(bill_table(ours_, bill))
    if bill.provisional:
        say("AWS still calls these figures estimated: the month is not closed.")
