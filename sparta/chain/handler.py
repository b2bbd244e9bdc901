"""The StakingAssetHandler: the contract through which Sparta adds validators, and its quota."""

from __future__ import annotations

from dataclasses import dataclass

from sparta.chain import abi, functions
from sparta.chain.contract import AskedOnce, ask, decoded, newest_block, no_contract, read, read_all
from sparta.chain.reverts import Revert
from sparta.chain.rollup import Generation
from sparta.chain.rpc import JsonRpc
from sparta.errors import ChainRefused


@dataclass(frozen=True, slots=True)
class Quota:
    """How many validators accounts without special rights may add together. Times in unix seconds.

    When the handler's stock of stake is used up it mints ``deposits_per_mint`` more, at most once in
    ``mint_interval_seconds``; ``remaining`` counts what can be added now, such a mint included.
    """

    mint_interval_seconds: int
    deposits_per_mint: int
    last_mint: int
    remaining: int

    @property
    def filled_until(self) -> int | None:
        """When adding is possible again; None when it is now."""
        return None if self.remaining else self.last_mint + self.mint_interval_seconds


class StakingHandler:
    """One handler contract. Nothing is asked before the first question; the generation is asked once and kept."""

    def __init__(self, rpc: JsonRpc, address: str) -> None:
        self._rpc = rpc
        self.address = address

    @AskedOnce
    def generation(self) -> Generation:
        """By which functions exist."""
        probes = (functions.FAUCET_AMOUNT, functions.VALID_MIN_AGE, functions.VALID_DOMAIN, functions.MINT_INTERVAL)
        answers = read_all(self._rpc, [ask(self.address, probe) for probe in probes])
        for answer, generation in zip(answers, reversed(Generation), strict=True):
            if not (isinstance(answer, Revert) and answer.is_empty):
                return generation
        raise no_contract(self.address, "staking asset handler")

    def rollup_address(self) -> str:
        """The rollup it adds to now; governance may change it."""
        return read(self._rpc, ask(self.address, functions.GET_ROLLUP), abi.address)

    def require_adding(self) -> None:
        """Only the first generation lets another account add a validator.

        :raises ChainRefused: the others want the validator's own passport proof or key, or have no adding at all
        """
        if self.generation is not Generation.G1:
            raise ChainRefused(
                "This network's staking contract is of a generation that lets nobody add validators for others "
                "(0.85 to 0.87 do). Sparta can read this network, not add to it; the validator's owner registers it.",
                name="AddingNotSupported",
            )

    def is_unhinged(self, account: str) -> bool:
        """The account may add past the quota."""
        return bool(read(self._rpc, ask(self.address, functions.IS_UNHINGED, account), abi.number))

    def quota(self) -> Quota:
        """All of one block. Only of generations that have a quota, see ``require_adding``."""
        self.require_adding()
        block, now = newest_block(self._rpc)
        questions = [
            ask(self.address, functions.MINT_INTERVAL),
            ask(self.address, functions.DEPOSITS_PER_MINT),
            ask(self.address, functions.LAST_MINT_TIMESTAMP),
            ask(self.address, functions.STAKING_ASSET),
            ask(self.address, functions.GET_ROLLUP),
        ]
        answers = read_all(self._rpc, questions, block)
        interval, deposits, last = (decoded(questions[i], answers[i], abi.number) for i in range(3))
        asset, rollup = (decoded(questions[i], answers[i], abi.address) for i in (3, 4))
        stock = read(self._rpc, ask(asset, functions.BALANCE_OF, self.address), abi.number, block)
        stake = read(self._rpc, ask(rollup, functions.GET_MINIMUM_STAKE), abi.number, block)
        mintable = deposits if now >= last + interval else 0
        return Quota(interval, deposits, last, stock // max(stake, 1) + mintable)
