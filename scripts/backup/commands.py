"""``make backup``, ``backups``, ``restore``, ``export``."""

from __future__ import annotations

import click
from rich.markup import escape
from rich.table import Table as Grid

from scripts.backup import exporting, listing, restoring, saving
from scripts.backup.settings import Settings
from scripts.backup.tables import chosen, insist
from scripts.operations.command import verb, yes_option
from scripts.operations.consent import ask
from scripts.operations.errors import OperationError
from scripts.operations.screen import OUT, say
from scripts.operations.target import Target

# No table of rich: a name must stand whole, however narrow the screen, since it is copied into the next command.
LINE = "{:<19}  {:<11}  {:>9}  {:<9}  {}"
table_option = click.option("--table", envvar="TABLE", default="", help="One table: operators, validators, config ...")


@verb("backup")
@table_option
@click.option("--at", envvar="AT", default="", help="Make the set of this time whole: 20261126T113000.")
def backup(target: Target, table: str, at: str) -> None:
    """Save every table now, as a backup of DynamoDB that stays until somebody deletes it.

    Changes nothing in the tables and does not slow them. The backups are called <table>-<time in UTC>. When one table
    cannot be saved, the command says which, and AT= finishes the set without saving the others twice.

    \b
    Example: make backup ENV=production
             make backup ENV=production TABLE=operators
    """
    tables = list(chosen(target, table))
    stamp = saving.check_stamp(at) if at else saving.new_stamp(target, tables)
    say(f"Saving {_tables(len(tables))} of {target.environment} as <table>-{stamp}:")
    saved = saving.save(target, tables, stamp)
    for each in saved:
        say(f"  {each.name}: available, {listing.size(each.bytes)}")
    say(f"All saved. One becomes a table again with: make restore ENV={target.environment} BACKUP=<name>")


@verb("backups")
@table_option
def backups(target: Target, table: str) -> None:
    """List the backups there are, newest first: made on demand, and by AWS Backup each day and month.

    Changes nothing. Sizes may lag some hours behind.

    \b
    Example: make backups ENV=production
    """
    tables = chosen(target, table)
    points, why_not = listing.recovery_points(target, tables)
    found = listing.newest_first([*points, *listing.backups(target.client("dynamodb"), tables)])
    if found:
        say(LINE.format("Made (UTC)", "Kind", "Size", "State", "Name: BACKUP="))
        for each in found:
            made = each.created.strftime("%Y-%m-%d %H:%M:%S")
            say(escape(LINE.format(made, each.kind, listing.size(each.bytes), each.status, each.name)))
    else:
        say(f"{target.environment} has no backups that DynamoDB knows of. `make backup` makes some.")
    if why_not:
        say(f"What stands in the vault of AWS Backup is not shown: {escape(why_not)}")


@verb("restore")
@table_option
@click.option("--backup", "name", envvar="BACKUP", default="", help="A backup's name or ARN; else the table's newest.")
@click.option("--at", envvar="AT", default="", help="The table as it was at this second (UTC): 20261126T113000.")
@click.option("--into", envvar="INTO", default="", help="Name of the new table.")
@yes_option
def restore(target: Target, table: str, name: str, at: str, into: str, yes: bool) -> None:
    """Restore a backup, or a table as of a moment, into a new table beside the one in use; never over one that exists.

    The running system is not touched: it goes on with the table it has. What DynamoDB leaves out (time to live,
    point-in-time recovery, tags, deletion protection) is set as the original has it, and the items are counted. At the
    end stands how to put them back. Broken off, the same command goes on. Rehearse it once a quarter on staging:
    backup, restore, putback, then delete the new table.

    \b
    Example: make restore ENV=production TABLE=operators
             make restore ENV=production TABLE=operators AT=20261126T113000
             make restore ENV=production BACKUP=sparta-operators-production-20261126T113000
    """
    todo = restoring.plan(target, table, name, at, into)
    made = todo.backup.created.strftime("%Y-%m-%d %H:%M:%S")
    size = "" if todo.backup.bytes is None else f", {listing.size(todo.backup.bytes)}"
    say(f"Backup   {escape(todo.backup.name)} ({todo.backup.kind}, of {made} UTC{size})")
    say(f"becomes  {escape(todo.into)}, a new table" + (" (an earlier run has begun it)" if todo.begun else ""))
    ask(f"Make the table {todo.into}?", yes=yes)
    want, have, done = restoring.restore(target, todo)
    _tell_settings(want, have, done)
    _tell_counts(target, todo)
    _tell_next(target, todo)


