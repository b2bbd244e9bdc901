"""The rollup contract, in the four generations that were deployed (each measured on the real contract)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from sparta.chain import abi, functions
from sparta.chain.contract import (
    LATEST,
    AskedOnce,
    Question,
    ask,
    decoded,
    newest_block,
    no_contract,
    read,
    read_all,
    unusable,
)
from sparta.chain.reverts import NO_COMMITTEE, Revert
from sparta.chain.rpc import JsonRpc

_WHOLE_SET = 1000
"""``getAttesters`` costs 8,300 gas each: 1,000 stay far below the 30 M to 50 M that nodes allow a call."""
_PAGE = 200
"""Validators a call when reading through the GSE."""
_NO_ONE = "0x0000000000000000000000000000000000000000"


class Generation(IntEnum):
    """The generations by number: 0.85 to 0.87, 1.x, 2.x and 4.x."""

    G1 = 1
    G2 = 2
    G3 = 3
    G4 = 4


class ValidatorStatus(IntEnum):
    """The contract's own numbers. A zombie's stake fell under the minimum, as by slashing; it may only leave."""

    NONE = 0
    VALIDATING = 1
    ZOMBIE = 2
    EXITING = 3


@dataclass(frozen=True, slots=True)
class RollupTips:
    """Numbers of blocks up to 2.x, of checkpoints in 4.x. They can fall: unproven blocks are pruned."""

    pending: int
    proven: int


@dataclass(frozen=True, slots=True)
class RollupStatus:
    """The rollup now. ``committee`` is empty and ``proposer`` None while there are too few validators for one.

    ``proposer`` is the forwarder's address in 0.85 to 0.87 and the validator's own from 1.x on.
    """

    tips: RollupTips
    epoch: int
    slot: int
    committee: list[str]
    proposer: str | None
    validator_count: int
    entry_queue_length: int
    """Validators that wait for a place; 0 in 0.85 to 0.87, which have no queue."""


@dataclass(frozen=True, slots=True)
class RollupTiming:
    """What never changes. Durations in seconds and slots, genesis in unix seconds."""

    genesis: int
    slot_seconds: int
    epoch_slots: int
    committee_size: int


@dataclass(frozen=True, slots=True)
class ChainValidator:
    """One validator as the contract holds it; ``stake`` in the smallest unit. ``proposer`` exists in 0.85 to 0.87."""

    address: str
    status: ValidatorStatus
    stake: int
    withdrawer: str | None
    proposer: str | None


class Rollup:
    """One rollup contract. Nothing is asked before the first question; the generation is asked once and kept."""

    def __init__(self, rpc: JsonRpc, address: str) -> None:
        self._rpc = rpc
        self.address = address

    @AskedOnce
    def generation(self) -> Generation:
        """By which functions exist. ``getVersion`` does not tell: it is a hash."""
        return generation_of(self.address, read_all(self._rpc, generation_questions(self.address)))

    @AskedOnce
    def timing(self) -> RollupTiming:
        """Slot and epoch length, genesis, committee size."""
        questions = timing_questions(self.address)
        return timing_of(questions, read_all(self._rpc, questions))

    def tips(self) -> RollupTips:
        """How far the chain is."""
        return read(self._rpc, ask(self.address, functions.GET_TIPS), _tips)

    def committee(self) -> list[str]:
        """The current epoch's validators on duty, in lower case; empty while there are too few validators."""
        question = ask(self.address, functions.GET_COMMITTEE)
        return _committee(read_all(self._rpc, [question])[0])

    def status(self) -> RollupStatus:
        """Everything of one block."""
        questions = [
            ask(self.address, functions.GET_TIPS),
            ask(self.address, functions.GET_CURRENT_EPOCH),
            ask(self.address, functions.GET_CURRENT_SLOT),
            ask(self.address, functions.GET_ATTESTER_COUNT),
            ask(self.address, functions.GET_COMMITTEE),
            ask(self.address, functions.GET_PROPOSER),
        ]
        if self.generation > Generation.G1:
            questions.append(ask(self.address, functions.GET_QUEUE_LENGTH))
        answers = read_all(self._rpc, questions, newest_block(self._rpc)[0])
        epoch, slot, count, *queue = (
            decoded(questions[i], answers[i], abi.number) for i in (1, 2, 3, *range(6, len(questions)))
        )
        return RollupStatus(
            tips=decoded(questions[0], answers[0], _tips),
            epoch=epoch,
            slot=slot,
            committee=_committee(answers[4]),
            proposer=_proposer(answers[5]),
            validator_count=count,
            entry_queue_length=sum(queue),
        )

    def validators(self) -> list[str]:
        """The whole set in lower case, all of one block, in pages where it is large or the contract has no list."""
        block, timestamp = newest_block(self._rpc)
        if self.generation <= Generation.G2:
            count = read(self._rpc, ask(self.address, functions.GET_ATTESTER_COUNT), abi.number, block)
            if count <= _WHOLE_SET:
                return read(self._rpc, ask(self.address, functions.GET_ATTESTERS), abi.addresses, block)
            return self._by_index(count, block)
        gse = read(self._rpc, ask(self.address, functions.GET_GSE), abi.address, block)
        question = ask(gse, functions.GET_ATTESTER_COUNT_AT_TIME, self.address, timestamp)
        count = read(self._rpc, question, abi.number, block)
        return self._from_gse(gse, timestamp, count, block)

    def validator(self, address: str) -> ChainValidator:
        """One validator; status NONE for an address the contract does not know, or that waits in the queue."""
        return self.look_up([address])[0]

    def look_up(self, addresses: Sequence[str], block: str = LATEST) -> list[ChainValidator]:
        """The same for several, as of one block, in their order."""
        function = functions.GET_INFO if self.generation is Generation.G1 else functions.GET_ATTESTER_VIEW
        questions = [ask(self.address, function, address) for address in addresses]
        answers = read_all(self._rpc, questions, block) if questions else []
        return [
            self._validator(address, question, answer)
            for address, question, answer in zip(addresses, questions, answers, strict=True)
        ]

    def _validator(self, address: str, question: Question, answer: str | Revert) -> ChainValidator:
        if self.generation is Generation.G1:
            stake, withdrawer, proposer, status = decoded(question, answer, lambda data: abi.words(data, 4))[:4]
        else:
            # Status, balance, six words of exit, the public key from 2.x on, and the withdrawer last.
            found = decoded(question, answer, lambda data: abi.words(data, 9))
            status, stake, withdrawer, proposer = found[0], found[1], found[-1], 0
        try:
            known = ValidatorStatus(status)
        except ValueError:
            raise unusable(question[1], f"status {status} is unknown") from None
        return ChainValidator(address.lower(), known, stake, _someone(withdrawer), _someone(proposer))

    def _by_index(self, count: int, block: str) -> list[str]:
        questions = [ask(self.address, functions.GET_ATTESTER_AT_INDEX, index) for index in range(count)]
        answers = read_all(self._rpc, questions, block)
        return [decoded(*pair, abi.address).lower() for pair in zip(questions, answers, strict=True)]

    def _from_gse(self, gse: str, timestamp: int, count: int, block: str) -> list[str]:
        questions = [
            ask(
                gse,
                functions.GET_ATTESTERS_FROM_INDICES,
                self.address,
                timestamp,
                range(start, min(start + _PAGE, count)),
            )
            for start in range(0, count, _PAGE)
        ]
        answers = read_all(self._rpc, questions, block) if questions else []
        pages = [decoded(*pair, abi.addresses) for pair in zip(questions, answers, strict=True)]
        return [address for page in pages for address in page]


