"""The one connection to DynamoDB that a process has: its calls, their time limits, and what their failures mean."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError, IncompleteReadError
from botocore.parsers import ResponseParserError

from sparta import request_time
from sparta.errors import DependencyFailed
from sparta.stores.codec import Item, decode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from sparta.settings import Tables

NOT_ANSWERING = "The database does not answer at the moment, so this could not be finished. Try again in a minute."
NONSENSE = "The database answered something that is no answer of DynamoDB, so this could not be finished."
BUSY = "The database was too busy with other changes to the same records. Try again in a few seconds."
_CONFLICTS = {"TransactionConflict", "TransactionConflictException", "TransactionInProgressException"}
_THROTTLED = {"ThrottlingError", "ThrottlingException", "ProvisionedThroughputExceeded", "RequestLimitExceeded"}
_PASSING = _CONFLICTS | _THROTTLED | {"ProvisionedThroughputExceededException", "InternalServerError"}


class Limits(NamedTuple):
    """Seconds. ``connect`` and ``read`` are for one attempt, of which there are two; ``busy`` is for all retries of
    what the database put off.
    """

    connect: float = 1.0
    read: float = 3.0
    busy: float = 8.0


class ConditionFailed(Exception):
    """What a write was conditional on did not hold. ``items``: per condition, what stands there instead.

    For one write a single entry; for a transaction one per part, ``None`` where the part's condition held.
    """

    def __init__(self, items: list[Item | None]) -> None:
        super().__init__("a condition did not hold")
        self.items = items


def connect(settings: Tables, *, threads: int = 16, limits: Limits | None = None) -> Database:
    """The connection that ``settings`` describe, good for ``threads`` requests at once."""
    chosen = limits or Limits()
    config = Config(
        connect_timeout=chosen.connect,
        read_timeout=chosen.read,
        max_pool_connections=threads,
        # One repetition: a caller waits for the answer, and has a time limit of its own.
        retries={"mode": "standard", "total_max_attempts": 2},
        # Parameters come from the stores only; checking them again costs a tenth of a request.
        parameter_validation=False,
        # A fixed one; botocore's own is composed anew for each request, which costs a seventh of it.
        user_agent="sparta",
        tcp_keepalive=True,
    )
    client = boto3.client(
        "dynamodb", region_name=settings.aws_region, endpoint_url=settings.dynamodb_url, config=config
    )
    client.meta.events.register("before-parse.dynamodb", _check_whole)
    return Database(client, chosen)


class Database:
    """Calls by name, with the passing refusals repeated and the rest told apart."""

    def __init__(
        self, client: DynamoDBClient, limits: Limits | None = None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._limits = limits or Limits()
        self._sleep = sleep
        self.requests = 0
        """Sent so far, repetitions by botocore not counted."""

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """The answer to one operation (``get_item``, ``transact_write_items``, …).

        :raises ConditionFailed: when a condition of a write did not hold
        :raises DependencyFailed: when there is no answer, or none that means anything, in time
        """
        for pause in self.pauses():
            try:
                return self._once(operation, parameters)
            except ClientError as error:
                if not _passes(error):
                    raise _meaning(error) from error
            self._sleep(pause)
        raise DependencyFailed(BUSY, dependency="DynamoDB")

    def pauses(self) -> Any:
        """Growing random pauses in seconds, until the time for retries is over.

        :raises DependencyFailed: the time of the request is
        """
        deadline = time.monotonic() + self._limits.busy
        longest = 0.02
        while time.monotonic() < deadline:
            request_time.check("DynamoDB")
            yield random.uniform(0, longest)  # noqa: S311 - spreads retries, protects nothing
            longest = min(longest * 2, 0.6)

    def wait(self, seconds: float) -> None:
        """Sleep between two attempts."""
        self._sleep(seconds)

    def _once(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        self.requests += 1
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(**parameters)
        except (BotoCoreError, HTTPClientError) as error:
            raise DependencyFailed(NOT_ANSWERING, dependency="DynamoDB") from error
        except (ResponseParserError, ValueError, KeyError, TypeError, AttributeError) as error:
            # What botocore comes to when it reads garbage.
            raise DependencyFailed(NONSENSE, dependency="DynamoDB") from error
        # botocore takes any body of status 200; without this, garbage would read as "not found".
        if "RequestId" not in answer.get("ResponseMetadata", {}):
            raise DependencyFailed(NONSENSE, dependency="DynamoDB")
        return answer


def _check_whole(response_dict: Mapping[str, Any], **_: Any) -> None:
    """botocore parses whatever has come when a connection ends: half an answer would read as "not found".

    An answer in chunks was checked when it was read.

    :raises IncompleteReadError: it broke off in its body, or in its headers before its length was told
    """
    headers, body = response_dict["headers"], response_dict["body"]
    if response_dict["status_code"] >= 300 or "transfer-encoding" in headers:
        return
    if headers.get("content-length") != str(len(body)):
        raise IncompleteReadError(actual_bytes=len(body), expected_bytes=headers.get("content-length"))


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _reasons(error: ClientError) -> list[dict[str, Any]]:
    """Of a cancelled transaction: one per part, in its order."""
    reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
    return reasons


def _passes(error: ClientError) -> bool:
    """Is it worth trying again? Not a transaction of which some condition failed: that will not change by itself."""
    codes = {str(reason.get("Code", "None")) for reason in _reasons(error)} - {"None"}
    return codes <= _PASSING if codes else _code(error) in _PASSING


def _meaning(error: ClientError) -> Exception:
    if _code(error) == "ConditionalCheckFailedException":
        return ConditionFailed([decode(error.response.get("Item", {}))])  # type: ignore[arg-type]
    failed = [reason.get("Code") == "ConditionalCheckFailed" for reason in _reasons(error)]
    if any(failed):
        found = [decode(reason.get("Item", {})) for reason in _reasons(error)]
        return ConditionFailed([item if bad else None for item, bad in zip(found, failed, strict=True)])
    sentence = f"The database refused the request ({_code(error) or 'without a reason'}). Tell the maintainers."
    return DependencyFailed(sentence, dependency="DynamoDB")
