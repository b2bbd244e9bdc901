"""Where something is missing another way is taken, and said; where there is none, one sentence says what to install."""

from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_utils.address import to_checksum_address

from scripts.devnet import artifacts
from scripts.devnet.anvil import LIMITED, Anvil, deploy_contracts
from scripts.devnet.deploy import Contracts
from scripts.devnet.dynamodb import DynamoDbLocal, find_java
from scripts.devnet.errors import UnavailableError
from scripts.devnet.packages import ANVIL, ARTIFACTS, DYNAMODB_LOCAL
from scripts.devnet.rpc import RpcError
from tests.devnet.waiting import comes_true


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on its PATH and nothing in its cache; the folder that is its PATH."""
    path = tmp_path / "bin"
    path.mkdir()
    monkeypatch.setenv("PATH", str(path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    return path


def program(folder: Path, name: str, script: str) -> Path:
    made = folder / name
    made.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    made.chmod(0o755)
    return made


@pytest.mark.usefixtures("bare")
def test_without_java_moto_takes_over_and_it_is_said() -> None:
    """A DynamoDB answers all the same, and the person knows that it is an imitation."""
    said: list[str] = []
    with DynamoDbLocal(said.append) as running:
        assert running.process.alive
        assert running.url.startswith("http://127.0.0.1:")
    assert said[0].startswith("There is no Java on the PATH; DynamoDB Local needs Java 17. Taking moto's imitation")


def test_a_java_that_is_too_old_is_named(bare: Path) -> None:
    """So is one that does not run: the sentence says which program was looked at."""
    java = program(bare, "java", """echo 'openjdk version "11.0.2" 2019-01-15' >&2""")
    with pytest.raises(UnavailableError, match=f"{java} is not Java 17 or later"):
        find_java()
    program(bare, "java", """echo 'openjdk version "21.0.1" 2023-10-17' >&2""")
    assert find_java() == str(java)


@pytest.mark.usefixtures("bare")
def test_without_java_and_moto_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is skipped in silence."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(UnavailableError, match="Install Java 17 and npm, or moto"):
        DynamoDbLocal().start()


def test_an_anvil_on_the_path_takes_over_and_it_is_said(bare: Path) -> None:
    """Where the pinned package cannot be had."""
    said: list[str] = []
    found = program(bare, "anvil", "exit 1")
    assert Anvil(say=said.append).prepare()[0] == str(found)
    assert said[0].endswith(f"Taking {found} instead, whatever its version.")


@pytest.mark.usefixtures("bare")
def test_without_anvil_py_evm_takes_over_and_it_is_said() -> None:
    """The same contracts, quota and refusals, and transactions signed by the same keys for the same chain."""
    said: list[str] = []
    one, two, three, four = (f"0x{number:040x}" for number in range(0x9001, 0x9005))
    with Anvil(block_seconds=1, say=said.append) as chain:
        contracts = deploy_contracts(chain.url, say=said.append)
        handler, rollup = contracts.handler, contracts.rollup
        for attester in (one, two, three):
            assert handler.send(LIMITED[0], "addValidator", attester, attester)["status"] == "0x1"
        with pytest.raises(RpcError) as refused:
            handler.send(LIMITED[0], "addValidator", four, four)
        assert handler.error(refused.value) == "ValidatorQuotaFilledUntil"
        contracts.rpc.pass_time(3601)
        assert signed_add(contracts, LIMITED, four)["status"] == "0x1"
        assert rollup.read("getAttesters") == (one, two, three, four)
        with pytest.raises(RpcError, match="eth_getWork is not available here"):
            contracts.rpc.call("eth_getWork")
        block = int(contracts.rpc.call("eth_blockNumber"), 16)
        assert comes_true(lambda: int(contracts.rpc.call("eth_blockNumber"), 16) > block)
    assert "Taking py-evm instead" in said[0]


def signed_add(contracts: Contracts, account: tuple[str, str], attester: str) -> dict[str, Any]:
    handler = contracts.handler
    transaction = {
        "to": to_checksum_address(handler.address),
        "value": 0,
        "gas": 1_000_000,
        "maxFeePerGas": 3 * 10**9,
        "maxPriorityFeePerGas": 10**9,
        "nonce": int(contracts.rpc.call("eth_getTransactionCount", account[0], "latest"), 16),
        "chainId": int(contracts.rpc.call("eth_chainId"), 16),
        "data": handler.call_data("addValidator", attester, attester),
    }
    signed = Account.sign_transaction(transaction, account[1])
    return contracts.rpc.receipt(contracts.rpc.call("eth_sendRawTransaction", signed.raw_transaction.to_0x_hex()))


@pytest.mark.usefixtures("bare")
def test_without_anvil_and_py_evm_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is skipped in silence."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(UnavailableError, match="Install npm, or Foundry, which brings anvil, or eth-tester"):
        Anvil().start()


@pytest.mark.usefixtures("bare")
def test_without_npm_the_vendored_contracts_are_taken_and_it_is_said() -> None:
    """The default generation only; the others are for tests, which need npm."""
    said: list[str] = []
    assert artifacts.load("0.87.9", said.append)("Rollup").links == {
        "ExtRollupLib": [510, 8618, 9717, 10330, 10493, 10632, 10769]
    }
    assert "Taking the copy of the contracts in contracts-0.87.9.json.gz instead" in said[0]
    with pytest.raises(UnavailableError, match=r"@aztec/l1-artifacts@2\.0\.3 is not in"):
        artifacts.load("2.0.3", said.append)


def test_every_package_is_pinned_by_a_whole_sha512() -> None:
    """88 characters of base64 are 64 bytes."""
    for package in [*ANVIL.values(), *ARTIFACTS.values(), DYNAMODB_LOCAL]:
        assert len(package.sha512) == 88
        assert package.sha512.endswith("==")
