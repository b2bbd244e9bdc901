"""Verb ``audit``: what is open, public, unrotated or unwatched, and what each role may do."""

from __future__ import annotations

import click
from rich.markup import escape

from scripts.audit import exposure, keeping, roles
from scripts.operations.command import verb
from scripts.operations.screen import say
from scripts.operations.target import Target

SECRET_DAYS = 90


@verb("audit")
@click.option(
    "--days",
    envvar="DAYS",
    type=click.IntRange(1),
    default=SECRET_DAYS,
    show_default=True,
    help="A secret that was not changed for so many days is a finding.",
)
def audit(target: Target, days: int) -> None:
    """Look for what is open, public, unrotated or unwatched, and show what each role may do. Changes nothing.

    Findings come first. Looks at roles, security groups, buckets, secrets (never at a value) and the audit trail. The
    exit code is 1 when there is a finding.

    Example: make audit ENV=production
    """
    held = roles.read(target)
    parts = [
        roles.report(held),
        exposure.ports(target),
        exposure.buckets(target),
        keeping.secrets(target, days),
        keeping.trail(target),
    ]
    findings = [finding for part in parts for finding in part.findings]
    _say_findings(findings)
    for part in parts:
        say(f"\n[bold]{part.title}[/bold]")
        for line in part.lines:
            say(f"  {escape(line)}")
    if findings:
        # The roles alone fill more than a screen.
        say(f"\n[bold red]{_counted(findings)}[/bold red], which stand at the top.")
        click.get_current_context().exit(1)


def _say_findings(findings: list[str]) -> None:
    if not findings:
        say("[green]No findings.[/green]")
        return
    say(f"[bold red]{_counted(findings)}[/bold red]")
    for finding in findings:
        say(f"  [red]•[/red] {escape(finding)}")


def _counted(findings: list[str]) -> str:
    return f"{len(findings)} {'finding' if len(findings) == 1 else 'findings'}"
