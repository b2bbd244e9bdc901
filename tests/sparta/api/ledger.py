"""What the chain, the store and the journal of a local network hold: the three that must agree about additions."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from scripts.devnet.anvil import CHAIN_ID, OWNER
from scripts.devnet.network import Devnet
from sparta.addresses import address_key
from sparta.chain.journal import Journal
from sparta.settings import ApiSettings
from sparta.stores import open_stores
from sparta.stores.database import connect
from tests.sparta.api.client import Reply, Served

_NUMBERS = count(0x5AA7A000)


@dataclass(frozen=True)
class Transaction:
    """One of Sparta's account that is mined."""

    nonce: int
    succeeded: bool


class Ledger:
    """Counts from the moment it is made."""

    def __init__(self, net: Devnet, settings: ApiSettings) -> None:
        self._rpc = net.contracts.rpc
        self._rollup = net.contracts.rollup
        self._stores = open_stores(connect(settings), settings)
        self._first_block = self._number("eth_blockNumber") + 1
        self.first_nonce = self.mined
        self._old = (self._chain(), self._store())

    @property
    def mined(self) -> int:
        """Nonces of the account that are used up."""
        return self._number("eth_getTransactionCount", OWNER[0], "latest")

    @property
    def in_set(self) -> set[str]:
        """Validators that came into the chain's set, in lower case."""
        return self._chain() - self._old[0]

    @property
    def recorded(self) -> set[str]:
        """Validators that came to an operator, in lower case."""
        return self._store() - self._old[1]

    @property
    def transactions(self) -> list[Transaction]:
        """All of the account, in the order in which they were mined."""
        found = []
        for number in range(self._first_block, self._number("eth_blockNumber") + 1):
            block = self._rpc.call("eth_getBlockByNumber", hex(number), True)
            for transaction in block["transactions"]:
                if address_key(transaction["from"]) == address_key(OWNER[0]):
                    receipt = self._rpc.call("eth_getTransactionReceipt", transaction["hash"])
                    found.append(Transaction(int(transaction["nonce"], 16), receipt["status"] == "0x1"))
        return found

    @property
    def journal(self) -> Journal:
        """The signer's."""
        return self._stores.journal(f"{CHAIN_ID}:{address_key(OWNER[0])}")

    @property
    def is_closed(self) -> bool:
        """Nothing is on its way, and all that arrived is recorded."""
        return not self.journal.pending() and not self.journal.unsettled()

    def _chain(self) -> set[str]:
        return {address_key(address) for address in self._rollup.read("getAttesters")}

    def _store(self) -> set[str]:
        return {address_key(each.address) for each in self._stores.validators.all() if each.operator_id}

    def _number(self, method: str, *params: Any) -> int:
        return int(self._rpc.call(method, *params), 16)


def addresses(number: int) -> list[str]:
    """So many that no test had before."""
    return [f"0x{next(_NUMBERS):040x}" for _ in range(number)]


def approved(served: Served) -> str:
    """Somebody new who may add validators; returns the id."""
    number = next(_NUMBERS)
    discord_id = f"person-{number}"
    wallet, name = f"0x{number:040x}", f"user-{number}"
    made = served.call("POST", "/api/operator", discordId=discord_id, walletAddress=wallet, discordUsername=name)
    assert made.status == 201, made.body
    assert served.call("PUT", "/api/operator/approve", discordId=discord_id).status == 200
    return discord_id


def add(served: Served, person: str, address: str) -> Reply:
    """Ask once."""
    return served.call("POST", "/api/validator", {"validatorAddress": address}, discordId=person)


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    """Look again and again, since other processes bring it about."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it never came about"
        time.sleep(0.05)
