"""``/operator my-stats`` and its pages: the facts of each validator, the picture, and Discord's limits for many."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from sparta.bot import statistics, texts
from sparta.bot.client import ApiClient, Who
from sparta.bot.picture import LEGEND
from sparta.bot.replies import Reply
from sparta.models import Duty, History, ValidatorStats
from tests.discord.people.answer import Answer
from tests.discord.people.person import Person
from tests.sparta.api.client import Served
from tests.sparta.bot.clients import with_client
from tests.sparta.bot.scene import Scene, new_address

MANY = 300
NOW = int(time.time())


@pytest.fixture(scope="module")
def crowd(guild: Scene) -> tuple[Person, list[str]]:
    """Somebody with the most validators that the API lets one have, all of them with statistics."""
    person = guild.operator(approved=True)
    addresses = sorted((new_address() for _ in range(MANY)), key=str.lower)
    for address in addresses:
        guild.stores.validators.register(address, person.id, is_active=True)
    for number, address in enumerate(addresses):
        guild.stores.validators.record_stats(address, stats(missed=number))
    person.patience = 30
    return person, addresses


def stats(*, missed: int, streak: int = 0, total: int = 1000) -> ValidatorStats:
    return ValidatorStats(
        total_slots=total,
        missed_attestations_count=missed,
        missed_attestations_current_streak=streak,
        missed_attestations_rate=missed / total,
        missed_proposals_count=1,
        missed_proposals_current_streak=0,
        missed_proposals_rate=0.5,
        last_attestation=Duty(slot=5, timestamp=NOW - 60),
        last_proposal=Duty(slot=4, timestamp=NOW - 3600),
    )


def turn(person: Person, answer: Answer, button: str) -> Answer:
    """The page that comes."""
    return person.press(answer, button, until=lambda found: found.text != answer.text)


def test_the_facts_of_each_validator(scene: Scene) -> None:
    """In the set or not, attesting or not, the rate, and the last duties as times that Discord shows."""
    person, (well, ill, gone, new) = scene.with_validators(4)
    validators = scene.stores.validators
    for address in (well, ill, new):
        validators.set_active(address, active=True)
    validators.record_stats(well, stats(missed=21))
    validators.record_stats(ill, stats(missed=500, streak=17))
    text = person.command("/operator my-stats").text
    parts = {address: text.partition(f"`{address}`")[2].partition("`0x")[0] for address in (well, ill, gone, new)}
    assert "🟢 in the set, attesting" in parts[well]
    assert "Miss rate **2.1%** (21 attestations missed)" in parts[well]
    assert f"Last attestation <t:{NOW - 60}:R> · proposal <t:{NOW - 3600}:R>" in parts[well]
    assert "missed the last 17 attestations" in parts[ill]
    assert "⚪ not in the set" in parts[gone]
    assert "no statistics yet" in parts[new]


def test_the_picture_shows_what_was_recorded(scene: Scene) -> None:
    """It hangs in the embed, and says the same in words; without anything recorded there is none."""
    person, (address,) = scene.with_validators(1)
    before = person.command("/operator my-stats")
    assert before.attachments == []
    assert texts.NO_HISTORY in before.text
    slots = {1: "attestation-sent", 2: "attestation-missed", 3: "block-mined"}
    scene.stores.history.record([History(address=address, epoch=1, slots=slots)])
    answer = person.command("/operator my-stats")
    (file,) = answer.attachments
    assert (file.filename, file.content_type) == ("duties.png", "image/png")
    assert "1 attested, 1 missed, 1 proposed" in str(file.description)
    assert answer.embeds[0]["image"]["url"].startswith(("attachment://duties.png", "http"))
    assert LEGEND in answer.text


def test_a_history_that_cannot_be_read(scene: Scene) -> None:
    """Takes the picture away and nothing else."""
    person, (address,) = scene.with_validators(1)
    person.patience = 30
    scene.stores.history.record([History(address=address, epoch=1, slots={1: "attestation-sent"})])
    scene.proxy.instead["/api/validator/history"] = (500, {"success": False, "error": "no"})
    answer = person.command("/operator my-stats")
    assert address in answer.text
    assert answer.attachments == []


def test_three_hundred_validators(scene: Scene, crowd: tuple[Person, list[str]]) -> None:
    """Pages turn to both ends, and Discord takes each of them."""
    person, addresses = crowd
    numbered = list(enumerate(addresses, 1))
    first = person.command("/operator my-stats")
    second = turn(person, first, "Next")
    last = turn(person, second, "Last")
    before = turn(person, last, "Back")
    pages = [numbered[:6], numbered[6:12], numbered[-6:], numbered[-12:-6], numbered[:6]]
    assert [shown(each) for each in (first, second, last, before, turn(person, before, "First"))] == pages
    assert "Next" not in last.buttons
    assert scene.discord.violations == []


def test_each_of_three_hundred_stands_on_one_page(api: Served, crowd: tuple[Person, list[str]]) -> None:
    """In order, and every page is far from Discord's limits."""
    person, addresses = crowd

    async def pages(client: ApiClient) -> list[Reply]:
        return [await statistics.page(client, Who(person.id), number) for number in range(MANY // statistics.PAGE)]

    replies = with_client(api.url, api.key, pages)
    fields = [field for reply in replies for field in reply.embed.fields if field.name[0].isdecimal()]
    assert [int(str(field.name).partition(".")[0]) for field in fields] == list(range(1, MANY + 1))
    assert all(address in str(field.value) for address, field in zip(addresses, fields, strict=True))
    assert max(len(reply.embed) for reply in replies) < 3000


def test_names_as_long_as_can_be(scene: Scene) -> None:
    """Full of what Markdown would double: the page still fits."""
    person, addresses = scene.with_validators(6)
    for address in addresses:
        scene.stores.validators.set_label(address, person.id, "*_" * 32)
        scene.stores.validators.record_stats(address, stats(missed=999, streak=999))
    text = person.command("/operator my-stats").text
    assert all(address in text for address in addresses)


def test_a_page_that_is_gone(scene: Scene) -> None:
    """When validators were removed meanwhile, the last page that there is comes."""
    person, addresses = scene.with_validators(13)
    answer = person.command("/operator my-stats")
    for address in addresses[1:]:
        scene.stores.validators.remove(address, person.id)
    assert shown(turn(person, answer, "Last")) == [(1, addresses[0])]


def test_a_page_that_cannot_be_had_leaves_the_old_one(scene: Scene) -> None:
    """The person alone reads why, and can press again."""
    person, _ = scene.with_validators(13)
    person.patience = 30
    answer = person.command("/operator my-stats")
    scene.proxy.fail("dropped")
    pressed = person.press(answer, "Next", until=lambda found: len(found.messages) == 2)
    assert texts.API_SILENT in pressed.text
    assert pressed.messages[0].text == answer.text
    scene.proxy.heal()
    assert shown(turn(person, answer, "Next"))


@pytest.mark.parametrize(
    ("custom_id", "told"),
    [
        ("stats:1:{another}:next", texts.ANOTHERS_BUTTON),
        ("operators:1::next", texts.MODERATORS_ONLY),
        ("help:0:nothing", texts.OUTDATED_BUTTON),
        ("of-another-version", texts.OUTDATED_BUTTON),
        ("stats:99999999:1:next", texts.OUTDATED_BUTTON),
        ("stats:-1:1:next", texts.OUTDATED_BUTTON),
    ],
)
def test_a_button_that_is_not_for_them(scene: Scene, custom_id: str, told: str) -> None:
    """Whatever a button says, the person's rights decide; and one that nobody knows says what to do."""
    person, another = scene.operator(), scene.operator()
    overview = person.command("/operator help")
    (message,) = [each for each in scene.discord.world.messages if each.id == overview.shown.id]
    message.body["components"][0]["components"][0]["custom_id"] = custom_id.format(another=another.id)
    pressed = person.press(overview, "How to start", until=lambda found: told in found.text)
    assert pressed.ephemeral


def shown(answer: Answer) -> list[tuple[int, str]]:
    """Numbers and addresses of the validators on a page."""
    found = re.findall(r"^(\d+)\. .*?: `(0x\w{40})`", answer.text, re.MULTILINE)
    return [(int(number), address) for number, address in found]


@pytest.fixture(autouse=True)
def _all_are_healed(guild: Scene) -> Iterator[None]:
    yield
    guild.proxy.heal()
