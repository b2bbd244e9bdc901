"""Validators: adding one on the chain and on record, once and for one operator; and what is known of each.

Adding: the writer keeps for whom a validator is added in its journal before anything is sent. Whoever comes after a
crash, the same request again or ``finish``, records what the chain has; nobody sends twice, and nothing is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore

from sparta.addresses import checksum_address
from sparta.chain.contracts import Contracts
from sparta.chain.journal import Claim
from sparta.chain.writer import Writer
from sparta.errors import Busy, ChainRefused, Conflict, NotFound, NotPermitted
from sparta.models import History, Operator, Validator
from sparta.stores.history import ValidatorHistory
from sparta.stores.validators import NOT_FOUND, Validators
from sparta.telemetry import log, metric

NOT_APPROVED = "Node operator is not approved"
SLASHED = "Operator was slashed"
TOO_MANY = (
    "As many validators as possible are being added at this moment, so this one was not begun. Try again shortly."
)
RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class ValidatorService:
    """``writer`` is None where no account is configured: then the chain is only read."""

    store: Validators
    history: ValidatorHistory
    contracts: Contracts
    writer: Writer | None
    places: BoundedSemaphore
    """One for each addition that may be waiting for the chain at once."""

    def get(self, address: str) -> Validator:
        """By address, in any case.

        :raises NotFound: it is not known
        """
        found = self.store.get(address)
        if found is None:
            raise NotFound(NOT_FOUND)
        return found

    def of_operator(self, discord_id: str) -> list[Validator]:
        """All of one operator."""
        return self.store.of_operator(discord_id)

    def last_epochs(self, address: str, epochs: int) -> list[History]:
        """The newest epochs on duty, newest first; none for an unknown validator."""
        return self.history.last(address, epochs)

    def in_set(self) -> tuple[list[str], list[str]]:
        """The chain's set, and those of it whose operator is known."""
        everyone = [checksum_address(address) for address in self.contracts.rollup().validators()]
        owned = {validator.address.lower() for validator in self.store.all() if validator.operator_id}
        return everyone, [address for address in everyone if address.lower() in owned]

    def add(self, address: str, operator: Operator, *, skip_on_chain: bool = False) -> Validator:
        """Add it to the chain's set, unless told that it is there, and record whose it is.

        :raises NotPermitted: the operator may not
        :raises Conflict: it is registered, or in the set without our doing
        :raises ChainRefused: the contract refused, by its error's name
        :raises Busy: too many are being added at this moment
        :raises DependencyFailed: a service is out of reach, or the transaction not mined yet: ask again
        """
        if operator.was_slashed:
            raise NotPermitted(SLASHED)
        if not operator.is_approved:
            raise NotPermitted(NOT_APPROVED)
        known = self.store.get(address)
        if known is not None and known.operator_id is not None:
            raise Conflict(_registered(address, known, operator.discord_id))
        if skip_on_chain:
            return self._recorded(self.store.register(address, operator.discord_id))
        return self._add_on_chain(Claim(operator_id=operator.discord_id, address=address))

    def finish(self) -> bool:
        """Go on with what an earlier process began: transactions on their way, and additions not on record yet. False
        while a transaction is still on its way.

        :raises DependencyFailed: a service is out of reach; the next call goes on
        """
        if self.writer is None:
            return True
        self.writer.resume()
        for intent in self.writer.unsettled():
            if intent.claim is not None:
                self._finish(intent.claim)
        return not self.writer.pending()

    def transfer(self, address: str, from_id: str, to_id: str) -> Validator:
        """Give a validator of one operator to another.

        :raises NotFound: one of the three is not there
        """
        return self.store.transfer(address, from_id, to_id)

    def remove(self, address: str, discord_id: str) -> None:
        """Forget a validator of an operator; on the chain nothing changes.

        :raises NotFound: the operator has no such validator
        """
        self.store.remove(address, discord_id)

    def label(self, address: str, discord_id: str, label: str | None) -> Validator:
        """Name a validator, or take its name away.

        :raises NotFound: the operator has no such validator
        """
        return self.store.set_label(address, discord_id, label)

    def _add_on_chain(self, claim: Claim) -> Validator:
        writer = self._writer()
        with self._place():
            added = writer.add_validator(claim.address, claim)
        if added.claim is None or added.claim.operator_id != claim.operator_id:
            raise Conflict(
                f"{checksum_address(claim.address)} is in the validator set already, and Sparta did not add it for "
                "this operator. Check the address; if it is right, ask a moderator to record it with skipOnChain."
            )
        return self._record(writer, claim)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self.places.acquire(blocking=False):
            raise Busy(TOO_MANY, seconds=RETRY_SECONDS)
        try:
            yield
        finally:
            self.places.release()

    def _record(self, writer: Writer, claim: Claim) -> Validator:
        try:
            validator = self._recorded(self.store.register(claim.address, claim.operator_id, is_active=True))
        except Conflict:
            # Another request or task was quicker: with the same claim, unless a moderator decided otherwise.
            validator = self.get(claim.address)
            if validator.operator_id != claim.operator_id:
                writer.settle(claim.address)
                raise
        writer.settle(claim.address)
        return validator

    def _finish(self, claim: Claim) -> None:
        writer = self._writer()
        try:
            self._record(writer, claim)
        except (Conflict, NotFound) as refusal:
            # Registered to another, or the operator is gone: moderators decide, not this.
            log().error("validator added and not recorded", address=claim.address, operator=claim.operator_id,
                        reason=refusal.sentence)  # fmt: skip
            writer.settle(claim.address)

    def _writer(self) -> Writer:
        if self.writer is None:
            raise ChainRefused(
                "Sparta has no Ethereum account here, so it cannot add validators. Nothing was sent; set "
                "SPARTA_ADDRESS and SPARTA_PRIVATE_KEY, or record a validator that is on the chain with skipOnChain.",
                name="AddingNotConfigured",
            )
        return self.writer

    def _recorded(self, validator: Validator) -> Validator:
        metric("ValidatorRegistrations", 1, operator=validator.operator_id, validator=validator.address)
        return validator


def _registered(address: str, known: Validator, discord_id: str) -> str:
    whose = "this operator" if known.operator_id == discord_id else "another operator"
    return f"{checksum_address(address)} is already registered to {whose}. There is nothing to add; check the address."
