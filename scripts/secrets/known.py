"""Which secrets an environment has, who reads each, and when a new value is in use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from scripts.operations.errors import OperationError, code
from scripts.operations.target import Target

API, BOT = "sparta-api", "sparta-discord"
COMPONENTS = {API: "api", BOT: "bot"}
"""What people call the services: ``make restart SERVICE=api``."""


@dataclass(frozen=True)
class Known:
    """One secret. ``injected`` are the services that get it when a task starts; the others read it themselves."""

    name: str
    holds: str
    injected: tuple[str, ...]
    parameter: str = ""
    """The parameter with its ARN, of a secret that people make themselves."""
    rotates: bool = False


SECRETS = (
    Known("bot-token", "Discord bot token", (API, BOT)),
    Known("ethereum-private-key", "private key of Sparta's account", (API,)),
    Known("api-key", "key of the REST API", (), rotates=True),
    Known("ethereum-host", "RPC URLs of Ethereum", (API,), "EthereumHostSecretArn"),
    Known("aztec-rpc-url", "RPC URLs of Aztec nodes", (API,), "AztecRpcUrlSecretArn"),
)


@dataclass(frozen=True)
class State:
    """A secret as Secrets Manager describes it."""

    changed: datetime | None
    rotated: datetime | None
    next_rotation: datetime | None
    rotation: bool
    leaving: bool
    """Whether it is to be deleted at the end of its recovery window."""
    stages: dict[str, list[str]]
    """By version: ``AWSCURRENT``, ``AWSPREVIOUS``, ``AWSPENDING``."""

    @property
    def current(self) -> str:
        """The version in use; empty while there is no value."""
        return next((version for version, stages in self.stages.items() if "AWSCURRENT" in stages), "")


def present(target: Target) -> list[Known]:
    """Those that the environment uses."""
    return [each for each in SECRETS if not each.parameter or target.parameters.get(each.parameter)]


def find(target: Target, name: str) -> Known:
    """By its name, with the prefix or without.

    :raises OperationError: when the environment has no such secret
    """
    short = name.removeprefix(f"sparta/{target.environment}/")
    for each in present(target):
        if each.name == short:
            return each
    names = ", ".join(each.name for each in present(target))
    raise OperationError(f"{target.environment} has no secret {name!r}; there are {names}. Give one: NAME=bot-token.")


def secret_id(target: Target, known: Known) -> str:
    """What Secrets Manager knows it by."""
    return target.parameters[known.parameter] if known.parameter else f"sparta/{target.environment}/{known.name}"


def state(target: Target, client: Any, known: Known) -> State:
    """As it is now.

    :raises OperationError: when it does not exist
    """
    try:
        found = client.describe_secret(SecretId=secret_id(target, known))
    except ClientError as error:
        if code(error) != "ResourceNotFoundException":
            raise
        raise OperationError(
            f"There is no secret {secret_id(target, known)} in account {target.account}, region {target.region}. "
            "The bootstrap stack makes it; the README's chapter Deploy begins with that."
        ) from None
    return State(
        changed=found.get("LastChangedDate"),
        rotated=found.get("LastRotatedDate"),
        next_rotation=found.get("NextRotationDate"),
        leaving=bool(found.get("DeletedDate")),
        rotation=bool(found.get("RotationEnabled")),
        stages=found.get("VersionIdsToStages", {}),
    )


def stages(now: State) -> str:
    """Which version stands where: ``current 1a2b3c4d, previous 5e6f7a8b``."""
    staged = {stage.removeprefix("AWS").lower(): version for version, each in now.stages.items() for stage in each}
    return ", ".join(f"{stage} {version[:8]}" for stage, version in sorted(staged.items())) or "none"
