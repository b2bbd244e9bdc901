"""The bot's client of the API, for tests that need no bot around it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sparta.bot.client import ApiClient
from sparta.bot.requests import Requests
from sparta.secret_store import ApiKeys, SecretStore
from sparta.settings import ApiKey


def keys_of(key: str) -> ApiKeys:
    """One that is given, so that no secret is read."""
    return ApiKeys(ApiKey.model_validate({"backend_api_key": key}), SecretStore(lambda: None))  # type: ignore[arg-type, return-value]


def with_requests(url: str, keys: ApiKeys, work: Callable[[Requests], Awaitable[Any]]) -> Any:
    """What ``work`` returns, in a loop of its own."""

    async def run() -> Any:
        requests = Requests(url, keys)
        try:
            return await work(requests)
        finally:
            await requests.close()

    return asyncio.run(run())


def with_client(url: str, key: str, work: Callable[[ApiClient], Awaitable[Any]]) -> Any:
    """The same one level up."""
    return with_requests(url, keys_of(key), lambda requests: work(ApiClient(requests)))
