"""Execute a prepared change set, or watch the operation that runs already, and do all that belongs to its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from rich.markup import escape

from scripts.changeset.record import Record
from scripts.deploy import events, listing, records, taken_over
from scripts.deploy.follow import Ending, expected, follow, leaving_it_alone, tell_failure
from scripts.deploy.progress import usual, words
from scripts.operations.screen import fail, say
from scripts.operations.target import Target

ROLLBACK = re.compile(r"rollback-(\d{8}T\d{9}Z)-")
"""The name of a change set that puts a record back says which: whoever watches it to its end can record that."""


def execute(target: Target, prepared: Record, *, interval: float) -> None:
    """Execute the change set and follow it to its end.

    :raises click.exceptions.Exit: with 1 when it failed, after saying why
    """
    with _not_yet(target, prepared):
        since = events.newest_time(target.cloudformation, prepared.stack_id)
        named = expected(target.cloudformation, prepared.change_set_id)
        # What a failed creation has made is taken away again, what is retained as well: it would be in the way of the
        # next. Not when it takes over what holds data from before: no rollback may have a chance to touch that.
        fresh = prepared.type == "CREATE" and not listing.takes_over(target.cloudformation, prepared.change_set_id)
        careful = {"RetainExceptOnCreate": True} if fresh else {}
    with leaving_it_alone(target, f"make deploy ENV={target.environment}", cancel=prepared.type == "UPDATE"):
        target.cloudformation.execute_change_set(
            ChangeSetName=prepared.change_set_id, ClientRequestToken=f"execute-{prepared.name}"[:128], **careful
        )
        ending = _follow(target, prepared.stack_id, prepared.type, since, named, interval)
    finish(target, prepared, ending)


@contextmanager
def _not_yet(target: Target, prepared: Record) -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        again = f"make deploy ENV={target.environment}"
        fail(f"Nothing is executed yet. The change set {prepared.name} stays prepared: {again}")
        raise


def attach(target: Target, stack_id: str, status: str, prepared: Record | None, *, interval: float) -> None:
    """Watch what runs already, to its end; record it if it is what was prepared.

    :raises click.exceptions.Exit: with 1 when it failed, after saying why
    """
    say(f"{target.root} is at work already ({status}): watching it, nothing new is begun.")
    since = events.beginning(target.cloudformation, stack_id)
    ours = prepared if prepared and execution(target, prepared) == "EXECUTE_IN_PROGRESS" else None
    named = expected(target.cloudformation, ours.change_set_id) if ours else {}
    type_ = status.partition("_")[0]
    with leaving_it_alone(target, f"make deploy ENV={target.environment}", cancel=type_ == "UPDATE"):
        ending = _follow(target, stack_id, type_, since, named, interval)
    if ours:
        finish(target, ours, ending)
    else:
        tell_end(target, ending)


def _follow(
    target: Target, stack_id: str, type_: str, since: datetime, named: dict[str, int], interval: float
) -> Ending:
    earlier = usual(records.durations(target, type_))
    if "" in earlier:
        say(f"Earlier runs took about {words(earlier[''])}. Ctrl-C ends the watching, not the operation.")
    return follow(target, stack_id, since, interval=interval, expected=named, usual=earlier)


def execution(target: Target, prepared: Record) -> str:
    """Where the change set is on its way: ``AVAILABLE``, ``EXECUTE_COMPLETE`` ...; ``GONE`` when it was deleted."""
    gone = target.cloudformation.exceptions.ChangeSetNotFoundException
    try:
        found = target.cloudformation.describe_change_set(ChangeSetName=prepared.change_set_id)
    except gone:
        return "GONE"
    return str(found["ExecutionStatus"])


def catch_up(target: Target, prepared: Record | None) -> bool:
    """Record a change set that went through after its command was killed, or was executed in the console.

    Whether there was one. Whoever goes by what is recorded calls this first, or takes an older deployment for the last.
    """
    if prepared is None or execution(target, prepared) != "EXECUTE_COMPLETE":
        return False
    last = records.newest(target)
    if target.find_stack(prepared.stack_id) is None or (last and last.change_set_id == prepared.change_set_id):
        return False
    say(f"The change set {prepared.name} was executed, but nobody watched it to its end: recording it now.")
    record(target, prepared, {})
    return True


def finish(target: Target, prepared: Record, ending: Ending) -> None:
    """Say how it ended; record and show what stands when that is what was asked for."""
    tell_end(target, ending)
    record(target, prepared, ending.seconds)
    show(target, prepared)


def record(target: Target, prepared: Record, seconds: dict[str, float]) -> None:
    """Record what stands now."""
    target.__dict__.pop("outputs", None)  # what was read before the operation is old
    target.__dict__.pop("resources", None)
    back = ROLLBACK.match(prepared.name)
    written = records.write(
        target,
        change_set_id=prepared.change_set_id,
        type_=prepared.type,
        url=prepared.url,
        seconds=seconds,
        restores=f"{records.folder(target)}{back[1]}.json" if back else "",
    )
    say(f"Recorded as s3://{target.bucket}/{written.key}: make rollback can come back to it.")


def show(target: Target, prepared: Record) -> None:
    """The outputs of what stands now, and what there is to know of it."""
    width = max(map(len, target.outputs), default=0)
    for name, value in target.outputs.items():
        say(f"  {name:{width}}  {escape(value)}")
    if listing.takes_over(target.cloudformation, prepared.change_set_id):
        for line in taken_over.notes(target):
            say(escape(line))


def tell_end(target: Target, ending: Ending) -> None:
    """Say how it ended.

    :raises click.exceptions.Exit: with 1 when it failed, after saying why
    """
    if not ending.is_good:
        tell_failure(target, ending)
        raise click.exceptions.Exit(1)
    took = f" after {words(ending.seconds[''])}" if "" in ending.seconds else ""
    say(f"[green]{target.root} is {ending.status}{took}.[/green]")
