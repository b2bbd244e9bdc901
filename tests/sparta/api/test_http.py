"""What comes over the wire, through gunicorn as deployed: bodies in chunks, no sound HTTP, too long, too large."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from sparta.api.errors import TOO_LARGE
from tests.sparta.api.client import Served
from tests.sparta.api.conftest import KEY, NOWHERE
from tests.sparta.chain.world import wait_until

MESSAGE = "/api/moderator/message"
LIMIT = 64 * 1024
UNREADABLE = "The request is not sound HTTP, so it was not looked at. Check how your client writes it."
ENV = {
    "BACKEND_API_KEY": KEY,
    "AWS_ENDPOINT_URL": NOWHERE,
    "AWS_ACCESS_KEY_ID": "nobody",
    "AWS_SECRET_ACCESS_KEY": "nobody",
    "ETHEREUM_HOST": NOWHERE,
    "AZTEC_RPC_URL": NOWHERE,
    "L1_CHAIN_ID": "1",
    "ROLLUP_ADDRESS": "0x" + "1" * 40,
}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Gunicorn and the API, with nothing behind it."""
    with Served(ENV) as api:
        yield api


class Answer:
    """What came back over a connection of its own: the first answer on it, and the rest."""

    def __init__(self, raw: bytes) -> None:
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        assert first.startswith("HTTP/1.1 "), raw
        self.status = int(first.split(" ")[1])
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self.body: Any = json.loads(body) if body else None


def send(served: Served, *parts: bytes) -> Answer:
    """Write the parts and read until the server closes."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        for part in parts:
            connection.sendall(part)
        raw = b""
        while piece := connection.recv(65536):
            raw += piece
    return Answer(raw)


def head(method: str, path: str, *headers: str, key: str = KEY) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: api", "Connection: close", f"x-api-key: {key}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


IN_CHUNKS = ("Transfer-Encoding: chunked", "Content-Type: application/json")


def test_a_body_in_chunks_is_read(served: Served) -> None:
    """Up to 64 KiB, whoever sends it piece by piece."""
    body = json.dumps({"message": "x", "more": ""}).encode()
    body = body.replace(b'""', b'"' + b"x" * (LIMIT - len(body)) + b'"')
    pieces = [chunk(body[start : start + 1000]) for start in range(0, LIMIT, 1000)]
    answer = send(served, head("POST", MESSAGE, *IN_CHUNKS), *pieces, b"0\r\n\r\n")
    assert (answer.status, answer.body["error"]) == (400, "Missing channelId parameter")


@pytest.mark.parametrize("path", [MESSAGE, "/api/operator", "/health", "/nothing"])
def test_a_body_in_chunks_that_is_too_large(served: Served, path: str) -> None:
    """413 as JSON, though nobody said beforehand how large it is."""
    pieces = [chunk(b"x" * 1000)] * 66
    answer = send(served, head("POST", path, *IN_CHUNKS), *pieces, b"0\r\n\r\n")
    assert (answer.status, answer.body) == (413, {"success": False, "error": TOO_LARGE})
    assert answer.headers["content-type"] == "application/json"


def test_a_large_body_is_refused_before_it_comes(served: Served) -> None:
    """By its announced length; the caller need not send it."""
    answer = send(served, head("POST", MESSAGE, f"Content-Length: {10**12}"))
    assert (answer.status, answer.body["error"]) == (413, TOO_LARGE)


@pytest.mark.parametrize(
    "request_",
    [
        b"garbage\r\n\r\n",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /health HTTP/9.9\r\n\r\n",
        b"get /health http/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /health HTTP/1.1\r\na b: c\r\n\r\n",
        b"GET /health HTTP/1.1\r\na: b\r\n folded\r\n\r\n",
        b"GET /health HTTP/1.1\r\na: b\x00c\r\n\r\n",
        b"POST /health HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /health HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        b"POST /health HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /health HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
    ],
)
def test_what_is_no_sound_http(served: Served, request_: bytes) -> None:
    """Is refused as JSON that quotes nothing of what came, and the connection closed; others are served."""
    answer = send(served, request_)
    assert answer.status in {400, 501}
    assert answer.body == {"success": False, "error": UNREADABLE}
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["connection"] == "close"
    assert served.call("GET", "/health").status == 200


@pytest.mark.parametrize("body", [b"secret\r\n", b"5\r\nabc", b"5;secret", b"-1\r\nx\r\n", b"2\r\nabcd\r\n0\r\n\r\n"])
def test_a_body_in_broken_chunks(served: Served, body: bytes) -> None:
    """Is the caller's mistake: one answer, 400."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        connection.sendall(head("POST", MESSAGE, *IN_CHUNKS).replace(b"Connection: close\r\n", b"") + body)
        connection.shutdown(socket.SHUT_WR)
        raw = b"".join(iter(lambda: connection.recv(65536), b""))
    assert raw.count(b"HTTP/1.1 ") == 1
    answer = Answer(raw)
    assert (answer.status, answer.body["success"]) == (400, False)
    assert answer.body["error"].startswith("The request cannot be read.")


