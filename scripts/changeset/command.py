"""``make changeset``: show what a deployment would change, and leave it ready to be executed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import click
from rich.markup import escape

from scripts.changeset import create, leftovers, parameters, record, retained, sources, standing, upload
from scripts.changeset.parameters import Chosen
from scripts.changeset.plan import Plan, refusal
from scripts.deploy.execute import catch_up
from scripts.operations.command import verb, yes_option
from scripts.operations.errors import OperationError
from scripts.operations.screen import OUT, say
from scripts.operations.target import Target
from scripts.review.model import Review
from scripts.review.render import to_json, to_markdown, to_terminal
from templates.rules.reader import Template

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
@click.option(
    "--packages",
    envvar="PACKAGES",
    type=click.Path(path_type=Path),
    default=sources.PACKAGES,
    help="The folder of the functions' zips; without it, build/lambda.",
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
    packages: Path,
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
    name = _checked(name) or create.new_name("changeset")
    create.execution_role(target)
    store = upload.Store(target)
    read = sources.checked(templates, stop=checks == "stop")
    leftovers.clear(target, yes=yes)
    catch_up(target, record.read(target))
    chosen = parameters.choose(target, read["root"].section("Parameters"), packages=packages, image=image)
    _tell(chosen)
    plan = Plan(target, read, chosen, frozenset(path.strip() for path in allow.split(",") if path.strip()))
    _refuse_early(plan)
    if plan.before is None:
        retained.clear(target, plan.after, yes=yes)
    prepared = create.prepare(target, url=_upload(store, plan.templates, chosen), parameters=chosen.values, name=name)
    with standing.unless_broken_off(target, prepared):
        final = plan.review(prepared.listed)
        _show(final, review_markdown, review_json)
        if standing.is_nothing(target, prepared, final):
            say(f"Nothing would change: {target.root} is what the templates and parameters say. No change set is left.")
            return
        _refuse_late(plan, final)
        record.write(target, prepared, allowed=plan.accepted(final), hidden=chosen.hidden)
    _farewell(target, prepared)
    standing.tell_others(target, prepared)


def _refuse_early(plan: Plan) -> None:
    """Our own comparison needs no change set: what it refuses was never made."""
    found = plan.review()
    dangers = plan.unaccepted(found)
    if dangers:
        to_terminal(found, OUT)
        raise refusal(dangers, plan.allowed, "No change set was made. ")


def _refuse_late(plan: Plan, found: Review) -> None:
    """What only the change set told is refused too, and not left to be executed by mistake."""
    dangers = plan.unaccepted(found)
    if dangers:
        raise refusal(dangers, plan.allowed)


def _upload(store: upload.Store, read: Mapping[str, Template], chosen: Chosen) -> str:
    for path in chosen.zips:
        upload.function(store, path)
    url = upload.templates(store, read)
    count = len(store.uploaded)
    what = f"{count} file{'s' if count > 1 else ''}" if count else "nothing"
    say(f"Uploaded to {store.bucket}: {what}; whatever else is needed was there already.")
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