def generation_questions(rollup: str) -> list[Question]:
    """What only some generations answer, the newest first."""
    return [
        ask(rollup, functions.GET_PENDING_CHECKPOINT),
        ask(rollup, functions.GET_ACTIVATION_THRESHOLD),
        ask(rollup, functions.GET_GSE),
        ask(rollup, functions.GET_INFO, rollup),
    ]


def generation_of(rollup: str, answers: Sequence[str | Revert]) -> Generation:
    """The newest generation whose function answered.

    :raises DependencyFailed: none did, so there is no rollup
    """
    for answer, generation in zip(answers, reversed(Generation), strict=True):
        if not (isinstance(answer, Revert) and answer.is_empty):
            return generation
    raise no_contract(rollup, "rollup")


def timing_questions(rollup: str) -> list[Question]:
    """In the order of ``RollupTiming``'s fields."""
    names = (
        functions.GET_GENESIS_TIME,
        functions.GET_SLOT_DURATION,
        functions.GET_EPOCH_DURATION,
        functions.GET_COMMITTEE_SIZE,
    )
    return [ask(rollup, name) for name in names]


def timing_of(questions: Sequence[Question], answers: Sequence[str | Revert]) -> RollupTiming:
    """From the answers to ``timing_questions``."""
    return RollupTiming(*(decoded(*pair, abi.number) for pair in zip(questions, answers, strict=True)))


def _tips(data: object) -> RollupTips:
    pending, proven = abi.words(data, 2)[:2]
    return RollupTips(pending, proven)


def _committee(answer: str | Revert) -> list[str]:
    """From 1.x on the contract refuses while too few validators were staked some epochs ago: that is no outage."""
    if isinstance(answer, Revert) and answer.name in NO_COMMITTEE:
        return []
    return decoded(ask("", functions.GET_COMMITTEE), answer, abi.addresses)


def _proposer(answer: str | Revert) -> str | None:
    if isinstance(answer, Revert) and answer.name in NO_COMMITTEE:
        return None
    address = decoded(ask("", functions.GET_PROPOSER), answer, abi.address)
    return None if address == _NO_ONE else address


def _someone(word: int) -> str | None:
    try:
        return abi.to_address(word) if word else None
    except abi.BadEncoding as error:
        raise unusable(functions.GET_INFO, str(error)) from None
