"""Settings: every variable, all mistakes at once, and no secret in sight."""

from __future__ import annotations

import os
import re
import traceback
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from sparta import settings_types
from sparta.errors import SettingsError
from sparta.settings import PARTS, ApiSettings, Common, Part, load, secret_values
from sparta.stores.definitions import definitions

EXAMPLE = Path(__file__).parents[2] / ".env.example"
KEY = "0x" + "ab" * 32
SECRET = "hunter2hunter2"
GOOD = {
    "BACKEND_API_KEY": "key-" + SECRET,
    "BOT_TOKEN": "token-" + SECRET,
    "BOT_CLIENT_ID": "1",
    "GUILD_ID": "2",
    "ETHEREUM_HOST": f"https://one.example/v3/{SECRET}, https://two.example",
    "L1_CHAIN_ID": "31337",
    "ROLLUP_ADDRESS": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "AZTEC_RPC_URL": f"http://127.0.0.1:8080/?key={SECRET}",
    "SPARTA_ADDRESS": "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
    "SPARTA_PRIVATE_KEY": KEY,
}
VARIABLES = sorted({name.upper() for kind in PARTS.values() for name in kind.model_fields})


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the person who runs the tests is read."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def given(monkeypatch: pytest.MonkeyPatch, part: Part, **variables: str | None) -> Any:
    """Settings of a part from a good environment with these changes."""
    for name, value in {**GOOD, **variables}.items():
        if value is not None:
            monkeypatch.setenv(name, value)
    return load(part, env_file=None)


def mistakes(monkeypatch: pytest.MonkeyPatch, part: Part, **variables: str | None) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        given(monkeypatch, part, **variables)
    return caught.value.mistakes


@pytest.mark.parametrize("part", Part)
def test_a_good_environment_is_enough(monkeypatch: pytest.MonkeyPatch, part: Part) -> None:
    """Each program starts with the required variables alone; lists are split, the rest has its defaults."""
    settings = given(monkeypatch, part)
    assert settings.environment == "development"
    assert (settings.log_level, settings.log_pretty_print) == ("info", False)
    if part in {Part.API, Part.MONITOR}:
        urls = [url.get_secret_value() for url in settings.ethereum_host]
        assert urls == [f"https://one.example/v3/{SECRET}", "https://two.example"]


def test_the_defaults_are_those_of_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Address, port, CORS, the bot's way to the API, the threshold."""
    api, bot = given(monkeypatch, Part.API), given(monkeypatch, Part.BOT)
    assert (api.api_host, api.api_port, api.cors_allowed_origins) == ("127.0.0.1", 3000, ())
    assert (bot.api_url, bot.validators_per_operator) == ("http://127.0.0.1:3000", 1)
    assert given(monkeypatch, Part.MONITOR).miss_rate_alert_threshold == 0.2


def test_table_names_follow_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """`sparta-<table>-<environment>` unless a variable says otherwise."""
    settings = given(monkeypatch, Part.API, ENVIRONMENT="staging", ALERTS_TABLE_NAME="bells")
    names = [settings.table_name(each.name) for each in definitions()]
    assert names == [
        "sparta-operators-staging",
        "sparta-validators-staging",
        "sparta-validator-history-staging",
        "sparta-network-stats-staging",
        "sparta-config-staging",
        "bells",
    ]
    assert tuple(each.name for each in definitions()) == settings_types.TABLES


