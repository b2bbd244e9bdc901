"""Sparta's account: its key, and signed EIP-1559 transactions. eth_account is imported at the first signature only."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from sparta.addresses import address_key, checksum_address
from sparta.chain.journal import Attempt
from sparta.errors import SettingsError
from sparta.secp256k1 import account_of

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

_KEY = "SPARTA_PRIVATE_KEY, or the secret that SPARTA_PRIVATE_KEY_SECRET names,"


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
        from eth_account import Account

        self.check()
        account: LocalAccount = Account.from_key(self._key.get_secret_value())
        return account

    def check(self) -> None:
        """Whether the key is this account's: cheap enough for every start.

        :raises SettingsError: it is no key, or another account's
        """
        try:
            account = account_of(self._key.get_secret_value())
        except ValueError as error:
            raise SettingsError([f"{_KEY} is wrong: {error} (it is not shown)"]) from None
        if address_key(account) != address_key(self.address):
            whose = f"belongs to the account {account}, and SPARTA_ADDRESS is {self.address}"
            raise SettingsError([f"{_KEY} {whose}; give the key of that address, or the address of that key"])

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
