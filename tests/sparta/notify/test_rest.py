"""Requests wait, repeat, give up and stop as they should."""

from __future__ import annotations

import time

import pytest
from pydantic import SecretStr

from sparta.notify import delivery_text as text
from sparta.notify.discord import Connection, Discord, nonce
from sparta.notify.failures import NoTime, PutOff, Refused, Stopped
from sparta.notify.limits import Limits
from tests.discord.limits import Rate
from tests.discord.server import DiscordStandIn

MESSAGES = ("POST", "/channels/{channel_id}/messages")


def post(discord: Discord, channel: str, key: str = "k") -> str | None:
    return discord.post(channel, f"Hold {key}.", nonce=nonce(key, channel))


def test_a_bucket_that_is_empty_is_waited_for(stand_in: DiscordStandIn, discord: Discord) -> None:
    """As its headers say: no request is refused."""
    stand_in.limits.rates[MESSAGES] = Rate(2, 0.2)
    channel = stand_in.world.add_channel("operators").id
    for number in range(6):
        post(discord, channel, str(number))
    assert {seen.status for seen in stand_in.requests} == {200}
    assert len(stand_in.world.messages) == 6


@pytest.mark.parametrize("kind", ["limited", "limited-globally"])
def test_a_429_is_waited_for(stand_in: DiscordStandIn, discord: Discord, kind: str) -> None:
    """As long as it says, and then once more."""
    channel = stand_in.world.add_channel("operators").id
    stand_in.fail(kind, times=1, seconds=0.3)
    began = time.monotonic()
    assert post(discord, channel)
    assert time.monotonic() - began >= 0.3
    assert [seen.status for seen in stand_in.requests] == [429, 200]


def test_no_wait_that_is_longer_than_the_run(stand_in: DiscordStandIn, connection: Connection) -> None:
    """A limit that outlasts the run puts off at once; the next run knows of it and does not ask either."""
    channel = stand_in.world.add_channel("operators").id
    stand_in.fail("limited", times=1, seconds=60)
    began = time.monotonic()
    for _ in range(2):
        with pytest.raises(NoTime) as caught:
            post(connection.run(5), channel)
        assert caught.value.seconds == pytest.approx(60, abs=2)
    assert time.monotonic() - began < 3
    assert len(stand_in.requests) == 1


def test_a_global_limit_makes_a_run_useless(stand_in: DiscordStandIn, connection: Connection) -> None:
    """It is known before anything is begun."""
    discord = connection.run(5)
    stand_in.fail("limited-globally", times=1, seconds=60)
    with pytest.raises(NoTime):
        discord.me()
    assert not discord.usable
    assert connection.run(120).usable


@pytest.mark.parametrize("kind", ["error", "unavailable", "error-after", "lost", "dropped", "garbage"])
def test_trouble_is_tried_again_with_the_same_nonce(stand_in: DiscordStandIn, discord: Discord, kind: str) -> None:
    """Whatever became of the first request, there is one message."""
    channel = stand_in.world.add_channel("operators").id
    stand_in.fail(kind, "POST", times=2)
    assert post(discord, channel) == stand_in.world.messages[0].id
    assert len(stand_in.world.messages) == 1
    nonces = {seen.body["nonce"] for seen in stand_in.asked("POST")}
    assert nonces == {nonce("k", channel)}


def test_no_repetition_after_a_long_wait(stand_in: DiscordStandIn, connection: Connection) -> None:
    """The answer was lost, then Discord asks for a pause of minutes: by then the nonce may be forgotten."""
    channel = stand_in.world.add_channel("operators").id
    stand_in.fail("lost", "POST", times=1)
    stand_in.fail("limited", "POST", times=1, seconds=100)
    with pytest.raises(PutOff, match="nonce") as caught:
        post(connection.run(600), channel)
    assert not isinstance(caught.value, NoTime)
    assert len(stand_in.requests) == 2


def test_trouble_that_lasts_is_put_off(stand_in: DiscordStandIn, discord: Discord) -> None:
    """After three requests."""
    channel = stand_in.world.add_channel("operators").id
    stand_in.fail("unavailable")
    with pytest.raises(PutOff, match="503"):
        post(discord, channel)
    assert len(stand_in.requests) == 3


def test_a_thread_is_not_asked_for_twice(stand_in: DiscordStandIn, discord: Discord) -> None:
    """Its answer was lost and it has no nonce: who asked has to look."""
    channel = stand_in.world.add_channel("operators").id
    stand_in.fail("lost", "POST", "threads")
    with pytest.raises(PutOff):
        discord.make_thread(channel, "alerts")
    assert len(stand_in.world.threads) == 1


def test_an_answer_that_is_too_slow_counts_as_none(stand_in: DiscordStandIn, connection: Connection) -> None:
    """The run's end is also the end of its patience with one answer."""
    stand_in.fail("slow", seconds=2.5)
    began = time.monotonic()
    with pytest.raises(PutOff):
        connection.run(1).me()
    assert time.monotonic() - began < 2


def test_a_wrong_token_stops_at_once(stand_in: DiscordStandIn) -> None:
    """One request, a sentence that says what to do, and no token in it."""
    connection = Connection(stand_in.url, SecretStr("a-wrong-token"))
    with pytest.raises(Stopped) as caught:
        connection.run(5).me()
    connection.close()
    assert caught.value.sentence == text.UNAUTHORIZED
    assert "a-wrong-token" not in repr(caught.value) + repr(caught.value.__context__)
    assert len(stand_in.requests) == 1


def test_the_wall_before_discord_stops_all(stand_in: DiscordStandIn, connection: Connection) -> None:
    """A 429 that is not Discord's is a ban: not asked again, by the next run neither."""
    stand_in.fail("cloudflare")
    for _ in range(2):
        with pytest.raises((Stopped, NoTime)):
            connection.run(5).me()
    assert len(stand_in.requests) == 1


def test_too_many_refusals_stop_all(stand_in: DiscordStandIn) -> None:
    """Far below Discord's own count; from then on no request goes out, whoever asks."""
    connection = Connection(stand_in.url, SecretStr(stand_in.world.token), Limits(most_refusals=3))
    channel = stand_in.world.add_channel("operators", denied={"SEND_MESSAGES"}).id
    for number in range(3):
        with pytest.raises(Refused, match="50013"):
            post(connection.run(5), channel, str(number))
    with pytest.raises(Stopped, match="too many requests"):
        connection.run(5).me()
    connection.close()
    assert len(stand_in.requests) == 3


@pytest.mark.parametrize("wrong", ["", "leonidas", "1/../2", "..", "١٢", "1?x"])
def test_only_digits_get_into_a_path(stand_in: DiscordStandIn, discord: Discord, wrong: str) -> None:
    """Anything else is refused before it is asked."""
    with pytest.raises(Refused, match="no id"):
        discord.post(wrong, "x", nonce="n")
    assert stand_in.requests == []
