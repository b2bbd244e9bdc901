"""The stand-in node answers every recorded request as the real node, or its real server code, did."""

import json
from typing import Any

import httpx
import pytest

from scripts.devnet.aztec.server import AztecStandIn
from scripts.devnet.aztec.world import World, recording

RECORDINGS = {
    "4.1.2-local-network": "4.1",
    "4.1.2-validators": "4.1",
    "2.0.3": "2.0",
    "1.2.1": "1.2",
    "0.87.9": "0.87",
}
JSON = {"Content-Type": "application/json"}
# The made-up data behind the recordings of the older servers.
OLD_PATH = (29).to_bytes(4) + b"".join(bytes([node]) * 32 for node in range(1, 30))


def world_of(name: str) -> World:
    answers = recording(name)
    if name == "4.1.2-validators":
        return World.recorded()
    if name == "4.1.2-local-network":
        info = answers["getNodeInfo"]["response"]["result"]
        version, addresses = info["rollupVersion"], info["l1ContractAddresses"]
        return World(latest=4, proven=4, rollup_version=version, l1_addresses=addresses, sentinel=False)
    stats = answers["getValidatorsStats"]["response"]["result"]
    duties = {
        address: [(int(entry["slot"]), entry["status"]) for entry in validator["history"]]
        for address, validator in stats["stats"].items()
    }
    return World(
        enr="enr:-stub",
        duties=duties,
        first_slot=int(stats["initialSlot"]),
        last_slot=int(stats["lastProcessedSlot"]),
        window=stats["slotWindow"],
        paths=dict.fromkeys(range(121), OLD_PATH),
        proven_performance=[{"missed": 1, "total": 32, "epoch": "3"}],
    )


def exchanges() -> list[Any]:
    return [
        pytest.param(name, exchange, id=f"{name}-{exchange}") for name in RECORDINGS for exchange in recording(name)
    ]


def comparable(value: Any, *, with_totals: bool) -> Any:
    """Without what differs between two networks: block hashes, what a parser says, a made-up version."""
    if isinstance(value, list):
        return [comparable(item, with_totals=with_totals) for item in value]
    if isinstance(value, dict):
        return {
            key: comparable(item, with_totals=with_totals)
            for key, item in value.items()
            if with_totals or key != "total"
        }
    if isinstance(value, str):
        is_hash = len(value) == 66 and not value.startswith("0x" + 60 * "0")
        return "hash" if is_hash else value.partition("Parse error")[0]
    return value


@pytest.mark.parametrize(("name", "exchange"), exchanges())
def test_an_answer_is_the_recorded_one(name: str, exchange: str) -> None:
    """Status and body are those of the recording: codes, missing results, strings or numbers, names of things."""
    recorded = recording(name)[exchange]
    request = recorded["request"]
    body = request["_raw"] if isinstance(request, dict) and "_raw" in request else json.dumps(request)
    with AztecStandIn(RECORDINGS[name], world_of(name)) as node, httpx.Client(trust_env=False) as http:
        answer = http.post(node.url, content=body, headers=JSON)
    # The older recordings hold a total that their version did not know, and a version that is made up.
    with_totals = RECORDINGS[name] not in {"0.87", "1.2"}
    text = json.dumps(answer.json()).replace(f'"{node.dialect.node_version}"', '"stub"')
    expected = json.dumps(recorded["response"]).replace(f'"{node.dialect.node_version}"', '"stub"')
    assert answer.status_code == recorded["http_status"]
    assert comparable(json.loads(text), with_totals=with_totals) == comparable(
        json.loads(expected), with_totals=with_totals
    )
