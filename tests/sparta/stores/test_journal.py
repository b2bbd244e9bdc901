"""The signer's journal on DynamoDB: one lease, intents that change as one act."""

from __future__ import annotations

from functools import partial

import pytest

from sparta.chain.journal import Attempt, Claim, Intent, IntentState, Journal, Lease, LeaseLost, Outdated
from sparta.stores import Stores
from tests.sparta.stores.world import Ticks, address, at_once


def intent(number: int, nonce: int = 0) -> Intent:
    attempt = Attempt(
        nonce=nonce,
        transaction_hash=f"0x{nonce:064x}",
        raw="0x02",
        max_fee_per_gas=3,
        max_priority_fee_per_gas=1,
        signed_at=5,
    )
    return Intent(attester=address(number), proposer=address(99), created_at=5, attempts=(attempt,))


@pytest.fixture
def journal(stores: Stores) -> Journal:
    journal: Journal = stores.journal("31337:0xf39f")
    return journal


def held(journal: Journal, owner: str = "one") -> Lease:
    lease = journal.acquire(owner, 30)
    assert lease
    return lease


def test_one_task_at_a_time_has_the_lease(journal: Journal) -> None:
    """Of 30 at once one gets it; released, the next gets a higher token; it is not reentrant."""
    leases = [each for each in at_once(partial(journal.acquire, str(n), 30) for n in range(30)) if each]
    (lease,) = leases
    assert isinstance(lease, Lease)
    assert journal.acquire(lease.owner, 30) is None
    journal.release(lease)
    assert held(journal).token == lease.token + 1


def test_an_old_lease_is_over(journal: Journal, clock: Ticks) -> None:
    """After its time another has it, and the old holder can neither renew, save under it nor end the new one."""
    old = held(journal)
    clock.forward(31)
    new = held(journal, "two")
    with pytest.raises(LeaseLost):
        journal.renew(old, 30)
    with pytest.raises(LeaseLost):
        journal.save(intent(1), old)
    journal.release(old)
    assert journal.acquire("three", 30) is None
    assert journal.save(intent(1), new).version == 1
    assert journal.pending() == [journal.get(address(1))]


def test_a_lease_is_renewed_in_time(journal: Journal, clock: Ticks) -> None:
    """The same token, a later end; a lease whose time is over saves nothing even when nobody took it."""
    lease = held(journal)
    clock.forward(20)
    renewed = journal.renew(lease, 30)
    assert renewed.token == lease.token
    assert renewed.expires_at > lease.expires_at
    clock.forward(20)
    journal.save(intent(1), renewed)
    clock.forward(20)
    with pytest.raises(LeaseLost):
        journal.save(intent(2), renewed)
    assert journal.get(address(2)) is None


def test_of_two_who_save_one_intent_one_is_outdated(journal: Journal) -> None:
    """The version that was read must still stand, so of ten at once nine change nothing."""
    saved = journal.save(intent(1), held(journal))
    done = saved.model_copy(update={"state": IntentState.DONE, "block_number": 7})
    results = at_once(partial(_outcome, journal, done) for _ in range(10))
    assert results.count("saved") == 1
    assert results.count("outdated") == 9
    closed = journal.get(address(1).upper().replace("0X", "0x"))
    assert closed
    assert (closed.state, closed.block_number, closed.version) == (IntentState.DONE, 7, 2)
    assert journal.pending() == []


def test_a_new_intent_takes_the_place_of_a_closed_one(journal: Journal) -> None:
    """With its version, and it is pending again; a first save over it is outdated."""
    lease = held(journal)
    failed = journal.save(
        journal.save(intent(1), lease).model_copy(update={"state": IntentState.FAILED, "error": "AlreadyRegistered"})
    )
    with pytest.raises(Outdated):
        journal.save(intent(1, nonce=1), lease)
    again = journal.save(intent(1, nonce=1).model_copy(update={"version": failed.version}), lease)
    assert (again.nonce, again.version) == (1, 3)
    assert journal.pending() == [again]


def test_what_is_added_is_listed_until_its_claim_is_recorded(journal: Journal) -> None:
    """Not while it is open, not without a claim, and no more once it is settled."""
    claim, lease = Claim(operator_id="7", address=address(1)), held(journal)
    claimed = journal.save(intent(1).model_copy(update={"claim": claim}), lease)
    plain = journal.save(intent(2, nonce=1), lease)
    assert journal.unsettled() == []
    done = {"state": IntentState.DONE}
    closed, _ = journal.save(claimed.model_copy(update=done)), journal.save(plain.model_copy(update=done))
    assert (journal.pending(), journal.unsettled()) == ([], [closed])
    journal.save(closed.model_copy(update={"settled": True}))
    assert journal.unsettled() == []


def test_many_open_intents_are_all_found(journal: Journal) -> None:
    """More than one batch of them, each as it was saved."""
    lease = held(journal)
    saved = [journal.save(intent(n, nonce=n), lease) for n in range(120)]
    assert sorted(journal.pending(), key=lambda each: each.nonce) == saved


def test_scopes_do_not_see_each_other(stores: Stores, journal: Journal) -> None:
    """Another account or chain has leases and intents of its own."""
    journal.save(intent(1), held(journal))
    other = stores.journal("1:0xf39f")
    assert other.pending() == []
    assert other.get(address(1)) is None
    assert other.acquire("two", 30)


def _outcome(journal: Journal, done: Intent) -> str:
    try:
        journal.save(done)
    except Outdated:
        return "outdated"
    return "saved"
