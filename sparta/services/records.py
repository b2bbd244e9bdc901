"""What a run learnt is stored: each validator of whom something changed, its slots with duties, the epoch's row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain

from sparta.chain.stats import NodeStats
from sparta.chain.survey import Survey
from sparta.errors import NotFound
from sparta.models import History, NetworkStats
from sparta.rules.facts import DAY, Policy
from sparta.services import census
from sparta.services.census import NOT_WATCHED, Tally
from sparta.services.reading import Reading
from sparta.services.verdict import SECOND, Verdict
from sparta.stores import Stores
from sparta.stores.table import Transaction, commit_all

_MOST_EPOCHS = 90
"""Of one validator at once: with the validator itself they must fit into a transaction. Nodes remember 24."""


def record(stores: Stores, reading: Reading, verdict: Verdict, policy: Policy) -> int:
    """Store it, in as few transactions as it fits into; how many validators had changed.

    What is stored twice is the same, so a run that is broken off is made up for by the next. A validator and its slots
    are one act, since its newest slot says which slots are recorded; how far the run got comes last.
    """
    if reading.chain is None or not verdict.believes_set:
        return 0
    stats = reading.stats if verdict.believes_stats else None
    _show_operators(stores, reading, reading.chain, verdict)
    changed = _changed(stores, reading, reading.chain, verdict, stats, policy)
    last = _progress(stores, reading, reading.chain, verdict, stats)
    return commit_all(stores.database, chain(changed, [last])) - 1


def _show_operators(stores: Stores, reading: Reading, survey: Survey, verdict: Verdict) -> None:
    """Who comes or goes and has an operator stands in the operator's record too. Seldom; so each is an act of its own,
    which nobody's claim or transfer at this moment can break.
    """
    members, left = frozenset(survey.members), frozenset(verdict.left)
    for address, known in reading.known.items():
        is_active = _is_active(address, members, left, known.is_active)
        if known.operator_id is not None and known.is_active != is_active:
            with suppress(NotFound):  # Removed since it was read.
                stores.validators.set_active(address, active=is_active)


def _is_active(address: str, members: frozenset[str], left: frozenset[str], before: bool) -> bool:
    return address in members or (before and address not in left)


def _changed(
    stores: Stores, reading: Reading, survey: Survey, verdict: Verdict, stats: NodeStats | None, policy: Policy
) -> Iterator[Transaction]:
    members, left = frozenset(survey.members), frozenset(verdict.left)
    for address in sorted(members | reading.known.keys()):
        known = reading.known.get(address)
        is_active = _is_active(address, members, left, known is not None and known.is_active)
        before = known.tally if known else None
        after = _tally(stats, address, before, policy)
        if known is None or known.is_active != is_active or after != before:
            told = stats.validators.get(address, NOT_WATCHED) if stats else NOT_WATCHED
            yield _validator(
                stores, survey, address, is_active=is_active, before=before, after=after, history=told.history
            )


def _tally(stats: NodeStats | None, address: str, before: Tally | None, policy: Policy) -> Tally | None:
    if stats is None:
        return before
    told = stats.validators.get(address, NOT_WATCHED)
    return census.tally(told, before, stats.last_processed_slot or 0, policy.same_chain_slots)


def _validator(
    stores: Stores,
    survey: Survey,
    address: str,
    *,
    is_active: bool,
    before: Tally | None,
    after: Tally | None,
    history: tuple[tuple[int, str], ...],
) -> Transaction:
    transaction = Transaction(stores.database)
    stats = census.model(after) if after and after != before else None
    stores.validators.add_to(transaction, address, is_active=is_active, stats=stats)
    epochs: dict[int, dict[int, str]] = defaultdict(dict)
    for slot, status in history:
        if slot > _recorded(before, after):
            epochs[slot // survey.timing.epoch_slots][slot] = status
    for epoch in sorted(epochs)[-_MOST_EPOCHS:]:
        stores.history.add_to(transaction, History(address=address, epoch=epoch, slots=epochs[epoch]))
    return transaction


def _recorded(before: Tally | None, after: Tally | None) -> int:
    """Up to which slot the history is stored; nothing of a rollup whose slots began anew."""
    if before is None or before.newest is None or after is None or after.newest is None:
        return -1
    return before.newest if before.newest <= after.newest else -1


def _progress(
    stores: Stores, reading: Reading, survey: Survey, verdict: Verdict, stats: NodeStats | None
) -> Transaction:
    transaction = Transaction(stores.database)
    memory = reading.memory
    epoch = None if stats is None else (stats.last_processed_slot or 0) // survey.timing.epoch_slots
    if stats is not None and epoch is not None and epoch != memory.epoch:
        stores.network_stats.add_to(transaction, _network(reading, survey, stats, epoch))
    following = memory.model_copy(
        update={
            "rollup": survey.rollup,
            "block": survey.block if survey.events is not None else memory.block,
            "epoch": memory.epoch if epoch is None else epoch,
            "stats_at": verdict.stats_at or memory.stats_at,
            "slashing_proposer": survey.slashing_proposer,
        }
    )
    stores.monitor.add_progress(transaction, following)
    return transaction


def _network(reading: Reading, survey: Survey, stats: NodeStats, epoch: int) -> NetworkStats:
    active = attested = 0
    attestations, proposals = [0, 0], [0, 0]
    for address in survey.members:
        told = stats.validators.get(address, NOT_WATCHED)
        known = reading.known.get(address)
        last = census.merged(told, known.tally if known else None).attested
        active += told.last_attestation is not None or told.last_proposal is not None
        attested += last is not None and last[1] * SECOND > reading.time - DAY
        for sums, missed in ((attestations, told.missed_attestations), (proposals, told.missed_proposals)):
            sums[0] += missed.count
            sums[1] += missed.total
    return NetworkStats(
        epoch=epoch,
        validators_in_set=len(survey.members),
        validators_active=active,
        attested_last_day=attested,
        attestation_miss_rate=_share(attestations),
        proposal_miss_rate=_share(proposals),
        recorded_at=reading.time,
    )


def _share(sums: list[int]) -> float | None:
    missed, total = sums
    return min(missed / total, 1.0) if total else None
