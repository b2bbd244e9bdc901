"""One request to the API: with the key of now, repeated while that helps, and with a sentence when it fails.

All that the bot asks for may be asked for twice: reading, setting, adding what the API adds once, and messages that
carry a key of their own. So a lost answer is no reason to give up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import httpx
from pydantic import BaseModel, SecretStr, ValidationError

from sparta import telemetry
from sparta.addresses import STORED
from sparta.bot import texts
from sparta.contract import Problem
from sparta.errors import SpartaError
from sparta.secret_store import ApiKeys
from sparta.telemetry import log

M = TypeVar("M", bound=BaseModel)
CONNECT_SECONDS = 2.0
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 3.0
CONNECTIONS = 40
"""At once; the API serves 48 requests in a process."""
_ASK_AGAIN = {502, 503, 504}
"""Of a proxy, or of a dependency that is away for a moment. A contract's refusal is a 502 too; that one is final."""


class Patience(NamedTuple):
    """Seconds: for one answer, and after how many no further attempt is made."""

    answer: float
    total: float


ORDINARY = Patience(8.0, 12.0)
QUICK = Patience(1.5, 0.0)
"""While a person types: Discord waits three seconds."""
ON_CHAIN = Patience(60.0, 120.0)
"""A block of Ethereum, and another when the first is full; the API itself waits half a minute for one."""


class ApiRefused(SpartaError):
    """The API understood and refused; ``problem`` is what it said."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(problem.error)
        self.status = status
        self.problem = problem


class ApiUnavailable(SpartaError):
    """No answer in time, or none of the API's. Whether what was asked for is done is not known."""

    status = 503


@dataclass(frozen=True, slots=True)
class Call:
    """What to ask. ``key`` makes a message the same message when it is asked for again."""

    method: str
    path: str
    query: Mapping[str, str] | None = None
    body: Mapping[str, Any] | None = None
    key: str | None = None
    patience: Patience = ORDINARY


def read(response: httpx.Response, model: type[M]) -> M:
    """The body of a good answer. A newer API may say more than we know.

    :raises ApiUnavailable: it is not what the API answers
    """
    try:
        return model.model_validate_json(response.content, extra="ignore", context=STORED)
    except ValidationError as error:
        log().error("unexpected answer of the API", path=response.request.url.path, mistakes=error.error_count())
        raise ApiUnavailable(texts.API_SILENT) from None


class Requests:
    """The connections to the API; close them at the end."""

    def __init__(self, url: str, keys: ApiKeys) -> None:
        self._keys = keys
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        self._client = httpx.AsyncClient(base_url=url, limits=limits, follow_redirects=False)

    async def close(self) -> None:
        """Close the connections kept alive."""
        await self._client.aclose()

    async def ask(self, call: Call) -> httpx.Response:
        """The answer, when it is a good one.

        :raises ApiRefused: it says no
        :raises ApiUnavailable: it says nothing, or nothing that helps
        :raises DependencyFailed: the key cannot be read
        """
        ends, pause = time.monotonic() + call.patience.total, FIRST_PAUSE
        seconds = call.patience.answer
        while True:
            response = await self._attempt(call, seconds)
            final = response is not None and not _worth_repeating(response)
            if final or time.monotonic() + pause >= ends:
                return _good(response)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            seconds = min(seconds, max(ends - time.monotonic(), 1.0))

    async def _attempt(self, call: Call, seconds: float) -> httpx.Response | None:
        """``None`` when no answer came. A key that the API does not know may be one that was rotated a moment ago."""
        refused = await asyncio.to_thread(self._keys.current)
        response = await self._send(call, refused, seconds)
        if not _is_unknown_key(response):
            return response
        for key in await asyncio.to_thread(lambda: self._keys.all(fresh=True)):
            if key != refused:
                response = await self._send(call, key, seconds)
                if not _is_unknown_key(response):
                    break
        return response

    async def _send(self, call: Call, key: SecretStr, seconds: float) -> httpx.Response | None:
        given = {
            "x-api-key": key.get_secret_value(),
            "x-request-id": telemetry.request_id(),
            "idempotency-key": call.key,
        }
        headers = {name: value for name, value in given.items() if value}
        timeout = httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))
        try:
            async with asyncio.timeout(seconds):
                return await self._client.request(
                    call.method, call.path, params=call.query, json=call.body, headers=headers, timeout=timeout
                )
        except (httpx.TransportError, TimeoutError) as error:
            log().warning("no answer of the API", path=call.path, reason=type(error).__name__)
            return None


def _is_unknown_key(response: httpx.Response | None) -> bool:
    return response is not None and response.status_code == httpx.codes.UNAUTHORIZED


def _good(response: httpx.Response | None) -> httpx.Response:
    if response is not None and response.is_success:
        return response
    problem = _problem(response) if response is not None else None
    if response is None or problem is None:
        raise ApiUnavailable(texts.API_SILENT)
    if response.status_code == httpx.codes.UNAUTHORIZED:
        log().error("the API refuses our key")
        raise ApiUnavailable(texts.API_REFUSES_KEY)
    raise ApiRefused(response.status_code, problem)


def _worth_repeating(response: httpx.Response) -> bool:
    if response.status_code not in _ASK_AGAIN:
        return False
    problem = _problem(response)
    return problem is None or problem.contract_error is None


def _problem(response: httpx.Response) -> Problem | None:
    try:
        return Problem.model_validate_json(response.content, extra="ignore")
    except ValidationError:
        return None
