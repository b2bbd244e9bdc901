"""Nothing that changes a running system happens before a person has agreed to it."""

from __future__ import annotations

import sys

import click

from scripts.operations.errors import RefusedError
from scripts.operations.screen import ERR


def ask(question: str, *, yes: bool) -> None:
    """Return if the person agrees, or has with ``YES=1``.

    :raises RefusedError: when not, or when nobody can be asked
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise RefusedError(f"Nothing was changed. {question} Nobody can be asked here: YES=1 says yes.")
    if not agrees(question):
        raise RefusedError("Nothing was changed.")


def agrees(question: str, *, default: bool = False) -> bool:
    """Whether the person at the terminal says yes; Ctrl-C and the end of input are a no."""
    try:
        return click.confirm(question, default=default, err=True)
    except click.Abort:
        click.echo(err=True)  # Nothing ended the line of the question.
        return False


def ask_for_name(question: str, name: str, *, given: str) -> None:
    """Return if the person typed ``name``, now or beforehand in ``given``: for what cannot be undone.

    :raises RefusedError: when not
    """
    if not given and sys.stdin.isatty():
        given = typed(f"{question} Type its name ({name}) to go on")
    if given.strip() != name:
        raise RefusedError(f"Nothing was changed. {question} To agree, its name has to be typed: {name}")


def typed(question: str, *, hidden: bool = False) -> str:
    """What the person at the terminal types; nothing from whoever gives up."""
    try:
        return str(click.prompt(question, default="", show_default=False, hide_input=hidden, err=True))
    except click.Abort:
        ERR.print()
        return ""
