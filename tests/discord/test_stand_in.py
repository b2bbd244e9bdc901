"""The stand-in answers as Discord does, and refuses what Discord refuses."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.discord.server import DiscordStandIn
from tests.discord.world import ANNOUNCEMENT, NEWS_THREAD, PRIVATE_THREAD, PUBLIC_THREAD

NOBODY = "1"


def refusal(response: httpx.Response) -> tuple[int, int]:
    return response.status_code, response.json()["code"]


def post(client: httpx.Client, channel: str, content: str = "Hold.", **body: Any) -> httpx.Response:
    return client.post(f"/channels/{channel}/messages", json={"content": content, **body})


def make_thread(client: httpx.Client, parent: str, **body: Any) -> httpx.Response:
    return client.post(f"/channels/{parent}/threads", json={"name": "alerts", **body})


def test_all_good_answers_are_as_the_document_describes_them(discord: DiscordStandIn, client: httpx.Client) -> None:
    """Each route answers well when it may, in exactly JSON, and its answer and its request violate nothing."""
    world = discord.world
    user, role, channel = world.add_user("leonidas"), world.add_role("guardian"), world.add_channel("operators")
    thread = make_thread(client, channel.id).json()["id"]
    message = post(client, channel.id, embeds=[{"title": "Sparta"}]).json()["id"]
    direct = client.post("/users/@me/channels", json={"recipient_id": user.id}).json()["id"]
    for method, path in (
        ("GET", "/users/@me"),
        ("GET", f"/users/{user.id}"),
        ("GET", "/oauth2/applications/@me"),
        ("GET", f"/guilds/{world.guild_id}"),
        ("GET", f"/guilds/{world.guild_id}/members/{user.id}"),
        ("GET", f"/guilds/{world.guild_id}/members?limit=10"),
        ("GET", f"/guilds/{world.guild_id}/members/search?query=leo"),
        ("GET", f"/guilds/{world.guild_id}/roles"),
        ("GET", f"/guilds/{world.guild_id}/channels"),
        ("PUT", f"/guilds/{world.guild_id}/members/{user.id}/roles/{role.id}"),
        ("DELETE", f"/guilds/{world.guild_id}/members/{user.id}/roles/{role.id}"),
        ("GET", f"/guilds/{world.guild_id}/threads/active"),
        ("GET", f"/channels/{channel.id}"),
        ("GET", f"/channels/{direct}"),
        ("GET", f"/channels/{channel.id}/users/@me/threads/archived/private"),
        ("PUT", f"/channels/{thread}/thread-members/{user.id}"),
        ("GET", f"/channels/{thread}/thread-members/{user.id}"),
        ("GET", f"/channels/{thread}/thread-members"),
        ("DELETE", f"/channels/{thread}/thread-members/{user.id}"),
        ("GET", f"/channels/{channel.id}/messages?limit=5"),
        ("GET", f"/channels/{channel.id}/messages/{message}"),
        ("DELETE", f"/channels/{channel.id}/messages/{message}"),
    ):
        response = client.request(method, path)
        assert response.is_success, f"{method} {path}: {response.text}"
        assert response.headers.get("Content-Type", "application/json") == "application/json"
    assert client.patch(f"/channels/{thread}", json={"archived": True}).json()["thread_metadata"]["archived"]
    written = post(client, direct).json()["id"]
    assert client.patch(f"/channels/{direct}/messages/{written}", json={"content": "No."}).json()["edited_timestamp"]
    assert discord.violations == []


def test_only_the_bot_is_answered(discord: DiscordStandIn, client: httpx.Client) -> None:
    """A wrong token is 401, a client that does not say what it is 403, an unknown route 404."""
    assert client.get("/users/@me", headers={"Authorization": "Bot wrong"}).status_code == 401
    assert client.get("/users/@me", headers={"User-Agent": "curl"}).status_code == 403
    assert client.get("/no/such/route").status_code == 404
    assert len(discord.violations) == 1


def test_what_does_not_exist(discord: DiscordStandIn, client: httpx.Client) -> None:
    """Each kind of thing has its own code."""
    world = discord.world
    guild, stranger, channel = world.guild_id, world.add_user("stranger", member=False), world.add_channel("operators")
    for path, code in {
        f"/channels/{NOBODY}": 10003,
        f"/guilds/{NOBODY}/roles": 10004,
        f"/guilds/{guild}/members/{stranger.id}": 10007,
        f"/guilds/{guild}/members/{NOBODY}": 10013,
        f"/channels/{channel.id}/messages/{NOBODY}": 10008,
    }.items():
        assert refusal(client.get(path)) == (404, code), path
    role = f"/guilds/{guild}/members/{world.bot.id}/roles/{NOBODY}"
    assert refusal(client.put(role)) == (404, 10011)
    assert refusal(client.post("/users/@me/channels", json={"recipient_id": NOBODY})) == (404, 10013)


def test_what_the_bot_may_not(discord: DiscordStandIn, client: httpx.Client) -> None:
    """A channel it does not see, one it may not write in, a role not below its own."""
    world = discord.world
    hidden, silent = world.add_channel("a", denied={"VIEW_CHANNEL"}), world.add_channel("b", denied={"SEND_MESSAGES"})
    assert refusal(post(client, hidden.id)) == (403, 50001)
    assert refusal(post(client, silent.id)) == (403, 50013)
    role = world.add_role("king", position=world.bot_role.position)
    path = f"/guilds/{world.guild_id}/members/{world.add_user('leonidas').id}/roles/{role.id}"
    assert refusal(client.put(path)) == (403, 50013)
    for unfit in (world.guild_id, world.bot_role.id):
        assert refusal(client.put(f"{path.rpartition('/')[0]}/{unfit}")) == (400, 50028), "everybody's, and its own"
    role.position = 1
    assert client.put(path).status_code == 204
    world.bot_role.permissions = 0
    assert refusal(client.delete(path)) == (403, 50013)


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"content": ""}, 50006, None),
        ({"content": "  \n"}, 50006, None),
        ({"content": "x" * 2001}, 50035, "content"),
        ({"content": 7}, 50035, "content"),
        ({"embeds": [{"description": "x" * 4000}, {"description": "x" * 2001}]}, 50035, "embeds"),
        ({"embeds": [{"fields": [{"name": "x", "value": "y"}] * 26}]}, 50035, "embeds"),
        ({"content": "x", "nonce": "n" * 26}, 50035, "nonce"),
        ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, 50035, "allowed_mentions"),
    ],
)
def test_a_message_that_cannot_be(
    discord: DiscordStandIn, client: httpx.Client, body: dict[str, Any], code: int, field: str | None
) -> None:
    """The limits that Discord's document states, and those it does not; the answer names the field."""
    channel = discord.world.add_channel("operators")
    response = client.post(f"/channels/{channel.id}/messages", json=body)
    assert refusal(response) == (400, code)
    assert field is None or field in response.json()["errors"]
    assert discord.world.messages == []


