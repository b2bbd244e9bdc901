"""JSON-RPC: what is an answer, what is not, and what happens then."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sparta.chain.rpc import JsonRpc, RpcError
from sparta.errors import DependencyFailed
from tests.sparta.chain.http_server import Answer, Server, raw, says

Behave = Callable[[Any], Answer]


@contextmanager
def asking(*behaviours: Behave, **options: Any) -> Iterator[tuple[JsonRpc, list[Server]]]:
    """A client of servers that behave so."""
    servers = [Server(behave).__enter__() for behave in behaviours]
    client = JsonRpc([server.url for server in servers], **{"timeout": 2.0, **options})
    try:
        yield client, servers
    finally:
        client.close()
        for server in servers:
            server.__exit__(None, None, None)


BROKEN: dict[str, Behave] = {
    "not JSON": raw(b"<html>"),
    "an empty body": raw(b""),
    "deep nonsense": raw(b"[" * 100_000),
    "a JSON string": raw(b'"hello"'),
    "a list": raw(b"[]"),
    "another id": says(id=99, result=1),
    "no id": raw(b'{"message":"forbidden"}'),
    "an error in text": says(error="bad"),
    "an error without code": says(error={"message": "bad"}),
    "HTTP 503": raw(b"busy", 503),
    "HTTP 502 with JSON": says(1, status=502),
    "HTTP 401 with JSON": says(error={"code": -32000, "message": "invalid project id"}, status=401),
    "HTTP 429": says(error={"code": -32005, "message": "slow down"}, status=429),
    "the rate limit": says(error={"code": -32005, "message": "slow down"}),
    "a redirect": raw(b"", 302, Location="http://127.0.0.1:1/"),
    "false gzip": raw(b"not gzip", 200, Content_Encoding="gzip"),
    "too long": says("x" * 3000),
    "too long unpacked": raw(gzip.compress(b" " * 1_000_000), 200, Content_Encoding="gzip"),
    "too slow": lambda _: Answer([b"{}"], delay=20),
    "too slow a body": lambda _: Answer([b" "] * 100, pause=0.1),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=list(BROKEN))
def test_what_is_no_answer(broken: Behave) -> None:
    """It ends within the time limit in one sentence that names the endpoint by number and not by its secret URL."""
    started = time.monotonic()
    with asking(broken, max_bytes=2000) as (client, _), pytest.raises(DependencyFailed) as caught:
        client.call("eth_blockNumber")
    assert time.monotonic() - started < 6
    assert "endpoint 1 of 1" in caught.value.sentence
    assert "secret-key" not in caught.value.sentence
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("broken", BROKEN.values(), ids=list(BROKEN))
def test_the_next_endpoint_takes_over(broken: Behave) -> None:
    """And is asked first from then on, so that a slow one costs its time once."""
    with asking(broken, says("fine"), max_bytes=2000) as (client, servers):
        assert client.call("eth_blockNumber") == "fine"
        asked = len(servers[0].questions)
        assert client.call("eth_blockNumber") == "fine"
        assert len(servers[0].questions) == asked


def test_a_refusal_with_http_400_is_an_answer() -> None:
    """Aztec nodes send their errors so; nobody else is asked then."""
    error = {"code": -32702, "message": "Queried block 500 not found", "data": "0x12"}
    with asking(says(error=error, status=400), says(1)) as (client, servers):
        with pytest.raises(RpcError) as caught:
            client.call("node_getBlock")
        assert (caught.value.code, caught.value.message, caught.value.data) == (-32702, error["message"], "0x12")
        assert not caught.value.maybe_elsewhere
        assert not servers[1].questions


def test_a_refusal_after_a_failure_says_so() -> None:
    """The question may have arrived at the endpoint that failed."""
    with asking(raw(b"", 503), says(error={"code": 1, "message": "no"})) as (client, _):
        with pytest.raises(RpcError) as caught:
            client.call("eth_sendRawTransaction")
        assert caught.value.maybe_elsewhere


def test_a_missing_result_is_none() -> None:
    """Aztec nodes answer "undefined" without a result."""
    with asking(lambda question: raw(json.dumps({"id": question["id"]}).encode())(question)) as (client, _):
        assert client.call("node_getEncodedEnr") is None


def test_gzip_is_asked_for_and_understood() -> None:
    """One answer about 10,000 validators is 4 MB plain and 0.4 MB packed."""

    def packed(question: Any) -> Answer:
        body = json.dumps({"id": question["id"], "result": "x" * 10_000}).encode()
        return Answer([gzip.compress(body)], headers={"Content-Encoding": "gzip"})

    with asking(packed) as (client, servers):
        assert client.call("node_getValidatorsStats") == "x" * 10_000
        assert "gzip" in servers[0].headers[0]["accept-encoding"]
        assert servers[0].headers[0]["content-type"] == "application/json"


def batching(limit: int) -> Behave:
    """Echoes each method, refuses ``no``, answers backwards, and refuses long batches as a whole."""

    def answer(questions: Any) -> Answer:
        if len(questions) > limit:
            return raw(b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"too long"}}', 400)(None)
        replies = [
            {"id": question["id"], "error": {"code": 3, "message": "no"}}
            if question["method"] == "no"
            else {"id": question["id"], "result": question["method"]}
            for question in reversed(questions)
        ]
        return Answer([json.dumps(replies).encode()])

    return answer


def test_a_batch_keeps_its_order_and_its_refusals() -> None:
    """Answers come in any order; a refused call does not spoil the others."""
    with asking(batching(100)) as (client, _):
        first, refused, last = client.batch([("a", ()), ("no", ()), ("b", ())])
    assert (first, last) == ("a", "b")
    assert isinstance(refused, RpcError)


@pytest.mark.parametrize(("limit", "sizes"), [(1000, [100, 100, 50]), (30, [100, 50, 25, 25, 50, 25, 25])])
def test_long_batches_are_divided(limit: int, sizes: list[int]) -> None:
    """At 100, and further when a provider takes less."""
    names = [f"m{number}" for number in range(250)]
    with asking(batching(limit)) as (client, servers):
        assert client.batch([(name, ()) for name in names]) == names
        assert [len(question) for question in servers[0].questions][: len(sizes)] == sizes


@pytest.mark.parametrize("body", [b"[]", b'[{"id":1}]', b"[7]", b'{"id":null,"result":[]}', b"null"])
def test_an_incomplete_batch_is_no_answer(body: bytes) -> None:
    """A call without a reply leaves the whole batch in doubt."""
    with asking(raw(body)) as (client, _), pytest.raises(DependencyFailed):
        client.batch([("a", ()), ("b", ())])


def test_an_endpoint_on_another_chain_is_not_used() -> None:
    """It is asked for its chain once, and the message says which it is."""
    with asking(says("0x1"), says("0x7a69"), chain_id=31337) as (client, servers):
        assert client.call("eth_blockNumber") == "0x7a69"
        assert client.call("eth_blockNumber") == "0x7a69"
        assert servers[1].methods == ["eth_chainId", "eth_blockNumber", "eth_blockNumber"]
        assert set(servers[0].methods) == {"eth_chainId"}
    with asking(says("0x1"), chain_id=31337) as (client, _), pytest.raises(DependencyFailed, match="serves chain 1,"):
        client.call("eth_blockNumber")


def test_names_are_tried_and_remembered_per_endpoint() -> None:
    """Method not found means the next name; the one that worked is asked first from then on."""

    def renamed(question: Any) -> Answer:
        if question["method"] != "aztec_tips":
            return says(error={"code": -32601, "message": "Method not found"}, status=400)(question)
        return says(7)(question)

    with asking(renamed) as (client, servers):
        assert client.call_first(("node_tips", "aztec_tips"), ()) == 7
        assert client.call_first(("node_tips", "aztec_tips"), ()) == 7
        assert servers[0].methods == ["node_tips", "aztec_tips", "aztec_tips"]
        servers[0].behave = lambda question: (
            says(8)(question)
            if question["method"] == "node_tips"
            else says(error={"code": -32601, "message": "gone"})(question)
        )
        assert client.call_first(("node_tips", "aztec_tips"), ()) == 8


def test_a_server_that_comes_back_is_used_again() -> None:
    """Recovery needs no restart of ours."""
    with asking(raw(b"", 503)) as (client, servers):
        with pytest.raises(DependencyFailed):
            client.call("eth_blockNumber")
        servers[0].behave = says("back")
        assert client.call("eth_blockNumber") == "back"


def test_a_connection_closed_while_idle_is_opened_again() -> None:
    """A server may close what it kept alive just as we ask."""

    def rude(question: Any) -> Answer:
        answer = says("fine")(question)
        answer.hang_up = True
        return answer

    with asking(rude) as (client, _):
        assert [client.call("eth_blockNumber") for _ in range(20)] == ["fine"] * 20


def test_a_server_that_is_not_there_fails_over() -> None:
    """A refused connection is a failure like others."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        nobody = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with Server(says("fine")) as server:
        client = JsonRpc([nobody, server.url])
        assert client.call("eth_blockNumber") == "fine"
        client.close()


def test_urls_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A provider's key is part of the URL."""
    caplog.set_level(logging.INFO)
    with asking(says(1)) as (client, _):
        client.call("eth_blockNumber")
    assert "secret-key" not in caplog.text
