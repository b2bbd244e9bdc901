"""Contract errors by name, in every form that servers send them, and what people read."""

from __future__ import annotations

import pytest

from sparta.chain.reverts import ERRORS, Revert, read_revert, refused
from sparta.chain.rpc import RpcError

QUOTA = "1ebd24bd" + f"{1_763_856_000:064x}"
ATTESTER = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"


@pytest.mark.parametrize(
    "error",
    [
        RpcError(3, "execution reverted", "0x" + QUOTA),
        RpcError(3, "execution reverted", "0x" + QUOTA.upper()),
        RpcError(-32000, "execution reverted: 0x" + QUOTA),
        RpcError(-32015, "VM execution error.", "Reverted 0x" + QUOTA),
        RpcError(-32000, f"execution reverted: {bytes.fromhex(QUOTA)!r}"),
        RpcError(-32603, "err: revert", f"{bytes.fromhex(QUOTA)!r}"),
    ],
)
def test_a_refusal_is_recognised_in_every_form(error: RpcError) -> None:
    """Hex in the data, hex in a text, Python's bytes in a text."""
    revert = read_revert(error)
    assert revert == Revert("ValidatorQuotaFilledUntil", "0x" + QUOTA)


@pytest.mark.parametrize(
    ("error", "is_empty"),
    [
        (RpcError(3, "execution reverted", "0x"), True),
        (RpcError(-32000, "execution reverted"), True),
        (RpcError(3, "execution reverted", "0x12345678"), False),
        (RpcError(3, "execution reverted: b'\\x1'"), True),
    ],
)
def test_no_data_means_that_the_function_is_missing(error: RpcError, is_empty: bool) -> None:
    """No generation has a fallback; an error we do not know keeps its selector as its name."""
    revert = read_revert(error)
    assert revert is not None
    assert revert.is_empty is is_empty
    assert revert.name == ("" if is_empty else "0x12345678")


@pytest.mark.parametrize("error", [RpcError(-32601, "Method not found"), RpcError(-32000, "header not found")])
def test_a_server_that_refuses_is_no_contract_that_refuses(error: RpcError) -> None:
    """Nothing may be concluded from it about the contract."""
    assert read_revert(error) is None


def test_the_quota_says_until_when() -> None:
    """As a date to read and as a number to compute with."""
    refusal = refused(Revert("ValidatorQuotaFilledUntil", "0x" + QUOTA), ATTESTER)
    assert (refusal.name, refusal.until) == ("ValidatorQuotaFilledUntil", 1_763_856_000)
    assert "2025-11-23 00:00:00 UTC" in refusal.sentence


@pytest.mark.parametrize(("selector", "signature"), ERRORS.items())
def test_every_error_has_a_sentence(selector: str, signature: str) -> None:
    """It names the validator with its checksum, and the error, and is one to three sentences; short data or none does
    no harm."""
    name = signature.partition("(")[0]
    for data in (selector, selector + "ff" * 96):
        refusal = refused(Revert(name, data), ATTESTER)
        assert refusal.name == name
        assert "0x70997970C51812dc3A010C7d01b50e0d17dc79C8" in refusal.sentence
        assert refusal.sentence.endswith(".")


def test_a_reason_in_words_is_passed_on() -> None:
    """``require`` with a message."""
    reason = b"paused"
    data = "0x08c379a0" + f"{32:064x}{len(reason):064x}" + reason.hex().ljust(64, "0")
    assert "paused" in refused(Revert("Error", data), ATTESTER).sentence
    assert refused(Revert("", ""), ATTESTER).name == "reverted"
