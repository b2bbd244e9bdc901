"""The account of a private key."""

from __future__ import annotations

import pytest
from eth_account import Account
from hypothesis import example, given
from hypothesis import strategies as st

from sparta.secp256k1 import account_of

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@given(st.integers(1, ORDER - 1))
@example(1)
@example(2)
@example(3)
@example(ORDER // 2)
@example(ORDER - 2)
@example(ORDER - 1)
def test_it_is_the_account_that_signs_with_the_key(number: int) -> None:
    """The same as eth_account finds, with 0x and without, in either case."""
    key = f"{number:064x}"
    account = str(Account.from_key(key).address)
    assert {account_of(key), account_of(f"0x{key}"), account_of(key.upper())} == {account}


@pytest.mark.parametrize("key", ["", "0x", "0x12", "zz" * 32, "00" * 32, f"{ORDER:x}", "f" * 64, "1" * 65, "1_" * 32])
def test_no_key_has_no_account(key: str) -> None:
    """Zero, the curve's order and above, another length, other characters."""
    with pytest.raises(ValueError, match="0x and 64 hex digits"):
        account_of(key)
