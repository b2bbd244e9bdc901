"""What the writer remembers outside its own memory: one lease per account, one intent per validator.

Several API tasks share one account, whose transactions carry consecutive nonces. The lease lets one of them at a time
choose a nonce; the intent, saved before its transaction is sent, lets any of them finish what another began. All that
makes this safe is in ``Journal.save``: an intent with a new transaction is stored only while its lease is held, so two
intents never hold the same nonce, however long a task slept between choosing and saving.

A journal belongs to one account on one chain: an implementation is made for a scope such as ``31337:0xf39f…2266``.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from sparta.errors import SpartaError


class LeaseLost(SpartaError):
    """The lease ended before the work under it was saved; nothing was stored. Start again with a new lease."""

    status = 503


class Outdated(SpartaError):
    """Another task saved this intent since it was read; nothing was stored. Read it again."""

    status = 503


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Lease(_Record):
    """The right to choose a nonce. ``token`` grows by one with each acquisition and never returns."""

    owner: str
    token: int
    expires_at: int
    """Unix time in milliseconds."""


class Attempt(_Record):
    """One signed transaction. It is known by its hash before it is sent, and sending it again changes nothing."""

    nonce: int
    transaction_hash: str
    raw: str
    """The signed bytes as 0x hex, at most 1 kB; public as soon as they are sent."""
    max_fee_per_gas: int
    max_priority_fee_per_gas: int
    signed_at: int
    """Unix time in milliseconds."""


class IntentState(StrEnum):
    """``OPEN`` until a receipt, the contract or the node has decided."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"


class Claim(_Record):
    """For whom a validator is added: a note of the caller's, which the journal keeps until it is ``settled``."""

    operator_id: str
    address: str
    """The attester as the operator wrote it."""


class Intent(_Record):
    """A validator to be added. Kept when closed; a later intent of the same attester takes its place.

    ``attempts`` is never empty, oldest first. A later one with the same nonce replaces the earlier at a higher fee;
    one with another nonce stands because a foreign transaction had used up the earlier nonce.
    """

    attester: str
    """Lower case; the key."""
    proposer: str
    created_at: int
    """Unix time in milliseconds."""
    state: IntentState = IntentState.OPEN
    attempts: tuple[Attempt, ...]
    transaction_hash: str | None = None
    """Of the attempt that was mined."""
    block_number: int | None = None
    error: str | None = None
    """When failed: the contract's own error as 0x hex, or a name of ours."""
    claim: Claim | None = None
    settled: bool = False
    """The caller has done what follows from its end."""
    version: int = 0
    """Number of saves so far; 0 is not stored yet."""

    @property
    def nonce(self) -> int:
        """The nonce of the newest attempt."""
        return self.attempts[-1].nonce

    @property
    def is_unsettled(self) -> bool:
        """It is added, and its claim is still to be recorded."""
        return self.state is IntentState.DONE and self.claim is not None and not self.settled


class Journal(Protocol):
    """Shared, durable, consistent: every read sees every earlier save of any task."""

    def acquire(self, owner: str, seconds: float) -> Lease | None:
        """The lease, when nobody holds it or its time is over; else None, at once. Not reentrant."""

    def renew(self, lease: Lease, seconds: float) -> Lease:
        """The same token with a later end, counted from now; ``LeaseLost`` when another has acquired it since."""

    def release(self, lease: Lease) -> None:
        """End the lease now; nothing happens when another has acquired it since."""

    def get(self, attester: str) -> Intent | None:
        """The intent of this attester (any case), open or closed."""

    def pending(self) -> list[Intent]:
        """All open intents, in any order."""

    def unsettled(self) -> list[Intent]:
        """All that are done and whose claim nobody has recorded yet, in any order."""

    def save(self, intent: Intent, lease: Lease | None = None) -> Intent:
        """Store it as one act and return it with the next version.

        The stored version must still be ``intent.version`` (nothing stored: 0), else ``Outdated``. With a lease, its
        token must still be the newest and its time not over, else ``LeaseLost``. A new attempt is always saved with a
        lease; closing needs none. A new intent over a closed one carries the closed one's version.
        """
