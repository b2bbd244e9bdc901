"""The edge of every command: who is asked for the environment, and how its end is told."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from scripts.operations.errors import explain
from scripts.operations.screen import ERR, fail
from scripts.operations.target import Target

INTERRUPTED = 130
Function = Callable[..., Any]


class Command(click.Command):
    """A click command whose errors are one line and an exit code, for a person and for CI alike."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            fail("Interrupted.")
            context.exit(INTERRUPTED)
        except Exception as error:  # noqa: BLE001 - the edge of the process
            sentence = explain(error)
            if sentence is None:
                ERR.print_exception(show_locals=False)
                sentence = "This is a mistake in the command itself; the lines above tell where."
            fail(sentence)
            context.exit(1)


def verb(name: str) -> Callable[[Function], click.Command]:
    """A command called ``name`` that is given its ``Target`` first, by ``--env`` or ``ENV``."""

    def decorate(function: Function) -> click.Command:
        @functools.wraps(function)
        def run(env: str, **options: Any) -> Any:
            return function(Target(env), **options)

        wrapped = click.option("--env", envvar="ENV", required=True, help="The environment: production, staging ...")
        return click.command(name, cls=Command)(wrapped(run))

    return decorate


yes_option = click.option("--yes", envvar="YES", is_flag=True, help="Do not ask: the answer is yes (also YES=1).")
"""For a command that changes something: it asks unless this is given."""
