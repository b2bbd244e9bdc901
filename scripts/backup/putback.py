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
    if copy is None or source == name:
        raise OperationError(f"{source} is no table to read from. `make restore` makes one from a backup.")
    found = putting_back.compare(dynamodb, copy, present)
    fate = "are deleted" if exact else "stay"
    say(
        f"{name} from {source}: {len(found.missing)} items lack and are added, {len(found.differing)} differ and "
        f"become what they were, {found.same} are the same, {len(found.newer)} are not in the copy and {fate}."
    )
    gone = found.newer if exact else []
    items = found.missing + found.differing
    if not items and not gone:
        say("Nothing to do.")
        return
    say("What the API, the bot and the monitor write meanwhile may be lost: stop them first (make scale ... COUNT=0).")
    ask(f"Change {len(items) + len(gone)} items of {name}?", yes=yes)
    saved = saving.save(target, [name], saving.new_stamp(target, [name]))[0]
    say(f"{name} is saved as {saved.name}.")
    putting_back.write(dynamodb, name, items, gone)
    say(f"{len(items)} items written, {len(gone)} deleted.")
    if chosen(target, table)[name].name in CLAIMS:
        again = f"make migrate ENV={target.environment} AGAIN=1"
        say(f"Operators and validators name each other; put that right now: {again}")
