"""The rules of interactions: one first answer, in time and fitting, and what may follow it for how long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.discord.components import BUTTON
from tests.discord.gateway.session import Session
from tests.discord.people.desk import Desk
from tests.discord.server import DiscordStandIn
from tests.discord.test_stand_in import refusal
from tests.discord.world import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Interaction, Message, MovingClock, World

Do = Callable[..., Interaction]
ROW = {"type": 1, "components": [{"type": BUTTON, "style": 1, "label": "More", "custom_id": "more"}]}


@pytest.fixture
def clock() -> MovingClock:
    return MovingClock()


@pytest.fixture
def discord(clock: MovingClock) -> Any:
    """With a bot that has started, and is away."""
    with DiscordStandIn(World(clock)) as stand_in:
        stand_in.gateway.sessions["away"] = Session("away", 1, None, None)
        yield stand_in


@pytest.fixture
def hook() -> Any:
    """Speaks for whoever has the token of an interaction: shows no other."""
    with httpx.Client() as client:
        yield client


@pytest.fixture
def do(discord: DiscordStandIn) -> Do:
    """Somebody does something with the bot; nobody waits for the answer."""
    person = discord.people.person("leonidas")
    desk = Desk(discord.world, discord.gateway)

    def done(kind: int = COMMAND, source: Message | None = None) -> Interaction:
        data: dict[str, Any] = {"id": discord.world.new_id(), "name": "stats", "type": 1, "options": []}
        if kind == COMPONENT:
            data = {"custom_id": "more", "component_type": BUTTON, "id": 2}
        if kind == MODAL:
            data = {"custom_id": "form", "components": []}
        return desk.send(person.member, person.channel, kind, data, source)

    return done


class Bot:
    """What a bot asks about one interaction."""

    def __init__(self, client: httpx.Client, discord: DiscordStandIn, interaction: Interaction) -> None:
        self._client = client
        self._answer = f"{discord.url}/interactions/{interaction.id}/{interaction.token}/callback"
        self._hook = f"{discord.url}/webhooks/{discord.world.bot.id}/{interaction.token}"

    def answer(self, kind: int, **data: Any) -> httpx.Response:
        return self._client.post(self._answer, json={"type": kind, "data": data} if data else {"type": kind})

    def follow(self, content: str = "Hold.", **body: Any) -> httpx.Response:
        return self._client.post(self._hook, json={"content": content, **body})

    def edit(self, content: str = "Hold.", message: str = "@original", **body: Any) -> httpx.Response:
        return self._client.patch(f"{self._hook}/messages/{message}", json={"content": content, **body})

    def read(self, message: str = "@original") -> httpx.Response:
        return self._client.get(f"{self._hook}/messages/{message}")

    def delete(self, message: str = "@original") -> httpx.Response:
        return self._client.delete(f"{self._hook}/messages/{message}")


def test_answers_are_as_the_document_describes_them(discord: DiscordStandIn, hook: httpx.Client, do: Do) -> None:
    """Each request about an interaction, good; the token alone opens the way."""
    interaction = do()
    bot = Bot(hook, discord, interaction)
    url = f"{discord.url}/interactions/{interaction.id}/{interaction.token}/callback"
    body = {"type": 4, "data": {"content": "x", "components": [ROW]}}
    told = hook.post(url, params={"with_response": "true"}, json=body).json()
    assert told["resource"]["message"]["id"] == bot.read().json()["id"]
    assert bot.edit("y").json()["edited_timestamp"]
    more = bot.follow("z").json()["id"]
    assert bot.read(more).json()["content"] == "z"
    assert bot.edit("zz", more).json()["content"] == "zz"
    assert [bot.delete(each).status_code for each in (more, "@original")] == [204, 204]
    assert [refusal(bot.read(each)) for each in (more, "@original")] == [(404, 10008)] * 2
    assert discord.violations == []


def test_the_second_answer_is_refused(discord: DiscordStandIn, hook: httpx.Client, do: Do) -> None:
    """Who answers first wins; what stands there is the first."""
    bot = Bot(hook, discord, do())
    assert bot.answer(4, content="first").status_code == 204
    assert refusal(bot.answer(4, content="second")) == (400, 40060)
    assert bot.read().json()["content"] == "first"


def test_three_seconds(discord: DiscordStandIn, hook: httpx.Client, do: Do, clock: MovingClock) -> None:
    """Until then it may be answered; then it is unknown, whatever is asked of it."""
    in_time, late = Bot(hook, discord, do()), Bot(hook, discord, do())
    clock.forward(2.5)
    assert in_time.answer(5).status_code == 204
    clock.forward(1)
    assert refusal(late.answer(5)) == (404, 10062)
    assert refusal(late.follow()) == (404, 10015)
    assert in_time.edit().status_code == 200


def test_fifteen_minutes(discord: DiscordStandIn, hook: httpx.Client, do: Do, clock: MovingClock) -> None:
    """Then the token is worth nothing."""
    bot = Bot(hook, discord, do())
    bot.answer(5)
    clock.forward(14 * 60)
    assert bot.edit().status_code == 200
    clock.forward(2 * 60)
    assert [refusal(each) for each in (bot.edit(), bot.follow(), bot.read())] == [(401, 50027)] * 3


def test_nothing_before_the_first_answer(discord: DiscordStandIn, hook: httpx.Client, do: Do) -> None:
    """Neither edit nor further message; and a message that cannot be leaves the first answer open."""
    bot = Bot(hook, discord, do())
    assert [refusal(each) for each in (bot.edit(), bot.follow())] == [(404, 10015)] * 2
    assert refusal(bot.answer(4, content=" ")) == (400, 50006)
    assert refusal(bot.answer(4, content="x" * 2001)) == (400, 50035)
    assert bot.answer(4, content="x").status_code == 204


def test_a_wrong_token(discord: DiscordStandIn, hook: httpx.Client, do: Do) -> None:
    """Of an interaction that there is not, or of another application."""
    interaction = do()
    bot = Bot(hook, discord, interaction)
    bot.answer(5)
    answer = f"{discord.url}/interactions/{interaction.id}/wrong/callback"
    assert refusal(hook.post(answer, json={"type": 5})) == (404, 10062)
    assert refusal(hook.post(f"{discord.url}/webhooks/{discord.world.bot.id}/wrong", json={"content": "x"})) == (
        401,
        50027,
    )
    assert refusal(hook.post(f"{discord.url}/webhooks/1/{interaction.token}", json={"content": "x"})) == (404, 10015)


@pytest.mark.parametrize(
    ("kind", "on_message", "fitting"),
    [
        (COMMAND, False, {4, 5, 9}),
        (COMPONENT, True, {4, 5, 6, 7, 9}),
        (AUTOCOMPLETE, False, {8}),
        (MODAL, True, {4, 5, 6, 7}),
        (MODAL, False, {4, 5}),
    ],
)
def test_answers_that_fit(
    discord: DiscordStandIn, hook: httpx.Client, do: Do, kind: int, on_message: bool, fitting: set[int]
) -> None:
    """A form is not answered with a form, only what was asked for suggestions suggests, only what stands on a message
    changes it."""
    channel = discord.people.person("leonidas").channel
    source = Message("1", channel.id, discord.world.bot, 0, {"content": "x", "components": [ROW]}, frozenset())
    field = {"type": 1, "components": [{"type": 4, "style": 1, "label": "a", "custom_id": "a"}]}
    data: dict[int, Any] = {
        4: {"content": "x"},
        5: {},
        6: {},
        7: {"content": "y"},
        8: {"choices": []},
        9: {"title": "f", "custom_id": "f", "components": [field]},
    }
    interactions = {each: do(kind, source if on_message else None) for each in data}
    statuses = {each: Bot(hook, discord, interactions[each]).answer(each, **data[each]).status_code for each in data}
    assert statuses == {each: 204 if each in fitting else 400 for each in data}


def test_the_first_to_follow_thinking(discord: DiscordStandIn, hook: httpx.Client, do: Do) -> None:
    """Takes its place, and is as private; the next is a message of its own, and as private as it says."""
    bot, channel = Bot(hook, discord, do()), discord.people.person("leonidas").channel
    bot.answer(5, flags=64)
    assert bot.read().json()["flags"] == 64 | 128
    first, second = bot.follow("a").json(), bot.follow("b").json()
    assert (first["id"], first["flags"], second["flags"]) == (bot.read().json()["id"], 64, 0)
    assert [each.content for each in channel.messages] == ["b"]


def test_components_that_cannot_be(discord: DiscordStandIn, hook: httpx.Client, do: Do) -> None:
    """Two of one name, a sixth row, a button that does nothing or shows nothing, a link that reports."""
    bot = Bot(hook, discord, do())
    button = {"type": BUTTON, "style": 1, "label": "a", "custom_id": "a"}
    for buttons in (
        [button, button],
        [{**button, "custom_id": None}],
        [{**button, "label": None}],
        [{**button, "style": 5, "url": "https://sparta.example"}],
        [{**button, "style": 5, "custom_id": None}],
        [{**button, "custom_id": str(n)} for n in range(6)],
    ):
        response = bot.answer(4, content="x", components=[{"type": 1, "components": buttons}])
        assert refusal(response) == (400, 50035), buttons
    rows = [{"type": 1, "components": [{**button, "custom_id": str(n)}]} for n in range(6)]
    assert refusal(bot.answer(4, content="x", components=rows)) == (400, 50035)
    assert bot.answer(4, content="x", components=rows[:5]).status_code == 204


def test_files(discord: DiscordStandIn, hook: httpx.Client, do: Do) -> None:
    """Hang on a message with the names and descriptions of the form, go when an edit does not name them, and a picture
    that is shown but not there is noticed."""
    interaction = do()
    bot = Bot(hook, discord, interaction)
    bot.answer(5)
    url = f"{discord.url}/webhooks/{discord.world.bot.id}/{interaction.token}/messages/@original"
    form = {"payload_json": '{"attachments": [{"id": 0, "description": "d"}]}'}
    made = hook.patch(url, data=form, files={"files[0]": ("a.png", b"12345", "image/png")}).json()["attachments"]
    assert [(each["filename"], each["size"], each["description"]) for each in made] == [("a.png", 5, "d")]
    picture = {"image": {"url": "attachment://a.png"}}
    assert bot.edit("x", embeds=[picture]).json()["attachments"] == made
    assert discord.violations == []
    assert bot.edit("x", embeds=[picture], attachments=[]).json()["attachments"] == []
    assert [line for line in discord.violations if "no file a.png" in line]
    big = {"files[0]": ("a.bin", b"0" * (10 * 1024 * 1024 + 1))}
    assert refusal(hook.patch(url, data={"payload_json": "{}"}, files=big)) == (413, 40005)


def test_the_limit_of_further_messages(discord: DiscordStandIn, hook: httpx.Client, do: Do) -> None:
    """Five in two seconds for each interaction, whatever the others do; they do not count towards the overall limit."""
    discord.limits.overall = discord.limits.overall._replace(requests=0)
    bot, other = Bot(hook, discord, do()), Bot(hook, discord, do())
    bot.answer(4, content="x")
    other.answer(4, content="x")
    assert [bot.follow(str(n)).status_code for n in range(6)] == [200] * 5 + [429]
    assert other.follow().status_code == 200
