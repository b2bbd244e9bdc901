"""The log of the deployed process: JSON line by line, the request's id on each, and never a secret."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from scripts.devnet.anvil import OWNER
from scripts.devnet.network import Devnet
from sparta.masking import MASK
from sparta.settings import ApiSettings
from sparta.stores.database import connect
from sparta.stores.table import Table
from tests.sparta.api.client import TLS, Served, settings_of
from tests.sparta.api.ledger import add, addresses, approved, wait_until
from tests.sparta.api.proxy import WELL, Proxy, says

API_KEY = "api-key-0123456789-of-this-test"
CHAIN_KEY = "key-in-the-query-of-the-chain"
CHAIN_PASSWORD = "pass-word-of-the-chain"
NODE_KEY = "key0in0the0path0of0the0node"
BOT_TOKEN = "bot.token-of-this-test.0123456789"
PRIVATE_KEY = OWNER[1]
PLANTED = (API_KEY, CHAIN_KEY, CHAIN_PASSWORD, NODE_KEY, BOT_TOKEN, PRIVATE_KEY[2:])


@pytest.fixture(scope="module")
def chain(net: Devnet) -> Iterator[Proxy]:
    """The way to the chain, which can answer nonsense."""
    with Proxy(net.ethereum_url) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def served(net: Devnet, chain: Proxy) -> Iterator[Served]:
    """With a secret wherever one can be, and the most talkative log."""
    secrets = {
        "BACKEND_API_KEY": API_KEY,
        "ETHEREUM_HOST": f"{chain.url.replace('://', f'://user:{CHAIN_PASSWORD}@')}/?apikey={CHAIN_KEY}",
        # The stand-in knows no such path, so this node always fails.
        "AZTEC_RPC_URL": f"{net.aztec_url}/{NODE_KEY}",
        "BOT_TOKEN": BOT_TOKEN,
        "BOT_CLIENT_ID": "1",
        "GUILD_ID": "1",
        "LOG_LEVEL": "debug",
    }
    with Served(settings_of(net, **secrets)) as process:
        yield process


def lines_of(served: Served, request_id: str) -> list[dict[str, Any]]:
    """What was written for one request; the access log's line comes last, after the answer."""

    def found() -> list[dict[str, Any]]:
        return [line for line in served.lines if line.get("request_id") == request_id]

    wait_until(lambda: any(line["event"] == "request" for line in found()), 5)
    return found()


def ask(served: Served, method: str, path: str, **headers: str) -> httpx.Response:
    """With the key, and with other headers."""
    given = {"x-api-key": API_KEY, **headers}
    return httpx.request(method, served.url + path, headers=given, timeout=30, verify=TLS)


def test_each_request_has_a_line_with_its_id(served: Served) -> None:
    """The caller's id where it gives one, ours where it gives none; in the answer too."""
    for given in ({"X-Request-Id": "from-the-caller"}, {}):
        answer = ask(served, "GET", "/api/operator/stats?secret=1", **given)
        request_id = answer.headers["x-request-id"]
        assert given.get("X-Request-Id", request_id) == request_id
        (line,) = lines_of(served, request_id)
        assert (line["event"], line["level"], line["method"], line["path"], line["status"]) == (
            "request", "info", "GET", "/api/operator/stats", 200,
        )  # fmt: skip
        assert line["milliseconds"] >= 0
        assert line["bytes"] == len(answer.content)


def test_the_load_balancers_checks_are_for_debugging(served: Served) -> None:
    """Four a minute for each of its addresses would bury the rest."""
    answer = ask(served, "GET", "/health")
    (line,) = lines_of(served, answer.headers["x-request-id"])
    assert line["level"] == "debug"


def test_a_line_is_json_whatever_is_asked(served: Served) -> None:
    """Line feeds, quotes, other alphabets, bytes that are no text, what is no HTTP."""
    for path in ("/api/%0a%0d%22%5c", "/api/%e2%98%83%00", "/api/%ff%fe", "/" + "a" * 3000):
        assert ask(served, "GET", path).status_code == 404
    for raw in (b"\x00\xff\r\n\r\n", b"GET / HTTP/1.1\r\nno header\r\n\r\n", b"NO-SUCH /\x1b[2J HTTP/9\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", served.port), timeout=5) as connection:
            connection.sendall(raw)
            assert b"400" in connection.recv(64)
    assert all(line.keys() >= {"event", "level", "timestamp", "environment"} for line in served.lines)


def test_the_query_is_never_written(served: Served) -> None:
    """It names people."""
    ask(served, "GET", "/api/operator?discordUsername=somebody-by-name")
    ask(served, "POST", "/api/operator?discordUsername=somebody-by-name")
    answer = ask(served, "GET", "/api/nowhere?discordUsername=somebody-by-name")
    assert lines_of(served, answer.headers["x-request-id"])
    assert "somebody-by-name" not in served.log


def test_no_secret_is_written_wherever_it_is_sent(served: Served, chain: Proxy, settings: ApiSettings) -> None:
    """In paths, queries, headers and bodies, as a request's id, with wrong keys, with Ethereum and the node failing,
    with an add that signs, with a bug's traceback.
    """
    table = Table(connect(settings), settings.table_name("operators"))
    for secret in (*PLANTED, PRIVATE_KEY, PRIVATE_KEY.upper()):
        ask(served, "GET", f"/api/operator/address/{quote(secret)}?key={quote(secret)}", Authorization=secret)
        ask(served, "GET", f"/api/{quote(secret)}", **{"X-Request-Id": secret, "Cookie": secret, "Referer": secret})
        served.call("POST", "/api/operator/start", {"proof": secret, "discordId": secret, "walletAddress": secret})
        httpx.get(f"{served.url}/api/{quote(secret)}", headers={"x-api-key": f"{secret}x"}, verify=TLS)
        # No program of ours wrote this item: reading it is a bug's error, which would quote what it found.
        table.put({"pk": "operator#broken", "kind": "operator", "createdAt": secret, "validators": {}})
        bug = served.call("GET", "/api/operator", discordId="broken")
        assert bug.status == 500
        assert secret not in json.dumps(bug.body)
    assert add(served, approved(served), addresses(1)[0]).status == 201
    for secret in PLANTED:
        refusal = {"jsonrpc": "2.0", "id": None, "error": {"code": 1, "message": secret, "data": secret}}
        chain.fault = says("200 OK", json.dumps(refusal).encode())
        assert served.call("GET", "/api/ethereum/rollup/status").status == 502
    assert served.call("GET", "/ready").status == 503
    chain.fault = WELL
    assert len([line for line in served.lines if "exception" in line]) == len(PLANTED) + 2
    log = served.log.lower()
    assert log.count(MASK) > 3 * len(PLANTED)
    for secret in PLANTED:
        # Not even a piece, as of an error that shows the ends of what it was given.
        for piece in (secret[:12], secret[-12:]):
            assert piece.lower() not in log, secret