def test_a_message_at_its_limits(discord: DiscordStandIn, client: httpx.Client) -> None:
    """2000 characters, 6000 over all embeds, 25 fields, a nonce of 25."""
    channel = discord.world.add_channel("operators")
    fields = [{"name": "x", "value": "y"}] * 25
    embeds = [{"description": "x" * 4000, "fields": fields}, {"description": "x" * 1950}]
    assert post(client, channel.id, "x" * 2000, embeds=embeds, nonce="n" * 25).status_code == 200


def test_a_misspelt_field_is_noticed(discord: DiscordStandIn, client: httpx.Client) -> None:
    """Discord drops it and answers well; so does the stand-in, and remembers it, at any depth."""
    channel = discord.world.add_channel("operators").id
    assert post(client, channel, allowed_mention={"parse": []}).status_code == 200
    assert post(client, channel, embeds=[{"title": "x", "titel": "y"}]).status_code == 200
    assert client.get(f"/channels/{channel}/messages?limits=5").status_code == 200
    found = [line.rpartition(": ")[2] for line in discord.violations]
    assert found == ["unknown field allowed_mention", "unknown field embeds.0.titel", "unknown query limits"]


def test_a_nonce_makes_a_repetition_the_same_message(discord: DiscordStandIn, client: httpx.Client) -> None:
    """For some minutes and with ``enforce_nonce`` only; a message that was deleted since is not written again; and who
    reads the channel later sees no nonce."""
    world = discord.world
    channel, other = world.add_channel("operators").id, world.add_channel("moderators").id
    discord.limits.rates.clear()
    first, second = (post(client, channel, nonce="n", enforce_nonce=True).json() for _ in range(2))
    assert first == second
    assert post(client, other, nonce="n", enforce_nonce=True).json()["id"] == first["id"], "whatever the channel"
    assert post(client, channel, nonce="n").json()["id"] != first["id"]
    third = post(client, channel, nonce="m", enforce_nonce=True).json()
    client.delete(f"/channels/{channel}/messages/{third['id']}")
    assert refusal(post(client, channel, nonce="m", enforce_nonce=True)) == (404, 10008)
    world.nonce_seconds = 0
    assert post(client, channel, nonce="n", enforce_nonce=True).json()["id"] != first["id"]
    assert not any("nonce" in each for each in client.get(f"/channels/{channel}/messages").json())


