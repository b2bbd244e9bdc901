"""``make migrate``, ``migrations``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from rich.markup import escape

from scripts.backup import saving
from scripts.backup.tables import chosen, insist, physical
from scripts.migrate.engine import Run
from scripts.migrate.ledger import Ledger, Record
from scripts.migrate.model import Migration
from scripts.migrate.plan import Plan, lines, plan
from scripts.migrate.versions import MIGRATIONS
from scripts.migrate.view import View
from scripts.operations.command import verb, yes_option
from scripts.operations.consent import ask
from scripts.operations.errors import OperationError
from scripts.operations.screen import say
from scripts.operations.target import Target
from sparta.errors import SpartaError
from sparta.settings import Tables
from sparta.stores.database import Limits, connect
from sparta.stores.table import Table
from templates.tables import TABLES

PATIENT = Limits(connect=5, read=30, busy=60)
LATE = "Look at it with DRY_RUN=1, and stop the API, the bot and the monitor before the next try."


@verb("migrate")
@click.option("--dry-run", envvar="DRY_RUN", is_flag=True, help="Show what each item would become; change nothing.")
@click.option("--to", envvar="TO", type=int, default=None, help="The last migration to apply; else all.")
@click.option("--again", envvar="AGAIN", type=int, default=None, help="Apply one more time a repair that was applied.")
@yes_option
def migrate(target: Target, dry_run: bool, to: int | None, again: int | None, yes: bool) -> None:
    """Bring the data into the form that this version wants: every migration that is not applied yet, in order.

    Changes items of the tables it names, after saving those tables. Each item and how far it got are written as one
    act: broken off or killed at any point, the same command goes on and does nothing twice. Two at once cannot run. At
    the end it looks again whether nothing is left to do. DRY_RUN=1 first shows every item that would change.

    \b
    Example: make migrate ENV=production DRY_RUN=1
             make migrate ENV=production
             make migrate ENV=production AGAIN=1      after a table was restored
    """
    insist(target, target.client("dynamodb"), list(chosen(target)))
    with _sentences():
        tables = _tables(target)
        ledger = Ledger(tables["config"])
        todo = _again(again) if again is not None else _pending(ledger.records(), to)
        if not todo:
            say("Every migration is applied; nothing to do.")
        elif dry_run:
            _show(tables, todo)
        else:
            _apply(target, tables, ledger, todo, again=again is not None, yes=yes)


@verb("migrations")
def migrations(target: Target) -> None:
    """List the migrations: which are applied and when, which is under way, which are to come. Changes nothing.

    \b
    Example: make migrations ENV=production
    """
    insist(target, target.client("dynamodb"), [physical(target, each) for each in TABLES if each.name == "config"])
    with _sentences():
        records = Ledger(_tables(target)["config"]).records()
    for each in MIGRATIONS:
        say(escape(f"{each.title}: {each.says}\n     {_state(records.pop(each.number, None))}"))
    for record in records.values():
        say(
            escape(
                f"{record.number:04} {record.name}: not known to this version, which is older\n     {_state(record)}"
            )
        )


def _pending(records: dict[int, Record], to: int | None) -> list[Migration]:
    if to is not None:
        _known(to)
    for each in MIGRATIONS:
        record = records.get(each.number)
        if record and record.name != each.name:
            raise OperationError(
                f"Migration {each.number:04} was begun as {record.name}, and is {each.name} here. Nothing was done: "
                "this is another line of the program than the one that ran before."
            )
    last = MIGRATIONS[-1].number if to is None else to
    applied = {number for number, record in records.items() if record.state == "applied"}
    return [each for each in MIGRATIONS if each.number <= last and each.number not in applied]


def _again(number: int) -> list[Migration]:
    found = _known(number)
    if not found.repeatable:
        raise OperationError(f"{found.title} changes the form of the data and is applied once only. Nothing was done.")
    return [found]


def _known(number: int) -> Migration:
    for each in MIGRATIONS:
        if each.number == number:
            return each
    raise OperationError(f"There is no migration {number}; the last is {MIGRATIONS[-1].number}. Nothing was done.")


def _show(tables: dict[str, Table], todo: Sequence[Migration]) -> None:
    view = View(tables)
    for each in todo:
        found = plan(each, view)
        _summary(each, found)
        for edit in found.edits:
            for line in lines(edit):
                say(f"  {escape(line)}")
    say("A dry run: nothing was changed.")


def _summary(migration: Migration, found: Plan) -> None:
    made = sum(edit.before is None for edit in found.edits)
    gone = sum(edit.after is None for edit in found.edits)
    say(escape(f"{migration.title}: {migration.says}"))
    say(
        f"  {found.seen} items looked at: {made} are made, {len(found.edits) - made - gone} change, {gone} go"
        f"{f', {len(found.problems)} need a person' if found.problems else ''}"
    )
    for problem in found.problems:
        say(f"  [bold red]{escape(f'{problem.table} {problem.key}: {problem.says}')}[/]")


def _apply(
    target: Target, tables: dict[str, Table], ledger: Ledger, todo: Sequence[Migration], *, again: bool, yes: bool
) -> None:
    view = View(tables)
    for each in todo:
        found = plan(each, view)
        _summary(each, found)
        if found.problems:
            raise OperationError(
                f"Nothing was changed: {each.title} cannot decide what stands above. Put that right, with the API or "
                "by hand, then repeat the command."
            )
    ask(f"Apply {', '.join(each.title for each in todo)} to {target.environment}?", yes=yes)
    for each in todo:
        backup = _backup(target, ledger.record(each.number), each)
        ledger.acquire()
        try:
            _run(tables, ledger, each, backup, again=again)
        finally:
            ledger.release()


def _backup(target: Target, record: Record | None, migration: Migration) -> str:
    """Stamp of the backups of before the migration began: one that goes on has its own already."""
    if record and record.state == "running":
        say(
            f"{migration.title} goes on after {record.done} items; the backups of before it are <table>-{record.backup}"
        )
        return record.backup
    names = [physical(target, each) for each in TABLES if each.name in migration.changes]
    stamp = saving.new_stamp(target, names)
    saving.save(target, names, stamp)
    say(f"Saved {' and '.join(names)} as <table>-{stamp}")
    return stamp


def _run(tables: dict[str, Table], ledger: Ledger, migration: Migration, backup: str, *, again: bool) -> None:
    record = ledger.begin(migration, backup, again=again)
    Run(migration, View(tables), ledger).go(record)
    left = plan(migration, View(tables))
    if left.edits or left.problems:
        raise OperationError(
            f"{migration.title} ran, but {len(left.edits) + len(left.problems)} items still want a change: others "
            f"write meanwhile. It is not noted as applied. {LATE}"
        )
    ledger.finish(migration.number)
    done = ledger.record(migration.number)
    say(f"{migration.title}: applied and verified, {done.done if done else 0} items written.")


def _state(record: Record | None) -> str:
    if record is None:
        return "to come"
    if record.state == "applied":
        return f"applied {_time(record.ended or 0)}, {record.done} items written, backups <table>-{record.backup}"
    return f"under way since {_time(record.begun)}, {record.done} items written: make migrate goes on"


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _tables(target: Target) -> dict[str, Table]:
    """All of the environment, named here: a variable of the person's shell must not lead elsewhere."""
    settings = Tables(environment=target.environment, aws_region=target.region)
    database = connect(settings, threads=4, limits=PATIENT)
    return {each.name: Table(database, physical(target, each)) for each in TABLES}


@contextmanager
def _sentences() -> Iterator[None]:
    """What the stores say of a trouble is for people too."""
    try:
        yield
    except SpartaError as error:
        raise OperationError(error.sentence) from error
