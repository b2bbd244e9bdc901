"""``python -m sparta.bot sync`` and ``check``, as whoever deploys runs them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import pytest

from sparta import secret_store
from sparta.bot import check, cli, sync
from sparta.errors import SpartaError
from sparta.secret_store import ApiKeys, SecretStore
from sparta.settings import BotSettings
from tests.discord.permissions import bits
from tests.sparta.bot.scene import Scene

PUT = ("PUT", "/commands")


@pytest.fixture
def scene(guild: Scene) -> Iterator[Scene]:
    """The guild as it was before the last test."""
    world = guild.discord.world
    before = copy.deepcopy((world.commands, world.roles, world.channels))
    guild.discord.requests.clear()
    yield guild
    guild.discord.heal()
    guild.proxy.heal()
    world.commands = before[0]
    for now, then in ((world.roles, before[1]), (world.channels, before[2])):
        for key, thing in then.items():
            vars(now[key]).update(vars(thing))
    assert guild.discord.violations == []


def settings(scene: Scene, **variables: str) -> BotSettings:
    """As a process would have them."""
    return BotSettings.model_validate(
        {name.lower(): value for name, value in {**scene.environment, **variables}.items()}
    )


def synchronised(scene: Scene, **variables: str) -> list[str]:
    """The lines of a synchronisation, or the sentence it fails with."""
    wanted = scene.commands
    used = settings(scene, **variables)
    assert used.bot_token
    with cli.discord(used, used.bot_token) as rest:
        try:
            return list(sync.sync(rest, used, wanted))
        except SpartaError as error:
            return [error.sentence]


def looked(scene: Scene, **variables: str) -> list[str]:
    """The lines of a check."""
    used = settings(scene, **variables)
    keys = ApiKeys(used, SecretStore(lambda: secret_store.connect(used)))
    assert used.bot_token
    with cli.discord(used, used.bot_token) as rest:
        findings = [*check.look(rest, used), *check.look_at_commands(rest, used, scene.commands)]
    return [each.line for each in (*findings, *check.look_at_api(used, keys))]


def test_a_second_time_changes_nothing(scene: Scene) -> None:
    """And says so."""
    done = scene.tool("sync")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Nothing to do: the guild has exactly these 3 commands." in done.stdout
    assert scene.discord.asked(*PUT) == []


def test_what_differs_is_shown_and_corrected(scene: Scene) -> None:
    """A command too many, one too few, and one that changed, down to the value."""
    world = scene.discord.world
    commands = {each["name"]: each for each in world.commands[world.guild_id]}
    mute = next(each for each in commands["operator"]["options"] if each["name"] == "mute")
    mute["options"][0]["max_value"] = 5
    commands["operator"]["options"] = commands["operator"]["options"][::-1]
    old = {**commands["aztec"], "name": "old", "id": world.new_id()}
    world.commands[world.guild_id] = [commands["operator"], commands["aztec"], old]
    done = scene.tool("sync")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert {"+ /mod", "- /old", "~ /operator"} <= set(lines)
    assert "    options.mute.options.hours.max_value: 5 -> 720" in lines
    assert any(line.startswith("    options: ") for line in lines), "the order of the commands"
    assert sorted(each["name"] for each in world.commands[world.guild_id]) == ["aztec", "mod", "operator"]
    assert "Nothing to do" in scene.tool("sync").stdout


def test_a_failure_is_loud(scene: Scene) -> None:
    """One sentence and an exit status, so that the deployment stops there."""
    done = scene.tool("sync", BOT_TOKEN="no.such.token")
    assert done.returncode == 1
    assert "Discord does not know the bot's token" in done.stderr
    assert "Traceback" not in done.stderr


def test_commands_for_all_guilds_are_named(scene: Scene) -> None:
    """Those of an earlier bot, which nobody would miss in the guild's own list."""
    world = scene.discord.world
    world.commands[""] = [{**world.commands[world.guild_id][0], "name": "ancient"}]
    assert "for all guilds too, which people see beside these: /ancient" in synchronised(scene)[-1]


@pytest.mark.parametrize(
    ("variables", "fault", "told"),
    [
        ({"GUILD_ID": "1"}, "", "Check BOT_CLIENT_ID and GUILD_ID"),
        ({"BOT_CLIENT_ID": "1"}, "", "Check BOT_CLIENT_ID and GUILD_ID"),
        ({"DISCORD_API_URL": "http://127.0.0.1:9"}, "", "run the command again"),
        ({}, "unavailable", "run the command again"),
        ({}, "cloudflare", "blocked for a while"),
    ],
)
def test_ways_to_fail(scene: Scene, variables: dict[str, str], fault: str, told: str) -> None:
    """Each says what to do."""
    scene.discord.world.commands[scene.discord.world.guild_id] = []
    if fault:
        scene.discord.fail(fault, "PUT")
    assert told in synchronised(scene, **variables)[-1]


def test_the_limit_of_new_commands(scene: Scene) -> None:
    """Is Discord's to say, and passed on."""
    world = scene.discord.world
    world.commands[world.guild_id] = []
    before, world.command_creates_left = world.command_creates_left, 1
    try:
        assert "30034" in synchronised(scene)[-1]
    finally:
        world.command_creates_left = before


