"""One JSON-RPC server: one question over HTTP, within limits of time and size, and what may count as its answer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import httpx

_CONNECT_SECONDS = 3.0
_LONGEST_REST = 30.0
_NOT_AN_ANSWER = {401, 403, 404, 408, 429, 502, 503, 504}
"""HTTP statuses of the way to the server, whatever the body. All others may carry a JSON-RPC reply: an Aztec node
answers 400 for each JSON-RPC error and 500 for a question that is too large."""
_LIMIT_EXCEEDED = -32005
"""The provider's rate limit (EIP-1474): another endpoint may still answer."""

Reply = dict[str, Any]
Hook = Callable[[dict[str, Any]], Any]
"""What becomes of each JSON object as soon as it is read, so that a long answer never stands in memory as a whole."""


class EndpointFailed(Exception):
    """This endpoint gave no answer; the text says why and never holds its URL, which may carry a provider's key."""


class Endpoint:
    """A server and what is remembered of it. ``label`` is how messages call it."""

    def __init__(self, client: httpx.Client, url: str, label: str) -> None:
        self._client = client
        self._url = url
        self.label = label
        self.names: dict[tuple[str, ...], str] = {}
        """Of methods that servers call by several names: the one that worked here."""
        self.checked = False
        """Its chain id was asked for and is the right one."""
        self.requests = 0
        """Sent so far."""
        self._failures = 0
        self._rests_until = 0.0

    @property
    def resting(self) -> bool:
        """It failed a short while ago: others are asked first."""
        return time.monotonic() < self._rests_until

    def worked(self) -> None:
        """Forget earlier failures."""
        self._failures = 0
        self._rests_until = 0.0

    def failed(self) -> None:
        """Ask others first for a while, longer with each failure; and check its chain id anew."""
        self._failures += 1
        self._rests_until = time.monotonic() + min(2.0 ** (self._failures - 1), _LONGEST_REST)
        self.checked = False

    def post(self, question: object, *, seconds: float, max_bytes: int, hook: Hook | None = None) -> Any:
        """The parsed body; asked once more when a kept-alive connection turns out to be closed.

        :raises EndpointFailed: no connection, too slow, too long, not JSON, or refused on the way
        """
        deadline = time.monotonic() + seconds
        body = json.dumps(question, separators=(",", ":")).encode()
        try:
            try:
                return self._exchange(body, deadline, max_bytes, hook)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                return self._exchange(body, deadline, max_bytes, hook)
        except httpx.TimeoutException:
            raise EndpointFailed(f"no answer within {seconds:g} s") from None
        except httpx.HTTPError as error:
            raise EndpointFailed(f"connection failed, {type(error).__name__}") from None

    def _exchange(self, body: bytes, deadline: float, max_bytes: int, hook: Hook | None) -> Any:
        self.requests += 1
        left = max(deadline - time.monotonic(), 0.001)
        timeout = httpx.Timeout(left, connect=min(left, _CONNECT_SECONDS))
        headers = {"Content-Type": "application/json"}
        with self._client.stream("POST", self._url, content=body, headers=headers, timeout=timeout) as response:
            if response.status_code in _NOT_AN_ANSWER or response.is_redirect:
                raise EndpointFailed(f"HTTP {response.status_code}")
            content = _read(response, deadline, max_bytes)
        try:
            return json.loads(content, object_hook=hook)
        except (ValueError, RecursionError):
            raise EndpointFailed(f"HTTP {response.status_code} with a body that is not JSON") from None


def _read(response: httpx.Response, deadline: float, max_bytes: int) -> bytearray:
    """The decompressed body; counted and timed piece by piece, since each piece restarts httpx's own timeout."""
    content = bytearray()
    for piece in response.iter_bytes():
        content += piece
        if len(content) > max_bytes:
            raise EndpointFailed(f"the answer is longer than {max_bytes} bytes")
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the body took too long")
    return content


def check_reply(reply: object, expected_id: int | None) -> Reply:
    """``reply`` itself when it is a JSON-RPC reply to this question; an error without id may stand for any question.

    :raises EndpointFailed: anything else, and the provider's rate limit
    """
    if not isinstance(reply, dict):
        raise EndpointFailed("the answer is not a JSON-RPC reply")
    error = reply.get("error")
    if error is not None and not (isinstance(error, dict) and isinstance(error.get("code"), int)):
        raise EndpointFailed("the answer holds an error without a code")
    if error is not None and error["code"] == _LIMIT_EXCEEDED:
        raise EndpointFailed("its rate limit is reached")
    if reply.get("id") != expected_id and not (error is not None and reply.get("id") is None):
        raise EndpointFailed("the answer belongs to another question")
    return reply
