"""Reading contracts with ``eth_call``, several questions in one request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from sparta.chain.abi import BadEncoding, Function
from sparta.chain.reverts import Revert, read_revert
from sparta.chain.rpc import Call, JsonRpc, RpcError
from sparta.errors import DependencyFailed

Question = tuple[str, Function, tuple[int | str | Sequence[int], ...]]
"""Contract, function, arguments."""
LATEST = "latest"
_T = TypeVar("_T")


class AskedOnce(Generic[_T]):
    """A property that is asked for when it is first needed, and kept.

    Without a lock: that of ``functools.cached_property`` in Python 3.11 is one for all objects of a class, so while a
    server hangs each caller would begin to wait for it when the one before gives up.
    """

    def __init__(self, ask: Callable[[Any], _T]) -> None:
        self._ask = ask
        self.__doc__ = ask.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> _T:
        found = instance.__dict__[self._name] = self._ask(instance)
        return found


def ask(contract: str, function: Function, *arguments: int | str | Sequence[int]) -> Question:
    """A question for ``read_all``."""
    return contract, function, arguments


def read_all(rpc: JsonRpc, questions: Sequence[Question], block: str = LATEST) -> list[str | Revert]:
    """The answers in order, as hex, each as the contract gave it: data or a revert.

    :raises DependencyFailed: the server could not say
    """
    answers = rpc.batch([call(question, block) for question in questions])
    if block != LATEST and any(has_no_such_block(answer) for answer in answers):
        # Providers balance their load: this server is a block behind the one that named the block.
        answers = rpc.batch([call(question, LATEST) for question in questions])
    return [answered(*pair) for pair in zip(questions, answers, strict=True)]


def call(question: Question, block: str = LATEST) -> Call:
    """The request that asks it."""
    contract, function, arguments = question
    return "eth_call", ({"to": contract, "data": function.data(*arguments)}, block)


def has_no_such_block(answer: object) -> bool:
    """The server refused, not a contract."""
    return isinstance(answer, RpcError) and read_revert(answer) is None


def answered(question: Question, answer: object) -> str | Revert:
    """The contract's answer to ``call``.

    :raises DependencyFailed: the server could not say
    """
    if isinstance(answer, RpcError):
        revert = read_revert(answer)
        if revert is None:
            raise server_refused(answer, question[1].signature) from answer
        return revert
    if not isinstance(answer, str):
        raise unusable(question[1])
    # A contract without this function and with a fallback, or an address without code, answers nothing at all.
    return Revert("", "0x") if answer == "0x" else answer


def read(rpc: JsonRpc, question: Question, decode: Callable[[object], _T], block: str = LATEST) -> _T:
    """One answer, decoded; a revert counts as an answer that cannot be used."""
    return decoded(question, read_all(rpc, [question], block)[0], decode)


def decoded(question: Question, answer: str | Revert, decode: Callable[[object], _T]) -> _T:
    """``answer`` decoded.

    :raises DependencyFailed: a revert, or not what the function returns
    """
    if isinstance(answer, Revert):
        raise unusable(question[1], f"it refused: {answer.name or 'no reason given'}")
    try:
        return decode(answer)
    except BadEncoding as error:
        raise unusable(question[1], str(error)) from None


def unusable(function: Function, why: str = "not hex") -> DependencyFailed:
    """What a contract or the server in front of it answered makes no sense."""
    return DependencyFailed(
        f"Ethereum answered {function.signature} with something unusable ({why}). Try again; when it lasts, check that "
        "ETHEREUM_HOST and the contract addresses belong to the same network.",
        dependency="Ethereum",
    )


def server_refused(error: RpcError, what: str) -> DependencyFailed:
    """The server, not a contract, refused."""
    return DependencyFailed(
        f"Ethereum refused {what} (code {error.code}). Try again in a minute; when it lasts, check ETHEREUM_HOST.",
        dependency="Ethereum",
    )


def no_contract(address: str, kind: str) -> DependencyFailed:
    """The address is wrong, or belongs to another network."""
    return DependencyFailed(
        f"There is no {kind} at {address} on this network. Check the contract addresses in the settings, and that "
        "ETHEREUM_HOST serves the network they belong to.",
        dependency="Ethereum",
    )


def newest_block(rpc: JsonRpc) -> tuple[str, int]:
    """Number (hex) and timestamp of the newest block, so that several questions are about the same state."""
    try:
        return block_head(rpc.call("eth_getBlockByNumber", (LATEST, False)))
    except RpcError:
        return block_head(None)


def block_head(block: Any) -> tuple[str, int]:
    """Number (hex) and timestamp of a block as it was answered."""
    try:
        return str(block["number"]), int(block["timestamp"], 16)
    except (TypeError, KeyError, ValueError):
        raise DependencyFailed(
            "Ethereum does not name its newest block. Try again in a minute; when it lasts, check ETHEREUM_HOST.",
            dependency="Ethereum",
        ) from None