def test_a_set_up_as_it_should_be(scene: Scene) -> None:
    """A line for each thing, and success."""
    done = scene.tool("check")
    assert done.returncode == 0, done.stdout
    assert all(line.startswith("ok    ") for line in done.stdout.splitlines())
    assert len(done.stdout.splitlines()) == 15


def test_a_set_up_that_lacks_something(scene: Scene) -> None:
    """Is a failure, and its line stands among the others."""
    done = scene.tool("check", ROLE_GUARDIAN_ID="5")
    assert done.returncode == 1
    assert [line[:4] for line in done.stdout.splitlines()].count("FAIL") == 1


@pytest.mark.parametrize(
    ("variables", "about", "told"),
    [
        ({"BOT_TOKEN": "no.such.token"}, "token", "Reset Token"),
        ({"BOT_CLIENT_ID": "5"}, "token", "Correct BOT_CLIENT_ID"),
        ({"GUILD_ID": "5"}, "guild", "was invited"),
        ({"ROLE_APPRENTICE_ID": "5"}, "ROLE_APPRENTICE_ID", "Copy Role ID"),
        ({"ROLE_GUARDIAN_ID": "5"}, "ROLE_GUARDIAN_ID", "Copy Role ID"),
        ({"MODERATOR_ROLE_IDS": "5,6"}, "MODERATOR_ROLE_IDS", "Copy Role ID"),
        ({"CHANNEL_OPERATORS_ID": "5"}, "CHANNEL_OPERATORS_ID", "Copy Channel ID"),
        ({"API_URL": "http://127.0.0.1:9"}, "API", "correct API_URL"),
        ({"BACKEND_API_KEY": "another key"}, "API key", "is not the API's"),
    ],
)
def test_a_wrong_setting_is_named(scene: Scene, variables: dict[str, str], about: str, told: str) -> None:
    """In one line, with what to do; the rest is looked at all the same."""
    lines = looked(scene, **variables)
    assert any(line.startswith(f"FAIL  {about}: ") and told in line for line in lines), lines
    assert any(line.startswith("ok") for line in lines)


@pytest.mark.parametrize(
    ("spoil", "about", "told"),
    [
        (lambda scene: setattr(scene.apprentice, "position", 99), "giving roles", "Drag the bot's role above it"),
        (lambda scene: take_from_bot(scene, "MANAGE_ROLES"), "giving roles", "Allow it in the server's settings"),
        (lambda scene: scene.operators.denied.add("VIEW_CHANNEL"), "CHANNEL_OPERATORS_ID", "Allow View Channel"),
        (
            lambda scene: scene.operators.denied.update(["CREATE_PRIVATE_THREADS", "SEND_MESSAGES_IN_THREADS"]),
            "CHANNEL_OPERATORS_ID",
            "Create Private Threads, Send Messages In Threads",
        ),
        (lambda scene: scene.moderators.denied.add("SEND_MESSAGES"), "CHANNEL_MODERATORS_ID", "Send Messages"),
        (lambda scene: scene.audit.denied.add("READ_MESSAGE_HISTORY"), "CHANNEL_AUDIT_ID", "Read Message History"),
        (lambda scene: setattr(scene.operators, "type", 5), "CHANNEL_OPERATORS_ID", "no text channel"),
    ],
)
def test_what_lacks_in_the_guild_is_named(
    scene: Scene, spoil: Callable[[Scene], object], about: str, told: str
) -> None:
    """Likewise."""
    spoil(scene)
    lines = looked(scene)
    assert [line[:4] for line in lines].count("FAIL") == 1
    assert any(line.startswith(f"FAIL  {about}: ") and told in line for line in lines), lines


def test_commands_of_another_version_are_named(scene: Scene) -> None:
    """With the command that corrects them."""
    world = scene.discord.world
    world.commands[world.guild_id] = world.commands[world.guild_id][:2]
    assert any(line.startswith("FAIL  commands: ") and "sparta.bot sync" in line for line in looked(scene))


def test_something_else_where_the_api_should_be(scene: Scene) -> None:
    """A proxy with a page for people, say."""
    scene.proxy.fail("unavailable")
    assert any(line.startswith("FAIL  API: ") and "HTTP 503" in line for line in looked(scene))


def test_what_the_api_stands_on_is_shown(scene: Scene) -> None:
    """As the API says it."""
    rows = [
        {"name": "DynamoDB", "ok": True, "latencyMs": 3.0},
        {"name": "Aztec node", "ok": False, "latencyMs": 9.0, "error": "It is not ready."},
    ]
    scene.proxy.instead["/ready"] = (503, {"status": "not ready", "dependencies": rows})
    lines = looked(scene)
    assert "FAIL  Aztec node: It is not ready." in lines
    assert "ok    DynamoDB: answers the API within 3 ms" in lines


def take_from_bot(scene: Scene, permission: str) -> None:
    scene.discord.world.bot_role.permissions &= ~bits([permission])
