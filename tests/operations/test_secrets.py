"""Secrets on the deployed system: described, set, rotated; and no value ever seen by anybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.operations.errors import OperationError
from scripts.secrets.shapes import check
from tests.deployment.system import System
from tests.operations.answering import Between
from tests.operations.deploying import Ground
from tests.operations.interrupting import CTRL_C, broken_off
from tests.operations.running import Done, surroundings
from tests.operations.terminal import When, at_terminal

Command = Callable[..., Done]
# Of the bot in the parameter file; well known to be nobody's.
BOT_TOKEN = "MTMyOTA3OTM1Njc4NTY4ODYxNg.GpLnTd.planted-secret-token-value-0123456789"
OTHER_BOT_TOKEN = "MTMyOTA3OTM1Njc4NTY4ODYxNw.GpLnTd.planted-secret-token-value-0123456789"
API_KEY = "planted-secret-api-key-0123456789abcdef"
# Of 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266, in everybody's test network.
PRIVATE_KEY = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"


@pytest.fixture
def client(staging: System) -> Any:
    return staging.emulator.client("secretsmanager")


@pytest.fixture(autouse=True)
def as_before(client: Any) -> Iterator[None]:
    """Whatever a test sets is put back."""
    names = [f"sparta/staging/{name}" for name in ("bot-token", "ethereum-private-key", "api-key")]
    before = {name: client.get_secret_value(SecretId=name)["SecretString"] for name in names}
    yield
    for name, value in before.items():
        if value is not None and client.get_secret_value(SecretId=name).get("SecretString") != value:
            client.put_secret_value(SecretId=name, SecretString=value)


def current(client: Any, name: str) -> str:
    return str(client.get_secret_value(SecretId=f"sparta/staging/{name}")["SecretString"])


def everything(done: Done) -> str:
    return done.out + done.err


def test_the_list_shows_what_is_known_and_no_value(command: Command, client: Any) -> None:
    """Name, whether it has a value, when it changed, its versions; none of the three values."""
    done = command("secrets")
    assert done.code == 0, done.err
    for name in ("bot-token", "ethereum-private-key", "api-key"):
        assert name in done.out
        assert current(client, name) not in everything(done)
    assert "there" in done.out
    assert "current" in done.out


def test_the_list_fits_a_narrow_screen(command: Command) -> None:
    """Names and times are whole."""
    lines = command("secrets", COLUMNS="80").out.splitlines()
    assert [
        line for line in lines if re.match(r"ethereum-private-key  there  \d{4}-\d\d-\d\d \d\d:\d\d  by hand", line)
    ]
    assert max(map(len, lines)) <= 80


def test_a_secret_that_is_to_be_deleted_is_seen(command: Command, between: Between) -> None:
    """It is not there for anybody, and cannot be set; how to keep it is a command."""
    between.change("DescribeSecret", lambda answer: answer | {"DeletedDate": 1.7e9})
    keep = "aws secretsmanager restore-secret --secret-id sparta/staging/bot-token --region eu-west-2"
    done = command("secrets", AWS_ENDPOINT_URL=between.url)
    assert "to be deleted" in done.out
    assert f"Keep bot-token, while that is possible: {keep}" in done.out
    done = command("secret", NAME="bot-token", YES="1", stdin=BOT_TOKEN, AWS_ENDPOINT_URL=between.url)
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert keep in done.err
    assert between.changed == []


def test_a_secret_is_set_from_standard_input(command: Command, client: Any) -> None:
    """Without its line break; it is said whose token it is, never the token."""
    done = command("secret", NAME="bot-token", YES="1", RESTART="0", stdin=BOT_TOKEN + "\n")
    assert done.code == 0, done.err
    assert current(client, "bot-token") == BOT_TOKEN
    assert "a token of bot 1329079356785688616" in done.out
    assert "is it the right bot?" not in done.out
    assert "make restart ENV=staging" in done.out
    assert "planted" not in everything(done)


def test_the_token_of_another_bot_is_remarked(command: Command) -> None:
    """A token carries the id of its bot, which is public."""
    done = command("secret", NAME="bot-token", YES="1", RESTART="0", stdin=OTHER_BOT_TOKEN)
    assert "a token of bot 1329079356785688617, while BotClientId is 1329079356785688616" in done.out


def test_services_that_have_the_old_value_are_restarted(command: Command, staging: System, client: Any) -> None:
    """A bot token is given to tasks at their start, so new tasks start; nothing else of the services changes."""
    ecs = staging.emulator.client("ecs")
    services = ["sparta-api", "sparta-discord"]

    def deployments() -> dict[str, set[str]]:
        found = ecs.describe_services(cluster="sparta-staging", services=services)["services"]
        return {each["serviceName"]: {one["id"] for one in each["deployments"]} for each in found}

    before = deployments()
    done = command("secret", NAME="bot-token", YES="1", stdin=BOT_TOKEN)
    assert done.code == 0, done.err
    for service in services:
        assert f"{service}: new tasks start" in done.out
        assert deployments()[service] - before[service]
    assert current(client, "bot-token") == BOT_TOKEN


def test_before_the_first_deployment_nothing_is_restarted(command: Command, client: Any) -> None:
    """Secrets are set when the bootstrap stack stands and the system does not."""
    client.create_secret(Name="sparta/production/bot-token")
    try:
        done = command("secret", ENV="production", NAME="bot-token", YES="1", stdin=BOT_TOKEN)
        value = client.get_secret_value(SecretId="sparta/production/bot-token")["SecretString"]
    finally:
        client.delete_secret(SecretId="sparta/production/bot-token", ForceDeleteWithoutRecovery=True)
    assert done.code == 0, done.err
    assert value == BOT_TOKEN
    assert "sparta-production is not deployed yet" in done.out


def test_a_restart_that_fails_leaves_no_doubt_about_the_secret(command: Command, client: Any) -> None:
    """The secret is set, the services that have the old value are named, and what restarts them."""
    done = command("secret", NAME="bot-token", YES="1", stdin=BOT_TOKEN, AWS_ENDPOINT_URL_ECS="http://127.0.0.1:9")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "The secret is set, but not restarted: sparta-api, sparta-discord." in done.err
    assert "make restart ENV=staging" in done.err
    assert current(client, "bot-token") == BOT_TOKEN


def test_a_key_that_is_read_at_run_time_needs_no_restart(command: Command, client: Any) -> None:
    """The API and the bot pick a new API key up by themselves."""
    done = command("secret", NAME="sparta/staging/api-key", YES="1", stdin=API_KEY)
    assert done.code == 0, done.err
    assert "Nothing needs a restart" in done.out
    assert current(client, "api-key") == API_KEY


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("bot-token", "", "No value was given"),
        ("bot-token", "planted-one.part", "That is no bot token: it has three parts"),
        ("bot-token", f"Bot {BOT_TOKEN}", "has blanks or line breaks inside"),
        ("bot-token", f'"{BOT_TOKEN}"', "without `Bot` or quotes"),
        ("ethereum-private-key", "0x" + "planted0" * 8, "a private key is 0x and 64 hex digits"),
        ("ethereum-private-key", PRIVATE_KEY[:-1], "a private key is 0x and 64 hex digits"),
        ("ethereum-private-key", PRIVATE_KEY, "is the private key of 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266, and "),
        ("api-key", "planted-short", "A key of the API has 32 characters or more"),
        ("nonsense", BOT_TOKEN, "staging has no secret 'nonsense'; there are bot-token"),
        ("ethereum-host", "https://planted.example", "staging has no secret 'ethereum-host'"),
    ],
)
def test_a_value_of_the_wrong_form_is_refused_and_not_shown(
    name: str, value: str, said: str, command: Command, client: Any
) -> None:
    """One line that says what is wrong with it; the secret stays as it was."""
    before = {each: current(client, each) for each in ("bot-token", "ethereum-private-key", "api-key")}
    done = command("secret", NAME=name, YES="1", stdin=value)
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert said in done.err
    assert "planted" not in everything(done)
    assert PRIVATE_KEY[:-1] not in everything(done)
    assert before == {each: current(client, each) for each in before}


def test_a_private_key_is_good_when_it_is_the_accounts() -> None:
    """With the address of the key in the parameters, with 0x or without."""
    address = {"SpartaAddress": "0xF39FD6E51AAD88F6F4CE6AB8827279CFFFB92266"}
    for value in (PRIVATE_KEY, f"0x{PRIVATE_KEY}"):
        assert check("ethereum-private-key", value, address).endswith("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
    with pytest.raises(OperationError, match="no private key"):
        check("ethereum-private-key", "0" * 64, address)


def test_a_private_key_is_not_held_against_an_example() -> None:
    """The parameter file's first address is nobody's: it is said to be the example."""
    with pytest.raises(OperationError, match="SpartaAddress is still the example 0x1234567890"):
        check("ethereum-private-key", PRIVATE_KEY, {"SpartaAddress": "0x1234567890123456789012345678901234567890"})


def test_a_private_key_is_that_of_the_deployed_address(command: Command, client: Any, between: Between) -> None:
    """Where the file has the example still, as a deployment too takes what is deployed."""

    def other(answer: bytes) -> bytes:
        account = b"0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
        return answer.replace(b"0x1234567890123456789012345678901234567890", account)

    between.rewrite("DescribeStacks", other)
    done = command(
        "secret", NAME="ethereum-private-key", YES="1", RESTART="0", stdin=PRIVATE_KEY, AWS_ENDPOINT_URL=between.url
    )
    assert done.code == 0, done.err
    assert current(client, "ethereum-private-key") == PRIVATE_KEY


def test_a_value_on_the_command_line_is_not_taken(command: Command, client: Any) -> None:
    """Whoever gives one is told that it is known to others now; it is neither used nor shown."""
    before = current(client, "bot-token")
    done = command("secret", NAME="bot-token", YES="1", VALUE=BOT_TOKEN, stdin=BOT_TOKEN)
    assert done.code == 1
    assert "VALUE is not read" in done.err
    assert "planted" not in everything(done)
    assert current(client, "bot-token") == before


def test_without_consent_no_secret_is_set(command: Command, client: Any) -> None:
    """A value from a pipe leaves nobody to ask."""
    before = current(client, "bot-token")
    done = command("secret", NAME="bot-token", stdin=BOT_TOKEN)
    assert done.code == 1
    assert "Nothing was changed." in done.err
    assert current(client, "bot-token") == before


def test_the_prompt_shows_nothing_and_no_process_has_the_value(staging: System, client: Any, tmp_path: Path) -> None:
    """A person at a terminal types the value: it appears neither on the screen nor in the list of processes."""
    listed: list[bytes] = []

    def look() -> None:
        listed.extend(path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.parent.name != "self")

    variables = surroundings(staging.emulator, tmp_path) | {"ENV": "staging", "NAME": "bot-token"}
    answers = [When("(not shown)", type=BOT_TOKEN), When("[y/N]", type="y", do=look)]
    done = at_terminal(variables, "secret", "--no-restart", answers=answers)
    assert done.code == 0, done.screen
    assert current(client, "bot-token") == BOT_TOKEN
    assert "planted" not in done.written
    assert not [each for each in listed if b"planted" in each]


def test_the_api_key_is_rotated_and_its_stages_shown(command: Command, client: Any) -> None:
    """A new version is the current one, the one before is still there; no key is shown."""
    before = client.describe_secret(SecretId="sparta/staging/api-key")["VersionIdsToStages"]
    done = command("rotate", YES="1")
    assert done.code == 0, done.err
    after = client.describe_secret(SecretId="sparta/staging/api-key")["VersionIdsToStages"]
    new = next(version for version, stages in after.items() if "AWSCURRENT" in stages)
    assert new not in before
    assert f"version {new[:8]}: AWSCURRENT" in done.out
    assert "previous" in done.out
    assert current(client, "api-key") not in everything(done)


def test_ctrl_c_leaves_the_rotation_to_secrets_manager(staging: System, tmp_path: Path) -> None:
    """It goes on by itself; what shows where it stands is said."""
    code, said = broken_off(Ground(staging, tmp_path), CTRL_C, "RotateSecret", "rotate", WAIT="30")
    assert code == 130
    assert "Secrets Manager goes on with the rotation" in said
    assert "make secrets ENV=staging" in said


def test_what_only_a_person_can_make_anew_is_not_rotated(command: Command, client: Any) -> None:
    """It is said how to set a new one."""
    before = client.describe_secret(SecretId="sparta/staging/bot-token")["VersionIdsToStages"]
    done = command("rotate", NAME="bot-token", YES="1")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "make secret ENV=staging NAME=bot-token" in done.err
    assert client.describe_secret(SecretId="sparta/staging/bot-token")["VersionIdsToStages"] == before


def test_secrets_of_an_environment_without_bootstrap_are_one_clear_line(command: Command) -> None:
    """Production is not there."""
    done = command("secrets", ENV="production")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "There is no secret sparta/production/bot-token in account" in done.err
