"""``docs/operations.md``: which command does what the guide's operations ask for, and what each says of itself."""

from __future__ import annotations

from textwrap import dedent

import click

from scripts.__main__ import Runbook
from scripts.docs.markdown import page, table
from scripts.docs.world import UnknownResourceError
from scripts.verbs import COMMANDS

WIDTH = 110
ROWS = (
    ("init, plan", "bootstrap changeset difference"),
    ("apply", "deploy"),
    ("apply of a new image", "release"),
    ("rollback", "rollback"),
    ("destroy", "destroy"),
    ("verify", "verify"),
    ("scale, restart, quick disable", "scale restart stop disable"),
    ("logs, errors", "logs errors"),
    ("metrics", "metrics"),
    ("backup, restore", "backup backups restore putback export"),
    ("migrate", "migrate migrations"),
    ("secrets", "secrets secret rotate"),
    ("audit", "audit"),
    ("cost", "cost"),
    ("drift", "drift"),
    ("troubleshoot", "troubleshoot"),
)
"""The guide's operations, and the verbs for each: every verb has its place."""
ABOUT = """\
Every command takes the environment (`ENV=production`) and fails with one line when credentials, stack or input are
missing. One that changes something says from what to what and asks; `YES=1` answers for a machine. Exit codes: 0 fine,
1 failed, refused or something found, 2 wrong usage; make itself says `Error 1` or `Error 2` and ends with 2 for both, a
program that has to tell them apart calls `python -m scripts <verb>`. Options can be given to make by their names in
capitals: `make scale ENV=production SERVICE=api COUNT=3`. [In the terminal](in-the-terminal.md) shows
what they look like."""


def text() -> str:
    """The table of the guide's rows and our verbs, then each command's help."""
    placed = [verb for _, verbs in ROWS for verb in verbs.split()]
    if sorted(placed) != sorted(COMMANDS):
        raise UnknownResourceError(f"verbs without one place in the table: {set(placed) ^ set(COMMANDS)}")
    rows = [(guide, _links(verbs)) for guide, verbs in ROWS]
    return page("Operations", ABOUT, table(("In the guide", "Here"), rows), *(_section(verb) for verb in COMMANDS))


def _links(verbs: str) -> str:
    return ", ".join(f"[`make {verb}`](#make-{verb})" for verb in verbs.split())


def _section(verb: str) -> str:
    runbook = Runbook()
    context = click.Context(runbook)
    command = runbook.get_command(context, verb)
    if command is None:
        raise KeyError(verb)
    inside = click.Context(command, info_name=verb, terminal_width=WIDTH, max_content_width=WIDTH)
    formatter = inside.make_formatter()
    command.format_help_text(inside, formatter)
    command.format_options(inside, formatter)
    return f"## make {verb}\n\n```text\n{_flush(formatter.getvalue())}\n```"


def _flush(shown: str) -> str:
    """Click indents all but the headings; here nothing stands before it."""
    description, _, options = shown.partition("Options:")
    return f"{dedent(description).strip()}\n\nOptions:{options.rstrip()}"
