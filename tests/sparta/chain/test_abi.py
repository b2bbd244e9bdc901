"""Words, lists, selectors and the forwarder's address."""

from __future__ import annotations

import pytest

from scripts.devnet.artifacts import load
from sparta.addresses import keccak256
from sparta.chain import abi, functions, reverts
from sparta.chain.abi import BadEncoding, Function
from sparta.chain.forwarder import forwarder_address

ALL = [value for value in vars(functions).values() if isinstance(value, Function)]
WORD = "00" * 31


@pytest.mark.parametrize("function", ALL, ids=lambda function: function.signature)
def test_each_selector_belongs_to_its_signature(function: Function) -> None:
    """A wrong digit would call another function."""
    assert function.selector == "0x" + keccak256(function.signature.encode()).hex()[:8]


@pytest.mark.parametrize(("selector", "signature"), reverts.ERRORS.items())
def test_each_error_selector_belongs_to_its_signature(selector: str, signature: str) -> None:
    """A wrong digit would give an error another name."""
    assert selector == "0x" + keccak256(signature.encode()).hex()[:8]


def test_the_errors_of_adding_are_all_known() -> None:
    """Every error that the first generation's staking can raise has a name here."""
    contract = load("0.87.9", print)("Rollup").abi
    names = {entry["name"] for entry in contract if entry["type"] == "error" and entry["name"].startswith("Staking__")}
    known = {signature.partition("(")[0] for signature in reverts.ERRORS.values()}
    assert {name for name in names if "Already" in name or "Withdraw" in name} - known <= {
        "Staking__NotWithdrawer",
        "Staking__InitiateWithdrawNeeded",
    }


def test_arguments_are_encoded_as_words_and_lists() -> None:
    """An address, a number, then the list's place, length and items."""
    data = functions.GET_ATTESTERS_FROM_INDICES.data("0x" + "aB" * 20, 7, [1, 2])
    assert data == "0x9796d977" + "00" * 12 + "ab" * 20 + f"{WORD}07{WORD}60{WORD}02{WORD}01{WORD}02"


def test_a_list_of_addresses_is_read_in_lower_case() -> None:
    """Checksums are for what is shown."""
    data = f"0x{WORD}20{WORD}02{'00' * 12}{'AB' * 20}{'00' * 12}{'01' * 20}"
    assert abi.addresses(data) == ["0x" + "ab" * 20, "0x" + "01" * 20]


@pytest.mark.parametrize(
    "data",
    [
        None,
        "0x",
        "nonsense",
        f"0x{WORD}20",
        f"0x{WORD}21{WORD}00",
        f"0x{WORD}20{WORD}05{WORD}01",
        "0x" + "ff" * 64,
        f"0x{WORD}20{WORD}01{'ff' * 32}",
        "0x" + "zz" * 64,
    ],
)
def test_what_is_no_list_of_addresses(data: object) -> None:
    """It is refused, not guessed at."""
    with pytest.raises(BadEncoding):
        abi.addresses(data)


@pytest.mark.parametrize(
    ("attester", "forwarder"),
    [
        ("0x70997970C51812dc3A010C7d01b50e0d17dc79C8", "0xad6855aDD35F78bc594102E0aC781527cDEb9c52"),
        ("0xA1A1a1a1A1A1A1A1A1a1a1a1a1a1A1A1a1A1a1a1", "0xf5749D4C559332Fd4f19AAf3f60B95452D2c6538"),
        ("0x0000000000000000000000000000000000000001", "0x59b80b0947a90ecb6333194583D68ce4E539115f"),
    ],
)
def test_the_forwarder_is_the_one_that_validators_compute(attester: str, forwarder: str) -> None:
    """As viem's ``getContractAddress`` gives it in @aztec/ethereum 0.87.9; in any case of the letters."""
    assert forwarder_address(attester) == forwarder_address(attester.lower()) == forwarder