@pytest.mark.parametrize(
    ("part", "required"),
    [
        (
            Part.API,
            {"BACKEND_API_KEY", "ETHEREUM_HOST", "L1_CHAIN_ID", "STAKING_ASSET_HANDLER_ADDRESS", "AZTEC_RPC_URL"},
        ),
        (Part.BOT, {"BACKEND_API_KEY", "BOT_TOKEN", "BOT_CLIENT_ID", "GUILD_ID"}),
        (
            Part.MONITOR,
            {
                "BOT_TOKEN",
                "BOT_CLIENT_ID",
                "GUILD_ID",
                "ETHEREUM_HOST",
                "L1_CHAIN_ID",
                "STAKING_ASSET_HANDLER_ADDRESS",
                "AZTEC_RPC_URL",
            },
        ),
    ],
)
def test_all_that_is_missing_is_said_at_once(part: Part, required: set[str]) -> None:
    """One line for each required variable, with an example."""
    with pytest.raises(SettingsError) as caught:
        load(part, env_file=None)
    lines = caught.value.mistakes
    assert {line.split()[0] for line in lines} == required
    assert all(re.search(r" is missing\b.*; for example \w+=\S", line) for line in lines)
    assert str(caught.value).splitlines() == list(lines)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ENVIRONMENT", "Production!"),
        ("LOG_LEVEL", "loud"),
        ("LOG_PRETTY_PRINT", "perhaps"),
        ("AWS_REGION", "London"),
        ("AWS_ENDPOINT_URL_DYNAMODB", "127.0.0.9:8000"),
        ("API_PORT", "70000"),
        ("CORS_ALLOWED_ORIGINS", "https://one.example/path"),
        ("ETHEREUM_HOST", f"https://one.example,ftp://{SECRET}"),
        ("ETHEREUM_HOST", ","),
        ("AZTEC_RPC_URL", SECRET),
        ("L1_CHAIN_ID", "mainnet"),
        ("ROLLUP_ADDRESS", "0x70997970c51812dc3A010C7d01b50e0d17dc79C8"),
        ("SPARTA_ADDRESS", "0x1"),
        ("SPARTA_PRIVATE_KEY", SECRET),
        ("GUILD_ID", "sparta"),
        ("BOT_TOKEN_SECRET", "not a name"),
        ("ALERTS_TABLE_NAME", "%"),
    ],
)
def test_a_wrong_value_is_one_line(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    """It names the variable, says what is wrong and gives an example; it never repeats the value."""
    (line,) = mistakes(monkeypatch, Part.API, **{variable: value})
    assert line.startswith(f"{variable} ")
    assert f"; for example {variable}=" in line
    assert "\n" not in line
    assert value == "," or value not in line


@pytest.mark.parametrize("value", ["0", "many"])
def test_operators_add_at_least_one(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """A share of nothing is a slip."""
    (line,) = mistakes(monkeypatch, Part.BOT, VALIDATORS_PER_OPERATOR=value)
    assert line.startswith("VALIDATORS_PER_OPERATOR ")
    assert "; for example VALIDATORS_PER_OPERATOR=1" in line


def test_wrong_and_missing_are_said_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong value does not hide that another lacks, and blanks count as nothing."""
    lines = mistakes(monkeypatch, Part.API, L1_CHAIN_ID="x", API_PORT="0", BACKEND_API_KEY="  ", ROLLUP_ADDRESS=None)
    assert [line.split()[0] for line in lines] == [
        "API_PORT",
        "BACKEND_API_KEY",
        "L1_CHAIN_ID",
        "STAKING_ASSET_HANDLER_ADDRESS",
    ]


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (Part.API, "BACKEND_API_KEY"),
        (Part.BOT, "BACKEND_API_KEY"),
        (Part.API, "SPARTA_PRIVATE_KEY"),
        (Part.API, "ETHEREUM_HOST"),
        (Part.MONITOR, "ETHEREUM_HOST"),
        (Part.MONITOR, "AZTEC_RPC_URL"),
        (Part.BOT, "BOT_TOKEN"),
        (Part.MONITOR, "BOT_TOKEN"),
    ],
)
def test_a_secret_can_be_named_instead(monkeypatch: pytest.MonkeyPatch, part: Part, name: str) -> None:
    """`<NAME>_SECRET` takes the place of the variable."""
    arn = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:sparta/production/it-AbCdEf"
    settings = given(monkeypatch, part, **{name: None, f"{name}_SECRET": arn})
    assert getattr(settings, f"{name.lower()}_secret") == arn


def test_the_api_reads_without_a_key_and_works_without_discord(monkeypatch: pytest.MonkeyPatch) -> None:
    """Private key and bot token may lack; what belongs to one that is there may not."""
    reader = given(monkeypatch, Part.API, SPARTA_PRIVATE_KEY=None, SPARTA_ADDRESS=None, BOT_TOKEN=None, GUILD_ID=None)
    assert (reader.sparta_private_key, reader.bot_token) == (None, None)
    monkeypatch.delenv("BOT_CLIENT_ID")
    lines = mistakes(monkeypatch, Part.API, BOT_CLIENT_ID=None, GUILD_ID=None, SPARTA_ADDRESS=None)
    assert [line.split()[0] for line in lines] == ["BOT_CLIENT_ID", "GUILD_ID", "SPARTA_ADDRESS"]


@pytest.mark.parametrize("part", Part)
def test_no_secret_in_sight(monkeypatch: pytest.MonkeyPatch, part: Part) -> None:
    """Neither repr nor str of the settings, nor any error with its traceback and causes, shows a secret."""
    settings = given(monkeypatch, part)
    for shown in (repr(settings), str(settings), f"{settings}", str(settings.model_dump()), settings.model_dump_json()):
        assert SECRET not in shown
        assert KEY not in shown
    with pytest.raises(SettingsError) as caught:
        given(monkeypatch, part, LOG_LEVEL="loud", SPARTA_PRIVATE_KEY=SECRET)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert SECRET not in told
    assert KEY not in told
    assert (caught.value.__context__, caught.value.__cause__) == (None, None)


def test_the_secrets_are_known_for_masking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever came as a secret is told to whoever masks."""
    settings = given(monkeypatch, Part.API)
    wanted = {GOOD["BACKEND_API_KEY"], GOOD["BOT_TOKEN"], KEY, GOOD["AZTEC_RPC_URL"]}
    assert wanted < set(secret_values(settings))


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """.env gives what the environment does not, AWS credentials included, which botocore reads itself."""
    file = tmp_path / ".env"
    file.write_text("ENVIRONMENT=staging\nLOG_LEVEL=debug\nAWS_ACCESS_KEY_ID=from-file\nAWS_PROFILE=\n", "utf-8")
    monkeypatch.setenv("LOG_LEVEL", "error")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "from-environment")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    settings = load(Part.STORES, env_file=file)
    assert (settings.environment, settings.log_level) == ("staging", "error")
    assert os.environ["AWS_ACCESS_KEY_ID"] == "from-environment"
    assert "AWS_PROFILE" not in os.environ
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    load(Part.STORES, env_file=file)
    assert os.environ["AWS_ACCESS_KEY_ID"] == "from-file"


def example_lines() -> dict[str, str]:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_example_file_holds_every_setting() -> None:
    """.env.example has each variable of each program; the ones that name a secret are explained at its top."""
    named = {name for name in VARIABLES if name.endswith("_SECRET")} - {"BACKEND_API_KEY_SECRET"}
    assert sorted(set(VARIABLES) - named) == sorted(example_lines())
    for name in named:
        assert name in EXAMPLE.read_text("utf-8"), name


def test_the_example_file_shows_the_defaults() -> None:
    """A value there is the default where there is one."""
    fields = {name.upper(): field for kind in PARTS.values() for name, field in kind.model_fields.items()}
    for name, value in example_lines().items():
        default = fields[name].default
        if default in (None, "", ()) or not value:
            continue
        shown = ",".join(default) if isinstance(default, tuple) else str(default)
        assert value == (shown.lower() if isinstance(default, bool) else shown), name


@pytest.mark.parametrize("part", Part)
def test_the_example_file_works_once_the_secrets_are_filled_in(tmp_path: Path, part: Part) -> None:
    """Nothing else in it has to be changed for a program to start."""
    secrets = {"BACKEND_API_KEY": "key", "BOT_TOKEN": "token"}
    file = tmp_path / ".env"
    file.write_text("\n".join(f"{name}={secrets.get(name, value)}" for name, value in example_lines().items()), "utf-8")
    assert isinstance(load(part, env_file=file), Common)


def test_used_by_says_who_uses_it() -> None:
    """The comment of each line names the programs that read it, and no other."""
    programs = {Part.API: "API", Part.BOT: "bot", Part.MONITOR: "monitor"}
    used_by = ""
    for line in EXAMPLE.read_text("utf-8").splitlines():
        if found := re.search(r"Used by: (.*)$", line):
            used_by = found[1]
        if line.startswith("#") or "=" not in line:
            continue
        name = line.partition("=")[0].lower()
        readers = {text for part, text in programs.items() if name in PARTS[part].model_fields}
        said = set(programs.values()) if used_by == "all" else set(used_by.split(", ")) - {"scripts"}
        assert said == readers, name


def test_every_variable_has_an_example() -> None:
    """So that every mistake can show one; an example that is no description is itself right."""
    for kind in PARTS.values():
        for name in kind.model_fields:
            assert name in settings_types.EXAMPLES
    described = {"sparta_private_key"}
    values = {name: text for name, text in settings_types.EXAMPLES.items() if name not in described}
    values |= {"sparta_private_key": KEY}
    assert isinstance(ApiSettings.model_validate(values).bot_token, SecretStr)
