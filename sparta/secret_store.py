"""Secrets that are read at run time, so that a rotation needs no restart: cached, and read again when they are old.

A setting ``<NAME>_SECRET`` holds the name or ARN; the value never stands in the environment.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Literal, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.parsers import ResponseParserError
from pydantic import SecretStr

from sparta import settings_types
from sparta.errors import DependencyFailed, SettingsError
from sparta.settings import ApiKey, Common
from sparta.telemetry import masker

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

Stage = Literal["AWSPENDING", "AWSCURRENT", "AWSPREVIOUS"]
CURRENT: tuple[Stage, ...] = ("AWSCURRENT",)
ROTATING: tuple[Stage, ...] = ("AWSPENDING", "AWSCURRENT", "AWSPREVIOUS")
"""In the order in which a rotation hands a value on: whoever reads them so misses none, even while it does."""
MAX_AGE_SECONDS = 300.0
RETRY_SECONDS = 10.0
"""How soon after a reading another is worth it, whether that one failed or a caller brings a key we do not know."""
WAIT_SECONDS = 1.0
UNREADABLE = "A secret cannot be read at the moment, so this could not be finished. Try again in a minute."
NO_URLS = (
    "{0}_SECRET names a secret that {1}; give it one URL or more, separated by commas, as {0} would take them, such as "
    "https://one.example"
)


class _Reading(NamedTuple):
    values: tuple[SecretStr | None, ...]
    at: float


def connect(settings: Common) -> SecretsManagerClient:
    """A client that answers or gives up within seconds."""
    config = Config(connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2})
    return boto3.client(
        "secretsmanager", region_name=settings.aws_region, endpoint_url=settings.aws_endpoint_url, config=config
    )


class SecretStore:
    """Reads secrets through one client, which is made when the first is needed."""

    def __init__(
        self,
        client: Callable[[], SecretsManagerClient],
        *,
        max_age: float = MAX_AGE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make_client = client
        self._client: SecretsManagerClient | None = None
        self._max_age = max_age
        self._clock = clock
        self._readings: dict[tuple[str, tuple[Stage, ...]], _Reading] = {}
        self._lock = Lock()

    def value(self, secret_id: str) -> SecretStr:
        """The current value.

        :raises DependencyFailed: when it cannot be read and never was, or does not exist
        """
        (found,) = self._read(secret_id, CURRENT, self._max_age)
        if found is None:
            raise DependencyFailed(UNREADABLE, dependency="Secrets Manager")
        return found

    def valid(self, secret_id: str, *, older_than: float | None = None) -> tuple[SecretStr, ...]:
        """The current value, the previous one until the next rotation, and the next one while a rotation lasts.

        :param older_than: read again when the last reading is that many seconds old
        """
        age = self._max_age if older_than is None else older_than
        pending, current, previous = self._read(secret_id, ROTATING, age)
        return tuple(dict.fromkeys(each for each in (current, previous, pending) if each is not None))

    def _read(self, secret_id: str, stages: tuple[Stage, ...], max_age: float) -> tuple[SecretStr | None, ...]:
        known = self._readings.get((secret_id, stages))
        if known and self._clock() - known.at < max_age:
            return known.values
        # One caller asks. Whoever knows a value does not wait long for another: Secrets Manager may hang.
        if known is None:
            self._lock.acquire()
        elif not self._lock.acquire(timeout=WAIT_SECONDS):
            return known.values
        try:
            return self._read_again(secret_id, stages, max_age)
        finally:
            self._lock.release()

    def _read_again(self, secret_id: str, stages: tuple[Stage, ...], max_age: float) -> tuple[SecretStr | None, ...]:
        known = self._readings.get((secret_id, stages))
        if known and self._clock() - known.at < max_age:
            return known.values
        # From before the first question on: what is written while they are asked may be missing.
        at = self._clock()
        try:
            values = tuple(self._fetch(secret_id, stage) for stage in stages)
        except DependencyFailed:
            if known is None:
                raise
            # What was good a moment ago is good until Secrets Manager answers again.
            values, at = known.values, self._clock()
        self._readings[secret_id, stages] = _Reading(values, at)
        return values

    def _fetch(self, secret_id: str, stage: Stage) -> SecretStr | None:
        if self._client is None:
            self._client = self._make_client()
        try:
            answer = self._client.get_secret_value(SecretId=secret_id, VersionStage=stage)
        except ClientError as error:
            if error.response["Error"].get("Code") == "ResourceNotFoundException":
                return None
            raise DependencyFailed(UNREADABLE, dependency="Secrets Manager") from error
        except (BotoCoreError, HTTPClientError, ResponseParserError, ValueError, TypeError, AttributeError) as error:
            # The last four are what botocore comes to when it reads garbage.
            raise DependencyFailed(UNREADABLE, dependency="Secrets Manager") from error
        value = str(answer.get("SecretString") or "").strip()
        if not value and stage == "AWSPENDING":
            return None  # A rotation has begun and made nothing yet.
        if not value:
            raise DependencyFailed(UNREADABLE, dependency="Secrets Manager")
        masker.add([value])
        return SecretStr(value)


class ApiKeys:
    """The keys that open the API: the one of the settings, or those of a secret that a rotation leaves valid."""

    def __init__(self, settings: ApiKey, store: SecretStore) -> None:
        self._fixed = settings.backend_api_key
        self._secret_id = settings.backend_api_key_secret
        self._store = store

    def all(self, *, fresh: bool = False) -> tuple[SecretStr, ...]:
        """Each of them is valid, the current one first. ``fresh``: a caller brought an unknown key, so look whether it
        was rotated just now; that asks Secrets Manager at most every ten seconds, however many wrong keys come.
        """
        if self._fixed:
            return (self._fixed,)
        return self._store.valid(self._secret_id or "", older_than=RETRY_SECONDS if fresh else None)

    def current(self) -> SecretStr:
        """The one to present as a client; a rotation is noticed within minutes.

        :raises DependencyFailed: when it cannot be read and never was, or does not exist
        """
        found = next(iter(self.all()), None)
        if found is None:
            raise DependencyFailed(UNREADABLE, dependency="Secrets Manager")
        return found


def resolve(value: SecretStr | None, secret_id: str | None, store: SecretStore) -> SecretStr | None:
    """A secret given directly, or by ``<NAME>_SECRET``; ``None`` when neither is."""
    return value or (store.value(secret_id) if secret_id else None)


def resolve_urls(
    name: str, urls: tuple[SecretStr, ...], secret_id: str | None, store: SecretStore
) -> tuple[SecretStr, ...]:
    """RPC URLs given directly, or comma separated in a secret. ``name`` is the variable that would give them.

    :raises SettingsError: the secret holds something else
    """
    if urls or not secret_id:
        return urls
    held = store.value(secret_id).get_secret_value()
    try:
        return settings_types.check_secret_urls(tuple(SecretStr(url) for url in settings_types.split(held)))
    except ValueError as error:
        raise SettingsError([NO_URLS.format(name, error)]) from None
