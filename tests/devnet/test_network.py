"""The whole local network, as the other tests and `make devnet` use it."""

from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest

from scripts.devnet.anvil import LIMITED, OWNER
from scripts.devnet.network import REGION, TABLES, Devnet
from scripts.devnet.rpc import RpcError
from sparta.settings import Part, load


@pytest.fixture
def settings_of_the_net(net: Devnet) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in net.env.items():
            patch.setenv(name, value)
        yield


def tables(net: Devnet) -> list[str]:
    client: Any = boto3.client(
        "dynamodb",
        endpoint_url=net.dynamodb_url,
        region_name=REGION,
        aws_access_key_id="anybody",
        aws_secret_access_key="anything",
    )
    try:
        found: list[str] = client.list_tables()["TableNames"]
    finally:
        client.close()
    return found


def stats(net: Devnet) -> dict[str, Any]:
    body = {"jsonrpc": "2.0", "id": 1, "method": "node_getValidatorsStats", "params": []}
    with httpx.Client(trust_env=False) as http:
        found: dict[str, Any] = http.post(net.aztec_url, json=body).json()["result"]
    return found


def test_the_tables_are_there_for_everybody(net: Devnet) -> None:
    """All six, whatever the credentials of the caller."""
    assert sorted(tables(net)) == sorted(f"sparta-{table}-development" for table in TABLES)


@pytest.mark.usefixtures("settings_of_the_net")
def test_the_settings_are_enough_for_the_api(net: Devnet) -> None:
    """What `make devnet` writes lacks nothing that the API demands, and holds no Discord value."""
    assert load(Part.API, env_file=None).environment == "development"
    assert not [name for name in net.env if name.startswith(("BOT_", "GUILD_", "ROLE_", "CHANNEL_"))]
    assert all(value and "\n" not in value and " " not in value for value in net.env.values())


def test_spartas_account_owns_the_handler(net: Devnet) -> None:
    """The owner adds without quota; the limited account is not exempt."""
    handler = net.contracts.handler
    assert handler.read("owner") == OWNER[0].lower()
    assert handler.read("isUnhinged", OWNER[0])
    assert not handler.read("isUnhinged", LIMITED[0])
    assert {OWNER[0].lower(), LIMITED[0].lower()} <= set(net.accounts)


def test_the_node_follows_the_chain(net: Devnet) -> None:
    """A validator that was added has duties two slots later, and one that is offline misses them."""
    good, bad = "0x" + 39 * "a" + "1", "0x" + 39 * "a" + "2"
    for attester in (good, bad):
        net.contracts.handler.send(OWNER[0], "addValidator", attester, attester)
    net.aztec.world.offline.add(bad)
    net.contracts.rpc.pass_time(20 * 12)
    seen = stats(net)
    assert seen["stats"][good]["missedAttestations"]["rate"] == 0
    assert seen["stats"][bad]["missedAttestations"]["rate"] == 1
    assert int(seen["lastProcessedSlot"]) == net.contracts.rollup.read("getCurrentSlot") - 2


def test_a_chain_that_hangs_leaves_the_node_talking(net: Devnet) -> None:
    """The node answers with what it saw last."""
    before = stats(net)
    net.chain.process.freeze()
    try:
        assert stats(net) == before
    finally:
        net.chain.process.thaw()


def test_two_networks_stand_side_by_side_and_one_ends_alone(net: Devnet) -> None:
    """Each has its own ports, chain and tables; the end of one leaves nothing of it and nothing undone to the other."""
    attester = "0x" + 39 * "b" + "1"
    with Devnet() as other:
        urls = {part for each in (net, other) for part in (each.dynamodb_url, each.ethereum_url, each.aztec_url)}
        assert len(urls) == 6
        other.contracts.handler.send(OWNER[0], "addValidator", attester, attester)
        assert attester in other.contracts.rollup.read("getAttesters")
        assert attester not in net.contracts.rollup.read("getAttesters")
        with pytest.raises(RpcError):
            other.contracts.handler.send(OWNER[0], "addValidator", attester, attester)
        homes = [process.home for process in other.processes]
    assert not [home for home in homes if home.exists()]
    assert all(process.alive for process in net.processes)
    assert len(tables(net)) == len(TABLES)
