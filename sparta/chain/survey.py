"""All that the monitor asks Ethereum in a run, in as few requests as there is to ask: two, and more for large sets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sparta.chain import abi, accusations, bulk, events, functions
from sparta.chain.abi import BadEncoding
from sparta.chain.accusations import Rounds
from sparta.chain.contract import LATEST, Question, answered, ask, block_head, call, decoded, has_no_such_block
from sparta.chain.events import StakeEvent
from sparta.chain.reverts import Revert
from sparta.chain.rollup import (
    Generation,
    RollupTiming,
    generation_of,
    generation_questions,
    timing_of,
    timing_questions,
)
from sparta.chain.rpc import Call, JsonRpc, RpcError
from sparta.errors import DependencyFailed

WHOLE_SET = 1000
"""``getAttesters`` costs 8,300 gas each: 1,000 stay far below the 30 M to 50 M that nodes allow a call."""
GSE_PAGE = 200
FIRST_LOOK = 100
"""Blocks of which the first run of all reads the logs."""
OVERLAP = 100
"""Blocks that are read again: a server may have been behind, and the newest blocks may have been replaced."""
LONGEST_LOOK = 50_000


@dataclass(frozen=True, slots=True)
class Survey:
    """Ethereum as of one block. ``block_time`` in unix seconds, ``members`` in lower case, ``balance`` in wei.

    ``events`` are those since a while before the block that was asked for; None when the node would not tell.
    ``slashing_proposer`` is where slashings are voted for, from 2.x on; ``voting`` its state, if its address was known.
    """

    rollup: str
    timing: RollupTiming
    block: int
    block_time: int
    members: list[str]
    events: list[StakeEvent] | None
    balance: int | None
    slashing_proposer: str | None = None
    voting: Rounds | None = None


@dataclass(frozen=True, slots=True)
class _Head:
    block: str
    time: int
    generation: Generation
    timing: RollupTiming
    count: int
    gse: str
    slasher: str
    balance: int | None


def survey(
    rpc: JsonRpc, rollup: str, *, account: str | None = None, since: int | None = None, proposer: str | None = None
) -> Survey:
    """``account`` is the one whose balance is wanted, ``since`` the block up to which logs were read before,
    ``proposer`` the slashing proposer of the last survey.

    :raises DependencyFailed: no answer, or one that contradicts itself
    """
    head = _head(rpc, rollup, account)
    newest = int(head.block, 16)
    first = newest - FIRST_LOOK if since is None else max(since - OVERLAP, newest - LONGEST_LOOK)
    looks = events.calls(rollup, first, newest)
    slashing = _slashing_questions(head, proposer)
    for block in (head.block, head.block, LATEST):
        question, pages = _pages(rollup, replace(head, block=block))
        votes = [call(each, block) for each in slashing]
        count_answer, *answers = rpc.batch([call(question, block), *pages, *looks, *votes])
        if has_no_such_block(count_answer):
            continue  # This server is behind the one that named the block.
        count = decoded(question, answered(question, count_answer), abi.number)
        if count != head.count:
            head = replace(head, count=count)
            continue  # The set changed between two requests.
        listed, logged, voted = _cut(answers, len(pages), len(looks))
        members = _members(rpc, rollup, replace(head, block=block), listed)
        if len(set(members)) != count:
            raise _contradicts(f"{count} validators, but names {len(set(members))}")
        now, voting = _slashing(slashing, voted, proposer)
        return Survey(rollup, head.timing, newest, head.time, members, events.read(logged), head.balance, now, voting)
    raise _contradicts("another number of validators each time")


def _cut(answers: list[Any], *sizes: int) -> Iterator[list[Any]]:
    """In pieces of these sizes, and what is left."""
    rest = iter(answers)
    yield from ([*islice(rest, size)] for size in sizes)
    yield [*rest]


def _head(rpc: JsonRpc, rollup: str, account: str | None) -> _Head:
    generations, timings = generation_questions(rollup), timing_questions(rollup)
    others = [ask(rollup, name) for name in (functions.GET_ATTESTER_COUNT, functions.GET_GSE, functions.GET_SLASHER)]
    questions = [*generations, *timings, *others]
    balances: list[Call] = [("eth_getBalance", (account, LATEST))] if account else []
    newest, *rest = rpc.batch([("eth_getBlockByNumber", (LATEST, False)), *map(call, questions), *balances])
    block, time = block_head(newest)
    answers = [answered(*pair) for pair in zip(questions, rest, strict=False)]
    generation = generation_of(rollup, answers[:4])
    count, gse, slasher = answers[8:]
    return _Head(
        block=block,
        time=time,
        generation=generation,
        timing=timing_of(timings, answers[4:8]),
        count=decoded(others[0], count, abi.number),
        gse="" if generation is Generation.G1 else decoded(others[1], gse, abi.address),
        slasher="" if isinstance(slasher, Revert) else decoded(others[2], slasher, abi.address),
        balance=_balance(rest[-1]) if account else None,
    )


def _slashing_questions(head: _Head, proposer: str | None) -> list[Question]:
    """Who proposes slashings now, and the state of the voting at ``proposer``."""
    if head.generation < Generation.G3 or not head.slasher:
        return []
    return [ask(head.slasher, functions.SLASHER_PROPOSER), *(accusations.questions(proposer) if proposer else [])]


def _slashing(questions: list[Question], answers: list[Any], proposer: str | None) -> tuple[str | None, Rounds | None]:
    """Not worth failing for: what is announced is a warning, not the slashing itself."""
    try:
        contents = [answered(*pair) for pair in zip(questions, answers, strict=True)]
        now = decoded(questions[0], contents[0], abi.address) if questions else None
        is_same = now is not None and proposer is not None and now.lower() == proposer.lower()
        return now, accusations.rounds(now, contents[1:]) if now is not None and is_same else None
    except DependencyFailed:
        return None, None


def _pages(rollup: str, head: _Head) -> tuple[Question, list[Call]]:
    """How to ask for the number of validators at the head's time, and the requests for so many as were counted."""
    if head.generation >= Generation.G3:
        count = ask(head.gse, functions.GET_ATTESTER_COUNT_AT_TIME, rollup, head.time)
        starts = range(0, head.count, GSE_PAGE)
        page = functions.GET_ATTESTERS_FROM_INDICES
        questions = [
            ask(head.gse, page, rollup, head.time, range(start, min(start + GSE_PAGE, head.count))) for start in starts
        ]
        return count, [call(question, head.block) for question in questions]
    count = ask(rollup, functions.GET_ATTESTER_COUNT)
    if head.count <= WHOLE_SET:
        return count, [call(ask(rollup, functions.GET_ATTESTERS), head.block)]
    starts = range(0, head.count, bulk.PAGE)
    ends = [min(start + bulk.PAGE, head.count) for start in starts]
    function = functions.GET_ATTESTER_AT_INDEX
    return count, [bulk.call(rollup, function, *pair, head.block) for pair in zip(starts, ends, strict=True)]


