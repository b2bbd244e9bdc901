"""How adding a validator can end, and what a person reads then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from sparta.addresses import checksum_address
from sparta.chain.account import Receipt
from sparta.chain.journal import Claim, Intent, IntentState
from sparta.chain.rpc import RpcError
from sparta.errors import ChainRefused, Conflict, DependencyFailed


@dataclass(frozen=True, slots=True)
class Added:
    """The validator is in the set. ``transaction_hash`` is None when it came there without us.

    ``claim``: for whom our transaction added it.
    """

    attester: str
    transaction_hash: str | None
    block_number: int | None
    sent_now: bool
    """False when it was in the set before this call."""
    claim: Claim | None = None

    @classmethod
    def found(cls, attester: str, intent: Intent | None) -> Self:
        """It was there already; by our own earlier transaction when the journal knows one."""
        if intent is None or intent.state is not IntentState.DONE:
            return cls(attester, None, None, sent_now=False)
        return cls(attester, intent.transaction_hash, intent.block_number, sent_now=False, claim=intent.claim)

    @classmethod
    def by(cls, intent: Intent) -> Self:
        """Its transaction succeeded."""
        return cls(intent.attester, intent.transaction_hash, intent.block_number, sent_now=True, claim=intent.claim)


class TransactionPending(DependencyFailed):
    """Sent, not mined yet."""

    def __init__(self, attester: str, transaction_hash: str) -> None:
        super().__init__(
            f"The transaction that adds {checksum_address(attester)} is on its way ({transaction_hash}) and not mined "
            "yet. Ask again in a minute with the same address: it will not be sent twice.",
            dependency="Ethereum",
            status=503,
        )
        self.transaction_hash = transaction_hash


def claimed_by_another(attester: str) -> Conflict:
    """Its transaction is on its way for somebody else."""
    return Conflict(
        f"{checksum_address(attester)} is being added for another operator at this moment. Check the address; if it is "
        "yours, ask a moderator."
    )


def closed(intent: Intent, state: IntentState, *, receipt: Receipt | None = None, error: str | None = None) -> Intent:
    """The intent with its end."""
    return intent.model_copy(
        update={
            "state": state,
            "transaction_hash": receipt and receipt.transaction_hash,
            "block_number": receipt and receipt.block_number,
            "error": error,
        }
    )


def busy() -> DependencyFailed:
    """Others held the lease all the time."""
    return DependencyFailed(
        "Many validators are being added at the moment, and this one's turn did not come. Nothing was sent; try again "
        "in a minute.",
        dependency="Ethereum",
        status=503,
    )


def rejected(attester: str, error: RpcError) -> ChainRefused:
    """The node refused the signed transaction."""
    return ChainRefused(
        f"Ethereum did not take the transaction that adds {checksum_address(attester)} (code {error.code}). It was not "
        "added. Try again; when it lasts, check the balance of SPARTA_ADDRESS and ETHEREUM_HOST.",
        name="TransactionRejected",
    )


def out_of_funds(account: str, balance: int) -> ChainRefused:
    """The account cannot pay the gas."""
    return ChainRefused(
        f"Sparta's account {checksum_address(account)} holds {balance / 10**18:.6f} ETH, too little to pay for the "
        "transaction. Nothing was sent; send it some ether, then try again.",
        name="InsufficientFunds",
    )


def not_configured() -> ChainRefused:
    """Only reading is configured."""
    return ChainRefused(
        "Sparta does not know the staking contract that adds validators. Nothing was sent; set "
        "STAKING_ASSET_HANDLER_ADDRESS, then try again.",
        name="AddingNotConfigured",
    )
