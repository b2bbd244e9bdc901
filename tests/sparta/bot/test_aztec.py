"""``/aztec info``: where the chain stands, read from the real contracts."""

from __future__ import annotations

import pytest

from sparta.bot import explorers, texts
from sparta.contract import Network
from sparta.models import NetworkStats
from tests.sparta.bot.scene import Scene, new_address

ROLLUP = "0xBB00000000000000000000000000000000000000"


def test_the_chain_is_shown_to_all(scene: Scene) -> None:
    """Public, with all the facts, for a stranger too."""
    answer = scene.person().command("/aztec info")
    assert not answer.ephemeral
    for name in ("Pending block", "Proven block", "Epoch", "Slot", "Validators in the set", "Committee of this epoch"):
        assert f"\n{name}: " in answer.text
    set_size = len(scene.net.contracts.rollup.read("getAttesters"))
    assert f"Validators in the set: {set_size}\n" in answer.text


def test_the_newest_takes_the_place_of_the_last(scene: Scene) -> None:
    """In its channel; an overview there stays."""
    channel = scene.discord.world.add_channel("chain")
    person = scene.person(channel=channel)
    overview = person.command("/operator help")
    person.command("/aztec info")
    newest = person.command("/aztec info")
    standing = [overview.shown.id, newest.shown.id]
    assert scene.discord.world.wait_for(lambda: _ids(scene, channel.id) == standing, 5)


def test_without_the_permission_to_look_back(scene: Scene) -> None:
    """The last one is remembered, so it is replaced all the same."""
    channel = scene.discord.world.add_channel("closed", denied={"READ_MESSAGE_HISTORY"})
    person = scene.person(channel=channel)
    person.command("/aztec info")
    newest = person.command("/aztec info")
    assert scene.discord.world.wait_for(lambda: _ids(scene, channel.id) == [newest.shown.id], 5)


def test_a_committee_and_a_proposer(scene: Scene) -> None:
    """And links for a chain that explorers show."""
    status = {
        "pendingBlockNum": "1200001",
        "provenBlockNum": "1199990",
        "validators": [new_address() for _ in range(1500)],
        "committee": [new_address() for _ in range(48)],
        "currentEpoch": "5000",
        "currentSlot": "160001",
        "proposerNow": ROLLUP,
    }
    scene.proxy.instead["/api/ethereum/rollup/status"] = (200, {"success": True, "data": status})
    network = {"l1ChainId": 11155111, "rollupAddress": ROLLUP}
    scene.proxy.instead["/api/ethereum/rollup/network"] = (200, {"success": True, "data": network})
    text = scene.person().command("/aztec info").text
    for line in (
        "Pending block: 1,200,001",
        "Proven block: 1,199,990",
        "Not proven yet: 11",
        "Validators in the set: 1,500",
        "Committee of this epoch: 48",
        f"Proposer of this slot: `{ROLLUP}`",
        f"https://sepolia.etherscan.io/address/{ROLLUP}",
    ):
        assert line in text


def test_active_validators(scene: Scene) -> None:
    """Of the newest epoch that the monitor recorded, which is named; before its first run that is said."""
    person = scene.person()
    assert f"Active validators: {texts.NO_STATS}" in person.command("/aztec info").text
    for epoch, active in ((4_999, 1_190), (5_000, 1_203)):
        stats = NetworkStats(
            epoch=epoch,
            validators_in_set=1_500,
            validators_active=active,
            attested_last_day=active,
            recorded_at=1_790_000_000_000 + epoch,
        )
        scene.stores.network_stats.record(stats)
    text = person.command("/aztec info").text
    assert "Active validators: 1,203 of 1,500\nepoch 5,000, <t:1790000005:R>" in text


@pytest.mark.parametrize("status", [404, 503])
def test_without_statistics_the_rest_is_shown(scene: Scene, status: int) -> None:
    """Also while an API that does not know them yet still runs."""
    scene.proxy.instead["/api/ethereum/rollup/stats"] = (status, {"success": False, "error": "Not now."})
    text = scene.person().command("/aztec info").text
    assert f"Active validators: {texts.STATS_AWAY}" in text
    assert "\nProven block: " in text


@pytest.mark.parametrize(("chain_id", "shown"), [(1, True), (11155111, True), (31337, False)])
def test_explorers(chain_id: int, shown: bool) -> None:
    """Nobody is led to a page about another chain."""
    network = Network(l1_chain_id=chain_id, rollup_address=ROLLUP)
    assert bool(explorers.links(network)) is shown
    assert bool(explorers.validator(network, ROLLUP)) is shown


def test_ethereum_is_away(scene: Scene) -> None:
    """The API's sentence, and that it is worth trying again."""
    problem = {"success": False, "error": "Ethereum does not answer. Try again in a minute."}
    scene.proxy.instead["/api/ethereum/rollup/status"] = (502, problem)
    person = scene.person()
    person.patience = 30
    text = person.command("/aztec info").text
    assert text == f"{texts.TRY_AGAIN}\nEthereum does not answer. Try again in a minute."


def _ids(scene: Scene, channel_id: str) -> list[str]:
    return [each.id for each in scene.discord.world.messages if each.channel_id == channel_id]
