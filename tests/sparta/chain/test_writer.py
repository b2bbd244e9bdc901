"""Adding a validator on the real contracts: what it promises when all goes well, and when the chain refuses."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from scripts.devnet.anvil import LIMITED, OWNER
from scripts.devnet.deploy import Contracts
from sparta.chain import account, functions
from sparta.chain.forwarder import forwarder_address
from sparta.chain.journal import IntentState
from sparta.chain.outcome import TransactionPending
from sparta.chain.rollup import Rollup, ValidatorStatus
from sparta.chain.rpc import JsonRpc
from sparta.errors import ChainRefused
from tests.sparta.chain.memory_journal import MemoryJournal
from tests.sparta.chain.world import QUICK, known_nonces, make_writer, nonce_of, wait_until

POOR_KEY = "0x" + 31 * "00" + "07"


def test_an_added_validator_is_in_the_set(rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]) -> None:
    """One transaction puts it into the set, with the forwarder of its address as proposer."""
    attester, before = next(attesters), nonce_of(rpc, OWNER)
    added = make_writer(rpc, deployed).add_validator(attester)
    seen = Rollup(rpc, deployed.rollup.address).validator(attester)
    assert (seen.status, seen.proposer) == (1, forwarder_address(attester))
    assert added.sent_now
    assert added.transaction_hash is not None
    assert added.block_number is not None
    assert nonce_of(rpc, OWNER) == before + 1


def test_adding_again_sends_nothing(rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]) -> None:
    """The second answer names the first one's transaction and costs no other."""
    attester, writer = next(attesters), make_writer(rpc, deployed)
    first, nonce = writer.add_validator(attester), nonce_of(rpc, OWNER)
    again = writer.add_validator(attester.upper().replace("0X", "0x"))
    assert (again.transaction_hash, again.sent_now) == (first.transaction_hash, False)
    assert nonce_of(rpc, OWNER) == nonce


def test_a_validator_that_others_added_needs_nothing(
    rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]
) -> None:
    """It is done, and not by us."""
    attester = next(attesters)
    deployed.handler.send(deployed.owner, "addValidator", attester, attester)
    added = make_writer(rpc, deployed).add_validator(attester)
    assert (added.transaction_hash, added.sent_now) == (None, False)


def test_the_quota_is_named_with_its_end(rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]) -> None:
    """The fourth add of an account without rights says until when the quota is filled, and leaves no intent behind."""
    journal = MemoryJournal()
    writer = make_writer(rpc, deployed, journal, LIMITED)
    for _ in range(3):
        writer.add_validator(next(attesters))
    attester = next(attesters)
    with pytest.raises(ChainRefused) as caught:
        writer.add_validator(attester)
    assert caught.value.name == "ValidatorQuotaFilledUntil"
    assert caught.value.until == deployed.handler.read("lastMintTimestamp") + 3600
    assert "UTC" in caught.value.sentence
    assert journal.get(attester) is None


def test_a_refusal_that_shows_only_when_mined_is_named_too(
    rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]
) -> None:
    """Someone pays more to add the same validator in the same block: ours is mined, fails, and says why."""
    attester, journal = next(attesters), MemoryJournal()
    writer = make_writer(rpc, deployed, journal, LIMITED)
    before = nonce_of(rpc, LIMITED)
    rpc.call("evm_setAutomine", (False,))
    try:
        with ThreadPoolExecutor() as pool:
            future = pool.submit(writer.add_validator, attester)
            wait_until(lambda: known_nonces(rpc, LIMITED) == before + 1)
            rpc.call("eth_sendTransaction", (quicker(deployed, attester),))
            rpc.call("evm_mine")
            error = future.exception()
    finally:
        rpc.call("evm_setAutomine", (True,))
    assert isinstance(error, ChainRefused)
    assert error.name == "Staking__AlreadyRegistered"
    assert (journal.intents[attester].state, nonce_of(rpc, LIMITED)) == (IntentState.FAILED, before + 1)
    assert writer.add_validator(attester).transaction_hash is None


def quicker(deployed: Contracts, attester: str) -> dict[str, str]:
    """The owner's own transaction, with a tip that puts it first in the block."""
    return {
        "from": deployed.owner,
        "to": deployed.handler.address,
        "data": functions.ADD_VALIDATOR.data(attester, attester),
        "gas": hex(500_000),
        "maxFeePerGas": hex(500 * 10**9),
        "maxPriorityFeePerGas": hex(400 * 10**9),
    }


def test_a_leaving_validator_cannot_be_added(rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]) -> None:
    """The contract still holds its stake: the refusal has a name and says until when."""
    attester, writer = next(attesters), make_writer(rpc, deployed)
    writer.add_validator(attester)
    deployed.rollup.send(deployed.deployer, "initiateWithdraw", attester, deployed.deployer)
    with pytest.raises(ChainRefused) as caught:
        writer.add_validator(attester)
    assert caught.value.name == "Staking__WithdrawalNotUnlockedYet"
    assert caught.value.until == deployed.rollup.read("getExit", attester)[0]
    assert Rollup(rpc, deployed.rollup.address).validator(attester).status is ValidatorStatus.EXITING


