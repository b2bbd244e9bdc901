"""``make rotate``: a new key of the API now, and the way to it watched."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import click
from botocore.exceptions import ClientError
from rich.markup import escape

from scripts.operations import log_events
from scripts.operations.command import verb, yes_option
from scripts.operations.consent import ask
from scripts.operations.errors import OperationError
from scripts.operations.patience import wait_for
from scripts.operations.screen import fail, say
from scripts.operations.target import Target
from scripts.secrets.known import Known, find, secret_id, stages, state

LOG = "/aws/lambda/sparta-api-key-rotation"


@verb("rotate")
@click.option("--name", envvar="NAME", default="api-key", help="The secret that rotates: api-key.")
@click.option(
    "--wait",
    envvar="WAIT",
    type=click.IntRange(min=1),
    default=300,
    show_default=True,
    help="Seconds to wait for the new one to be in use.",
)
@yes_option
def rotate(target: Target, name: str, wait: int, yes: bool) -> None:
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
    say(f"{secret_id(target, known)} now: {stages(before)}")
    ask(f"Rotate the {known.holds} of {target.environment}?", yes=yes)
    watched = Watched(target, client, known, str(uuid.uuid4()))
    try:
        client.rotate_secret(
            SecretId=secret_id(target, known), ClientRequestToken=watched.version, RotateImmediately=True
        )
        watched.to_its_end(wait)
    except KeyboardInterrupt:
        fail(
            "Interrupted: only the watching has ended. Secrets Manager goes on with the rotation; both keys are valid "
            f"meanwhile. To see where it stands: make secrets ENV={target.environment}"
        )
        raise


@dataclass
class Watched:
    """A rotation under way, by the version that it makes."""

    target: Target
    client: Any
    known: Known
    version: str
    _since: int = field(default_factory=lambda: time.time_ns() // 1_000_000)
    _said: list[str] = field(default_factory=list)

    def to_its_end(self, seconds: int) -> None:
        """:raises OperationError: when the new version is not in use in time, with what the function said last"""
        what = f"The rotation of {self.known.name}"
        try:
            wait_for(what, self._look, lambda staged: "AWSCURRENT" in staged, seconds=seconds)
        except OperationError as error:
            troubles = self._troubles()
            why = f"The function said last: {troubles[-1]}" if troubles else "Its function has logged no error."
            raise OperationError(
                f"{error} The key in use is still the one before, and works. {why} All it said is in the log group "
                f"{self._group}. Secrets Manager tries again by itself."
            ) from None
        now = stages(state(self.target, self.client, self.known))
        say(f"Rotated: {now}. The API takes both keys; nothing needs a restart.")

    def _look(self) -> list[str]:
        staged = sorted(state(self.target, self.client, self.known).stages.get(self.version, []))
        self._tell(f"  version {self.version[:8]}: {', '.join(staged) or 'not made yet'}")
        if "AWSCURRENT" not in staged:
            for each in self._troubles():
                self._tell(f"  the function says: {each}")
        return staged

    def _tell(self, line: str) -> None:
        if line not in self._said:
            self._said.append(line)
            say(escape(line))

    @property
    def _group(self) -> str:
        return f"{LOG}{self.target.suffix}"

    def _troubles(self) -> list[str]:
        """The errors that the function has logged since; nothing where its log cannot be read."""
        try:
            found = log_events.trouble(self.target, "rotation", self._since, group=self._group)
        except ClientError:
            return []
        return [log_events.printable(log_events.gist(each)) for each in found]
