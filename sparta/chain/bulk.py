"""Many answers of a contract in one call: a program that asks it in a loop, run by ``eth_call`` and never deployed.

A contract of 0.85 to 1.x gives its validators one by one or all at once, which is more gas than a node spends on a call
once there are some thousands. The program stands in the data of a call without a receiver, so the node runs it as it
would a constructor; what it returns would be the contract's code, which has 24,576 bytes at most.
"""

from __future__ import annotations

from collections.abc import Sequence

from sparta.chain.abi import BadEncoding, Function, to_address, words
from sparta.chain.rpc import Call

PAGE = 500
"""Answers a call: 16,000 bytes, and some 10 M gas of the 30 M to 50 M that nodes allow."""
_OPCODES = {
    "ADD": "01",
    "SUB": "03",
    "LT": "10",
    "ISZERO": "15",
    "SHL": "1b",
    "MSTORE": "52",
    "JUMPI": "57",
    "GAS": "5a",
    "DUP1": "80",
    "DUP2": "81",
    "SWAP1": "90",
    "RETURN": "f3",
    "STATICCALL": "fa",
    "REVERT": "fd",
}


def call(contract: str, function: Function, start: int, end: int, block: str) -> Call:
    """The request that asks ``function``, whose argument is a number, for each from ``start`` to ``end``."""
    return "eth_call", ({"data": _program(contract, function, start, end)}, block)


def addresses(answer: object, count: int) -> list[str]:
    """The answers in lower case.

    :raises BadEncoding: it is not ``count`` addresses
    """
    found = words(answer, count)
    if len(found) != count or not all(found):
        raise BadEncoding(f"{count} addresses expected")
    return [f"0x{word:040x}" if not word >> 160 else to_address(word) for word in found]


def _program(contract: str, function: Function, start: int, end: int) -> str:
    """Memory: the question's call data from 0 to 0x24, the answers from 0x40 on. The stack holds the index."""
    first, last, size = f"0x{start:08x}", f"0x{end:08x}", f"0x{32 * (end - start):08x}"
    question = [function.selector, "0xe0", "SHL", "0x00", "MSTORE", first]
    argument = ["DUP1", "0x04", "MSTORE"]
    place = ["DUP2", first, "SWAP1", "SUB", "0x05", "SHL", "0x40", "ADD"]
    ask = ["0x20", *place, "0x24", "0x00", contract.lower(), "GAS", "STATICCALL", "ISZERO", "@fail", "JUMPI"]
    following = ["0x01", "ADD", last, "DUP2", "LT", "@loop", "JUMPI"]
    end_well, end_badly = [size, "0x40", "RETURN"], ["0x00", "0x00", "REVERT"]
    return _assemble([*question, ":loop", *argument, *ask, *following, *end_well, ":fail", *end_badly])


def _assemble(source: Sequence[str]) -> str:
    """``0x..`` pushes those bytes, ``:name`` is a place to jump to, ``@name`` pushes it."""
    places: dict[str, int] = {}
    size = 0
    for word in source:
        if word.startswith(":"):
            places[word[1:]] = size
        size += len(word) // 2 if word.startswith("0x") else 2 if word.startswith("@") else 1
    return "0x" + "".join(_encode(word, places) for word in source)


def _encode(word: str, places: dict[str, int]) -> str:
    match word[0]:
        case "0":
            return f"{0x5F + len(word) // 2 - 1:02x}{word[2:]}"
        case "@":
            return f"60{places[word[1:]]:02x}"
        case ":":
            return "5b"
    return _OPCODES[word]
