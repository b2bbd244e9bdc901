"""The start of the deployed process: what it refuses, what it loads, what it writes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.devnet.anvil import LIMITED, OWNER
from scripts.devnet.network import Devnet
from tests.sparta.api.client import REPOSITORY, Served, refused, settings_of
from tests.sparta.chain.http_server import Answer, Server, raw, says

SOUND = {
    "BACKEND_API_KEY": "a-key-of-some-length",
    "ETHEREUM_HOST": "http://127.0.0.1:1",
    "AZTEC_RPC_URL": "http://127.0.0.1:1",
    "L1_CHAIN_ID": "31337",
    "ROLLUP_ADDRESS": OWNER[0],
    "SPARTA_ADDRESS": OWNER[0],
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
}
BELONGS = (
    "SPARTA_PRIVATE_KEY, or the secret that SPARTA_PRIVATE_KEY_SECRET names, belongs to the account "
    f"{LIMITED[0]}, and SPARTA_ADDRESS is {OWNER[0]}; give the key of that address, or the address of that key"
)
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def secrets_manager() -> Iterator[Server]:
    """Secrets Manager, which has one secret: the key of another account."""
    with Server(lambda _: Answer([b'{"SecretString": "%s"}' % LIMITED[1].encode()])) as server:
        yield server


def test_each_mistake_in_the_settings_is_a_line(tmp_path: Path) -> None:
    """Nothing starts and nothing else is said."""
    wrong = {**SOUND, "L1_CHAIN_ID": "", "API_PORT": "", "LOG_LEVEL": "loud", "SPARTA_PRIVATE_KEY": "0x12"}
    status, out, err = refused(wrong, tmp_path)
    assert (status, out) == (1, "")
    assert [line.split()[0] for line in err.splitlines()] == ["L1_CHAIN_ID", "LOG_LEVEL", "SPARTA_PRIVATE_KEY"]
    assert "0x12" not in err


def test_the_key_of_another_account_is_refused(tmp_path: Path) -> None:
    """At the start and not at the first add; the line says whose it is, not the key."""
    assert refused({**SOUND, "SPARTA_PRIVATE_KEY": LIMITED[1]}, tmp_path) == (1, "", f"{BELONGS}\n")


def test_so_is_one_that_a_secret_holds(tmp_path: Path, secrets_manager: Server) -> None:
    """The secret is read before anything is served."""
    wrong = {**SOUND, "SPARTA_PRIVATE_KEY_SECRET": "the-key", "AWS_ENDPOINT_URL": secrets_manager.url}
    assert refused(wrong, tmp_path) == (1, "", f"{BELONGS}\n")
    assert [question["SecretId"] for question in secrets_manager.questions] == ["the-key"]


@pytest.mark.parametrize("exists", [True, False], ids=["out of reach", "missing"])
def test_secrets_that_cannot_be_read_are_named(tmp_path: Path, secrets_manager: Server, *, exists: bool) -> None:
    """One line for each, and the process ends: what they hold could not be checked."""
    secrets_manager.behave = says(status=400, __type="ResourceNotFoundException")
    where = NOWHERE if exists else secrets_manager.url
    wrong = {
        **SOUND,
        "AWS_ENDPOINT_URL": where,
        "BACKEND_API_KEY": "",
        "BACKEND_API_KEY_SECRET": "the-api-key",
        "SPARTA_PRIVATE_KEY_SECRET": "the-key",
    }
    status, out, err = refused(wrong, tmp_path)
    assert (status, out) == (1, "")
    assert [line.split(";")[0] for line in err.splitlines()] == [
        "BACKEND_API_KEY_SECRET names a secret that cannot be read",
        "SPARTA_PRIVATE_KEY_SECRET names a secret that cannot be read",
    ]


@pytest.mark.parametrize(
    ("held", "wrong"),
    [
        ("https://one.example/v3/the-id,ftp://two.example/the-id", "has no http or https URL in place 2"),
        ('{"url": "https://one.example/v3/the-id"}', "has no http or https URL in place 1"),
        (",", "holds no URL"),
    ],
)
def test_secrets_that_hold_no_urls_are_named(tmp_path: Path, secrets_manager: Server, held: str, wrong: str) -> None:
    """One line for each before anything is served; never what it holds, which may be a provider's key."""
    secrets_manager.behave = raw(json.dumps({"SecretString": held}).encode())
    named = {"ETHEREUM_HOST": "", "ETHEREUM_HOST_SECRET": "one", "AZTEC_RPC_URL": "", "AZTEC_RPC_URL_SECRET": "two"}
    status, out, err = refused({**SOUND, **named, "AWS_ENDPOINT_URL": secrets_manager.url}, tmp_path)
    assert (status, out) == (1, "")
    assert [line.split(";")[0] for line in err.splitlines()] == [
        f"ETHEREUM_HOST_SECRET names a secret that {wrong}",
        f"AZTEC_RPC_URL_SECRET names a secret that {wrong}",
    ]
    assert "the-id" not in err


def test_the_start_is_cheap_and_leaves_no_trace(net: Devnet, tmp_path: Path) -> None:
    """What signs is loaded with the first add, not before; nothing is written outside the temporary folder."""
    notes = tmp_path / "notes"
    watched = {
        "PYTHONPATH": str(REPOSITORY / "tests/sparta/api/watch"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "WATCH_FILE": str(notes),
    }
    with Served(settings_of(net, **watched)) as served:
        new = served.call("POST", "/api/operator", discordId="one", walletAddress=LIMITED[0], discordUsername="one")
        assert new.status == 201
        assert served.call("PUT", "/api/operator/approve", discordId="one").status == 200
        assert served.call("GET", "/ready").status == 200
        assert {"flask", "boto3"} <= imported(notes)
        assert not {"web3", "eth_account", "eth_keys"} & imported(notes)
        assert served.call("POST", "/api/validator", {"validatorAddress": OWNER[0]}, discordId="one").status == 201
        assert "eth_account" in imported(notes)
        assert "web3" not in imported(notes)
        home = served.home
    written = {line.removeprefix("write ") for line in notes.read_text().splitlines() if line.startswith("write ")}
    assert written
    assert not [path for path in written if path != os.devnull and not Path(path).is_relative_to(home)]


def imported(notes: Path) -> set[str]:
    """The names of all modules that were."""
    return {line.removeprefix("import ") for line in notes.read_text().splitlines() if line.startswith("import ")}
