"""What was decided becomes messages: states and outbox rows in transactions, so that each is told once.

An operator's new watch and all messages about it are one act. Several operators share a transaction, and with them goes
the moderators' summary of exactly these; so a run that is broken off between two transactions has told some operators
wholly and the others not at all, and the next one tells those as this one would have.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sparta.errors import DependencyFailed
from sparta.models import Sending
from sparta.notify import text
from sparta.rules.alerts import Decision
from sparta.rules.facts import Listener
from sparta.stores import Stores
from sparta.stores.database import BUSY, ConditionFailed
from sparta.stores.table import Transaction
from sparta.stores.watches import Watched

ATTEMPTS = 5
"""How often a decision is made anew because another run was first."""
THREAD = {"threadName": "Validator alerts"}


@dataclass(frozen=True, slots=True)
class Audience:
    """``channel`` of the moderators; ``chain_id`` for links."""

    channel: str
    chain_id: int


def listener(watched: Watched) -> Listener:
    """An operator as decisions know him."""
    operator = watched.operator
    return Listener(operator.discord_id, operator.discord_username, watched.preferences, watched.watch)


@dataclass(frozen=True, slots=True)
class _Group:
    """What belongs to one operator and is stored as a whole."""

    watched: Watched
    decision: Decision
    digest: Sequence[Sending]


def announce(
    stores: Stores, operators: Sequence[Watched], decide: Callable[[Watched], Decision], to: Audience, time: int
) -> list[Decision]:
    """Decide for each operator and store what there is to store; those decisions of which something was told.

    :raises DependencyFailed: other runs were first too often
    """
    told: list[Decision] = []
    waiting = list(operators)
    for _ in range(ATTEMPTS):
        decided = [(each, decision) for each in waiting if (decision := decide(each)).changed]
        waiting = []
        for part in _parts([_Group(*pair, _digest(*pair, to, time)) for pair in decided]):
            if _commit(stores, part, to, time):
                told += [group.decision for group in part if group.digest]
            else:
                waiting += stores.watches.get_many(group.watched.operator.discord_id for group in part)
        if not waiting:
            return told
    raise DependencyFailed(BUSY, dependency="DynamoDB")


def _parts(groups: Sequence[_Group]) -> Iterator[list[_Group]]:
    """As many at once as a transaction holds, in the operators' order."""
    part: list[_Group] = []
    for group in sorted(groups, key=lambda each: each.watched.operator.discord_id):
        wider = [*part, group]
        size = sum(1 + len(each.digest) for each in wider) + len(_summary(wider))
        if part and size > Transaction.LONGEST:
            yield part
            wider = [group]
        part = wider
    if part:
        yield part


def _commit(stores: Stores, part: Sequence[_Group], to: Audience, time: int) -> bool:
    transaction = Transaction(stores.database)
    for group in part:
        decision = group.decision
        stores.watches.add_to(transaction, decision.listener.operator_id, decision.watch, slashed=decision.slashed)
    digests = [message for group in part for message in group.digest]
    named = hashlib.sha256("\n".join(message.key for message in digests).encode()).hexdigest()[:32]
    for message in [*digests, *rows(f"summary/{named}", to.channel, _summary(part), time)]:
        stores.alerts.add_to(transaction, message)
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


def _summary(part: Sequence[_Group]) -> list[str]:
    told = [group.decision for group in part if group.digest]
    return text.summary(told) if told else []


def rows(key: str, channel: str, contents: Sequence[str], time: int) -> list[Sending]:
    """Messages to a channel that belong together and are sent in this order."""
    return [
        Sending(
            key=f"{key}/{number}",
            route="channel",
            target=channel,
            content=content,
            # Those first that wait longest.
            not_before=time - len(contents) + number,
            created_at=time,
            updated_at=time,
        )
        for number, content in enumerate(contents)
    ]


def _digest(watched: Watched, decision: Decision, to: Audience, time: int) -> list[Sending]:
    """The key holds when the operator registered: who comes back after he was deleted begins with version 1 again."""
    if not decision.alerts:
        return []
    operator = watched.operator
    contents = text.digest(operator.discord_id, decision.alerts, to.chain_id)
    key = f"digest/{operator.discord_id}/{operator.created_at}/{decision.watch.version}"
    return [
        message.model_copy(update={"route": "operator", "details": THREAD})
        for message in rows(key, operator.discord_id, contents, time)
    ]
