"""JSON-RPC over one or more URLs: the next takes over when one fails, and who failed is remembered for a while."""

from __future__ import annotations

import itertools
import logging
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, Literal, TypeVar

import httpx

from sparta import request_time
from sparta.chain.endpoint import Endpoint, EndpointFailed, Hook, Reply, check_reply
from sparta.errors import DependencyFailed
from sparta.telemetry import log

BATCH_LIMIT = 100
"""Aztec nodes from 1.x on refuse longer batches, as do many Ethereum providers."""
METHOD_NOT_FOUND = -32601

Call = tuple[str, Sequence[Any]]
_T = TypeVar("_T")
_SETTING = {"Ethereum": "ETHEREUM_HOST", "Aztec node": "AZTEC_RPC_URL"}


class RpcError(Exception):
    """The server understood and refused. ``data`` is the revert data of a contract call, as 0x hex, if any.

    ``maybe_elsewhere``: an endpoint before this one failed without saying whether it got the question.
    """

    def __init__(self, code: int, message: str, data: object = None, *, maybe_elsewhere: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.data = data
        self.maybe_elsewhere = maybe_elsewhere


class JsonRpc:
    """A client that threads may share.

    ``timeout`` is what one endpoint gets for one answer, in seconds; a call as a whole takes at most twice that,
    however many endpoints there are, and no longer than is left to the request that needs it. With a ``chain_id`` an
    endpoint on another chain counts as failed.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        dependency: Literal["Ethereum", "Aztec node"] = "Ethereum",
        chain_id: int | None = None,
        timeout: float = 5.0,
        max_bytes: int = 16_000_000,
        connections: int = 64,
        hook: Hook | None = None,
    ) -> None:
        # httpx logs each URL at INFO; ours may carry a provider's key.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self._client = httpx.Client(limits=limits, follow_redirects=False, verify=_trusted())
        self._endpoints = [
            Endpoint(self._client, url, f"endpoint {n} of {len(urls)}") for n, url in enumerate(urls, start=1)
        ]
        self._dependency = dependency
        self._chain_id = chain_id
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._hook = hook
        self._ids = itertools.count(1)

    def close(self) -> None:
        """Close the connections kept alive."""
        self._client.close()

    @property
    def requests(self) -> int:
        """Sent so far, to all endpoints."""
        return sum(endpoint.requests for endpoint in self._endpoints)

    def call(self, method: str, params: Sequence[Any] = ()) -> Any:
        """The result; None when the reply holds none, as Aztec nodes answer "undefined".

        :raises RpcError: the server refused
        :raises DependencyFailed: no endpoint answered
        """
        return self._first_answer(lambda endpoint, deadline: self._ask(endpoint, (method, params), deadline))

    def call_first(self, names: tuple[str, ...], params: Sequence[Any] = ()) -> Any:
        """Like ``call``, of a method that servers know by different names; which one worked is kept per endpoint."""
        return self._first_answer(lambda endpoint, deadline: self._ask_names(endpoint, names, params, deadline))

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """The results in the order of ``calls``; a refused call's result is its ``RpcError``, not raised.

        :raises DependencyFailed: no endpoint answered
        """
        answers: list[Any] = []
        for start in range(0, len(calls), BATCH_LIMIT):
            answers += self._batch(calls[start : start + BATCH_LIMIT])
        return answers

    def _batch(self, calls: Sequence[Call]) -> list[Any]:
        try:
            return self._first_answer(lambda endpoint, deadline: self._ask_batch(endpoint, calls, deadline))
        except RpcError:
            # The batch as a whole was refused: providers set their own limits, so try with less.
            if len(calls) == 1:
                raise
            half = len(calls) // 2
            return self._batch(calls[:half]) + self._batch(calls[half:])

    def _first_answer(self, ask: Callable[[Endpoint, float], _T]) -> _T:
        request_time.check(self._dependency)
        deadline = time.monotonic() + min(2 * self._timeout, request_time.left())
        reasons: list[str] = []
        for endpoint in self._in_order():
            if reasons and time.monotonic() >= deadline:
                break
            try:
                self._check_chain(endpoint, deadline)
                answer = ask(endpoint, deadline)
            except EndpointFailed as failure:
                endpoint.failed()
                reasons.append(f"{endpoint.label}: {failure}")
                log().warning(
                    "endpoint failed", dependency=self._dependency, endpoint=endpoint.label, reason=str(failure)
                )
            except RpcError as error:
                endpoint.worked()
                error.maybe_elsewhere = bool(reasons)
                raise
            else:
                endpoint.worked()
                return answer
        raise DependencyFailed(
            f"{self._dependency} gives no usable answer ({'; '.join(reasons)}). Try again in a minute; when it lasts, "
            f"check {_SETTING[self._dependency]}.",
            dependency=self._dependency,
        )

    def _in_order(self) -> Iterator[Endpoint]:
        """As configured, those that failed lately last."""
        return iter(sorted(self._endpoints, key=lambda endpoint: endpoint.resting))

    def _check_chain(self, endpoint: Endpoint, deadline: float) -> None:
        if self._chain_id is None or endpoint.checked:
            return
        try:
            answer = self._ask(endpoint, ("eth_chainId", ()), deadline)
            chain_id = int(answer, 16)
        except (RpcError, TypeError, ValueError):
            raise EndpointFailed("it does not say which chain it serves") from None
        if chain_id != self._chain_id:
            raise EndpointFailed(f"it serves chain {chain_id}, L1_CHAIN_ID is {self._chain_id}")
        endpoint.checked = True

    def _ask_names(self, endpoint: Endpoint, names: tuple[str, ...], params: Sequence[Any], deadline: float) -> Any:
        known = endpoint.names.get(names)
        for name in sorted(names, key=lambda name: name != known):
            try:
                answer = self._ask(endpoint, (name, params), deadline)
            except RpcError as error:
                if error.code != METHOD_NOT_FOUND:
                    endpoint.names[names] = name
                    raise
                refusal = error
            else:
                endpoint.names[names] = name
                return answer
        raise refusal

    def _ask(self, endpoint: Endpoint, call: Call, deadline: float) -> Any:
        question = self._question(call)
        reply = check_reply(self._post(endpoint, question, deadline), question["id"])
        if (refusal := _refusal(reply)) is not None:
            raise refusal
        return reply.get("result")

    def _ask_batch(self, endpoint: Endpoint, calls: Sequence[Call], deadline: float) -> list[Any]:
        questions = [self._question(call) for call in calls]
        replies = self._post(endpoint, questions, deadline)
        if not isinstance(replies, list):
            refusal = _refusal(check_reply(replies, None))
            raise refusal or EndpointFailed("a batch was answered as one question")
        by_id = {reply.get("id"): reply for reply in replies if isinstance(reply, dict)}
        checked = [check_reply(by_id.get(question["id"]), question["id"]) for question in questions]
        return [_refusal(reply) or reply.get("result") for reply in checked]

    def _question(self, call: Call) -> Reply:
        method, params = call
        return {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}

    def _post(self, endpoint: Endpoint, question: object, deadline: float) -> Any:
        seconds = min(self._timeout, deadline - time.monotonic())
        return endpoint.post(question, seconds=seconds, max_bytes=self._max_bytes, hook=self._hook)


@cache
def _trusted() -> ssl.SSLContext:
    """One for all clients: it holds every certificate authority, which costs a megabyte and 20 ms."""
    return httpx.create_ssl_context()


def _refusal(reply: Reply) -> RpcError | None:
    error = reply.get("error")
    if error is None:
        return None
    return RpcError(error["code"], str(error.get("message", "")), error.get("data"))