def test_without_ether_nothing_is_sent(rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]) -> None:
    """An account that cannot pay says so, with its address, and leaves no intent behind."""
    from eth_account import Account

    journal = MemoryJournal()
    pauper = (Account.from_key(POOR_KEY).address, POOR_KEY)
    with pytest.raises(ChainRefused, match=pauper[0]) as caught:
        make_writer(rpc, deployed, journal, pauper).add_validator(next(attesters))
    assert caught.value.name == "InsufficientFunds"
    assert not journal.intents
    assert account.balance(rpc, pauper[0]) == 0


def test_not_mined_in_time_is_no_failure(rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]) -> None:
    """The caller learns the hash; asking again later finds the same transaction, mined."""
    attester, journal = next(attesters), MemoryJournal()
    writer = make_writer(rpc, deployed, journal, pace=replace(QUICK, wait=0.3))
    rpc.call("evm_setAutomine", (False,))
    try:
        with pytest.raises(TransactionPending) as caught:
            writer.add_validator(attester)
    finally:
        rpc.call("evm_setAutomine", (True,))
        rpc.call("evm_mine")
    assert writer.add_validator(attester).transaction_hash == caught.value.transaction_hash


def test_a_stuck_transaction_is_replaced_at_a_higher_fee(
    rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]
) -> None:
    """When the base fee rises over the offer, the same nonce is offered again for more, and that one is mined."""
    attester, journal = next(attesters), MemoryJournal()
    writer = make_writer(rpc, deployed, journal, pace=replace(QUICK, stuck=0.5))
    before = nonce_of(rpc, OWNER)
    rpc.call("evm_setAutomine", (False,))
    try:
        with ThreadPoolExecutor() as pool:
            future = pool.submit(writer.add_validator, attester)
            wait_until(lambda: known_nonces(rpc, OWNER) == before + 1)
            first = journal.pending()[0].attempts[0]
            rpc.call("anvil_setNextBlockBaseFeePerGas", (hex(first.max_fee_per_gas * 2),))
            rpc.call("evm_mine")
            wait_until(lambda: len(journal.intents[attester].attempts) > 1)
            wait_until(lambda: rpc.call("evm_mine") != "" and future.done())
            added = future.result()
    finally:
        rpc.call("evm_setAutomine", (True,))
        rpc.call("anvil_setNextBlockBaseFeePerGas", (hex(10**9),))
    attempts = journal.intents[attester].attempts
    assert {attempt.nonce for attempt in attempts} == {before}
    assert added.transaction_hash in {attempt.transaction_hash for attempt in attempts[1:]}
    assert nonce_of(rpc, OWNER) == before + 1


def test_a_nonce_used_by_someone_else_is_given_up(rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]) -> None:
    """The same key used by hand takes our nonce: the intent gets the next one and still ends in the set, once."""
    attester, journal = next(attesters), MemoryJournal()
    writer = make_writer(rpc, deployed, journal, pace=replace(QUICK, wait=0.3))
    rpc.call("evm_setAutomine", (False,))
    try:
        with pytest.raises(TransactionPending):
            writer.add_validator(attester)
        rpc.call("anvil_dropTransaction", (journal.pending()[0].attempts[0].transaction_hash,))
        foreign = {"from": OWNER[0], "to": OWNER[0], "value": "0x1", "nonce": hex(journal.pending()[0].nonce)}
        rpc.call("eth_sendTransaction", (foreign,))
        rpc.call("evm_mine")
    finally:
        rpc.call("evm_setAutomine", (True,))
    added = make_writer(rpc, deployed, journal).add_validator(attester)
    intent = journal.intents[attester]
    assert [attempt.nonce for attempt in intent.attempts] == [intent.attempts[0].nonce, intent.attempts[0].nonce + 1]
    assert (intent.state, added.transaction_hash) == (IntentState.DONE, intent.attempts[1].transaction_hash)


def test_resume_goes_on_without_waiting(rpc: JsonRpc, deployed: Contracts, attesters: Iterator[str]) -> None:
    """At the start of a process: what is mined is closed and named, what is not yet is sent again and left open."""
    attester, journal = next(attesters), MemoryJournal()
    writer = make_writer(rpc, deployed, journal, pace=replace(QUICK, wait=0.1))
    rpc.call("evm_setAutomine", (False,))
    try:
        with pytest.raises(TransactionPending):
            writer.add_validator(attester)
        started = time.monotonic()
        assert writer.resume() == []
        assert time.monotonic() - started < 5
    finally:
        rpc.call("evm_setAutomine", (True,))
        rpc.call("evm_mine")
    assert [(intent.attester, intent.state) for intent in writer.resume()] == [(attester, IntentState.DONE)]
    assert writer.resume() == []
