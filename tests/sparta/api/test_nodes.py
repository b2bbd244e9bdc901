"""POST /api/node/readiness: two ports of a public address are knocked at, and of no other; not often."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from sparta import wiring
from sparta.api import create_app
from sparta.services.readiness import NodeReadinessService, knock
from sparta.settings import ApiSettings
from tests.sparta.api.client import Caller, Reply
from tests.sparta.api.conftest import somebody

ROUTE = "/api/node/readiness"
OPEN = "8.8.8.8"
NOON = 1_763_856_000_000
Person = Callable[[], str]


@dataclass
class Internet:
    """Of nodes whose open ports are known; ``knocks`` holds all that was tried, ``time`` is that of the limit."""

    open: dict[str, set[int]] = field(default_factory=dict)
    knocks: list[tuple[str, int]] = field(default_factory=list)
    time: int = NOON

    def knock(self, address: str, port: int) -> bool:
        self.knocks.append((address, port))
        return port in self.open.get(address, set())


@pytest.fixture
def internet() -> Internet:
    return Internet({OPEN: {8080, 40400}})


@pytest.fixture
def tasks(settings: ApiSettings, internet: Internet) -> Iterator[list[Caller]]:
    """Somebody with the key at two tasks of the API, which share the database only."""
    key = settings.backend_api_key
    assert key
    made = [wiring.api(settings) for _ in range(2)]
    for services in made:
        services.node_readiness.config._clock = lambda: internet.time
    yield [
        Caller(
            create_app(
                replace(services, node_readiness=NodeReadinessService(services.node_readiness.config, internet.knock))
            ),
            key.get_secret_value(),
        )
        for services in made
    ]
    for services in made:
        services.close()


@pytest.fixture
def call(tasks: list[Caller]) -> Caller:
    return tasks[0]


def check(call: Caller, address: str, person: str | None = None) -> Reply:
    return call("POST", ROUTE, {"ipAddress": address, "discordId": person or somebody()["discordId"]})


@pytest.mark.parametrize(("ports", "ready"), [({8080, 40400}, True), ({8080}, False), ({40400}, False), (set(), False)])
def test_each_port_is_told(call: Caller, internet: Internet, ports: set[int], ready: bool) -> None:
    """Ready is who answers on both: the RPC's and the P2P's; nothing else is knocked at."""
    internet.open[OPEN] = ports
    reply = check(call, OPEN)
    assert (reply.status, reply.body["success"]) == (200, True)
    assert reply.body["data"] == {
        "ipAddress": OPEN,
        "ready": ready,
        "ports": [{"port": port, "open": port in ports} for port in (8080, 40400)],
    }
    assert sorted(internet.knocks) == [(OPEN, 8080), (OPEN, 40400)]


@pytest.mark.parametrize(
    ("written", "understood"),
    [(f" {OPEN} ", OPEN), ("2606:4700:4700:0:0:0:0:1111", "2606:4700:4700::1111"), ("2A00::1", "2a00::1")],
)
def test_the_address_is_told_as_it_was_understood(
    call: Caller, internet: Internet, written: str, understood: str
) -> None:
    """So that a person sees where was knocked."""
    assert check(call, written).body["data"]["ipAddress"] == understood
    assert {address for address, _ in internet.knocks} == {understood}


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "127.0.0.1",
        "169.254.169.254",
        "169.254.170.2",
        "168.63.129.16",
        "100.64.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "0.0.0.0",
        "198.51.100.7",
        "192.0.2.1",
        "203.0.113.9",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001:db8::1",
        "3fff::1",
        "::ffff:8.8.8.8",
        "::8.8.8.8",
        "64:ff9b::808:808",
        "64:ff9b:1::808:808",
        "2002:808:808::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2606:4700:4700::1111%eth0",
        "localhost",
        "node.example.com",
        "134744072",
        "8.8.8.8:8080",
    ],
)
def test_no_other_address_is_knocked_at(call: Caller, internet: Internet, address: str) -> None:
    """Private, loopback, link-local, multicast, metadata, reserved, documentation, tunnels, scopes, names: 400."""
    reply = check(call, address)
    assert reply.status == 400
    assert "public" in reply.error
    assert internet.knocks == []


def test_a_person_asks_five_times_in_ten_minutes(tasks: list[Caller], internet: Internet) -> None:
    """Over all tasks together; then 429 says until when, nothing is knocked at, and others are not held up."""
    person, one = somebody()["discordId"], tasks[0]
    for number in range(5):
        assert check(tasks[number % 2], OPEN, person).status == 200
    before = len(internet.knocks)
    for call in tasks:
        reply = check(call, OPEN, person)
        assert (reply.status, reply.headers["retry-after"]) == (429, "600")
        assert "5 times within 10 minutes" in reply.error
    assert len(internet.knocks) == before == 10
    assert check(one, OPEN).status == 200
    internet.time += 600_000
    assert check(one, OPEN, person).status == 200


def test_a_refused_address_does_not_count(call: Caller, internet: Internet) -> None:
    """Who mistypes may still ask five times; and who has asked five times still learns what is wrong."""
    person = somebody()["discordId"]
    for _ in range(6):
        assert check(call, "10.0.0.1", person).status == 400
    for _ in range(5):
        assert check(call, OPEN, person).status == 200
    assert check(call, "10.0.0.1", person).status == 400
    assert check(call, OPEN, person).status == 429
    assert {address for address, _ in internet.knocks} == {OPEN}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ipAddress": ""}, "Invalid ipAddress"),
        ({"ipAddress": "8" * 65}, "Invalid ipAddress"),
        ({"ipAddress": 134744072}, "Invalid ipAddress"),
        ({"ipAddress": None}, "Invalid ipAddress"),
        ({"discordId": ""}, "Invalid discordId"),
        ({"discordId": "a b"}, "Invalid discordId"),
    ],
)
def test_what_cannot_be_meant(call: Caller, internet: Internet, change: dict[str, Any], sentence: str) -> None:
    """Is 400 with the field's name; so is what lacks."""
    good = {"ipAddress": OPEN, "discordId": "7"}
    reply = call("POST", ROUTE, good | change)
    assert (reply.status, reply.error.partition(":")[0]) == (400, sentence)
    (name,) = change
    reply = call("POST", ROUTE, {key: value for key, value in good.items() if key != name})
    assert (reply.status, reply.error) == (400, f"Missing {name} parameter")
    assert internet.knocks == []


def test_knocking_tells_open_from_closed() -> None:
    """With a real connection, to which nothing is said."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert knock("127.0.0.1", port)
        visitor, _ = server.accept()
        with visitor:
            assert visitor.recv(1) == b""
    assert not knock("127.0.0.1", port)
