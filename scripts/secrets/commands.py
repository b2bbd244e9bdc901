"""``make secrets``, ``secret``, ``rotate``."""

from __future__ import annotations

import os
import sys
import uuid
from datetime import UTC, datetime
from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.table import Table as Grid

from scripts.changeset.parameters import intended
from scripts.operations.command import verb, yes_option
from scripts.operations.consent import ask, confirmed, typed
from scripts.operations.errors import OperationError, explain
from scripts.operations.patience import wait_for
from scripts.operations.screen import OUT, say
from scripts.operations.target import Target
from scripts.secrets.known import Known, State, find, present, secret_id, state
from scripts.secrets.shapes import check

ROTATION_SECONDS = 300
LOG = "/aws/lambda/sparta-api-key-rotation"


@verb("secrets")
def secrets(target: Target) -> None:
    """Show what is known of each secret: whether it has a value, when it changed, when it rotates. Never a value.

    Changes nothing.

    \b
    Example: make secrets ENV=production
    """
    client = target.client("secretsmanager")
    grid = Grid("Secret", "Value", "Changed (UTC)", "Rotated", "Next rotation", "Versions", box=None, pad_edge=False)
    for known in present(target):
        now = state(target, client, known)
        grid.add_row(
            known.name,
            "there" if now.current else "[bold red]none[/]: make secret",
            _time(now.changed),
            _time(now.rotated) if now.rotation else "by hand",
            _time(now.next_rotation) if now.rotation else "",
            _stages(now),
        )
    OUT.print(grid)


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


@verb("rotate")
@click.option("--name", envvar="NAME", default="api-key", help="The secret that rotates: api-key.")
@yes_option
def rotate(target: Target, name: str, yes: bool) -> None:
    """Rotate the API's key now, beside its schedule, and watch until the new one is in use.

    Changes the secret: a new key becomes the current one, the old one stays valid as the previous one until the next
    rotation. The API and the bot need no restart and refuse nobody.

    \b
    Example: make rotate ENV=production NAME=api-key
    """
    known, client = find(target, name), target.client("secretsmanager")
    if not known.rotates:
        raise OperationError(
            f"Nobody can make a new {known.holds} but a person, so {known.name} does not rotate by itself. Get a new "
            f"one and set it: make secret ENV={target.environment} NAME={known.name}"
        )
    before = state(target, client, known)
    if not before.rotation:
        raise OperationError(f"{known.name} has no rotation yet: the root stack turns it on (make deploy).")
    say(f"{secret_id(target, known)} now: {_stages(before)}")
    ask(f"Rotate the {known.holds} of {target.environment}?", yes=yes)
    token = str(uuid.uuid4())
    client.rotate_secret(SecretId=secret_id(target, known), ClientRequestToken=token, RotateImmediately=True)
    _watch(target, client, known, token)


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
    later = f"{' and '.join(known.injected)} still have the old value"
    if restart is False or (restart is None and not yes and not sys.stdin.isatty()):
        say(f"{later} until they are restarted: make restart ENV={target.environment}")
        return
    if not restart and not yes and not confirmed(f"{later}. Restart them now?", default=True):
        say(f"Not restarted. Later: make restart ENV={target.environment}")
        return
    failed = {service: reason for service in known.injected if (reason := _replace_tasks(target, service))}
    if failed:
        reasons = " ".join(f"{service}: {reason}" for service, reason in failed.items())
        raise OperationError(
            f"The secret is set, but not restarted: {', '.join(failed)}. {reasons} Until then the old value is in use "
            f"there: make restart ENV={target.environment}"
        )


def _replace_tasks(target: Target, service: str) -> str:
    """Why it could not be; empty when new tasks start."""
    try:
        target.client("ecs").update_service(cluster=target.root, service=service, forceNewDeployment=True)
    except (ClientError, BotoCoreError) as error:
        return explain(error) or str(error)
    say(f"{service}: new tasks start, the old ones go when those are well. make verify tells when it is done.")
    return ""


def _watch(target: Target, client: Any, known: Known, version: str) -> None:
    seen: list[str] = []

    def look() -> list[str]:
        stages = sorted(state(target, client, known).stages.get(version, []))
        if stages != seen:
            say(f"  version {version[:8]}: {', '.join(stages) or 'not made yet'}")
            seen[:] = stages
        return stages

    try:
        wait_for(f"The rotation of {known.name}", look, lambda stages: "AWSCURRENT" in stages, seconds=ROTATION_SECONDS)
    except OperationError as error:
        raise OperationError(
            f"{error} The key in use is still the one before, and works. Why the new one is not: log group "
            f"{LOG}{target.suffix}. Secrets Manager tries again by itself."
        ) from None
    say(f"Rotated: {_stages(state(target, client, known))}. The API takes both keys; nothing needs a restart.")


def _stages(now: State) -> str:
    """Which version stands where: ``current 1a2b3c4d, previous 5e6f7a8b``."""
    staged = {stage.removeprefix("AWS").lower(): version for version, each in now.stages.items() for stage in each}
    return ", ".join(f"{stage} {version[:8]}" for stage, version in sorted(staged.items())) or "none"


def _time(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if moment else "never"
