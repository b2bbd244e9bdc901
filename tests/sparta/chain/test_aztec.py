"""The Aztec node in all dialects, from recorded answers and from the stand-in node, and when it misbehaves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from scripts.devnet.aztec.server import AztecStandIn
from scripts.devnet.aztec.world import recording
from sparta.chain.aztec import AztecNode, MethodMissing, Tip
from sparta.chain.stats import Missed, read_stats
from sparta.errors import DependencyFailed
from tests.sparta.chain.http_server import Answer, Server, says

OFFLINE = "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65"
DIALECTS = ["0.87", "1.2", "2.0", "4.1", "5.0"]


@pytest.fixture
def node() -> Iterator[AztecStandIn]:
    with AztecStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def client(node: AztecStandIn) -> Iterator[AztecNode]:
    aztec = AztecNode([node.url])
    yield aztec
    aztec.close()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_each_dialect_says_the_same(node: AztecStandIn, client: AztecNode, dialect: str) -> None:
    """Blocks or checkpoints, slots as strings or numbers, with or without totals, old names or new."""
    node.speak(dialect)
    tips, stats, info = client.tips(), client.validators_stats(), client.node_info()
    assert client.ready()
    assert (tips.latest.number, tips.proven.number, tips.finalized.number) == (1, 0, 0)
    assert (stats.last_processed_slot, stats.sentinel_off) == (node.world.last_slot, False)
    offline = stats.validators[OFFLINE]
    assert (offline.missed_attestations.rate, offline.missed_proposals.rate) == (1.0, 1.0)
    assert all(isinstance(slot, int) for slot, _ in offline.history)
    assert (info.l1_chain_id, info.rollup_version) == (31337, node.world.rollup_version)
    assert info.contracts["rollupAddress"] == "0x322813fd9a801c5507c9de605d63cea4f2ce6c44"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_statistics_and_network_come_in_one_request(node: AztecStandIn, client: AztecNode, dialect: str) -> None:
    """Of the same node; a namespace that it does not know is asked in vain only once."""
    node.speak(dialect)
    client.survey()
    before = client.requests
    stats, info = client.survey()
    assert client.requests - before == 1
    assert stats == client.validators_stats()
    assert info == client.node_info()


def test_statistics_are_worth_having_without_the_rest(node: AztecStandIn) -> None:
    """A node that does not say who it is; but not one that refuses the statistics, or is no Aztec node."""
    refusals = {"node_getNodeInfo": -32702}

    def answer(question: Any) -> Answer:
        body = httpx.post(node.url, json=question).json()
        for each, asked in zip(body, question, strict=True):
            if code := refusals.get(asked["method"], refusals.get("*")):
                each.pop("result", None)
                each["error"] = {"code": code, "message": "no"}
        return Answer([json.dumps(body).encode()])

    with Server(answer) as server:
        client = AztecNode([server.url])
        stats, info = client.survey()
        assert (OFFLINE in stats.validators, info) == (True, None)
        refusals["node_getValidatorsStats"] = -32702
        with pytest.raises(DependencyFailed, match="refused statistics of validators"):
            client.survey()
        refusals["*"] = refusals["node_getValidatorsStats"] = -32601
        with pytest.raises(MethodMissing, match="does not offer statistics"):
            client.survey()
        client.close()


@pytest.mark.parametrize("dialect", ["0.87", "2.0"])
def test_a_proof_is_the_nodes_own(node: AztecStandIn, client: AztecNode, dialect: str) -> None:
    """The same block gives the same proof; a block that the node has not reached gives none."""
    node.speak(dialect)
    node.world.latest, node.world.proven = 120, 96
    proof = client.archive_sibling_path(96, 96)
    assert proof is not None
    assert len(proof) == 1244
    assert client.archive_sibling_path(96, 96) == proof
    assert client.archive_sibling_path(5000, 5000) is None


def test_a_version_without_proofs_is_no_outage(node: AztecStandIn, client: AztecNode) -> None:
    """The reason says that this version cannot do it."""
    node.speak("4.1")
    with pytest.raises(MethodMissing, match="version does not offer proofs of being synced"):
        client.archive_sibling_path(1, 1)
    assert client.ready()


def test_the_names_that_work_are_asked_first(node: AztecStandIn, client: AztecNode) -> None:
    """One refused request per method at most, not one each time; an update of the node is noticed."""
    node.speak("5.0")
    for _ in range(3):
        client.tips()
    assert node.requests == {"node_getL2Tips": 1, "aztec_getL2Tips": 1, "node_getChainTips": 1, "aztec_getChainTips": 3}
    node.speak("4.1")
    assert client.tips().latest.number == 1


def test_tips_may_go_backwards(node: AztecStandIn, client: AztecNode) -> None:
    """Unproven blocks are pruned: that is news, not an error."""
    node.world.latest = 6
    assert client.tips().latest.number == 6
    node.world.latest = 1
    assert client.tips().latest.number == 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_sentinel_that_is_off_says_nothing(node: AztecStandIn, client: AztecNode, dialect: str) -> None:
    """The empty answer is marked as such."""
    node.speak(dialect)
    node.world.sentinel = False
    stats = client.validators_stats()
    assert (stats.sentinel_off, stats.validators) == (True, {})


@pytest.mark.parametrize("kind", ["slow", "error", "unavailable", "garbage", "truncated", "dropped", "huge"])
def test_a_node_that_fails_is_named_and_recovers(node: AztecStandIn, kind: str) -> None:
    """Within the time limit, with the sentence for people; as soon as it is well the next call works; meanwhile a
    second node takes over."""
    alone = AztecNode([node.url], timeout=1.5, max_bytes=1_000_000)
    with AztecStandIn("4.1") as other:
        pair = AztecNode([node.url, other.url], timeout=1.5, max_bytes=1_000_000)
        node.fail(kind, seconds=20.0)
        with pytest.raises(DependencyFailed, match="AZTEC_RPC_URL"):
            alone.tips()
        assert pair.tips().latest.number == 1
        node.heal()
        assert alone.tips().latest.number == 1
        pair.close()
    alone.close()


def test_recorded_answers_of_a_real_node_are_understood() -> None:
    """4.1.2 with four validators: every answer as it came over the wire."""
    recorded = recording("4.1.2-validators")

    def replay(question: Any) -> Answer:
        answers = {answer["request"]["method"]: answer for answer in recorded.values() if usual(answer)}
        found = answers[question["method"]]
        body = {**found["response"], "id": question["id"]}
        return Answer([json.dumps(body).encode()], found["http_status"])

    with Server(replay) as server:
        client = AztecNode([server.url])
        tips = client.tips()
        assert tips.latest == Tip(1, "0x1bdfd29d215dfc3d2569840edd042bebb0e875a184c1cf94e9d4540ceeffcb41")
        assert tips.proven.number == 0
        stats = client.validators_stats()
        assert len(stats.validators) == 4
        assert stats.validators[OFFLINE].missed_attestations == Missed(12, 12, 12, 1.0)
        assert stats.validators[OFFLINE].last_attestation is None
        assert client.node_info().version == "4.1.2"
        client.close()


def usual(answer: Any) -> bool:
    """A recorded question as we ask it."""
    return isinstance(answer["request"], dict) and answer["request"].get("params") == []


@pytest.mark.parametrize(
    "answer", [None, 7, "x", [], {}, {"latest": None}, {"latest": {"number": "x"}}, {"proven": {"number": 1}}]
)
def test_nonsense_is_not_guessed_at(answer: Any) -> None:
    """Wrong shapes end in one sentence, never in a half-filled value."""
    with Server(says(answer)) as server:
        client = AztecNode([server.url])
        for question in (client.tips, client.validators_stats, client.node_info):
            with pytest.raises(DependencyFailed, match="makes no sense"):
                question()
        assert client.ready() is False
        client.close()


def missed(**fields: Any) -> Missed:
    """How these fields of an answer are read, in a history of 4 attestations (3 missed) and one proposal."""
    history = [{"slot": "1", "status": "attestation-sent"}, {"slot": "2", "status": "block-mined"}]
    history += [{"slot": str(slot), "status": "attestation-missed"} for slot in range(3, 6)]
    duty = {"currentStreak": 1, "count": 3, **fields}
    raw = {"totalSlots": 5, "missedAttestations": duty, "missedProposals": duty, "history": history}
    stats = read_stats({"stats": {"0xAB": raw}, "slotWindow": 10})
    return stats.validators["0xab"].missed_attestations


def test_the_rate_is_the_nodes_or_follows_from_what_it_gives() -> None:
    """Its own rate, else over its total, else over the history's entries of that duty; never over all slots."""
    assert missed(rate=0.5, total=9).rate == 0.5
    assert missed(total=6).rate == 0.5
    assert missed().rate == 0.75
    assert missed(total=0).rate is None
