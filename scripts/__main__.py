"""``python -m scripts <verb>``: the runbook's commands, one by one what ``make <verb>`` calls."""

from __future__ import annotations

from importlib import import_module

import click

from scripts.verbs import COMMANDS


class Runbook(click.Group):
    """Loads a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click calls it
        """All of them, in the order of the list."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, or ``None`` where there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.command(cls=Runbook, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """Deploy and operate Sparta. Each command takes the environment: ENV=production, or --env production."""


if __name__ == "__main__":
    main(prog_name="python -m scripts")