def _members(rpc: JsonRpc, rollup: str, head: _Head, answers: list[Any]) -> list[str]:
    if head.generation >= Generation.G3:
        question = ask(head.gse, functions.GET_ATTESTERS_FROM_INDICES)
        return [each for answer in answers for each in decoded(question, answered(question, answer), abi.addresses)]
    if head.count <= WHOLE_SET:
        question = ask(rollup, functions.GET_ATTESTERS)
        return decoded(question, answered(question, answers[0]), abi.addresses)
    try:
        sizes = [min(bulk.PAGE, head.count - start) for start in range(0, head.count, bulk.PAGE)]
        return [each for pair in zip(answers, sizes, strict=True) for each in bulk.addresses(*pair)]
    except BadEncoding:
        return _one_by_one(rpc, rollup, head)


def _one_by_one(rpc: JsonRpc, rollup: str, head: _Head) -> list[str]:
    """For nodes that run no program."""
    questions = [ask(rollup, functions.GET_ATTESTER_AT_INDEX, index) for index in range(head.count)]
    answers = rpc.batch([call(question, head.block) for question in questions])
    return [
        decoded(question, answered(question, each), abi.address).lower()
        for question, each in zip(questions, answers, strict=True)
    ]


def _balance(answer: Any) -> int | None:
    """Not worth failing for."""
    try:
        return None if isinstance(answer, RpcError) else int(answer, 16)
    except (TypeError, ValueError):
        return None


def _contradicts(what: str) -> DependencyFailed:
    return DependencyFailed(
        f"Ethereum contradicts itself about the validator set ({what}). Nothing is concluded from it; when it lasts, "
        "check ETHEREUM_HOST.",
        dependency="Ethereum",
    )
