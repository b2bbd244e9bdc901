"""The stand-in node beyond the recordings: limits, what changes while it runs, and failing on demand."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from scripts.devnet.aztec.dialects import DIALECTS
from scripts.devnet.aztec.server import AztecStandIn
from scripts.devnet.aztec.world import World
from scripts.devnet.errors import DevnetError

OFFLINE = "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65"


@pytest.fixture
def node() -> Iterator[AztecStandIn]:
    with AztecStandIn() as running:
        yield running


def post(node: AztecStandIn, body: Any, **headers: str) -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=5) as http:
        return http.post(node.url, content=json.dumps(body), headers={"Content-Type": "application/json"} | headers)


def request(method: str, *params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}


def call(node: AztecStandIn, method: str, *params: Any) -> Any:
    return post(node, request(method, *params)).json()["result"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_dialect_knows_its_own_method_names_only(node: AztecStandIn, dialect: str) -> None:
    """Tips have one name per version; the other versions' names are unknown, with HTTP 400 and a JSON body."""
    node.speak(dialect)
    names = {"node_getL2Tips", "aztec_getChainTips", "getL2Tips"}
    known = "aztec_getChainTips" if dialect == "5.0" else "node_getL2Tips"
    for name in names:
        answer = post(node, request(name))
        assert (answer.status_code == 200) == (name == known)
        if name != known:
            assert answer.json()["error"] == {"code": -32601, "message": f"Method not found: {name}"}


def test_an_unknown_dialect_is_refused() -> None:
    """The sentence names the dialects there are."""
    with pytest.raises(DevnetError, match=r"choose one of 0\.87, 1\.2, 2\.0, 4\.1, 5\.0"):
        AztecStandIn("3.0")


@pytest.mark.parametrize(("dialect", "status"), [("0.87", 200), ("2.0", 400), ("4.1", 400)])
def test_a_batch_has_a_limit_from_1_x_on(node: AztecStandIn, dialect: str, status: int) -> None:
    """101 calls at once: fine in 0.87, refused as a whole later; 100 are always fine."""
    node.speak(dialect)
    assert post(node, [request("node_isReady")] * 100).status_code == 200
    assert post(node, [request("node_isReady")] * 101).status_code == status


def test_a_body_over_the_limit_is_http_500(node: AztecStandIn) -> None:
    """4.x takes one MiB, and says so with a JSON body."""
    node.speak("4.1")
    answer = post(node, request("node_isReady", "x" * 1024 * 1024))
    assert answer.status_code == 500
    assert answer.json()["error"]["message"] == "request entity too large"


def test_long_answers_are_compressed_for_those_who_ask(node: AztecStandIn) -> None:
    """4.1 with Accept-Encoding: gzip; neither short answers nor callers that did not ask."""
    node.speak("4.1")
    stats = request("node_getValidatorsStats")
    asked = post(node, stats, **{"Accept-Encoding": "gzip"})
    assert asked.headers["Content-Encoding"] == "gzip"
    assert len(gzip.compress(asked.content)) < len(asked.content)
    assert "Content-Encoding" not in post(node, stats, **{"Accept-Encoding": "identity"}).headers
    assert "Content-Encoding" not in post(node, request("node_isReady"), **{"Accept-Encoding": "gzip"}).headers


def test_only_the_root_answers_and_only_json(node: AztecStandIn) -> None:
    """/status says OK or fails, other paths are 404, another content type is 400."""
    with httpx.Client(trust_env=False, base_url=node.url) as http:
        assert http.get("/status").text == "OK"
        node.world.healthy = False
        assert http.get("/status").status_code == 500
        assert http.post("/v1", json=request("node_isReady")).status_code == 404
        answer = http.post("/", content=json.dumps(request("node_isReady")), headers={"Content-Type": "text/plain"})
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == -32600


def test_tips_may_go_backwards(node: AztecStandIn) -> None:
    """The next answer shows what was set, lower numbers too."""
    node.world.latest = 6
    assert call(node, "node_getL2Tips")["latest"]["number"] == 6
    node.world.latest = 1
    assert call(node, "node_getL2Tips")["latest"]["number"] == 1


