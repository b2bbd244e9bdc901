"""Contract errors by name, and what each means for a person.

A refusal comes as hex in the error's data (anvil, geth, providers), as hex inside its text, or as Python bytes inside
the text (``execution reverted: b'\\x1e\\xbd$…'``, eth-tester).
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from sparta.addresses import checksum_address
from sparta.chain.rpc import RpcError
from sparta.errors import ChainRefused

_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2}){4,}")
_BYTES = re.compile(r"""b'(?:[^'\\]|\\.)*'|b"(?:[^"\\]|\\.)*\"""")
_REVERTED = 3
"""The code geth and anvil give a reverted call; others say it in the message only."""

ERRORS: dict[str, str] = {
    "0x18047699": "Staking__AlreadyRegistered(address)",
    "0x2830ab27": "Staking__AlreadyRegistered(address,address)",
    "0x5e206fa4": "Staking__AlreadyActive(address)",
    "0x88a38b79": "Staking__AlreadyQueued(address)",
    "0x223622dc": "Staking__AlreadyExiting(address)",
    "0x88e1826c": "Staking__WithdrawalNotUnlockedYet(uint256,uint256)",
    "0xf33fe8c6": "Staking__InvalidDeposit(address,address)",
    "0x23a6f432": "Staking__NotSlasher(address,address)",
    "0x21148c78": "Staking__QueueAlreadyFlushed(uint256)",
    "0xc1f4446e": "Staking__QueueEmpty()",
    "0x1ebd24bd": "ValidatorQuotaFilledUntil(uint256)",
    "0x90a3baff": "SybilDetected(bytes32)",
    "0x118cdaa7": "OwnableUnauthorizedAccount(address)",
    "0x1e4fbdf7": "OwnableInvalidOwner(address)",
    "0x03ccd49d": "CannotMintZeroAmount()",
    "0xe450d38c": "ERC20InsufficientBalance(address,uint256,uint256)",
    "0xfb8f41b2": "ERC20InsufficientAllowance(address,uint256,uint256)",
    "0xd789b71a": "AddressSnapshotLib__IndexOutOfBounds(uint256,uint256)",
    "0x5d4bf883": "GSE__OutOfBounds(uint256,uint256)",
    "0xdf4ff27b": "GSE__InvalidProofOfPossession()",
    "0xccea06ac": "Registry__NoRollupsRegistered()",
    "0x4231050f": "Registry__RollupNotRegistered(uint256)",
    "0x98673597": "ValidatorSelection__InsufficientCommitteeSize(uint256,uint256)",
    "0xf4f28e99": "ValidatorSelection__InsufficientValidatorSetSize(uint256,uint256)",
    "0x08c379a0": "Error(string)",
    "0x4e487b71": "Panic(uint256)",
}
NO_COMMITTEE = frozenset(
    {"ValidatorSelection__InsufficientCommitteeSize", "ValidatorSelection__InsufficientValidatorSetSize"}
)
ALREADY_IN = frozenset({"Staking__AlreadyRegistered", "Staking__AlreadyActive", "Staking__AlreadyQueued"})
"""The validator stands in the set, or in line for it: adding it again is what was refused."""


@dataclass(frozen=True, slots=True)
class Revert:
    """A contract's refusal. ``name`` is empty when the contract gave none, as for an unknown function."""

    name: str
    data: str

    @property
    def is_empty(self) -> bool:
        """No data at all: no generation has a fallback, so the contract lacks the function."""
        return self.data in {"", "0x"}


def read_revert(error: RpcError) -> Revert | None:
    """The refusal of the contract in ``error``; None when the server itself refused."""
    data = _revert_data(error)
    if data in {"", "0x"} and error.code != _REVERTED and "revert" not in error.message.lower():
        return None
    signature = ERRORS.get(data[:10])
    if signature is None:
        return Revert(data[:10] if len(data) >= 10 else "", data)
    return Revert(signature.partition("(")[0], data)


def _revert_data(error: RpcError) -> str:
    if isinstance(error.data, str) and error.data.startswith("0x"):
        return error.data.lower()
    for text in (error.data, error.message):
        if isinstance(text, str) and (found := _in_text(text)):
            return found
    return ""


def _in_text(text: str) -> str:
    if quoted := _BYTES.search(text):
        try:
            return "0x" + bytes(ast.literal_eval(quoted[0])).hex()
        except (SyntaxError, ValueError):
            return ""
    found = _HEX.search(text)
    return found[0].lower() if found else ""


def refused(revert: Revert, attester: str) -> ChainRefused:
    """What a person reads when adding ``attester`` was refused."""
    shown = checksum_address(attester)
    if revert.name == "ValidatorQuotaFilledUntil":
        until = _word(revert, 0)
        sentence = (
            f"The staking contract adds no more validators until {_moment(until)}: its quota is used up. {shown} was "
            "not added; try again then."
        )
        return ChainRefused(sentence, name=revert.name, until=until)
    if revert.name == "Staking__WithdrawalNotUnlockedYet":
        until = _word(revert, 1)
        sentence = (
            f"{shown} is leaving the set, and its stake stays locked until {_moment(until)}. It was not added; try "
            "again then."
        )
        return ChainRefused(sentence, name=revert.name, until=until)
    return ChainRefused(_sentence(revert, shown), name=revert.name or "reverted")


def _sentence(revert: Revert, shown: str) -> str:
    if revert.name in ALREADY_IN:
        return f"The rollup has {shown} already ({revert.name}), so there is nothing to add. Check the address."
    if revert.name == "OwnableUnauthorizedAccount":
        return f"Sparta's account may not do this ({revert.name}). {shown} was not added; check SPARTA_ADDRESS."
    if revert.name == "Staking__InvalidDeposit":
        return f"The rollup does not take the zero address ({revert.name}). Nothing was added; check {shown}."
    if revert.name == "Error" and (reason := _reason(revert)):
        return f"The contract refused to add {shown}: {reason}. Nothing was changed."
    name = revert.name or "no reason given"
    return (
        f"The contract refused to add {shown} ({name}). Nothing was changed; give this name to whoever runs Sparta, "
        "trying again will not help."
    )


def _moment(unix_seconds: int) -> str:
    if unix_seconds >= 2**35:
        return "the far future"
    return datetime.fromtimestamp(unix_seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _word(revert: Revert, index: int) -> int:
    start = 10 + 64 * index
    return int(revert.data[start : start + 64] or "0", 16)


def _reason(revert: Revert) -> str:
    length = _word(revert, 1)
    text = bytes.fromhex(revert.data[138 : 138 + 2 * min(length, 200)]).decode(errors="replace")
    return text if text.isprintable() else ""
