"""What one run of the monitor reads, before it concludes anything: our own records, Ethereum and the Aztec node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from sparta import telemetry
from sparta.chain.accusations import Accusation, accusations
from sparta.chain.aztec import AztecNode, NodeInfo
from sparta.chain.contracts import Contracts
from sparta.chain.rollup import ValidatorStatus
from sparta.chain.rpc import JsonRpc
from sparta.chain.stats import NodeStats
from sparta.chain.survey import Survey, survey
from sparta.errors import DependencyFailed
from sparta.models import Monitor, Source
from sparta.rules.facts import DAY
from sparta.services import census
from sparta.services.census import Known
from sparta.stores import Stores
from sparta.stores.watches import Watched

_T = TypeVar("_T")
MOST_EXPLAINED = 200
"""Of so many that are lost at once the chain is asked for a reason; of an operator's validators always."""


class Sources(NamedTuple):
    """Where the monitor reads. ``account`` is Sparta's own, whose balance is measured."""

    stores: Stores
    rpc: JsonRpc
    contracts: Contracts
    node: AztecNode
    account: str | None = None

    @property
    def requests(self) -> int:
        """Sent so far to all of them."""
        return self.stores.database.requests + self.rpc.requests + self.node.requests


@dataclass(frozen=True, slots=True)
class Reading:
    """As of ``time`` in milliseconds. A source that did not answer is None, and ``problems`` says why.

    ``statuses`` are the contract's, of validators that are not in the set and may have left it.
    """

    time: int
    memory: Monitor
    known: dict[str, Known]
    operators: list[Watched]
    chain: Survey | None
    stats: NodeStats | None
    info: NodeInfo | None
    statuses: dict[str, ValidatorStatus]
    accusations: list[Accusation]
    problems: dict[Source, str]


def read(sources: Sources, time: int) -> Reading:
    """Our validators first and the set after them: who is registered meanwhile is not taken for one who left.

    :raises DependencyFailed: the database does not answer; without it nothing can be done
    """
    stores = sources.stores
    problems: dict[Source, str] = {}
    memory = stores.monitor.get()
    answer = _tried(sources.node.survey, "aztec-node", problems)
    stats, info = answer or (None, None)
    known = census.read(stores.validators.rows())
    operators = stores.watches.all()
    chain_answer = _tried(lambda: _survey(sources, memory, known, operators, time), "ethereum", problems)
    chain, statuses, accused = chain_answer or (None, {}, [])
    return Reading(time, memory, known, operators, chain, stats, info, statuses, accused, problems)


def lost(known: dict[str, Known], chain: Survey) -> list[str]:
    """Those known as in the set that are not in it."""
    members = set(chain.members)
    return [address for address, each in known.items() if each.is_active and address not in members]


def _survey(
    sources: Sources, memory: Monitor, known: dict[str, Known], operators: list[Watched], time: int
) -> tuple[Survey, dict[str, ValidatorStatus], list[Accusation]]:
    rollup = sources.contracts.rollup()
    is_same = memory.rollup is not None and memory.rollup.lower() == rollup.address.lower()
    chain = survey(
        sources.rpc,
        rollup.address,
        account=sources.account,
        since=memory.block if is_same else None,
        proposer=memory.slashing_proposer,
    )
    wanted = _in_question(known, operators, chain, time)
    found = rollup.look_up(wanted, hex(chain.block)) if wanted else []
    return chain, {each.address: each.status for each in found}, _announced(sources, chain)


def _announced(sources: Sources, chain: Survey) -> list[Accusation]:
    """A warning is worth a request, but not worth failing for: the slashing itself is seen without it."""
    if chain.voting is None:
        return []
    try:
        return accusations(sources.rpc, chain.voting, chain.timing, hex(chain.block))
    except DependencyFailed as failure:
        telemetry.log().warning("announced slashings not read", reason=failure.sentence)
        return []


def _in_question(known: dict[str, Known], operators: list[Watched], chain: Survey, time: int) -> list[str]:
    """Of whom the contract's status is asked: those just lost, and those whose absence is unexplained for a week."""
    gone = lost(known, chain)
    just_lost = gone if len(gone) <= MOST_EXPLAINED else [address for address in gone if known[address].operator_id]
    unexplained = [
        address
        for each in operators
        for address, states in each.watch.states.items()
        if (state := states.get("left-the-set")) and state.over is None and state.cause == "unknown"
        if time - state.since < 7 * DAY
    ]
    return sorted({*just_lost, *unexplained} - set(chain.members))


def _tried(question: Callable[[], _T], source: Source, problems: dict[Source, str]) -> _T | None:
    try:
        return question()
    except DependencyFailed as failure:
        problems[source] = failure.sentence
        return None
