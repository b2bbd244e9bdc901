"""``make changeset``: show what a deployment would change, and leave it ready to be executed."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import click
from rich.markup import escape

from scripts.changeset import create, leftovers, parameters, record, sources, upload
from scripts.changeset.parameters import Chosen
from scripts.operations.command import verb, yes_option
from scripts.operations.errors import OperationError, RefusedError
from scripts.operations.screen import OUT, say
from scripts.operations.target import Target
from scripts.review.compare import review
from scripts.review.deployed import deployed
from scripts.review.model import Danger, Listed, Review
from scripts.review.render import to_json, to_markdown, to_terminal
from templates.rules.reader import Template
from templates.rules.system import System, render

NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@verb("changeset")
@click.option("--image", envvar="IMAGE", default="", help="The image to run, by digest; without it, the one deployed.")
@click.option("--allow", envvar="ALLOW", default="", help="Dangers you accept, by path: Data/OperatorsTable,...")
@click.option("--name", envvar="NAME", default="", help="What to call the change set.")
@click.option(
    "--templates",
    envvar="TEMPLATES",
    type=click.Path(path_type=Path),
    help="A folder of templates, in place of this checkout's.",
)
@click.option(
    "--checks",
    envvar="CHECKS",
    type=click.Choice(["stop", "warn"]),
    default="stop",
    help="What findings of the template checks do.",
)
@click.option("--review-markdown", envvar="REVIEW_MARKDOWN", type=FILE, help="Write the review there, as Markdown.")
@click.option("--review-json", envvar="REVIEW_JSON", type=FILE, help="Write the review there, as JSON.")
@yes_option
def changeset(
    target: Target,
    image: str,
    allow: str,
    name: str,
    templates: Path | None,
    checks: str,
    review_markdown: Path | None,
    review_json: Path | None,
    yes: bool,
) -> None:
    """Show what a deployment would change, and leave it ready for `make deploy`.

    Uploads the templates and the functions' zips, makes a change set of the root stack with those of its nested
    stacks, and shows the review. It changes nothing that runs. What loses data or cuts service is refused unless
    ALLOW names it.

    Example: make changeset ENV=staging
    """
    name = _checked(name) or _new_name()
    read = sources.checked(templates, stop=checks == "stop")
    create.execution_role(target)
    store = upload.Store(target)
    leftovers.clear(target, yes=yes)
    chosen = parameters.choose(target, read["root"].section("Parameters"), packages=sources.PACKAGES, image=image)
    _tell(chosen)
    plan = _Plan(target, read, chosen, {path.strip() for path in allow.split(",") if path.strip()})
    plan.refuse_dangers(plan.review())
    url = _upload(store, read, chosen)
    prepared = create.prepare(target, url=url, parameters=chosen.values, name=name)
    final = plan.review(prepared.listed)
    _show(final, review_markdown, review_json)
    if prepared.empty:
        say(f"Nothing would change: {target.root} is what the templates and parameters say. No change set is left.")
        return
    plan.refuse_dangers(final, prepared)
    record.write(target, prepared, allowed=plan.accepted(final), hidden=chosen.hidden)
    _farewell(target, prepared)


class _Plan:
    """What stands, what shall stand, and which dangers a person accepts."""

    def __init__(self, target: Target, read: Mapping[str, Template], chosen: Chosen, allowed: set[str]) -> None:
        self.target = target
        self.allowed = allowed
        self.before = deployed(target.cloudformation, target.root)
        self.after = _system(read, chosen)
        self.physical = (
            {path: each.physical_id for path, each in target.resources.items()} if self.before is not None else {}
        )

    def review(self, listed: Sequence[Listed] | None = None) -> Review:
        return review(self.before, self.after, listed=listed, physical=self.physical)

    def accepted(self, found: Review) -> tuple[str, ...]:
        return tuple(sorted({danger.path for danger in found.dangers} & self.allowed))

    def refuse_dangers(self, found: Review, prepared: create.Prepared | None = None) -> None:
        """Stop at a danger that nobody named; a change set that has it is not left to be executed by mistake."""
        dangers = [danger for danger in found.dangers if danger.path not in self.allowed]
        if not dangers:
            return
        if prepared is None:
            to_terminal(found, OUT)
        else:
            create.discard(self.target, prepared.change_set_id)
        raise RefusedError(_refusal(dangers, self.allowed, made=prepared is not None))


def _refusal(dangers: Sequence[Danger], allowed: set[str], *, made: bool) -> str:
    paths = sorted({danger.path for danger in dangers})
    what = " ".join(f"{danger.path}: {danger.sentence.rstrip('.')}." for danger in dangers)
    state = "The change set was deleted again." if made else "No change set was made."
    name = ",".join(sorted({*allowed, *paths}))
    return f"Refused. {what} {state} Nothing was changed. If it is what you want: ALLOW={name}"


def _system(read: Mapping[str, Template], chosen: Chosen) -> System:
    """The system as it shall be: root and what it nests."""
    values = {name: value for name, value in chosen.values.items() if value != create.KEPT}
    return render({name: each for name, each in read.items() if name != "bootstrap"}, values)


def _upload(store: upload.Store, read: Mapping[str, Template], chosen: Chosen) -> str:
    for path in chosen.zips:
        upload.function(store, path)
    url = upload.templates(store, read)
    count = len(store.uploaded)
    say(f"Uploaded to {store.bucket}: {count} file{'s' if count != 1 else ''}, the others were there already.")
    return url


def _tell(chosen: Chosen) -> None:
    for line in chosen.notes:
        say(escape(line))
    for line in chosen.warnings:
        say(f"[yellow]{escape(line)}[/yellow]")


def _show(found: Review, markdown: Path | None, json: Path | None) -> None:
    to_terminal(found, OUT)
    if markdown:
        markdown.write_text(to_markdown(found), encoding="utf-8")
    if json:
        json.write_text(to_json(found), encoding="utf-8")


def _farewell(target: Target, prepared: create.Prepared) -> None:
    say(f"Change set {prepared.name} of {target.root} is ready. Look at it in the console:")
    say(escape(console_url(target.region, prepared.stack_id, prepared.change_set_id)))
    say(f"Nothing is executed. `make deploy ENV={target.environment}` executes exactly this.")


def console_url(region: str, stack_id: str, change_set_id: str) -> str:
    """The change set's page in the CloudFormation console."""
    query = f"stackId={quote(stack_id, safe='')}&changeSetId={quote(change_set_id, safe='')}"
    return f"https://{region}.console.aws.amazon.com/cloudformation/home?region={region}#/stacks/changesets/changes?{query}"


def _checked(name: str) -> str:
    if name and not NAME.fullmatch(name):
        raise OperationError(f"NAME={name} is no name of a change set: letters, digits and hyphens, a letter first.")
    return name


def _new_name() -> str:
    return f"changeset-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
