"""``make release`` and ``make rollback``: another image or an earlier deployment, by a change set shown first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click
from rich.markup import escape

from scripts.changeset import record
from scripts.changeset.create import KEPT, Prepared, new_name, prepare
from scripts.changeset.plan import account, cost_change, refusal, standing
from scripts.changeset.standing import is_nothing, tell_others, unless_broken_off
from scripts.deploy import records
from scripts.deploy.command import agree, running
from scripts.deploy.execute import catch_up, execute
from scripts.deploy.follow import interval_option
from scripts.deploy.images import checked
from scripts.deploy.records import Deployed
from scripts.deploy.stored import stored
from scripts.deploy.verify import api_url_option, verify_and_exit, wait_option
from scripts.operations.command import verb, yes_option
from scripts.operations.errors import OperationError, RefusedError
from scripts.operations.screen import OUT, say
from scripts.operations.target import Target
from scripts.review.compare import review
from scripts.review.render import to_terminal

SERVICES = ("api", "bot")

allow_option = click.option(
    "--allow", envvar="ALLOW", default="", help="Dangers you accept, by path: Data/OperatorsTable,..."
)


@verb("release")
@click.option("--image", envvar="IMAGE", required=True, help="<repository>@sha256:<digest>; tags are refused.")
@allow_option
@yes_option
@interval_option
@wait_option(600)
@api_url_option
def release(target: Target, image: str, allow: str, yes: bool, interval: float, wait: int, api_url: str) -> None:
    """Run another image: a change set of the one parameter ImageUri, shown, executed, watched and verified.

    The API and the bot run the same image, so both are replaced; templates and all other parameters stay as deployed.
    Broken off before you agree, it leaves no change set; after that, make deploy goes on with it.

    Example: make release ENV=production IMAGE=123456789012.dkr.ecr.eu-west-2.amazonaws.com/sparta@sha256:0a1b...
    """
    refuse_while_running(target)
    given, present = _consent(allow, interval, yes), _present(target)
    to_image(target, present, checked(target, image), new_name("release"), given)
    verify_and_exit(target, wait=wait, api_url=api_url)


@verb("rollback")
@click.option(
    "--service",
    envvar="SERVICE",
    type=click.Choice(SERVICES),
    help="Put back the image alone, not templates and parameters. Both services run the same image.",
)
@allow_option
@yes_option
@interval_option
@wait_option(600)
@api_url_option
def rollback(
    target: Target, service: str | None, allow: str, yes: bool, interval: float, wait: int, api_url: str
) -> None:
    """Put back what was deployed before: templates and parameters, or with SERVICE=api the image alone.

    What stood is recorded after each deployment that succeeded. The change set is shown before it is executed. Each
    further rollback goes one deployment further back. Data is not touched. Broken off before you agree, it leaves no
    change set; after that, make deploy goes on with it.

    Example: make rollback ENV=production
    """
    refuse_while_running(target)
    given, present = _consent(allow, interval, yes), _present(target)
    _tell_drift(target, present)
    if service:
        previous = _before_image(target, present)
        say(f"Back to the image of {previous.at}. The API and the bot run the same image, so both are replaced.")
        image = checked(target, previous.image)
        to_image(target, present, image, new_name("image-back"), given)
    else:
        _to_record(target, present, given)
    verify_and_exit(target, wait=wait, api_url=api_url)


def to_image(target: Target, present: Deployed, image: str, name: str, given: Consent) -> None:
    """Execute a change set of the parameter ImageUri alone."""
    say(f"Image now:   {escape(records.parameters(target).get('ImageUri') or 'none')}")
    say(f"Image then:  {escape(image)}")
    _change(target, present.url, _kept(records.parameters(target)) | {"ImageUri": image}, name, given)


def _to_record(target: Target, present: Deployed, given: Consent) -> None:
    previous = records.before(target, present)
    if previous is None:
        raise OperationError(
            f"Nothing else was deployed to {target.environment} before {present.at}, so it cannot go back. "
            "Nothing was changed. To change it forward: make changeset"
        )
    say(f"Deployed now:  {present.at} by {escape(present.who)}")
    say(f"Goes back to:  {previous.at} by {escape(previous.who)}")
    now = records.parameters(target)
    for line in _differences(now, previous.parameters):
        say(line)
    if present.url != previous.url:
        say("  templates: those of then")
    image = previous.parameters.get("ImageUri")
    if image and image != now.get("ImageUri"):
        checked(target, image)  # The registry keeps the newest alone: without its image no task would start.
    stamp = previous.key.rpartition("/")[2].removesuffix(".json")
    _change(target, previous.url, _kept(previous.parameters), new_name(f"rollback-{stamp}"), given)


@dataclass(frozen=True)
class Consent:
    """What the person has agreed to beforehand, and how often to look."""

    yes: bool
    allowed: frozenset[str]
    interval: float


def _change(target: Target, url: str, values: dict[str, str], name: str, given: Consent) -> None:
    """Make the change set, show its review, refuse what harms, remember it as the prepared one, ask, execute it."""
    prepared = prepare(target, url=url, parameters=values, name=name)
    with unless_broken_off(target, prepared), record.put_back(target):
        accepted = _review(target, prepared, given.allowed)
        hidden = frozenset(key for key, value in values.items() if value == KEPT)
        # If this is killed from here on, it is found prepared: make deploy executes it, or watches and records it.
        written = record.write(target, prepared, allowed=accepted, hidden=hidden)
        tell_others(target, prepared)
        agree(target, written, yes=given.yes)
    execute(target, written, interval=given.interval)


def _review(target: Target, prepared: Prepared, allowed: frozenset[str]) -> tuple[str, ...]:
    """Show what would change; the paths of the dangers in it that were accepted.

    :raises RefusedError: when nothing would, or when there is one that was not
    """
    visible = {key: value for key, value in prepared.parameters.items() if value != KEPT}
    before, after = standing(target), stored(target, prepared.url, visible | account(target))
    found = review(
        before,
        after,
        listed=prepared.listed,
        cost=cost_change(before, after),
        physical={path: each.physical_id for path, each in target.resources.items()},
    )
    if is_nothing(target, prepared, found):
        raise RefusedError(f"Nothing would change: {target.root} is that already. No change set is left.")
    to_terminal(found, OUT)
    refused = [danger for danger in found.dangers if danger.path not in allowed]
    if refused:
        raise refusal(refused, allowed)
    return tuple(sorted({danger.path for danger in found.dangers}))


def refuse_while_running(target: Target) -> None:
    """:raises RefusedError: while CloudFormation works on the stack"""
    at_work = running(target)
    if at_work:
        raise RefusedError(
            f"{target.root} is at work ({at_work[1]}). Nothing was changed. Watch it to its end first: "
            f"make deploy ENV={target.environment}"
        )


def _present(target: Target) -> Deployed:
    """The record of what stands.

    :raises OperationError: when there is none
    """
    target.stack(target.root)
    catch_up(target, record.read(target))
    found = records.newest(target)
    if found is None:
        raise OperationError(
            f"No deployment of {target.environment} is recorded in s3://{target.bucket}/{records.folder(target)}, "
            "so nobody knows which templates run. Nothing was changed. make changeset and make deploy record it."
        )
    return found


def _before_image(target: Target, present: Deployed) -> Deployed:
    """The newest older record of another image.

    :raises OperationError: when there is none
    """
    now = records.parameters(target).get("ImageUri")
    older = present
    while (found := records.before(target, older)) is not None:
        if found.image and found.image != now:
            return found
        older = found
    raise OperationError(f"No other image is recorded for {target.environment}. Nothing was changed. See: make release")


def _tell_drift(target: Target, present: Deployed) -> None:
    """Say so when the stack was changed past these commands since the record was written."""
    differing = list(_differences(present.parameters, records.parameters(target)))
    if differing:
        say("[yellow]Somebody has changed parameters since the last recorded deployment:[/yellow]")
        for line in differing:
            say(line)


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """A line for each parameter that differs; a hidden one is ``None`` on both sides."""
    names = sorted({*before, *after})
    return [
        f"  {name}: {escape(str(before.get(name)))} -> {escape(str(after.get(name)))}"
        for name in names
        if before.get(name) != after.get(name)
    ]


def _kept(values: Mapping[str, str | None]) -> dict[str, str]:
    """As a change set wants them: a value nobody knows stays as it is deployed."""
    return {name: KEPT if value is None else value for name, value in values.items()}


def _consent(allow: str, interval: float, yes: bool) -> Consent:
    return Consent(yes, frozenset(path.strip() for path in allow.split(",") if path.strip()), interval)