@verb("export")
@table_option
@click.option("--at", envvar="AT", default="", help="Go on with the export of this time: 20261126T113000.")
def export(target: Target, table: str, at: str) -> None:
    """Write the tables as files (DynamoDB JSON) into the environment's own bucket for backups.

    Changes nothing in the tables and does not slow them. It needs their point-in-time recovery. Broken off, DynamoDB
    goes on; AT= waits for the same export instead of beginning another.

    \b
    Example: make export ENV=production
             make export ENV=production TABLE=validators
    """
    stamp = saving.check_stamp(at) if at else saving.now()
    dynamodb = target.client("dynamodb")
    known = insist(target, dynamodb, list(chosen(target, table)))
    off = [name for name in known if not exporting.recoverable(dynamodb, name)]
    if off:
        raise OperationError(
            f"Point-in-time recovery is off for {', '.join(off)}, and DynamoDB exports from nothing else. Nothing was "
            "exported. The templates turn it on: make deploy; make drift shows who turned it off."
        )
    where = f"s3://{exporting.bucket(target)}/exports/{stamp}/"
    say(f"Exporting {_tables(len(known))} of {target.environment} to {where} (AT={stamp})")
    ended = exporting.export(target, {name: each["TableArn"] for name, each in known.items()}, stamp)
    for each in ended:
        state = each.problem or f"{each.items} items, {listing.size(each.bytes)}, in {each.prefix}/"
        say(f"  {each.table}: {escape(state)}")
    failed = [each.table for each in ended if each.problem]
    if failed:
        raise OperationError(f"Not exported: {', '.join(failed)}; the reasons stand above. The others are in {where}")


def _tables(count: int) -> str:
    return "one table" if count == 1 else f"{count} tables"


def _tell_settings(want: Settings, have: Settings, done: dict[str, str]) -> None:
    """What DynamoDB did not bring back, and whether it is as it was by now."""
    grid = Grid("Setting", "Wanted", "Restored", "", box=None, pad_edge=False)
    present = have.lines()
    for what, original in want.lines().items():
        differs = "differs: set it by hand" if original != present[what] else ""
        grid.add_row(what, escape(original), escape(present[what]), escape(done.get(what, differs)))
    OUT.print(grid)
    say(
        "Alarms, dashboard, AWS Backup's plan and the roles' rights name the original: none of them holds for the copy."
    )


def _tell_counts(target: Target, todo: restoring.Restoration) -> None:
    dynamodb = target.client("dynamodb")
    restored = restoring.count(dynamodb, todo.into)
    now = restoring.count(dynamodb, todo.backup.table)
    said = None
    if todo.backup.kind != restoring.MOMENT:
        said = saving.describe_backup(dynamodb, todo.backup.arn)["SourceTableDetails"].get("ItemCount")
    known = f"about {said} when the backup was made, " if said is not None else ""
    original = f"{todo.backup.table} has {now} now" if now is not None else f"{todo.backup.table} is not there"
    say(f"Items counted in {todo.into}: {restored} ({known}{original}).")


def _tell_next(target: Target, todo: restoring.Restoration) -> None:
    definition = restoring.definition(target, todo.backup.table)
    if definition is None:
        return
    variable = f"{definition.name.replace('-', '_').upper()}_TABLE_NAME"
    say(
        f"To look at it with the programs on this machine: {variable}={todo.into} make api\n"
        f"To put its items into {todo.backup.table}, which the system goes on using:\n"
        f"  make putback ENV={target.environment} TABLE={definition.name} SOURCE={todo.into}\n"
        f"If {todo.backup.table} itself is gone: make restore ... INTO={todo.backup.table}\n"
        f"When it is no longer needed: aws dynamodb update-table --no-deletion-protection-enabled --table-name "
        f"{todo.into}; aws dynamodb delete-table --table-name {todo.into}"
    )
