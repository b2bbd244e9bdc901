"""The packaged monitor as Lambda runs it: its zip alone, its settings as deployed, over a whole local network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from scripts.devnet.network import Devnet
from scripts.devnet.validators import add_validators, slash
from scripts.package.build import build
from scripts.package.functions import Function
from scripts.package.platforms import PLATFORMS
from sparta.stores import Stores
from templates import registry
from tests.discord.server import DiscordStandIn
from tests.functions.runtime_api import Failure, Ready, Result, running, unpacked
from tests.functions.runtime_api import Function as Running
from tests.sparta.api.proxy import Proxy
from tests.sparta.monitored import environment, guild, open_tables, register, told

MONITOR = Function("validator_monitor", lock="monitor")
DEPLOYED = registry.build()["monitor"]["Resources"]["MonitorFunction"]["Properties"]
SLASHED, FINE, OTHER = (f"0x{number:040x}" for number in range(0xFACE1, 0xFACE4))
PROVIDERS_KEY = "key-of-the-provider"
HOUR = 3600


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The zip for this machine, unpacked."""
    with unpacked(build(MONITOR, PLATFORMS["this"], tmp_path_factory.mktemp("package"))) as folder:
        yield folder


@pytest.fixture(scope="module")
def net() -> Iterator[Devnet]:
    with Devnet(say=lambda _: None) as network:
        yield network


@pytest.fixture
def discord() -> Iterator[DiscordStandIn]:
    with guild() as server:
        yield server


@pytest.fixture
def dynamodb(net: Devnet) -> Iterator[Proxy]:
    """The way to the database, which can be closed."""
    with Proxy(net.dynamodb_url) as proxy:
        yield proxy


@pytest.fixture
def secrets(net: Devnet, discord: DiscordStandIn) -> dict[str, str]:
    """By name, what is told only by Secrets Manager."""
    return {
        "BOT_TOKEN": discord.world.token,
        "ETHEREUM_HOST": f"{net.ethereum_url}/?key={PROVIDERS_KEY}",
        "AZTEC_RPC_URL": net.aztec_url.replace("//", f"//me:{PROVIDERS_KEY}@"),
    }


@pytest.fixture
def variables(
    net: Devnet, discord: DiscordStandIn, dynamodb: Proxy, secrets: dict[str, str]
) -> Iterator[dict[str, str]]:
    """Those that the template gives the function, and where on this machine the services are."""
    with secrets_manager(secrets) as (url, identifiers):
        given = environment(net, discord) | {f"{name}_SECRET": secret for name, secret in identifiers.items()}
        names = DEPLOYED["Environment"]["Variables"].keys() - secrets.keys()
        here = {
            "AWS_ENDPOINT_URL": url,
            "AWS_ENDPOINT_URL_DYNAMODB": dynamodb.url,
            "DISCORD_API_URL": discord.url,
        }
        yield {name: given[name] for name in names & given.keys()} | here


