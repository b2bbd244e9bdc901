"""Why validators are not in the set, as far as the chain proves it: the contract's status, and what it logged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sparta.chain.accusations import Accusation
from sparta.chain.events import StakeEvent, What
from sparta.chain.rollup import ValidatorStatus
from sparta.models import Cause
from sparta.rules.facts import Loss

_BY_EVENT: dict[What, Cause] = {
    "slashed": "slashed",
    "withdrawing": "exiting",
    "withdrawn": "gone",
    "queued": "queued",
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """``causes`` by address, of those of whom something is proven; ``members`` are in the set by their status;
    ``departed`` have left it since the last run, if they are not in it, though perhaps no run ever saw them there."""

    causes: Mapping[str, Cause]
    members: frozenset[str]
    departed: frozenset[str]
    slashings: Mapping[str, tuple[Loss, ...]]
    announced: Mapping[str, tuple[Loss, ...]]


def of(
    events: Iterable[StakeEvent],
    statuses: Mapping[str, ValidatorStatus],
    accusations: Iterable[Accusation],
    since: int | None,
) -> Evidence:
    """The last that happened to a stake tells, and a zombie was slashed whatever happened last.

    A status of NONE proves nothing: from 1.x on it is also that of a validator that lost its whole stake. ``since`` is
    the block up to which the last run read: what it knew is no departure of whoever owns the validator now.
    """
    causes: dict[str, Cause] = {
        address: "exiting" for address, status in statuses.items() if status is ValidatorStatus.EXITING
    }
    slashings: dict[str, tuple[Loss, ...]] = defaultdict(tuple)
    departed: set[str] = set()
    for event in events:
        causes[event.attester] = _BY_EVENT[event.what]
        if event.what != "queued" and (since is None or event.block > since):
            departed.add(event.attester)
        if event.what == "slashed":
            slashings[event.attester] += (Loss(event.block, event.amount),)
    causes |= {address: "slashed" for address, status in statuses.items() if status is ValidatorStatus.ZOMBIE}
    members = frozenset(address for address, status in statuses.items() if status is ValidatorStatus.VALIDATING)
    announced: dict[str, tuple[Loss, ...]] = defaultdict(tuple)
    for each in accusations:
        announced[each.attester] += (Loss(each.executable_at, each.amount),)
    return Evidence(causes, members, frozenset(departed), dict(slashings), dict(announced))
