"""``make secrets`` and ``make secret``."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.table import Table as Grid

from scripts.changeset.parameters import intended
from scripts.operations.command import verb, yes_option
from scripts.operations.consent import agrees, ask, typed
from scripts.operations.errors import OperationError, explain
from scripts.operations.screen import OUT, say
from scripts.operations.target import Target
from scripts.secrets.known import COMPONENTS, Known, State, find, present, secret_id, stages, state
from scripts.secrets.shapes import check


@verb("secrets")
def secrets(target: Target) -> None:
    """Show what is known of each secret: whether it has a value, when it changed, when it rotates. Never a value.

    Changes nothing.

    \b
    Example: make secrets ENV=production
    """
    client = target.client("secretsmanager")
    grid = Grid(box=None, pad_edge=False)
    for heading in ("Secret", "Value", "Changed (UTC)"):
        grid.add_column(heading, no_wrap=True)
    for heading in ("Rotation", "Versions"):
        grid.add_column(heading)
    found = [(known, state(target, client, known)) for known in present(target)]
    for known, now in found:
        value = "[bold red]to be deleted[/]" if now.leaving else "there" if now.current else "[bold red]none[/]"
        grid.add_row(known.name, value, _time(now.changed), _rotation(now), stages(now))
    OUT.print(grid)
    for known, now in found:
        if todo := _todo(target, known, now):
            say(todo)


@verb("secret")
@click.option("--name", envvar="NAME", required=True, help="bot-token, ethereum-private-key, api-key ...")
@click.option(
    "--restart/--no-restart", envvar="RESTART", default=None, help="Restart what must read it anew, without asking."
)
@yes_option
def secret(target: Target, name: str, restart: bool | None, yes: bool) -> None:
    """Set a secret. The value is asked for and not shown, or read from standard input; it is never an argument.

    Changes the secret in Secrets Manager: the old value stays as its previous version. The form is checked before, and
    a private key must be that of SpartaAddress. Services that get the secret at their start are restarted if you agree;
    the others read it within five minutes.

    \b
    Example: make secret ENV=production NAME=bot-token
             pass show sparta/bot-token | make secret ENV=production NAME=bot-token YES=1
    """
    if os.environ.get("VALUE"):
        raise OperationError(
            "A value on the command line stands in the shell's history and in the list of processes: VALUE is not "
            "read, and nothing was changed. Consider that value known to others; leave it off, and you are asked."
        )
    known, client = find(target, name), target.client("secretsmanager")
    before = state(target, client, known)
    if before.leaving:
        raise OperationError(f"{known.name} is to be deleted. Nothing was changed. {_todo(target, known, before)}")
    value = _value(known)
    said = check(known.name, value, intended(target))
    was = "its value of " + _time(before.changed) if before.current else "no value"
    say(f"{secret_id(target, known)}: from {was} to {said}")
    ask(f"Set the {known.holds} of {target.environment}?", yes=yes)
    version = client.put_secret_value(
        SecretId=secret_id(target, known), SecretString=value, ClientRequestToken=str(uuid.uuid4())
    )["VersionId"]
    if state(target, client, known).current != version:
        raise OperationError(f"{known.name} was set, but another version is in use: somebody else sets it just now.")
    say(f"Set: version {version[:8]} is in use by whoever reads it from now on.")
    _restart(target, known, restart=restart, yes=yes)


def _rotation(now: State) -> str:
    if not now.rotation:
        return "by hand"
    return f"last {_day(now.rotated, 'never')}, next {_day(now.next_rotation, 'unknown')}"


def _todo(target: Target, known: Known, now: State) -> str:
    """What a person has to do about it; nothing in most cases."""
    if now.leaving:
        named = f"--secret-id {secret_id(target, known)} --region {target.region}"
        return f"Keep {known.name}, while that is possible: aws secretsmanager restore-secret {named}"
    return "" if now.current else f"Give {known.name} a value: make secret ENV={target.environment} NAME={known.name}"


def _value(known: Known) -> str:
    """Without the line break at its end, which no secret has."""
    if sys.stdin.isatty():
        return typed(f"The {known.holds} (not shown)", hidden=True)
    try:
        return sys.stdin.buffer.read().decode("utf-8").strip()
    except UnicodeDecodeError:
        raise OperationError("What came by standard input is no text. Nothing was changed.") from None


def _restart(target: Target, known: Known, *, restart: bool | None, yes: bool) -> None:
    """A task keeps what it was given at its start."""
    if not known.injected:
        say("Nothing needs a restart: whoever uses it reads it again within five minutes.")
        return
    if target.find_stack(target.root) is None:
        say(f"{target.root} is not deployed yet, so nothing has to be restarted.")
        return
    later = f"{' and '.join(known.injected)} still {'have' if len(known.injected) > 1 else 'has'} the old value"
    if restart is False or (restart is None and not yes and not sys.stdin.isatty()):
        say(f"{later} until restarted: {_by_hand(target, known.injected)}")
        return
    if not restart and not yes and not agrees(f"{later}. Restart now?", default=True):
        say(f"Not restarted. Later: {_by_hand(target, known.injected)}")
        return
    failed = {service: reason for service in known.injected if (reason := _replace_tasks(target, service))}
    if failed:
        reasons = " ".join(f"{service}: {reason}" for service, reason in failed.items())
        raise OperationError(
            f"The secret is set, but not restarted: {', '.join(failed)}. {reasons} Until then the old value is in use "
            f"there: {_by_hand(target, failed)}"
        )


def _by_hand(target: Target, services: Iterable[str]) -> str:
    """The command for each of these services."""
    return "; ".join(f"make restart ENV={target.environment} SERVICE={COMPONENTS[each]}" for each in services)


def _replace_tasks(target: Target, service: str) -> str:
    """Why it could not be; empty when new tasks start."""
    try:
        target.client("ecs").update_service(cluster=target.root, service=service, forceNewDeployment=True)
    except (ClientError, BotoCoreError) as error:
        return explain(error) or str(error)
    say(f"{service}: new tasks start, the old ones go when those are well. make verify tells when it is done.")
    return ""


def _day(moment: datetime | None, without: str) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d") if moment else without


def _time(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if moment else "never"
