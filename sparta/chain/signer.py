"""Sparta's account: its key, and signed EIP-1559 transactions. eth_account is imported at the first signature only."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from sparta.addresses import checksum_address
from sparta.chain.journal import Attempt
from sparta.errors import SettingsError

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount


@dataclass(frozen=True, slots=True)
class Fees:
    """What a transaction offers for each unit of gas, in wei."""

    max_fee: int
    priority_fee: int

    def raised_over(self, attempt: Attempt) -> Fees:
        """At least 12.5 % over an earlier attempt in both: nodes demand 10 % of a replacement."""
        return Fees(
            max(self.max_fee, attempt.max_fee_per_gas * 9 // 8 + 1),
            max(self.priority_fee, attempt.max_priority_fee_per_gas * 9 // 8 + 1),
        )


class Signer:
    """Signs for one account on one chain."""

    def __init__(self, key: SecretStr, address: str, chain_id: int) -> None:
        self._key = key
        self.address = address
        self.chain_id = chain_id

    @cached_property
    def _account(self) -> LocalAccount:
        """:raises SettingsError: no key, or the key of another account"""
        from eth_account import Account

        try:
            account: LocalAccount = Account.from_key(self._key.get_secret_value())
        except (ValueError, TypeError):
            raise SettingsError(["SPARTA_PRIVATE_KEY is not a private key: 0x and 64 hex digits"]) from None
        if account.address.lower() != self.address.lower():
            raise SettingsError(["SPARTA_PRIVATE_KEY belongs to another account than SPARTA_ADDRESS"])
        return account

    def check(self) -> None:
        """Read the key now, so that a wrong one shows at the start.

        :raises SettingsError: see above
        """
        _ = self._account.address

    def sign(self, *, to: str, data: str, gas: int, nonce: int, fees: Fees) -> Attempt:
        """A signed transaction without value."""
        transaction: dict[str, Any] = {
            "type": 2,
            "chainId": self.chain_id,
            "nonce": nonce,
            "to": checksum_address(to),
            "value": 0,
            "data": data,
            "gas": gas,
            "maxFeePerGas": fees.max_fee,
            "maxPriorityFeePerGas": fees.priority_fee,
        }
        signed = self._account.sign_transaction(transaction)
        return Attempt(
            nonce=nonce,
            transaction_hash="0x" + bytes(signed.hash).hex(),
            raw="0x" + bytes(signed.raw_transaction).hex(),
            max_fee_per_gas=fees.max_fee,
            max_priority_fee_per_gas=fees.priority_fee,
            signed_at=int(time.time() * 1000),
        )
