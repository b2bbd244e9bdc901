"""What a change of the templates would do to a system that has them all: from two folders, without AWS."""

from __future__ import annotations

from pathlib import Path

import click

from scripts.operations.command import Command
from scripts.operations.errors import OperationError
from scripts.operations.target import file as given_in
from scripts.review.compare import review
from scripts.review.deployed import from_folder
from scripts.review.render import to_markdown
from templates import environments
from templates.rules.system import System

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("difference", cls=Command)
@click.option("--base", envvar="BASE", type=FOLDER, required=True, help="Templates before the change.")
@click.option(
    "--head",
    envvar="HEAD",
    type=FOLDER,
    default=Path("build/templates"),
    show_default=True,
    help="Templates after it.",
)
@click.option("--env", envvar="ENV", default="production", show_default=True, help="Whose parameter file to take.")
@click.option(
    "--base-parameters",
    envvar="BASE_PARAMETERS",
    type=FILE,
    help="The parameter file before the change; without it, the same as after.",
)
@click.option(
    "--review-markdown",
    envvar="REVIEW_MARKDOWN",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it there instead of on the screen.",
)
def difference(base: Path, head: Path, env: str, base_parameters: Path | None, review_markdown: Path | None) -> None:
    """Show, as Markdown, what changes between two folders of templates. Asks nothing of AWS and changes nothing.

    Example: make difference BASE=/tmp/before/build/templates
    """
    own = given_in(env)
    text = to_markdown(review(_system(base, base_parameters or own), _system(head, own)))
    if review_markdown:
        review_markdown.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


def _system(folder: Path, parameters: Path) -> System:
    try:
        return from_folder(folder, environments.read(parameters))
    except environments.EnvironmentError as error:
        raise OperationError("\n".join(error.args)) from error
