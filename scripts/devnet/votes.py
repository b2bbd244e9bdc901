"""Vote for a slashing as the proposers of blocks do, on the contracts of 2.x and 4.x."""

from collections.abc import Mapping

from eth_account import Account

from scripts.devnet.artifacts import load
from scripts.devnet.deploy import Contracts
from scripts.devnet.rpc import Contract
from scripts.devnet.screen import say

LARGEST = 3


def slashing_proposer(contracts: Contracts) -> Contract:
    """The contract that counts the votes."""
    artifacts = load(contracts.generation, say)
    slasher = Contract(contracts.rpc, contracts.rollup.read("getSlasher"), artifacts("Slasher").abi)
    return Contract(contracts.rpc, slasher.read("PROPOSER"), artifacts("TallySlashingProposer").abi)


def next_round(contracts: Contracts, slot_seconds: int) -> int:
    """Let time pass until a round of votes begins; its number."""
    proposer = slashing_proposer(contracts)
    size = proposer.read("ROUND_SIZE")
    contracts.rpc.pass_time(slot_seconds * (size - contracts.rollup.read("getCurrentSlot") % size))
    found: int = proposer.read("getCurrentRound")
    return found


def vote(contracts: Contracts, keys: Mapping[str, str], slots: int, slot_seconds: int) -> str:
    """In each of so many slots its proposer votes to take the largest amount of one validator; who that is.

    ``keys`` are private keys by address in lower case; the first of the round's first committee is voted for.
    """
    proposer = slashing_proposer(contracts)
    accused: str = proposer.read("getSlashTargetCommittees", proposer.read("getCurrentRound"))[0][0]
    # Two bits a validator, the first in the lowest.
    places = proposer.read("COMMITTEE_SIZE") * proposer.read("ROUND_SIZE_IN_EPOCHS")
    votes = LARGEST.to_bytes(places // 4, "little")
    for _ in range(slots):
        slot = contracts.rollup.read("getCurrentSlot")
        key = keys[contracts.rollup.read("getCurrentProposer")]
        signed = Account.unsafe_sign_hash(proposer.read("getVoteSignatureDigest", votes, slot), key)
        signature = (signed.v, signed.r.to_bytes(32), signed.s.to_bytes(32))
        proposer.send(contracts.deployer, "vote", votes, signature)
        contracts.rpc.pass_time(slot_seconds)
    return accused.lower()
