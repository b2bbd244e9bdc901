"""What a run concludes from what it read: which sources it believes, and what each operator's validators look like."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from sparta.chain.stats import NodeStats, ValidatorStats
from sparta.chain.survey import Survey
from sparta.models import Doubt, Source
from sparta.rules import condition, trust
from sparta.rules.facts import Circumstances, Policy, Seen
from sparta.rules.trust import SetAnswer, StatsAnswer
from sparta.services import census, evidence
from sparta.services.census import NOT_WATCHED, Known
from sparta.services.evidence import Evidence
from sparta.services.reading import Reading, lost

SECOND = 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """``doubts`` holds each source that could be judged, with None where it is believed.

    ``seen`` by operator; ``left`` those that left the set since the last run; ``missing`` how many of the whole set
    miss attestations; ``stats_at`` when the newest slot was over of which the node told, in milliseconds.
    """

    doubts: dict[Source, Doubt | None]
    doubted_since: int | None
    circumstances: Circumstances
    stats_at: int | None = None
    seen: dict[str, list[Seen]] | None = None
    left: tuple[str, ...] = ()
    missing: int = 0

    @property
    def believes_set(self) -> bool:
        """Conclusions about anybody are possible."""
        return self.doubts["ethereum"] is None

    @property
    def believes_stats(self) -> bool:
        """Conclusions about duties are possible."""
        return self.believes_set and self.doubts.get("aztec-node", "silent") is None


@dataclass(frozen=True, slots=True)
class _View:
    """The reading of a run in which Ethereum answered, with what follows from it at once."""

    reading: Reading
    policy: Policy
    chain: Survey
    members: frozenset[str]
    lost: list[str]
    evidence: Evidence


def judge(reading: Reading, policy: Policy, chain_id: int) -> Verdict:
    """Pure: of the same reading always the same."""
    newest = reading.stats.last_processed_slot if reading.stats else None
    circumstances = Circumstances(reading.time, policy, newest_slot=newest or 0)
    silent: Doubt | None = "silent" if reading.stats is None else None
    if reading.chain is None:
        # Without Ethereum's clock nobody knows how old the statistics are; but that there are none is clear.
        doubts: dict[Source, Doubt | None] = {"ethereum": "silent", **({"aztec-node": silent} if silent else {})}
        return Verdict(doubts, reading.memory.doubted_since, circumstances)
    view = _View(
        reading,
        policy,
        reading.chain,
        frozenset(reading.chain.members),
        lost(reading.known, reading.chain),
        evidence.of(reading.chain.events or [], reading.statuses, reading.accusations, reading.memory.block),
    )
    answer = _set_answer(view)
    stats_at = _stats_at(reading.stats, reading.chain)
    verdict = Verdict(
        {
            "ethereum": trust.doubt_of_set(answer, policy, reading.time),
            "aztec-node": silent or trust.doubt_of_stats(_stats_answer(view, stats_at, chain_id), policy),
        },
        _doubted_since(answer, policy, reading.time),
        circumstances,
        stats_at,
    )
    return _concluded(verdict, view) if verdict.believes_set else verdict


def _concluded(verdict: Verdict, view: _View) -> Verdict:
    """With what each operator's validators look like, and whether it is the network's problem."""
    stats = view.reading.stats if verdict.believes_stats else None
    failing, observed = _performance(view, stats)
    outage = view.reading.memory.outages.get("network")
    already = outage is not None and outage.over is None
    left = tuple(address for address in view.lost if address not in view.evidence.members)
    expected = sum(known.is_active for known in view.reading.known.values())
    many_left = trust.is_collapse(len(left), expected, view.policy)
    many_missing = trust.is_collapse(failing, observed, view.policy, already=already)
    doubts = dict(verdict.doubts)
    if many_left or stats is not None:
        doubts["network"] = "many-left" if many_left else "many-missing" if many_missing else None
    return replace(
        verdict,
        doubts=doubts,
        circumstances=replace(verdict.circumstances, many_missing=many_missing, many_left=many_left),
        seen=_seen(view, stats),
        left=left,
        missing=failing,
    )


def _set_answer(view: _View) -> SetAnswer:
    reading, chain = view.reading, view.chain
    before = reading.memory.rollup
    explained = [each for each in view.lost if each in view.evidence.causes and each not in view.evidence.members]
    return SetAnswer(
        size=len(chain.members),
        expected=sum(known.is_active for known in reading.known.values()),
        lost=len(view.lost),
        proven=len(explained),
        block_age=reading.time - chain.block_time * SECOND,
        same_rollup=before is None or before.lower() == chain.rollup.lower(),
        doubted_since=reading.memory.doubted_since,
    )


def _doubted_since(answer: SetAnswer, policy: Policy, time: int) -> int | None:
    """Kept until the set looks right without it, so that a run that is broken off does not begin to doubt anew."""
    doubt = trust.doubt_of_set(replace(answer, doubted_since=None), policy, time)
    if doubt in {"set-shrank", "rollup-changed"}:
        return time if answer.doubted_since is None else answer.doubted_since
    return answer.doubted_since if doubt == "stale" else None


def _stats_answer(view: _View, stats_at: int | None, chain_id: int) -> StatsAnswer:
    reading, chain = view.reading, view.chain
    stats = reading.stats.validators if reading.stats else {}
    watched = [address for address, told in stats.items() if told.total_slots]
    rollup = reading.info.contracts.get("rollupAddress") if reading.info else None
    return StatsAnswer(
        window=reading.stats.slot_window if reading.stats else 0,
        watched=len(watched),
        strangers=sum(address not in view.members and address not in reading.known for address in watched),
        age=None if stats_at is None else reading.time - stats_at,
        same_network=(reading.info is None or reading.info.l1_chain_id == chain_id)
        and (rollup is None or rollup.lower() == chain.rollup.lower()),
        set_size=len(chain.members),
    )


def _stats_at(stats: NodeStats | None, chain: Survey) -> int | None:
    if stats is None or stats.last_processed_slot is None:
        return None
    return (chain.timing.genesis + (stats.last_processed_slot + 1) * chain.timing.slot_seconds) * SECOND


def _performance(view: _View, stats: NodeStats | None) -> tuple[int, int]:
    """How many of the set miss their attestations, of how many that had any to make."""
    failing = observed = 0
    limits, policy = view.policy.attestations, view.policy
    for address in view.members if stats else ():
        told = stats.validators.get(address, NOT_WATCHED) if stats else NOT_WATCHED
        if told.missed_attestations.rate is not None:
            observed += 1
            duties = census.attestations(told, limits, None)
            failing += condition.level_of(duties, limits, policy.miss_rate, policy) is not None
    return failing, observed


def _seen(view: _View, stats: NodeStats | None) -> dict[str, list[Seen]]:
    """Each operator's validators; without statistics to believe, nothing follows about their duties."""
    found: dict[str, list[Seen]] = defaultdict(list)
    for address, known in view.reading.known.items():
        if known.operator_id is not None:
            found[known.operator_id].append(_member_or_not(view, address, known, stats))
    return dict(found)


def _member_or_not(view: _View, address: str, known: Known, stats: NodeStats | None) -> Seen:
    taken, announced = view.evidence.slashings.get(address, ()), view.evidence.announced.get(address, ())
    if address in view.members:
        inside = Seen(address, known.label, "in", slashings=taken, announced=announced)
        return _with_duties(inside, stats.validators.get(address, NOT_WATCHED), known, view.policy) if stats else inside
    if address in view.evidence.members:
        return Seen(address, known.label, "in", slashings=taken, announced=announced)
    cause = view.evidence.causes.get(address, "unknown")
    has_left = known.is_active or address in view.evidence.departed
    return Seen(address, known.label, "left" if has_left else "out", cause, taken, announced)


def _with_duties(inside: Seen, told: ValidatorStats, known: Known, policy: Policy) -> Seen:
    last = census.merged(told, known.tally)
    return replace(
        inside,
        attestations=census.attestations(told, policy.attestations, last.attested),
        proposals=census.proposals(told, policy.proposals, last.proposed),
    )
