"""Adding a validator, once: by several API tasks, over crashes at any point, with transactions that get stuck.

1. The chain is asked first: what is in the set needs no transaction.
2. Under the lease: the nonce is chosen, the transaction signed, its intent saved, then the transaction sent. Signing is
   what fixes the hash, so the journal knows every transaction before any node does, and sending again is harmless.
3. Without the lease: wait for the receipt, send again what a node does not know (also of others: a missing lower nonce
   blocks us), and close the intent. A transaction that stays out too long is replaced, same nonce, higher fee.

Whoever comes after a crash finds the open intent and goes on at 3.
"""

from __future__ import annotations

import time
from contextlib import suppress

from sparta import request_time
from sparta.chain import account, functions
from sparta.chain.account import Sighting
from sparta.chain.contract import server_refused
from sparta.chain.contracts import Contracts
from sparta.chain.forwarder import forwarder_address
from sparta.chain.handler import StakingHandler
from sparta.chain.journal import Attempt, Claim, Intent, IntentState, Journal, Lease, LeaseLost, Outdated
from sparta.chain.outcome import (
    Added,
    TransactionPending,
    busy,
    claimed_by_another,
    closed,
    not_configured,
    out_of_funds,
    rejected,
)
from sparta.chain.reverts import ALREADY_IN, Revert, read_revert, refused
from sparta.chain.rollup import ValidatorStatus
from sparta.chain.rpc import JsonRpc, RpcError
from sparta.chain.signer import Signer
from sparta.chain.turn import Pace, Turn
from sparta.telemetry import log


