"""Models and addresses: exactly the names of the contract, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from sparta.addresses import STORED, Address, address_key, check_address, checksum_address, keccak256
from sparta.contract import ValidatorDetails
from sparta.models import ChainStatus, DiscordId, Operator, OperatorPage, OperatorStats, Username, ValidatorStats

CHECKSUMMED = [
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]
"""The examples of EIP-55."""
ADDRESS = CHECKSUMMED[0]
OPERATOR = Operator(discord_id="7", wallet_address=ADDRESS, discord_username="leonidas", created_at=1, updated_at=2)


def accepted(kind: Any, value: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


def test_keccak_is_not_sha3() -> None:
    """The hash of nothing, as Ethereum knows it."""
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


@pytest.mark.parametrize("address", CHECKSUMMED)
def test_addresses_of_the_standard(address: str) -> None:
    """The checksum of each is computed; it is accepted so, in lower and in upper case, and kept as given."""
    assert checksum_address(address.lower()) == address
    upper = "0x" + address[2:].upper()
    for form in (address, address.lower(), upper):
        assert TypeAdapter(Address).validate_python(form) == form
        assert address_key(form) == address.lower()


@given(st.binary(min_size=20, max_size=20), st.integers(0, 39))
def test_a_letter_in_the_wrong_case_is_noticed(raw: bytes, place: int) -> None:
    """Any mixed-case address passes with its checksum, and does not with one letter's case turned."""
    address = checksum_address("0x" + raw.hex())
    assert check_address(address) == address
    turned = address[: place + 2] + address[place + 2].swapcase() + address[place + 3 :]
    one_case = turned[2:] in {turned[2:].lower(), turned[2:].upper()}
    assert accepted(Address, turned) == (turned == address or one_case)


@pytest.mark.parametrize(
    "text", ["", "0x", "0X" + "a" * 40, "0x" + "a" * 39, "0x" + "a" * 41, "0x" + "g" * 40, "a" * 42]
)
def test_what_is_no_address(text: str) -> None:
    """0x and 40 hex digits, nothing else, no line end either."""
    assert not accepted(Address, text)
    assert not accepted(Address, "0x" + "a" * 40 + "\n")


def test_what_is_stored_was_checked_before() -> None:
    """An address that our own tables hold is not checked again."""
    wrong = ADDRESS.swapcase().replace("0X", "0x")
    assert not accepted(Address, wrong)
    assert TypeAdapter(Address).validate_python(wrong, context=STORED) == wrong


@pytest.mark.parametrize("text", ["1", "a.B_9-", "x" * 64])
def test_ids(text: str) -> None:
    """1 to 64 characters of A-Z a-z 0-9 _ . -"""
    assert accepted(DiscordId, text)


@pytest.mark.parametrize("text", ["", "x" * 65, "a b", "a\n", "é", "a/b"])
def test_what_is_no_id(text: str) -> None:
    """Anything else."""
    assert not accepted(DiscordId, text)


@pytest.mark.parametrize("text", ["a", "leonidas#0300", "Λεωνίδας", "King of Sparta", "x" * 64])
def test_usernames(text: str) -> None:
    """1 to 64 printable characters, # included."""
    assert accepted(Username, text)


@pytest.mark.parametrize("text", ["", "x" * 65, "a\n", "a\x00b", " a", "a\u202eb"])
def test_what_is_no_username(text: str) -> None:
    """Nothing that a terminal or a reader would take for something else."""
    assert not accepted(Username, text)


def test_an_operator_has_the_names_of_the_contract() -> None:
    """Field for field, with validators only where they were asked for."""
    assert OPERATOR.to_json() == {
        "discordId": "7",
        "walletAddress": ADDRESS,
        "discordUsername": "leonidas",
        "isApproved": False,
        "wasSlashed": False,
        "createdAt": 1,
        "updatedAt": 2,
    }
    owned = {"address": ADDRESS, "operatorId": "7", "isActive": True}
    assert Operator.model_validate(OPERATOR.to_json() | {"validators": [owned]}).to_json()["validators"] == [owned]


def test_a_page_and_the_stats_have_the_names_of_the_contract() -> None:
    """The token is there only while there are more."""
    assert OperatorPage(operators=[OPERATOR]).to_json() == {"operators": [OPERATOR.to_json()]}
    assert OperatorPage(operators=[], next_page_token="x").to_json() == {"operators": [], "nextPageToken": "x"}
    assert OperatorStats(total_count=3, total_operators=3, operators_without_validators=1).to_json() == {
        "totalCount": 3,
        "totalOperators": 3,
        "operatorsWithoutValidators": 1,
    }


def test_numbers_of_the_chain_are_decimal_strings() -> None:
    """Also those that JavaScript would round; they are read back as numbers."""
    status = ChainStatus(
        pending_block_num=2**60 + 1,
        proven_block_num=0,
        validators=[ADDRESS],
        committee=[],
        current_epoch=3,
        current_slot=97,
        proposer_now=ADDRESS,
    )
    assert status.to_json() == {
        "pendingBlockNum": "1152921504606846977",
        "provenBlockNum": "0",
        "validators": [ADDRESS],
        "committee": [],
        "currentEpoch": "3",
        "currentSlot": "97",
        "proposerNow": ADDRESS,
    }
    assert ChainStatus.model_validate(status.to_json()) == status


def test_unknown_fields_and_changes_are_refused() -> None:
    """A model holds what it says and stays as it is."""
    with pytest.raises(ValidationError):
        Operator.model_validate(OPERATOR.to_json() | {"isAdmin": True})
    with pytest.raises(ValidationError):
        OPERATOR.is_approved = True  # type: ignore[misc]


def test_everything_known_of_a_validator_is_answered() -> None:
    """A statistic that the monitor stores has its place in the API's answer."""
    assert set(ValidatorStats.model_fields) <= set(ValidatorDetails.model_fields)
