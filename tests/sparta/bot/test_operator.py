"""``/operator``: what each kind of person reads, and what is so afterwards."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sparta.bot import public, texts
from sparta.stores.config import Config
from tests.discord.people import Impossible
from tests.discord.world import Message
from tests.sparta.bot.scene import Scene, new_address

NEED_A_RECORD: list[tuple[str, dict[str, Any]]] = [
    ("/operator my-stats", {}),
    ("/operator label", {"validator": new_address(), "name": "London"}),
    ("/operator alerts", {}),
    ("/operator mute", {"hours": 1}),
    ("/operator test-alert", {}),
]


def test_the_overview_is_public_and_replaces_the_last_one(scene: Scene) -> None:
    """Everybody in the channel sees it, and only the newest of it; other messages stay."""
    channel = scene.discord.world.add_channel("agora")
    somebody, another = scene.person(channel=channel), scene.person(channel=channel)
    chain = somebody.command("/aztec info")
    first = somebody.command("/operator help")
    assert (first.ephemeral, "/operator start-help" in first.text) == (False, True)
    second = another.command("/operator help")
    scene.discord.world.wait_for(lambda: len(_standing(scene, channel.id)) == 2, 5)
    assert _standing(scene, channel.id) == [chain.shown.id, second.shown.id]


def test_an_overview_that_is_gone_already(scene: Scene) -> None:
    """A moderator removed it: the next is replaced as ever."""
    channel = scene.discord.world.add_channel("tidy")
    person = scene.person(channel=channel)
    person.command("/operator help")
    channel.messages[-1].deleted = True
    person.command("/operator help")
    newest = person.command("/operator help")
    assert scene.discord.world.wait_for(lambda: _standing(scene, channel.id) == [newest.shown.id], 5)


def test_the_overview_elsewhere_stays(scene: Scene) -> None:
    """A channel's message is replaced by one in that channel only."""
    here, there = (scene.discord.world.add_channel(name) for name in ("here", "there"))
    first = scene.person(channel=here).command("/operator help")
    scene.person(channel=there).command("/operator help")
    time.sleep(0.3)
    assert _standing(scene, here.id) == [first.shown.id]


def test_what_only_looks_like_an_overview_stays(scene: Scene) -> None:
    """When somebody else wrote it."""
    world, channel = scene.discord.world, scene.discord.world.add_channel("market")
    person = scene.person(channel=channel)
    body = {"embeds": [{"footer": {"text": public.HELP}}]}
    forged = Message(world.new_id(), channel.id, person.member.user, world.clock(), body, frozenset())
    channel.messages.append(forged)
    answer = person.command("/operator help")
    time.sleep(0.3)
    assert _standing(scene, channel.id) == [forged.id, answer.shown.id]


@pytest.mark.parametrize(
    ("button", "told"),
    [
        ("How to start", texts.START_TITLE),
        ("My statistics", texts.NOT_REGISTERED),
        ("Is my node ready?", "curl -4 ifconfig.me"),
        ("My alerts", texts.NOT_REGISTERED),
    ],
)
def test_the_overviews_buttons_answer_who_presses(scene: Scene, button: str, told: str) -> None:
    """To that person alone; the overview stays as it is."""
    overview = scene.person().command("/operator help")
    pressed = scene.person().press(overview, button)
    assert told in pressed.text
    assert pressed.ephemeral


def test_start_help_is_ready_to_copy(scene: Scene) -> None:
    """All three steps and the mistakes, none of them cut."""
    answer = scene.person().command("/operator start-help")
    for part in ("node_getL2Tips", "node_getArchiveSiblingPath", "/operator start address:", "still syncing"):
        assert part in answer.text
    assert answer.ephemeral
    assert "…" not in answer.text


@pytest.mark.parametrize(("line", "options"), NEED_A_RECORD)
def test_a_stranger_is_told_how_to_register(scene: Scene, line: str, options: dict[str, Any]) -> None:
    """Nothing that needs a record works without, and each says what to do."""
    answer = scene.person().command(line, **options)
    assert answer.text == f"{texts.NOT_DONE}\n{texts.NOT_REGISTERED}"
    assert answer.ephemeral


def test_statistics_of_somebody_without_validators(scene: Scene) -> None:
    """Their record, and what comes next."""
    person = scene.operator()
    text = person.command("/operator my-stats").text
    assert person.member.user.username in text.replace("\\", "")
    assert "not approved" in text
    assert "Validators: 0" in text
    assert texts.NO_VALIDATORS in text


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "localhost"])
def test_no_knocking_at_private_doors(scene: Scene, address: str) -> None:
    """The API's sentence comes through."""
    text = scene.person().command("/operator is-ready", ip_address=address).text
    assert text.startswith(texts.NOT_DONE)
    assert "address" in text


def test_readiness_needs_an_address(scene: Scene) -> None:
    """Without one it says how to find it out."""
    assert "ifconfig" in scene.person().command("/operator is-ready").text