class Writer:
    """Threads may share it; other processes may have their own for the same account, over the same journal."""

    def __init__(
        self, rpc: JsonRpc, contracts: Contracts, signer: Signer, journal: Journal, pace: Pace | None = None
    ) -> None:
        self._rpc = rpc
        self._contracts = contracts
        self._signer = signer
        self._journal = journal
        self._pace = pace or Pace()
        self._turn = Turn(journal, self._pace)

    def add_validator(self, attester: str, claim: Claim | None = None) -> Added:
        """Add it and wait until it is in the set; nothing is sent when it is there, or on its way, already.

        :param claim: for whom; kept until it is ``settle``d
        :raises Conflict: it is on its way with another claim
        :raises ChainRefused: by the contract's own error name; nothing was changed
        :raises TransactionPending: sent and not mined yet; ask again, it will not be sent twice
        :raises DependencyFailed: Ethereum or the journal is out of reach; ask again, likewise
        """
        handler = self._handler()
        handler.require_adding()
        attester = attester.lower()
        # In this order: an intent is saved before its validator can be in the set.
        in_set, intent = self._is_in_set(attester), self._journal.get(attester)
        if intent is None or intent.state is not IntentState.OPEN:
            if in_set:
                return Added.found(attester, intent)
            intent = self._begin(handler, attester, claim)
        if intent.state is IntentState.OPEN and _whose(intent.claim) != _whose(claim):
            raise claimed_by_another(attester)
        return self._outcome(self._wait(intent))

    def pending(self) -> list[Intent]:
        """What is on its way, by whichever task."""
        return self._journal.pending()

    def unsettled(self) -> list[Intent]:
        """What was added and is not recorded for whom yet."""
        return self._journal.unsettled()

    def settle(self, attester: str) -> None:
        """The claim of what was added is recorded; a second time changes nothing."""
        intent = self._journal.get(attester)
        if intent is not None and intent.is_unsettled:
            with suppress(Outdated):
                self._journal.save(intent.model_copy(update={"settled": True}))

    def resume(self) -> list[Intent]:
        """Go on with all that is open, without waiting; the intents that this closed. For the start, and now and then.

        :raises DependencyFailed: Ethereum or the journal is out of reach
        """
        finished = []
        for intent in sorted(self._journal.pending(), key=lambda intent: intent.nonce):
            result, sighting = self._settle(intent)
            if result.state is not IntentState.OPEN:
                finished.append(result)
            elif sighting.mined_nonces > result.nonce:
                self._reassign(result)
            else:
                account.send(self._rpc, result.attempts[-1])
                self._replace_stuck(result)
        return finished

    def _begin(self, handler: StakingHandler, attester: str, claim: Claim | None) -> Intent:
        give_up = time.monotonic() + self._pace.patience
        while True:
            try:
                with self._turn.lease() as lease:
                    return self._open(handler, attester, claim, lease)
            except (LeaseLost, Outdated):
                # Nothing was stored or sent. Another task was quicker, or this one slept.
                if time.monotonic() > give_up:
                    raise busy() from None

    def _open(self, handler: StakingHandler, attester: str, claim: Claim | None, lease: Lease) -> Intent:
        earlier = self._journal.get(attester)
        if earlier is not None and earlier.state is IntentState.OPEN:
            return earlier
        proposer = forwarder_address(attester)
        attempt, refusal = self._sign_next(handler, attester, proposer)
        if attempt is None:
            if earlier is not None and earlier.state is IntentState.DONE and refusal.name in ALREADY_IN:
                # Another task added it between our look at the set and our turn.
                return earlier
            raise refused(refusal, attester)
        intent = Intent(
            attester=attester,
            proposer=proposer,
            created_at=attempt.signed_at,
            attempts=(attempt,),
            claim=claim,
            version=earlier.version if earlier else 0,
        )
        intent, error = self._save_and_send(intent, lease)
        if error is not None and not error.maybe_elsewhere:
            # Signed and refused: no node has it, and nobody will send it once the intent is closed.
            self._journal.save(closed(intent, IntentState.FAILED, error="TransactionRejected"), lease)
            raise rejected(attester, error)
        return intent

    def _sign_next(self, handler: StakingHandler, attester: str, proposer: str) -> tuple[Attempt | None, Revert]:
        """A signed transaction with the next free nonce; or None and why the contract would refuse it."""
        data = functions.ADD_VALIDATOR.data(attester, proposer)
        quote = account.quote(self._rpc, self._signer.address, handler.address, data)
        if isinstance(quote.gas, RpcError):
            revert = read_revert(quote.gas)
            if revert is None:
                raise server_refused(quote.gas, "to estimate the transaction")
            return None, revert
        pending = self._journal.pending()
        if quote.balance < quote.gas * quote.fees.max_fee * (len(pending) + 1):
            raise out_of_funds(self._signer.address, quote.balance)
        nonce = max([quote.nonce, *(intent.nonce + 1 for intent in pending)])
        attempt = self._signer.sign(to=handler.address, data=data, gas=quote.gas, nonce=nonce, fees=quote.fees)
        return attempt, Revert("", "")

    def _wait(self, intent: Intent) -> Intent:
        give_up = time.monotonic() + self._pace.wait
        pause, sent_at, used_at = self._pace.first_look, 0.0, 0.0
        while intent.state is IntentState.OPEN:
            intent, sighting = self._settle(intent)
            if intent.state is not IntentState.OPEN:
                break
            now = time.monotonic()
            if now > give_up or request_time.left() < self._pace.recording:
                raise TransactionPending(intent.attester, intent.attempts[-1].transaction_hash)
            if sighting.mined_nonces > intent.nonce:
                used_at = used_at or now
                if now - used_at >= self._pace.lag:
                    intent, used_at = self._reassign(intent), 0.0
            elif sighting.known_nonces <= intent.nonce and now - sent_at >= self._pace.resend:
                self._send_again(intent.nonce)
                sent_at = now
            self._replace_stuck(intent)
            time.sleep(pause)
            pause = min(pause * 1.5, self._pace.longest_pause)
        return intent

    def _settle(self, intent: Intent) -> tuple[Intent, Sighting]:
        """The intent, closed when its end is known, and what was seen of it."""
        sighting = account.look(self._rpc, self._signer.address, intent)
        receipt = sighting.receipt
        if receipt is None:
            return self._journal.get(intent.attester) or intent, sighting
        if receipt.succeeded:
            result = closed(intent, IntentState.DONE, receipt=receipt)
        else:
            data = functions.ADD_VALIDATOR.data(intent.attester, intent.proposer)
            call = {"from": self._signer.address, "to": self._handler().address, "data": data}
            error = account.why(self._rpc, call, receipt.block_number)
            result = closed(intent, IntentState.FAILED, receipt=receipt, error=error)
        return self._close(result), sighting

    def _close(self, result: Intent) -> Intent:
        try:
            saved = self._journal.save(result)
        except Outdated:
            # Another task closed it or added an attempt; if it is still open, the next look closes that one.
            return self._journal.get(result.attester) or result
        log().info("intent closed", attester=saved.attester, state=saved.state, transaction=saved.transaction_hash)
        return saved

    def _send_again(self, nonce: int) -> None:
        """Everything open up to this nonce, lowest first. No lease: these transactions are saved already."""
        for intent in sorted(self._journal.pending(), key=lambda intent: intent.nonce):
            if intent.nonce <= nonce:
                account.send(self._rpc, intent.attempts[-1])

    def _reassign(self, intent: Intent) -> Intent:
        """A transaction that is not ours used the nonce, so ours can never be mined: take the next one."""
        handler = self._handler()
        with suppress(LeaseLost, Outdated), self._turn.lease() as lease:
            current = self._journal.get(intent.attester) or intent
            if current.state is not IntentState.OPEN or current.nonce != intent.nonce:
                return current
            current, sighting = self._settle(current)
            if current.state is not IntentState.OPEN or sighting.mined_nonces <= current.nonce:
                return current
            if self._is_in_set(current.attester):
                return self._close(closed(current, IntentState.DONE))
            attempt, refusal = self._sign_next(handler, current.attester, current.proposer)
            if attempt is None:
                return self._close(closed(current, IntentState.FAILED, error=refusal.data or "TransactionReverted"))
            return self._try_again(current, attempt, lease)
        return intent

    def _replace_stuck(self, intent: Intent) -> None:
        """What is out too long, up to this intent's nonce, again with higher fees."""
        if not self._is_stuck(intent):
            return
        handler = self._handler()
        with suppress(LeaseLost, Outdated), self._turn.lease() as lease:
            for other in sorted(self._journal.pending(), key=lambda other: other.nonce):
                if other.nonce > intent.nonce or not self._is_stuck(other):
                    continue
                current, sighting = self._settle(other)
                if current.state is IntentState.OPEN and sighting.mined_nonces <= current.nonce:
                    lease = self._journal.renew(lease, self._pace.lease)  # noqa: PLW2901
                    self._replace(handler, current, lease)

    def _replace(self, handler: StakingHandler, intent: Intent, lease: Lease) -> None:
        data = functions.ADD_VALIDATOR.data(intent.attester, intent.proposer)
        quote = account.quote(self._rpc, self._signer.address, handler.address, data)
        fees = quote.fees.raised_over(intent.attempts[-1])
        if fees.max_fee > account.HIGHEST_FEE:
            account.send(self._rpc, intent.attempts[-1])
            return
        # Some nodes estimate on top of pending transactions, ours included, and then say "already registered".
        gas = account.LEAST_GAS if isinstance(quote.gas, RpcError) else quote.gas
        attempt = self._signer.sign(to=handler.address, data=data, gas=gas, nonce=intent.nonce, fees=fees)
        self._try_again(intent, attempt, lease)

    def _try_again(self, intent: Intent, attempt: Attempt, lease: Lease) -> Intent:
        changed = intent.model_copy(update={"attempts": (*intent.attempts, attempt)})
        return self._save_and_send(changed, lease)[0]

    def _save_and_send(self, intent: Intent, lease: Lease) -> tuple[Intent, RpcError | None]:
        saved = self._journal.save(intent, lease)
        attempt = saved.attempts[-1]
        error = account.send(self._rpc, attempt)
        log().info(
            "transaction sent" if error is None else "transaction rejected",
            attester=saved.attester,
            transaction=attempt.transaction_hash,
            nonce=attempt.nonce,
            attempt=len(saved.attempts),
            max_fee_per_gas=attempt.max_fee_per_gas,
        )
        return saved, error

    def _is_stuck(self, intent: Intent) -> bool:
        return time.time() - intent.attempts[-1].signed_at / 1000 > self._pace.stuck

    def _outcome(self, intent: Intent) -> Added:
        if intent.state is IntentState.DONE:
            return Added.by(intent)
        name = intent.error or ""
        revert = read_revert(RpcError(3, "execution reverted", name)) if name.startswith("0x") else Revert(name, "")
        raise refused(revert or Revert(name, ""), intent.attester)

    def _is_in_set(self, attester: str) -> bool:
        return self._contracts.rollup().validator(attester).status is ValidatorStatus.VALIDATING

    def _handler(self) -> StakingHandler:
        if self._contracts.handler is None:
            raise not_configured()
        return self._contracts.handler


def _whose(claim: Claim | None) -> str | None:
    return claim.operator_id if claim else None
