"""``make putback``."""

from __future__ import annotations

import click

from scripts.backup import putting_back, saving
from scripts.backup.tables import chosen, describe, insist
from scripts.operations.command import verb, yes_option
from scripts.operations.consent import ask
from scripts.operations.errors import OperationError
from scripts.operations.screen import say
from scripts.operations.target import Target

CLAIMS = ("operators", "validators")


@verb("putback")
@click.option("--table", envvar="TABLE", required=True, help="The table to write to: operators, validators ...")
@click.option("--source", envvar="SOURCE", required=True, help="The restored table to read from.")
@click.option("--exact", envvar="EXACT", is_flag=True, help="Also delete what only the table in use has (EXACT=1).")
@yes_option
def putback(target: Target, table: str, source: str, exact: bool, yes: bool) -> None:
    """Write the items of a restored table into the table that the system uses.

    Changes the table in use: items that lack or differ become what they were; newer ones stay, unless EXACT=1 deletes
    them. The table is saved first. Stop what writes to it before: the API, the bot and the monitor. Broken off, the
    same command goes on.

    \b
    Example: make putback ENV=production TABLE=operators SOURCE=sparta-operators-20261126T113000-production
    """
    (name,) = chosen(target, table)
    dynamodb = target.client("dynamodb")
    present = insist(target, dynamodb, [name])[name]
    copy = describe(dynamodb, source)
    if copy is None:
        raise OperationError(f"There is no table {source} to read from. `make restore` makes one from a backup.")
    putting_back.refuse_others(copy, name, set(chosen(target)))
    found = putting_back.compare(dynamodb, copy, present)
    fate = "to delete" if exact else "to stay"
    say(
        f"Items of {name} by {source}: {len(found.missing)} to add, {len(found.differing)} to change back, "
        f"{found.same} the same, {len(found.newer)} not in the copy, {fate}."
    )
    gone = found.newer if exact else []
    items = found.missing + found.differing
    if not items and not gone:
        say("Nothing to do.")
        return
    _tell_to_stop(target)
    count = len(items) + len(gone)
    ask(f"Change {count} item{'s' if count > 1 else ''} of {name}?", yes=yes)
    saved = saving.save(target, [name], saving.new_stamp(target, [name]))[0]
    say(f"{name} is saved as {saved.name}.")
    putting_back.write(dynamodb, name, items, gone)
    say(f"{len(items)} written, {len(gone)} deleted.")
    if chosen(target, table)[name].name in CLAIMS:
        again = f"make migrate ENV={target.environment} AGAIN=1"
        say(f"Operators and validators name each other; put that right now: {again}")


def _tell_to_stop(target: Target) -> None:
    """Nothing else should write meanwhile; and how to do without."""
    env, schedule = target.environment, f"sparta-validator-monitor{target.suffix}"
    say("What the system writes meanwhile may be lost. Stop first what writes, and start it again afterwards:")
    say(f"  the bot: make disable ENV={env}, then make scale ENV={env} SERVICE=bot COUNT=1")
    say(f"  the API: make scale ENV={env} SERVICE=api COUNT=0, then its ApiDesiredCount again")
    say(f"  the monitor: disable the schedule {schedule} in the console (EventBridge Scheduler), then enable it")