@pytest.mark.parametrize(("p2p", "told"), [(True, texts.READY), (False, texts.NOT_READY)])
def test_readiness_says_what_each_port_does(scene: Scene, p2p: bool, told: str) -> None:
    """And what to do about one that is closed."""
    ports = [{"port": 8080, "open": True}, {"port": 40400, "open": p2p}]
    data = {"ipAddress": "8.8.8.8", "ready": p2p, "ports": ports}
    scene.proxy.instead["/api/node/readiness"] = (200, {"success": True, "data": data})
    text = scene.person().command("/operator is-ready", ip_address="8.8.8.8").text
    assert told in text
    assert "8080 (RPC): 🟢 open" in text
    assert f"40400 (P2P): {'🟢 open' if p2p else '🔴 closed'}" in text


def test_readiness_is_limited_per_person(scene: Scene) -> None:
    """Somebody who asked five times is told when to come back, and nothing is knocked at."""
    person = scene.person()
    for ahead in (0, 600_000):  # The time of ten minutes that begins in the middle of this test has its five too.
        moment = time.time_ns() // 1_000_000 + ahead
        config = Config(scene.stores.config_table, lambda: moment)  # noqa: B023 - used before it changes
        for _ in range(5):
            assert config.count(f"readiness#{person.id}", most=5, seconds=600)
    assert "Try again in 10 minutes" in person.command("/operator is-ready", ip_address="8.8.8.8").text


def test_a_validator_gets_a_name_and_loses_it(scene: Scene) -> None:
    """It is offered while typing, shown in the statistics, and harmless whatever it holds."""
    person, addresses = scene.with_validators(2)
    assert person.autocomplete("/operator label", "validator", addresses[1][:8].lower())
    person.command("/operator label", validator=addresses[1], name="@everyone **London**")
    text = person.command("/operator my-stats").text
    assert "\\*\\*London\\*\\*" in text
    assert "@everyone" not in text
    assert "no name" in person.command("/operator label", validator=addresses[1], name=" ").text
    assert "no name" in person.command("/operator label", validator=addresses[1]).text
    assert "London" not in person.command("/operator my-stats").text


def test_a_name_for_anothers_validator_is_refused(scene: Scene) -> None:
    """By the API's own sentence."""
    person, (_, addresses) = scene.operator(), scene.with_validators(1)
    assert "no such validator" in person.command("/operator label", validator=addresses[0], name="mine").text


def test_only_own_validators_are_offered(scene: Scene) -> None:
    """And by their names too; nothing to somebody who has none."""
    person, addresses = scene.with_validators(30)
    person.command("/operator label", validator=addresses[7], name="Sparta 8")
    stranger = scene.person()
    assert len(person.autocomplete("/operator label", "validator", "0x")) == 25
    assert stranger.autocomplete("/operator label", "validator", "0x") == []


def test_alerts_change_one_at_a_time(scene: Scene) -> None:
    """What is not named stays as it was, and a reset brings all back but the silence."""
    person = scene.operator()
    shown = person.command("/operator alerts")
    assert "🔔" in shown.text
    assert "🔕" not in shown.text
    person.command("/operator alerts", missing_proposals=False)
    person.command("/operator alerts", miss_rate=35)
    person.command("/operator mute", hours=2)
    stored = _preferences(scene, person.id)
    assert stored["kinds"] == ["left-the-set", "missing-attestations", "recovered"]
    assert stored["missRateThreshold"] == 0.35
    assert stored["mutedUntil"] > time.time() * 1000
    person.command("/operator alerts", reset=True)
    assert set(_preferences(scene, person.id)) == {"mutedUntil"}


def test_muting_ends_at_once(scene: Scene) -> None:
    """With 0; and says that slashing comes through all the while."""
    person = scene.operator()
    assert texts.SLASHING_ALWAYS in person.command("/operator mute", hours=5).text
    assert "Muted: no" in person.command("/operator mute", hours=0).text
    assert _preferences(scene, person.id) == {}


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("/operator mute", {"hours": -1}),
        ("/operator mute", {"hours": 721}),
        ("/operator alerts", {"miss_rate": 0}),
        ("/operator alerts", {"miss_rate": 101}),
        ("/operator label", {"validator": "0x12", "name": "x"}),
        ("/operator label", {"validator": new_address(), "name": "x" * 65}),
        ("/operator start", {"address": "0x1", "block_number": 1, "proof": "p"}),
        ("/operator start", {"address": new_address(), "block_number": -1, "proof": "p"}),
    ],
)
def test_discord_already_stops_what_cannot_be_meant(scene: Scene, line: str, options: dict[str, Any]) -> None:
    """Options have limits, so the bot is not even asked."""
    with pytest.raises(Impossible):
        scene.person().command(line, **options)


def test_a_test_alert_waits_in_the_outbox_once(scene: Scene) -> None:
    """A second within five minutes is refused."""
    person = scene.operator()
    assert texts.TEST_SENT in person.command("/operator test-alert").text
    assert texts.TESTED_JUST_NOW in person.command("/operator test-alert").text
    waiting = [each for each in scene.outbox() if each.target == person.id]
    assert [each.content for each in waiting] == [texts.TEST_ALERT]


def _preferences(scene: Scene, discord_id: str) -> dict[str, Any]:
    found: dict[str, Any] = scene.ask("GET", "/api/operator/preferences", discordId=discord_id)["data"]
    return found


def _standing(scene: Scene, channel_id: str) -> list[str]:
    return [each.id for each in scene.discord.world.messages if each.channel_id == channel_id]