def test_who_is_notified(discord: DiscordStandIn, client: httpx.Client) -> None:
    """A mention in the content that is allowed; none in an embed, none by default where a list is given."""
    world = discord.world
    leonidas, gorgo = world.add_user("leonidas").id, world.add_user("gorgo").id
    channel = world.add_channel("operators").id
    both = f"<@{leonidas}> <@{gorgo}> @everyone"
    post(client, channel, both)
    post(client, channel, both, allowed_mentions={"parse": [], "users": [gorgo]})
    post(client, channel, both, allowed_mentions={"parse": []})
    post(client, channel, "x", embeds=[{"description": both}])
    assert [each.pings for each in world.messages] == [{leonidas, gorgo, "everyone"}, {gorgo}, set(), set()]


def test_ids_may_be_numbers(discord: DiscordStandIn, client: httpx.Client) -> None:
    """As some clients send them, though the document wants texts; a text of letters is none all the same."""
    gorgo = discord.world.add_user("gorgo").id
    assert client.post("/users/@me/channels", json={"recipient_id": int(gorgo)}).status_code == 200
    assert discord.violations == []
    assert refusal(client.post("/users/@me/channels", json={"recipient_id": "gorgo"})) == (400, 50035)


def test_direct_messages(discord: DiscordStandIn, client: httpx.Client) -> None:
    """One channel per person, refused by those who closed theirs, who left, and who are bots."""
    world = discord.world
    opened, closed = world.add_user("gorgo"), world.add_user("xerxes", accepts_dms=False)
    channels = [client.post("/users/@me/channels", json={"recipient_id": opened.id}).json()["id"] for _ in range(2)]
    assert channels[0] == channels[1]
    assert post(client, channels[0]).status_code == 200
    refused = client.post("/users/@me/channels", json={"recipient_id": closed.id}).json()["id"]
    assert refusal(post(client, refused)) == (403, 50007)
    world.leave(opened)
    assert refusal(post(client, channels[0])) == (403, 50278)
    assert client.post("/users/@me/channels", json={"recipient_id": world.bot.id}).status_code == 403


def test_which_threads_a_channel_may_have(discord: DiscordStandIn, client: httpx.Client) -> None:
    """Text: public and private; announcements: their own kind only, and a thread without a type is private."""
    text = discord.world.add_channel("operators").id
    news = discord.world.add_channel("news", ANNOUNCEMENT).id
    assert make_thread(client, text).json()["type"] == PRIVATE_THREAD
    assert make_thread(client, text, type=PUBLIC_THREAD).json()["type"] == PUBLIC_THREAD
    assert make_thread(client, news, type=NEWS_THREAD).json()["type"] == NEWS_THREAD
    for parent, kind in ((text, NEWS_THREAD), (news, PRIVATE_THREAD), (news, None)):
        assert refusal(make_thread(client, parent, type=kind)) == (400, 50024)
    strict = discord.world.add_channel("strict", denied={"CREATE_PRIVATE_THREADS"}).id
    assert refusal(make_thread(client, strict)) == (403, 50013)


def test_who_is_in_a_thread(discord: DiscordStandIn, client: httpx.Client) -> None:
    """Members of the guild, while it is open; writing opens it, a lock keeps it shut."""
    world = discord.world
    gorgo, stranger = world.add_user("gorgo").id, world.add_user("stranger", member=False).id
    thread = make_thread(client, world.add_channel("operators").id).json()["id"]
    members = f"/channels/{thread}/thread-members"
    assert client.put(f"{members}/{gorgo}").status_code == 204
    assert refusal(client.put(f"{members}/{stranger}")) == (404, 10007)
    assert {each["user_id"] for each in client.get(members).json()} == {world.bot.id, gorgo}
    world.channels[thread].archived = True
    assert refusal(client.put(f"{members}/{gorgo}")) == (400, 50083)
    assert client.get(f"/guilds/{world.guild_id}/threads/active").json()["threads"] == []
    assert post(client, thread).status_code == 200
    assert client.put(f"{members}/{gorgo}").status_code == 204
    world.channels[thread].locked = True
    world.channels[thread].denied.add("MANAGE_THREADS")
    assert refusal(post(client, thread)) == (400, 50083)


def test_history_goes_on_from_an_id(discord: DiscordStandIn, client: httpx.Client) -> None:
    """After an id those that follow it come, the newest first; without permission none."""
    channel = discord.world.add_channel("operators")
    ids = [post(client, channel.id, str(n)).json()["id"] for n in range(5)]
    path = f"/channels/{channel.id}/messages?limit=2"
    assert [each["id"] for each in client.get(path).json()] == [ids[4], ids[3]]
    assert [each["id"] for each in client.get(f"{path}&after={ids[0]}").json()] == [ids[2], ids[1]]
    assert [each["id"] for each in client.get(f"{path}&before={ids[2]}").json()] == [ids[1], ids[0]]
    channel.denied.add("READ_MESSAGE_HISTORY")
    assert client.get(path).json() == []
