"""What moderators hear of sources that cannot be believed: that it began and that it is over, once each."""

from __future__ import annotations

from typing import get_args

from sparta.errors import DependencyFailed
from sparta.models import AlertState, Doubt, Monitor, Sending, Source
from sparta.notify import text
from sparta.rules import trust
from sparta.rules.facts import Policy
from sparta.services.announce import ATTEMPTS, rows
from sparta.services.verdict import Verdict
from sparta.stores import Stores
from sparta.stores.database import BUSY, ConditionFailed
from sparta.stores.table import Transaction

_SOURCES: tuple[Source, ...] = get_args(Source)
_DOUBTS: tuple[Doubt, ...] = get_args(Doubt)


def report(
    stores: Stores, memory: Monitor, verdict: Verdict, problems: dict[Source, str], channel: str, policy: Policy
) -> list[Sending]:
    """Remember which sources are believed, and tell what is new of it, as one act; what was told.

    :raises DependencyFailed: other runs were first too often
    """
    for _ in range(ATTEMPTS):
        following, contents = changes(memory, verdict, problems, policy)
        if following.version == memory.version:
            return []
        messages = rows(f"outage/{following.version}", channel, contents, verdict.circumstances.time)
        transaction = Transaction(stores.database)
        stores.monitor.add_outages(transaction, following)
        for message in messages:
            stores.alerts.add_to(transaction, message)
        try:
            transaction.commit()
        except ConditionFailed:
            memory = stores.monitor.get()
            continue
        return messages
    raise DependencyFailed(BUSY, dependency="DynamoDB")


def changes(
    memory: Monitor, verdict: Verdict, problems: dict[Source, str], policy: Policy
) -> tuple[Monitor, list[str]]:
    """What is to be remembered, with the next version if it differs, and the messages about it."""
    time = verdict.circumstances.time
    outages: dict[Source, AlertState] = {}
    contents: list[str] = []
    for source in _SOURCES:
        before, doubt = memory.outages.get(source), verdict.doubts.get(source)
        after, news = trust.outage(before, doubt, time, policy, known=source in verdict.doubts)
        if after:
            outages[source] = after
        if news == "recovered" and before:
            contents.append(text.outage_over(source, _doubt(before), before.since))
        elif news and doubt:
            contents.append(text.outage_began(source, doubt, problems.get(source, "")))
    following = memory.model_copy(update={"outages": outages, "doubted_since": verdict.doubted_since})
    if following != memory:
        following = following.model_copy(update={"version": memory.version + 1})
    return following, contents


def _doubt(outage: AlertState) -> Doubt:
    return next((doubt for doubt in _DOUBTS if doubt == outage.cause), "silent")