def test_a_caller_that_goes_away(served: Served) -> None:
    """In the middle of its body: no bug of ours, so nothing in the log says so."""
    before = len(served.lines)
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        connection.sendall(head("POST", MESSAGE, "Content-Length: 100", "Content-Type: application/json") + b"{")
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        connection.sendall(head("POST", MESSAGE, *IN_CHUNKS) + b"5\r\nab")
    wait_until(lambda: sum(line["event"] == "request" for line in served.lines[before:]) == 2)
    assert {line["level"] for line in served.lines[before:]} == {"info"}


def test_a_url_that_is_too_long(served: Served) -> None:
    """414 says so."""
    answer = send(served, head("GET", "/api/operator/operators?pageToken=" + "x" * 4100))
    assert answer.status == 414
    assert answer.body["error"].startswith("The URL is longer than")


@pytest.mark.parametrize("headers", [["a: " + "x" * 9000], [f"a{number}: b" for number in range(120)]])
def test_headers_that_are_too_large(served: Served, headers: list[str]) -> None:
    """431 says so."""
    answer = send(served, head("GET", "/health", *headers))
    assert answer.status == 431
    assert answer.body["error"].startswith("The request has more, or longer, headers")


@pytest.mark.parametrize("path", ["/%61pi/operator/stats", "//api/operator/stats", "/api%2Foperator/stats", "/api/./x"])
def test_no_way_around_the_key(served: Served, path: str) -> None:
    """However a path is written."""
    assert send(served, head("GET", path, key="wrong")).status == 401


def test_head_has_no_body(served: Served) -> None:
    """The headers of GET, and nothing after them."""
    answer = send(served, head("HEAD", "/health"))
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, None, "15")


def test_the_log_has_a_line_for_each_request(served: Served) -> None:
    """With its id and what became of it; neither the query, which names people, nor the key."""
    reply = served.call("DELETE", "/api/operator", discordUsername="somebody#1")
    assert reply.status == 503
    line = served.line_of(reply)
    assert (line["method"], line["path"], line["status"]) == ("DELETE", "/api/operator", 503)
    assert "somebody" not in served.log
    assert KEY not in served.log


@pytest.fixture
def rotated(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Secrets Manager's URL; it holds a key of the API, which was rotated once."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "nobody")
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    client = boto3.client("secretsmanager", region_name="eu-west-2", endpoint_url=url)
    client.create_secret(Name="sparta/api-key", SecretString="the-first-key")
    client.put_secret_value(SecretId="sparta/api-key", SecretString="the-second-key")
    client.close()
    yield url
    server.stop()


def test_the_key_comes_from_a_secret(rotated: str) -> None:
    """Named by BACKEND_API_KEY_SECRET, read at run time: current and previous version open, and stand in no log."""
    env = {name: value for name, value in ENV.items() if name != "BACKEND_API_KEY"}
    by_secret = {"AWS_ENDPOINT_URL": rotated, "BACKEND_API_KEY_SECRET": "sparta/api-key"}
    with Served(env | by_secret) as api:
        keys = ("the-first-key", "the-second-key", "the-third-key", "")
        assert [send(api, head("GET", "/api/nothing", key=key)).status for key in keys] == [404, 404, 401, 401]
        assert "the-first" not in api.log
        assert "the-second" not in api.log
