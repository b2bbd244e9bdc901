"""The stand-in fails as Discord does: limits, bans, and trouble on demand."""

from __future__ import annotations

import subprocess
import sys
import time

import httpx
import pytest

from tests.discord.limits import Rate
from tests.discord.server import DiscordStandIn
from tests.discord.test_stand_in import post


def test_a_bucket_is_limited(discord: DiscordStandIn, client: httpx.Client) -> None:
    """Its headers count down; then 429 says how long, with ``Via``; another channel is another bucket."""
    discord.limits.rates["POST", "/channels/{channel_id}/messages"] = Rate(2, 0.3)
    one, other = (discord.world.add_channel(name).id for name in ("a", "b"))
    assert [post(client, one).headers["X-RateLimit-Remaining"] for _ in range(2)] == ["1", "0"]
    limited = post(client, one)
    assert limited.status_code == 429
    assert 0 < limited.json()["retry_after"] <= 0.3
    assert not limited.json()["global"]
    assert "Via" in limited.headers
    assert post(client, other).status_code == 200
    time.sleep(limited.json()["retry_after"])
    assert post(client, one).status_code == 200


def test_everything_together_is_limited(discord: DiscordStandIn, client: httpx.Client) -> None:
    """The global limit holds for all routes and says that it is global."""
    discord.limits.overall = Rate(2, 60)
    statuses = [client.get("/users/@me").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    limited = client.get("/oauth2/applications/@me")
    assert limited.json()["global"]
    assert limited.headers["X-RateLimit-Global"] == "true"


def test_who_does_not_listen_is_banned(discord: DiscordStandIn, client: httpx.Client) -> None:
    """After so many invalid requests the wall answers: 429 without ``Via`` and JSON, to good requests too."""
    discord.limits.ban_after = 3
    for _ in range(3):
        client.get("/users/@me", headers={"Authorization": "Bot wrong"})
    banned = client.get("/users/@me")
    assert (banned.status_code, "Via" in banned.headers) == (429, False)


@pytest.mark.parametrize(
    ("kind", "status", "written"),
    [
        ("error", 500, 0),
        ("unavailable", 503, 0),
        ("error-after", 502, 1),
        ("garbage", 200, 0),
        ("limited", 429, 0),
        ("limited-globally", 429, 0),
        ("cloudflare", 429, 0),
        ("unauthorized", 401, 0),
        ("slow", 200, 1),
    ],
)
def test_faults(discord: DiscordStandIn, client: httpx.Client, kind: str, status: int, written: int) -> None:
    """Each fails as its name says, once, and either did the work or did not."""
    channel = discord.world.add_channel("operators").id
    discord.fail(kind, "POST", "messages", times=1, seconds=0.01)
    assert post(client, channel).status_code == status
    assert len(discord.world.messages) == written
    assert post(client, channel).status_code == 200


@pytest.mark.parametrize(("kind", "written"), [("lost", 1), ("dropped", 0)])
def test_no_answer(discord: DiscordStandIn, client: httpx.Client, kind: str, written: int) -> None:
    """The connection breaks, after the work was done or before."""
    channel = discord.world.add_channel("operators").id
    discord.fail(kind, times=1)
    with pytest.raises(httpx.TransportError):
        post(client, channel)
    assert len(discord.world.messages) == written


def test_chaos_is_the_same_for_the_same_seed() -> None:
    """So that a failure can be looked at again."""
    outcomes = []
    for _ in range(2):
        with DiscordStandIn() as discord, httpx.Client(base_url=discord.url) as client:
            discord.chaos(7, 0.5, "error", "unavailable")
            outcomes.append([client.get("/users/@me").status_code for _ in range(30)])
    assert outcomes[0] == outcomes[1]
    assert len(set(outcomes[0])) == 3


def test_it_runs_by_itself() -> None:
    """As a process of its own it says where it is, does what is typed into it, and ends when told to."""
    command = [sys.executable, "-m", "tests.discord"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = httpx.Response(200, text=process.stdout.readline()).json()
        headers = {"Authorization": f"Bot {told['token']}", "User-Agent": "DiscordBot (x, 1)"}
        try:
            assert httpx.get(f"{told['url']}/users/@me", headers=headers).json()["id"] == told["bot"]
            process.stdin.write("leonidas hello\n")
            process.stdin.flush()
            assert "say who does what" in process.stdout.readline()
        finally:
            process.terminate()
        assert process.wait(10) == 0
