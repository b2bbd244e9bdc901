"""Verb ``troubleshoot``: the guide's three common failures, each as one report that ends with its likely cause."""

from __future__ import annotations

from collections.abc import Callable

import click
from rich.markup import escape

from scripts.operations.command import verb
from scripts.operations.screen import say
from scripts.operations.target import Target
from scripts.troubleshoot import database, monitor, tasks
from scripts.troubleshoot.report import Report

CASES: dict[str, Callable[[Target], Report]] = {
    "tasks": tasks.examine,
    "database": database.examine,
    "monitor": monitor.examine,
}


@verb("troubleshoot")
@click.option("--case", envvar="CASE", type=click.Choice(list(CASES)), required=True, help="What does not work.")
def troubleshoot(target: Target, case: str) -> None:
    """Gather what explains a failure, and end with its likely cause. Changes nothing.

    tasks: tasks of the API or the bot stop or do not start. database: errors with DynamoDB. monitor: validators are not
    watched. No secret's value is read. The exit code is 1 when a cause was found.

    Example: make troubleshoot ENV=production CASE=tasks
    """
    report = CASES[case](target)
    for title, lines in report.sections:
        say(f"\n[bold]{escape(title)}[/bold]")
        for line in lines or ["nothing"]:
            say(f"  {escape(line)}".replace("\n", "\n    "))
    if not report.causes:
        say("\n[green]Nothing of this explains a failure.[/green] `make errors` shows what the programs complain of.")
        return
    say("\n[bold red]Likely causes, the likeliest first[/bold red]")
    for number, cause in enumerate(report.by_likelihood(), 1):
        say(f"  {number}. {escape(cause)}")
    click.get_current_context().exit(1)