@contextmanager
def secrets_manager(secrets: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Where it is, and the ARNs of the secrets by name."""
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    client = boto3.client(
        "secretsmanager",
        region_name="eu-west-2",
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    try:
        yield (
            url,
            {
                name: client.create_secret(Name=f"sparta/test/{name}", SecretString=value)["ARN"]
                for name, value in secrets.items()
            },
        )
    finally:
        for name in secrets:
            client.delete_secret(SecretId=f"sparta/test/{name}", ForceDeleteWithoutRecovery=True)
        client.close()
        server.stop()


@pytest.fixture
def stores(net: Devnet, discord: DiscordStandIn) -> Stores:
    return open_tables(environment(net, discord))


@pytest.fixture
def function(folder: Path, variables: dict[str, str]) -> Iterator[Running]:
    with running(folder, MONITOR.handler, variables) as function:
        assert function.start() == Ready(), function.log
        yield function


def tells_no_secret(function: Running, secrets: dict[str, str]) -> bool:
    """Neither a secret nor the part of it that is worth something."""
    return not any(secret in function.log for secret in (*secrets.values(), PROVIDERS_KEY))


def test_an_invocation_ends_in_its_record(
    net: Devnet, discord: DiscordStandIn, stores: Stores, function: Running, secrets: dict[str, str]
) -> None:
    """The result is the run's record, as it was logged; the message has arrived, and no secret was written."""
    add_validators(net.contracts, [SLASHED, FINE])
    register(stores, discord, "ann", SLASHED)
    register(stores, discord, "ben", FINE)
    net.contracts.rpc.pass_time(HOUR)
    first = function.invoke({})
    assert isinstance(first, Result), function.log
    assert (first.value["alerts"], first.value["doubts"]) == (0, {})
    slash(net.contracts, SLASHED)
    net.contracts.rpc.pass_time(HOUR)
    second = function.invoke({})
    assert isinstance(second, Result), function.log
    assert (second.value["left"], second.value["operators_told"], second.value["sent"] >= 2) == (1, 1, True)
    assert second.value["validators_in_set"] == first.value["validators_in_set"] - 1
    lines = [json.loads(line) for line in function.log.splitlines()]
    logged = [line for line in lines if line["event"] == "monitor run"]
    assert [line | run.value for line, run in zip(logged, (first, second), strict=True)] == logged
    (anns,) = told(discord, "ann")
    assert "Slashed and out of the set" in anns
    assert told(discord, "ben") == []
    assert tells_no_secret(function, secrets)


def test_a_database_out_of_reach_is_an_error_and_passes(
    net: Devnet, dynamodb: Proxy, function: Running, secrets: dict[str, str]
) -> None:
    """Lambda is told, so that it tries again and its alarm counts; the next invocation of the same process works."""
    add_validators(net.contracts, [OTHER])
    net.contracts.rpc.pass_time(HOUR)
    before = function.invoke({})
    assert isinstance(before, Result), function.log
    assert before.value["doubts"] == {}
    dynamodb.stop()
    outcome = function.invoke({})
    assert isinstance(outcome, Failure)
    assert (outcome.type, outcome.at_start) == ("DependencyFailed", False)
    assert outcome.message.startswith("The database does not answer at the moment")
    dynamodb.start()
    after = function.invoke({})
    assert isinstance(after, Result), function.log
    assert after.value["validators_in_set"] == before.value["validators_in_set"]
    assert tells_no_secret(function, secrets)


def test_an_unreadable_secret_is_an_error(folder: Path, variables: dict[str, str], secrets: dict[str, str]) -> None:
    """Not a run without Discord, which would look like a good one."""
    missing = variables | {"BOT_TOKEN_SECRET": variables["BOT_TOKEN_SECRET"].replace("BOT_TOKEN", "GONE")}
    with running(folder, MONITOR.handler, missing) as function:
        assert function.start() == Ready(), function.log
        outcome = function.invoke({})
        assert tells_no_secret(function, secrets)
    assert isinstance(outcome, Failure)
    assert outcome.type == "DependencyFailed"
    assert outcome.message.startswith("A secret cannot be read")


def test_wrong_settings_are_an_error_that_names_them(folder: Path, variables: dict[str, str]) -> None:
    """All of them, and none of what they hold; neither does the log."""
    secret = "0xnot-a-url-but-a-secret"
    wrong = variables | {"L1_CHAIN_ID": "one", "ETHEREUM_HOST": secret, "BOT_TOKEN_SECRET": ""}
    with running(folder, MONITOR.handler, wrong) as function:
        assert function.start() == Ready(), function.log
        outcome = function.invoke({})
        log = function.log
    assert isinstance(outcome, Failure)
    assert outcome.type == "SettingsError"
    named = {line.partition(" ")[0] for line in outcome.message.splitlines()}
    assert named == {"L1_CHAIN_ID", "ETHEREUM_HOST", "BOT_TOKEN"}
    assert secret not in outcome.message + log