def test_the_sentinel_may_be_off(node: AztecStandIn) -> None:
    """No validators and no window, and no error."""
    node.world.sentinel = False
    assert call(node, "node_getValidatorsStats") == {"stats": {}, "slotWindow": 0}


def test_a_path_belongs_to_its_block(node: AztecStandIn) -> None:
    """The same block gives the same path each time, another block another one."""
    node.world.latest = 10
    first, again, other = (call(node, "node_getArchiveSiblingPath", block, "0") for block in (3, "3", 4))
    assert first == again != other
    assert len(first) == 1244


def test_a_validator_without_duties_has_no_rates() -> None:
    """What never happened has neither a rate nor a last time; totals are unknown to 0.87."""
    with AztecStandIn(world=World(duties={OFFLINE: []})) as node:
        stats = call(node, "node_getValidatorsStats")["stats"][OFFLINE]
    assert stats == {
        "address": OFFLINE,
        "totalSlots": 0,
        "missedProposals": {"currentStreak": 0, "count": 0},
        "missedAttestations": {"currentStreak": 0, "count": 0},
        "history": [],
    }


def test_following_a_chain_marks_who_is_offline() -> None:
    """All validators do their duties but those named; the last two slots are not processed yet."""
    world = World(offline={"0xbb"})
    world.follow(20, ["0xAA", "0xBB"])
    assert {status for _, status in world.duties["0xaa"]} == {"block-mined", "attestation-sent"}
    assert {status for _, status in world.duties["0xbb"]} == {"block-missed", "attestation-missed"}
    assert (world.last_slot, world.latest, world.proven) == (18, 140, 116)


@pytest.mark.parametrize("kind", ["error", "unavailable", "garbage", "truncated", "dropped"])
def test_a_fault_hits_as_often_as_asked_and_then_heals(node: AztecStandIn, kind: str) -> None:
    """One wrong answer, of the kind that was asked for, then the right ones again."""
    node.fail(kind, times=1)
    wrong = {"error": 500, "unavailable": 503}.get(kind)
    if wrong is not None:
        assert post(node, request("node_isReady")).status_code == wrong
    elif kind == "garbage":
        with pytest.raises(ValueError, match=r"codec can't decode|Expecting value"):
            post(node, request("node_isReady")).json()
    else:
        with pytest.raises(httpx.RemoteProtocolError):
            post(node, request("node_isReady"))
    assert call(node, "node_isReady") is True


def test_a_fault_may_concern_one_method(node: AztecStandIn) -> None:
    """Others answer meanwhile, and healing ends it."""
    node.fail("error", method="node_getL2Tips")
    assert call(node, "node_isReady") is True
    assert post(node, request("node_getL2Tips")).status_code == 500
    node.heal()
    assert post(node, request("node_getL2Tips")).status_code == 200


def test_a_slow_node_does_not_hold_up_its_end() -> None:
    """A caller gives up before the answer; the node then stops at once."""
    with AztecStandIn() as node, httpx.Client(trust_env=False, timeout=0.2) as http:
        node.fail("slow", seconds=600)
        with pytest.raises(httpx.ReadTimeout):
            http.post(node.url, json=request("node_isReady"))


def test_a_huge_answer_comes_in_full(node: AztecStandIn) -> None:
    """As long as was asked for: a caller that reads without a limit gets it all."""
    node.fail("huge", mebibytes=2)
    assert len(post(node, request("node_isReady")).content) == 2 * 1024 * 1024 + 2


def test_a_node_that_comes_back_has_its_old_address(node: AztecStandIn) -> None:
    """Stopped it refuses connections; started again it answers at the same URL."""
    url = node.url
    node.stop()
    with pytest.raises(httpx.ConnectError):
        post(node, request("node_isReady"))
    node.start(node.port)
    assert node.url == url
    assert call(node, "node_isReady") is True


def test_calls_are_counted(node: AztecStandIn) -> None:
    """By method, in batches too: expensive calls can be counted by a test."""
    post(node, [request("node_isReady"), request("node_getValidatorsStats")])
    call(node, "node_isReady")
    assert node.requests["node_getValidatorsStats"] == 1
    assert node.requests["node_isReady"] == 2
