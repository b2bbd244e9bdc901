"""``make verify``: one table of what has to be true, and an exit code."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import click
from rich.table import Table

from scripts.deploy.checks import Row, rows
from scripts.operations.command import verb
from scripts.operations.screen import ERR, OUT, fail, say
from scripts.operations.target import Target

PAUSE_SECONDS = 10

api_url_option = click.option(
    "--api-url",
    envvar="API_URL",
    default="",
    help="Ask /health and /ready here instead of at the stack's ApiUrl, for example http://127.0.0.1:3000.",
)


def wait_option(default: int) -> Callable[[Any], Any]:
    """How long what is not good yet may take to become so."""
    return click.option(
        "--wait",
        envvar="WAIT",
        type=click.IntRange(min=0),
        default=default,
        show_default=True,
        help="Seconds to wait for what is not good yet.",
    )


@verb("verify")
@wait_option(0)
@api_url_option
def verify(target: Target, wait: int, api_url: str) -> None:
    """Look whether the system works: services, targets, /health, /ready, the bot, the monitor. It changes nothing.

    The exit code is 0 when every row is good; each row that is not says what to do.

    Example: make verify ENV=production
    """
    verify_and_exit(target, wait=wait, api_url=api_url)


def verify_and_exit(target: Target, *, wait: int, api_url: str) -> None:
    """Show the table, once all is good or the time is up.

    :raises click.exceptions.Exit: with 1 when a row is not good
    """
    target.created()
    found = _looked(target, wait, api_url)
    OUT.print(_table(found), soft_wrap=False)
    bad = [row for row in found if not row.good]
    for row in bad:
        say(f"[bold]{row.what}:[/bold] {row.todo}")
    if bad:
        fail(f"{target.environment} does not work as it should: {', '.join(row.what for row in bad)}.")
        raise click.exceptions.Exit(1)
    say(f"[green]{target.environment} works.[/green]")


def _looked(target: Target, wait: int, api_url: str) -> list[Row]:
    deadline = time.monotonic() + wait
    while True:
        found = rows(target, api_url=api_url)
        bad = [row.what for row in found if not row.good]
        left = deadline - time.monotonic()
        if not bad or left <= 0:
            return found
        ERR.print(f"Not good yet: {', '.join(bad)}. Looking again for {left:.0f} s.", style="yellow")
        time.sleep(min(PAUSE_SECONDS, left))


def _table(found: list[Row]) -> Table:
    table = Table("", "what", box=None, pad_edge=False)
    table.add_column("found", overflow="fold")
    for row in found:
        mark = "[green]good[/green]" if row.good else "[bold red]BAD[/bold red]"
        table.add_row(mark, row.what, _escaped(row.found))
    return table


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")
