"""The edge of every command: who is asked for the environment, and how its end is told."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import IO, Any

import click

from scripts.operations.errors import explain
from scripts.operations.screen import ERR, fail
from scripts.operations.target import Target

INTERRUPTED = 130
NUMBERS = {"integer": "a whole number", "float": "a number"}
"""What click calls "a valid integer range"."""
Function = Callable[..., Any]


class WrongUsageError(click.UsageError):
    """One line, in the words of make: who typed ``COUNT=`` never saw ``--count``."""

    def show(self, file: IO[str] | None = None) -> None:  # noqa: ARG002 - click calls it so
        fail(self.message)


class Command(click.Command):
    """A click command whose errors are one line and an exit code, for a person and for CI alike."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.UsageError as error:
            raise WrongUsageError(f"{_wrong(self, error)} `make {self.name} ARGS=--help` tells more.") from error

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


def _wrong(command: click.Command, error: click.UsageError) -> str:
    """What is wrong with what was given, and with which variable of make."""
    if not isinstance(error, click.BadParameter) or not isinstance(error.param, click.Option):
        return error.format_message()
    variable, kind = _variable(error.param), error.param.type
    if not isinstance(error, click.MissingParameter):
        said = re.sub(r"a valid (integer|float)( range)?", lambda found: NUMBERS[found[1]], error.message)
        return f"{variable}: {said}"
    wanted = error.param.help or ""
    if isinstance(kind, click.Choice):
        wanted = f"{wanted.removesuffix('.')}: {', '.join(map(str, kind.choices))}."
    example = re.search(r"make [a-z]+ [^\n]*", (command.help or "").partition("Example:")[2])
    shown = f" Example: `{example[0].strip()}`." if example else ""
    return f"{variable} is missing. {wanted}{shown}"


def _variable(option: click.Option) -> str:
    names = option.envvar
    return names if isinstance(names, str) else next(iter(names or option.opts))
