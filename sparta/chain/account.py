"""Sparta's account as Ethereum sees it: nonce, fees, what became of a transaction; and sending one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sparta.chain.contract import server_refused
from sparta.chain.journal import Attempt, Intent
from sparta.chain.reverts import read_revert
from sparta.chain.rpc import JsonRpc, RpcError
from sparta.chain.signer import Fees
from sparta.errors import DependencyFailed

_GWEI = 10**9
_USUAL_TIP = 3 * _GWEI // 2
"""For nodes that suggest none."""
HIGHEST_FEE = 500 * _GWEI
"""No replacement offers more for a unit of gas: it is sent again as it is, and waits for a calmer network."""
LEAST_GAS = 500_000
"""An add that mints new stake needs 345,000, any other 215,000, and which one it is shows only when it is mined."""
_HARMLESS = ("already known", "already imported", "known transaction", "nonce too low", "underpriced", "already exists")
"""The node has it, or its nonce was used: what became of it shows in the receipts."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What the next transaction needs. ``gas`` is the node's refusal when the contract would refuse."""

    gas: int | RpcError
    nonce: int
    fees: Fees
    balance: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A mined transaction."""

    transaction_hash: str
    block_number: int
    succeeded: bool


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is seen of an intent: its receipt, and how many nonces are mined or at least known to the node."""

    receipt: Receipt | None
    mined_nonces: int
    known_nonces: int


def quote(rpc: JsonRpc, account: str, to: str, data: str) -> Quote:
    """One request for all.

    :raises DependencyFailed: the node cannot say
    """
    estimate, nonce, tip, block, held = rpc.batch(
        [
            ("eth_estimateGas", ({"from": account, "to": to, "data": data},)),
            ("eth_getTransactionCount", (account, "pending")),
            ("eth_maxPriorityFeePerGas", ()),
            ("eth_getBlockByNumber", ("latest", False)),
            ("eth_getBalance", (account, "latest")),
        ]
    )
    base = _quantity(block.get("baseFeePerGas")) if isinstance(block, dict) else _quantity(block)
    priority = _USUAL_TIP if isinstance(tip, RpcError) else _quantity(tip)
    gas = estimate if isinstance(estimate, RpcError) else max(_quantity(estimate) * 3 // 2, LEAST_GAS)
    return Quote(gas, _quantity(nonce), Fees(2 * base + priority, priority), _quantity(held))


def balance(rpc: JsonRpc, account: str) -> int:
    """In wei."""
    return _quantity(rpc.batch([("eth_getBalance", (account, "latest"))])[0])


def look(rpc: JsonRpc, account: str, intent: Intent) -> Sighting:
    """One request: every attempt's receipt, asked after the nonces so that a nonce used by us has its receipt."""
    calls: list[tuple[str, Any]] = [
        ("eth_getTransactionCount", (account, "latest")),
        ("eth_getTransactionCount", (account, "pending")),
    ]
    calls += [("eth_getTransactionReceipt", (attempt.transaction_hash,)) for attempt in intent.attempts]
    mined, known, *answers = rpc.batch(calls)
    receipts = [receipt for answer in answers if (receipt := _receipt(answer)) is not None]
    receipts.sort(key=lambda receipt: receipt.succeeded)
    return Sighting(receipts[-1] if receipts else None, _quantity(mined), _quantity(known))


def send(rpc: JsonRpc, attempt: Attempt) -> RpcError | None:
    """Send it, again or for the first time. None when the node has it now or had it before; else its refusal."""
    try:
        rpc.call("eth_sendRawTransaction", (attempt.raw,))
    except RpcError as error:
        message = error.message.lower()
        if not any(text in message for text in _HARMLESS):
            return error
    return None


def why(rpc: JsonRpc, call: dict[str, str], block_number: int) -> str:
    """The contract's error as hex, found by asking it again at the block in which it refused; else a name of ours."""
    try:
        rpc.call("eth_call", (call, hex(block_number)))
    except RpcError as error:
        revert = read_revert(error)
        if revert is not None and revert.name:
            return revert.data
    return "TransactionReverted"


def _receipt(answer: Any) -> Receipt | None:
    if isinstance(answer, RpcError):
        raise server_refused(answer, "a transaction's receipt") from answer
    if not isinstance(answer, dict) or answer.get("blockNumber") is None:
        return None
    return Receipt(
        str(answer.get("transactionHash")), _quantity(answer["blockNumber"]), _quantity(answer.get("status")) == 1
    )


def _quantity(value: Any) -> int:
    if isinstance(value, RpcError):
        raise server_refused(value, "a question about Sparta's account") from value
    try:
        return int(value, 16)
    except (TypeError, ValueError):
        raise DependencyFailed(
            "Ethereum's answer about Sparta's account makes no sense. Try again in a minute; when it lasts, check "
            "ETHEREUM_HOST.",
            dependency="Ethereum",
        ) from None
