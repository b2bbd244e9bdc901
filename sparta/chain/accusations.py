"""Slashings that are announced: rounds in which the proposers of blocks voted to take stake, as 2.x and 4.x hold them.

A round whose votes reached the quorum may be executed by anybody when its delay is over, unless it is vetoed. Votes of
0.85 to 1.x, and of slashing proposers of that older kind, are for contracts that could do anything: those are not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sparta.chain import abi, functions
from sparta.chain.contract import Question, ask, call, decoded, read_all
from sparta.chain.reverts import Revert
from sparta.chain.rollup import RollupTiming
from sparta.chain.rpc import Call, JsonRpc

_TALLY = 1
"""The kind of slashing proposer that counts votes per validator."""
_WORD = 64


@dataclass(frozen=True, slots=True)
class Accusation:
    """``attester`` in lower case, ``amount`` in the smallest unit; may be executed from ``executable_at`` on, in unix
    seconds."""

    attester: str
    amount: int
    executable_at: int


@dataclass(frozen=True, slots=True)
class Rounds:
    """The voting of a slashing proposer; sizes in slots and rounds."""

    proposer: str
    current: int
    quorum: int
    lifetime: int
    size: int
    delay: int


def questions(proposer: str) -> list[Question]:
    """What there is to know of its voting, for ``rounds``."""
    names = (
        functions.SLASHING_PROPOSER_TYPE,
        functions.GET_CURRENT_ROUND,
        functions.QUORUM,
        functions.LIFETIME_IN_ROUNDS,
        functions.ROUND_SIZE,
        functions.EXECUTION_DELAY_IN_ROUNDS,
    )
    return [ask(proposer, name) for name in names]


def rounds(proposer: str, answers: Sequence[str | Revert]) -> Rounds | None:
    """None when it is of another kind."""
    if any(isinstance(answer, Revert) for answer in answers):
        return None
    kind, *numbers = (decoded(*pair, abi.number) for pair in zip(questions(proposer), answers, strict=True))
    return Rounds(proposer, *numbers) if kind == _TALLY else None


def accusations(rpc: JsonRpc, voting: Rounds, timing: RollupTiming, block: str) -> list[Accusation]:
    """Of all rounds that can still be executed: one request while no round has a quorum, else three.

    :raises DependencyFailed: the server could not say
    """
    candidates = range(max(voting.current - voting.lifetime, 0), voting.current + 1)
    asked = [ask(voting.proposer, functions.GET_ROUND, number) for number in candidates]
    answers = read_all(rpc, asked, block)
    found = [
        number
        for number, question, answer in zip(candidates, asked, answers, strict=True)
        if _has_quorum(decoded(question, answer, lambda data: abi.words(data, 2)), voting)
    ]
    if not found:
        return []
    committees = read_all(rpc, [ask(voting.proposer, functions.GET_SLASH_TARGET_COMMITTEES, n) for n in found], block)
    tallied = [(number, answer) for number, answer in zip(found, committees, strict=True) if isinstance(answer, str)]
    tallies = rpc.batch([_tally(voting.proposer, *each, block) for each in tallied])
    return [
        accusation
        for (number, _), answer in zip(tallied, tallies, strict=True)
        for accusation in _named(answer, _executable_at(number, voting, timing))
    ]


def _has_quorum(words: list[int], voting: Rounds) -> bool:
    """Whether it was executed comes first, the number of votes last."""
    return not words[0] and words[-1] >= voting.quorum


def _tally(proposer: str, number: int, committees: str, block: str) -> Call:
    """The committees as they were answered are the second argument; only their place is another one now."""
    method, (request, at) = call(ask(proposer, functions.GET_TALLY, number), block)
    return method, (request | {"data": request["data"] + abi.encode_word(64) + committees[2 + _WORD :]}, at)


def _named(answer: object, executable_at: int) -> list[Accusation]:
    try:
        _, number, *rest = abi.words(answer, 2)
        pairs = zip(rest[: 2 * number : 2], rest[1 : 2 * number : 2], strict=True)
        return [Accusation(f"0x{attester:040x}", amount, executable_at) for attester, amount in pairs]
    except ValueError:
        return []  # Refused, as for a round whose committees nobody knows yet, or nonsense: no accusation.


def _executable_at(number: int, voting: Rounds, timing: RollupTiming) -> int:
    """When the round and its delay are over."""
    return timing.genesis + (number + 1 + voting.delay) * voting.size * timing.slot_seconds
