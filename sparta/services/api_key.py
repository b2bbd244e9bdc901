"""Hands the API over to a new key in the four steps of Secrets Manager, each of which may be repeated at any time.

No request is refused meanwhile. The API takes the current key, the previous one, and the one that is to come
(``sparta.secret_store``). It reads them again when it meets one that it does not know, at most every few seconds; the
new key is tried when that time has passed since it was made, so that no task of the API can still have a reading from
before. Only then it becomes the current one, which clients read; and the one before stays good until the next rotation.

https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from pydantic import SecretStr

from sparta.errors import Conflict, InvalidInput
from sparta.secret_store import RETRY_SECONDS
from sparta.telemetry import masker

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

LENGTH = 48
"""As the first key, which the bootstrap stack makes; letters and digits."""
SETTLE_SECONDS = RETRY_SECONDS + 5
"""After which each task of the API knows the new key or asks for it. More than that: clocks differ."""
CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"


@dataclass(frozen=True)
class Rotation:
    """``token`` names the version of the secret that is to be the next; ``accepts`` asks the API about a key."""

    client: SecretsManagerClient
    secret_id: str
    token: str
    accepts: Callable[[SecretStr], bool]
    sleep: Callable[[float], None] = time.sleep


def take(step: str, rotation: Rotation) -> str:
    """Do one step; what was done, in words.

    :raises InvalidInput: there is no such step
    :raises Conflict: the version is none that is being rotated, or the API refuses it
    """
    if step not in STEPS:
        raise InvalidInput(f"There is no step {step!r} in a rotation; the steps are {', '.join(STEPS)}.")
    versions = _versions(rotation)
    if CURRENT in versions[rotation.token]:
        return "nothing: the key is the current one already"
    if PENDING not in versions[rotation.token]:
        raise Conflict(
            f"Version {rotation.token} of the secret is not the next one: it is not marked {PENDING}. Another rotation "
            "went on meanwhile; rotate again."
        )
    return STEPS[step](rotation, versions)


def _versions(rotation: Rotation) -> dict[str, list[str]]:
    """The labels of each version of the secret."""
    described = rotation.client.describe_secret(SecretId=rotation.secret_id)
    if not described.get("RotationEnabled"):
        raise Conflict("The secret is not rotated: somebody switched it off. Switch it on to rotate.")
    versions = described.get("VersionIdsToStages", {})
    if rotation.token not in versions:
        raise Conflict(f"The secret has no version {rotation.token}. Secrets Manager makes one; rotate by it.")
    return versions


def _create(rotation: Rotation, _: dict[str, list[str]]) -> str:
    if _next_key(rotation):
        return "nothing: there is a next key already"
    made = rotation.client.get_random_password(PasswordLength=LENGTH, ExcludePunctuation=True)["RandomPassword"]
    masker.add([made])
    rotation.client.put_secret_value(
        SecretId=rotation.secret_id, ClientRequestToken=rotation.token, SecretString=made, VersionStages=[PENDING]
    )
    return "made the next key"


def _set(rotation: Rotation, _: dict[str, list[str]]) -> str:
    """The API reads the key itself."""
    _require_next_key(rotation)
    return "nothing: the API reads the key itself"


def _test(rotation: Rotation, _: dict[str, list[str]]) -> str:
    key, made_at = _require_next_key(rotation)
    age = (datetime.now(UTC) - made_at).total_seconds()
    if age < SETTLE_SECONDS:
        # Not for ever, should a clock be wrong.
        rotation.sleep(min(SETTLE_SECONDS - age, SETTLE_SECONDS))
    if not rotation.accepts(key):
        raise Conflict(
            "The API refuses the next key, so the present one stays. Look whether the API can read the secret, and "
            "whether it runs the newest image."
        )
    return "the API takes the next key"


def _finish(rotation: Rotation, versions: dict[str, list[str]]) -> str:
    """Secrets Manager itself marks the version that was current as the previous one, and ends the pending."""
    _require_next_key(rotation)
    (present,) = (version for version, labels in versions.items() if CURRENT in labels)
    rotation.client.update_secret_version_stage(
        SecretId=rotation.secret_id,
        VersionStage=CURRENT,
        MoveToVersionId=rotation.token,
        RemoveFromVersionId=present,
    )
    return "the next key is the current one"


STEPS: dict[str, Callable[[Rotation, dict[str, list[str]]], str]] = {
    "createSecret": _create,
    "setSecret": _set,
    "testSecret": _test,
    "finishSecret": _finish,
}


def _require_next_key(rotation: Rotation) -> tuple[SecretStr, datetime]:
    found = _next_key(rotation)
    if found is None:
        raise Conflict(f"Version {rotation.token} of the secret holds no key yet: createSecret comes first.")
    return found


def _next_key(rotation: Rotation) -> tuple[SecretStr, datetime] | None:
    """It, and when it was made; ``None`` while there is the version's name only."""
    try:
        found = rotation.client.get_secret_value(
            SecretId=rotation.secret_id, VersionId=rotation.token, VersionStage=PENDING
        )
    except ClientError as error:
        if error.response["Error"].get("Code") == "ResourceNotFoundException":
            return None
        raise
    value = found.get("SecretString")
    if not value:
        return None
    masker.add([value])
    return SecretStr(value), found["CreatedDate"]
