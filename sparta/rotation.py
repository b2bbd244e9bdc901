"""The rotation of the API's key: one step, as Secrets Manager asks for it."""

from __future__ import annotations

import time
from typing import Any

import httpx
from pydantic import SecretStr

from sparta import secret_store, starting
from sparta.errors import DependencyFailed, InvalidInput
from sparta.services import api_key
from sparta.services.api_key import Rotation
from sparta.settings import Part, load
from sparta.telemetry import log

QUESTION = "/api/operator/stats"
"""The cheapest answer that needs a key."""
ATTEMPTS, PAUSE_SECONDS, ANSWER_SECONDS = 4, 2.0, 5.0
"""Together less than the function's minute, with the wait for the API's tasks before."""
NAMES = ("Step", "SecretId", "ClientRequestToken")


def run(event: dict[str, Any]) -> dict[str, str]:
    """One step; asked for again it does what is left of it.

    :raises SettingsError: with every mistake in the settings
    :raises InvalidInput: the event is none of a rotation
    :raises Conflict: the version that it names is none that is being rotated, or the API refuses it
    :raises DependencyFailed: the API does not answer
    """
    settings = load(Part.ROTATION)
    starting.begin(settings)
    step, secret_id, token = _read(event)
    client = secret_store.connect(settings)
    done = api_key.take(step, Rotation(client, secret_id, token, lambda key: accepts(settings.api_url, key)))
    log().info("rotation step", step=step, version=token, done=done)
    return {"step": step, "version": token, "done": done}


def accepts(url: str, key: SecretStr) -> bool:
    """Whether the API lets somebody in with this key.

    :raises DependencyFailed: it says nothing about that
    """
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(PAUSE_SECONDS)
        status = _status(url, key)
        if status in {httpx.codes.OK, httpx.codes.UNAUTHORIZED}:
            return status == httpx.codes.OK
    raise DependencyFailed(
        "The API does not answer, so nobody knows whether it takes the new key; the present key stays valid. See that "
        "the API runs; Secrets Manager tries again.",
        dependency="API",
    )


def _status(url: str, key: SecretStr) -> int | None:
    try:
        return httpx.get(
            f"{url}{QUESTION}", headers={"x-api-key": key.get_secret_value()}, timeout=ANSWER_SECONDS, trust_env=False
        ).status_code
    except httpx.TransportError as error:
        log().warning("no answer of the API", reason=type(error).__name__)
        return None


def _read(event: dict[str, Any]) -> tuple[str, str, str]:
    step, secret_id, token = (event.get(name) for name in NAMES)
    if not (isinstance(step, str) and isinstance(secret_id, str) and isinstance(token, str)):
        raise InvalidInput(f"The event is none of Secrets Manager's: it needs {', '.join(NAMES)}. Rotate the secret.")
    return step, secret_id, token
