"""Commands are kept as Discord keeps them, and refused as Discord refuses them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.discord.server import DiscordStandIn
from tests.discord.test_stand_in import refusal

Command = dict[str, Any]


def path(discord: DiscordStandIn, *, everywhere: bool = False) -> str:
    start = f"/applications/{discord.world.bot.id}"
    return f"{start}/commands" if everywhere else f"{start}/guilds/{discord.world.guild_id}/commands"


def command(name: str = "operator", *options: Command, **details: Any) -> Command:
    return {"name": name, "description": "For operators", "options": list(options), **details}


def option(name: str = "address", kind: int = 3, **details: Any) -> Command:
    return {"name": name, "description": "Which", "type": kind, **details}


def test_the_list_is_replaced_as_a_whole(discord: DiscordStandIn, client: httpx.Client) -> None:
    """What stays keeps its id, and its version if nothing of it changed; what is not in the list is gone."""
    here = path(discord)
    first, second = client.put(here, json=[command("a"), command("b")]).json()
    same, other = client.put(here, json=[command("a"), command("b", option())]).json()
    assert same == first
    assert (other["id"], other["version"] == second["version"]) == (second["id"], False)
    assert [each["name"] for each in client.put(here, json=[command("b")]).json()] == ["b"]
    assert [each["name"] for each in client.get(here).json()] == ["b"]
    assert client.get(path(discord, everywhere=True)).json() == []
    assert client.put(here, json=[]).json() == []
    assert discord.violations == []


def test_localizations_are_told_to_who_asks(discord: DiscordStandIn, client: httpx.Client) -> None:
    """At every depth, and to nobody else."""
    names: Command = {"name_localizations": {"de": "wo"}}
    client.put(path(discord), json=[command("where", option(**names), **names)])
    told = client.get(path(discord), params={"with_localizations": 1}).json()[0]
    assert (told["name_localizations"], told["options"][0]["name_localizations"]) == ({"de": "wo"}, {"de": "wo"})
    assert "localizations" not in client.get(path(discord)).text


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ([command("Operator")], "name", "APPLICATION_COMMAND_INVALID_NAME"),
        ([command("two words")], "name", "APPLICATION_COMMAND_INVALID_NAME"),
        ([command("a", option("Address"))], "name", "APPLICATION_COMMAND_INVALID_NAME"),
        ([command("a"), command("a")], "name", "APPLICATION_COMMANDS_DUPLICATE_NAME"),
        ([command("a", option("b"), option("b"))], "options", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"),
        (
            [command("a", option("b"), option("c", required=True))],
            "options",
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
        ([command("a", option("b", 1), option("c"))], "options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
        (
            [command("a", option("b", 1, options=[option("c"), option("d", required=True)]))],
            "options",
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
        (
            [command("a", option(autocomplete=True, choices=[{"name": "x", "value": "x"}]))],
            "options",
            "APPLICATION_COMMAND_AUTOCOMPLETE_INVALID",
        ),
        ([command("a", description="")], "description", "BASE_TYPE_REQUIRED"),
        ([command(f"a{n}") for n in range(101)], "", "APPLICATION_COMMANDS_MAX"),
        ([command("a", *(option(f"o{n}", description="x" * 100) for n in range(26)))], "options", "MAXITEMS"),
        (
            [
                command(
                    "a",
                    *(
                        option(f"o{n}", 1, options=[option(f"p{m}", description="x" * 100) for m in range(4)])
                        for n in range(25)
                    ),
                )
            ],
            "0",
            "APPLICATION_COMMAND_TOO_LARGE",
        ),
    ],
)
def test_commands_that_cannot_be(
    discord: DiscordStandIn, client: httpx.Client, given: list[Command], field: str, code: str
) -> None:
    """The answer names the field, and nothing of the list is taken."""
    client.put(path(discord), json=[command("known")])
    response = client.put(path(discord), json=given)
    assert refusal(response) == (400, 50035)
    assert f'"{code}"' in response.text
    assert f'"{field}"' in response.text or not field
    assert [each["name"] for each in client.get(path(discord)).json()] == ["known"]


def test_other_kinds_of_commands_are_freer(discord: DiscordStandIn, client: httpx.Client) -> None:
    """A command of the context menu has spaces and capitals, and may be named as a typed one is."""
    menu = {"name": "Show Stats", "type": 2}
    assert client.put(path(discord), json=[menu, command("stats"), {"name": "stats", "type": 2}]).status_code == 200


def test_new_commands_are_counted(discord: DiscordStandIn, client: httpx.Client) -> None:
    """200 a day: changed and repeated ones do not count, and who asks for more gets none of them."""
    discord.world.command_creates_left = 2
    for given in ([command("a")], [command("a", option())], [command("a"), command("b")]):
        assert client.put(path(discord), json=given).status_code == 200
    assert refusal(client.put(path(discord), json=[command("a"), command("c")])) == (400, 30034)
    assert [each["name"] for each in client.get(path(discord)).json()] == ["a", "b"]


def test_permissions_may_be_a_text(discord: DiscordStandIn, client: httpx.Client) -> None:
    """As clients send them, though the document wants a number; any other text is refused."""
    for given in ("268435456", 268435456, None):
        kept = client.put(path(discord), json=[command(default_member_permissions=given)]).json()[0]
        assert kept["default_member_permissions"] == (given and "268435456")
    assert discord.violations == []
    assert client.put(path(discord), json=[command(default_member_permissions="all")]).status_code == 400


def test_commands_of_another_application(discord: DiscordStandIn, client: httpx.Client) -> None:
    """Nobody sees them."""
    assert refusal(client.get("/applications/1/commands")) == (404, 10002)
    assert refusal(client.get(f"/applications/{discord.world.bot.id}/guilds/1/commands")) == (404, 10004)
