"""The monitor's sentences: for each trouble what it is called, what it means and what to do now."""

from __future__ import annotations

from typing import NamedTuple

from sparta.models import Cause, Doubt, Source, Trouble


class Advice(NamedTuple):
    """``title`` goes on after "Still: " in a reminder, and stands alone in the moderators' summary."""

    title: str
    meaning: str


DEPARTURES: dict[Cause, Advice] = {
    "slashed": Advice(
        "slashed and out of the set",
        "The rollup took stake and put the validator out: it attests and proposes no more, and your approval is "
        "withdrawn. Stop the node, keep its logs, and find the reason (long absence, or two nodes that sign with one "
        "key); then talk to a moderator before you add another validator.",
    ),
    "exiting": Advice(
        "leaving the set",
        "The stake is being withdrawn, so the validator has no duties any more. If you began that, there is nothing to "
        "do but to finish the withdrawal when its waiting time is over. If you did not, somebody else holds the "
        "withdrawer's key: secure it now.",
    ),
    "queued": Advice(
        "out of the set, waiting in its entry queue",
        "It stands in line to join, and has no duties until then. There is nothing to do but to keep the node running "
        "and synced.",
    ),
    "gone": Advice(
        "out of the set, stake withdrawn",
        "The withdrawal is done, so the validator has no duties any more. If that was not you, secure the withdrawer's "
        "key and tell a moderator.",
    ),
    "unknown": Advice(
        "out of the set",
        "It was in the set and is not now, and on the chain we found neither a slashing nor a withdrawal that explains "
        "it. It attests and proposes no more. Look up its address, read your node's log, and tell a moderator if you "
        "did not withdraw it.",
    ),
}
TROUBLES: dict[Trouble, Advice] = {
    "left-the-set": DEPARTURES["unknown"],
    "slashed": Advice(
        "slashed, still in the set",
        "The rollup took a part of the stake. It can happen again, and with too little left the validator is put out "
        "of the set. Find the reason now: long absence, or two nodes that sign with one key.",
    ),
    "slashing-announced": Advice(
        "slashing announced",
        "The network's proposers voted to take stake of it, and the quorum is reached: unless it is vetoed, it may be "
        "executed from the time below on. Find the reason now and end it (long absence, or two nodes that sign with "
        "one key), so that it does not happen again; if it is wrong, tell a moderator at once.",
    ),
    "missing-attestations": Advice(
        "attestations are missing",
        "Its turn came in the committee and it did not sign. Who is absent for long is slashed. Check now that the "
        "node runs and is synced, that its Ethereum endpoints answer, that ports 8080 and 40400 (TCP and UDP) are open "
        "(`/operator is-ready`) and that its clock is right; then look at `/operator my-stats`.",
    ),
    "missing-proposals": Advice(
        "block proposals are missing",
        "It was its turn to propose a block and none came. Check now that the node is synced, that its account for "
        "publishing holds enough ether, and that its Ethereum endpoints answer; then look at `/operator my-stats`.",
    ),
}
RECOVERIES: dict[Trouble, Advice] = {
    "left-the-set": Advice("back in the set", "It has duties again: keep the node running and synced."),
    "slashed": Advice("no longer slashed", "There is nothing to do."),
    "slashing-announced": Advice("no slashing announced any more", "There is nothing to do."),
    "missing-attestations": Advice("attestations are made again", "There is nothing to do."),
    "missing-proposals": Advice("block proposals are made again", "There is nothing to do."),
}

NO_CONCLUSION: dict[Source, str] = {
    "ethereum": "Nothing is concluded about anybody until it is over: no operator is alerted, and nobody is marked as "
    "slashed.",
    "aztec-node": "Nothing is concluded about duties until it is over: no operator hears of missed attestations or "
    "proposals. Who leaves the set is still noticed.",
    "network": "That is the network's problem rather than theirs, so their operators are not alerted one by one.",
}
CONCLUDED_AGAIN: dict[Source, str] = {
    "ethereum": "The set is watched again.",
    "aztec-node": "Duties are watched again.",
    "network": "Operators hear again of what concerns them, also of what remains of this.",
}
_ETHEREUM = "Check ETHEREUM_HOST and the contract addresses."
_NODE = "Check the node, or put another one first in AZTEC_RPC_URL."
OUTAGES: dict[tuple[Source, Doubt], Advice] = {
    ("ethereum", "silent"): Advice("Ethereum does not answer the monitor.", _ETHEREUM),
    ("ethereum", "stale"): Advice("Ethereum's newest block is old.", f"Its endpoint stands still. {_ETHEREUM}"),
    ("ethereum", "set-empty"): Advice("Ethereum says that the validator set is empty.", _ETHEREUM),
    ("ethereum", "set-shrank"): Advice(
        "Many validators are not in the set any more, and the chain does not say why.",
        f"{_ETHEREUM} If the answer is right there is nothing to do: after a day of the same it is believed.",
    ),
    ("ethereum", "rollup-changed"): Advice(
        "The rollup is another one, and many validators are not in its set.",
        "If the network moved to it there is nothing to do: after a day it is believed. Otherwise check the contract "
        "addresses.",
    ),
    ("aztec-node", "silent"): Advice("The Aztec node does not answer the monitor.", _NODE),
    ("aztec-node", "stale"): Advice("The Aztec node's statistics are old.", f"It is not synced. {_NODE}"),
    ("aztec-node", "wrong-network"): Advice("The Aztec node belongs to another network.", _NODE),
    ("aztec-node", "sentinel-off"): Advice(
        "The Aztec node does not watch validators.",
        "Switch its sentinel on (SENTINEL_ENABLED=true), or put a node that has it first in AZTEC_RPC_URL.",
    ),
    ("aztec-node", "nothing-seen"): Advice(
        "The Aztec node has not seen any duty yet.",
        "After its restart that takes some slots. When it lasts, look at the node's log, or put another one first in "
        "AZTEC_RPC_URL.",
    ),
    ("network", "many-missing"): Advice(
        "Most validators miss their attestations.", "Look at the network's status and its announcements."
    ),
    ("network", "many-left"): Advice(
        "Most validators left the set at once.",
        "Look at the rollup's recent transactions. If it is still so at the next run, their operators are told.",
    ),
}
"""Titles are whole sentences, which stand after "Over: " at the end."""
