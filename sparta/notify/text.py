"""Every message of the monitor: what happened to which validator, since when, how bad it is, what to do now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from sparta.models import Doubt, Source
from sparta.notify import advice
from sparta.notify.advice import Advice
from sparta.notify.markup import ago, mention, moment, pages, plain, validator
from sparta.rules.alerts import Alert, Decision
from sparta.rules.facts import Duties

_GREETING = "{who}, news of your validators."
_GOES_ON = "{who}, there is more:"
_FOOTER = "-# `/operator alerts` sets what you hear and from which share on; `/operator mute` gives you quiet hours."
_MORE = "And {count} more: `/operator my-stats` shows all.\n"
_SUMMARY = "**Operators were alerted**"
_UNDELIVERED = (
    "🟠 **{count} message(s) could not be delivered** to {who}.\nThey do not know what they must know, and it is not "
    "tried again. Tell them by another way; then check that the bot may write in the operators' channel and make "
    "private threads there."
)
_UNREACHED = (
    "🟠 **Not reached in private:** {who}.\nThey left the server, or take no messages from its members, and were "
    "mentioned in the operators' channel instead. Ask them to open their direct messages, or remove who is gone."
)
_MOST_LINKS = 20
"""With more, links would double the number of messages; moderators see so many of each operator."""
_MOST_SHOWN = 500
"""The messages about one operator must fit into one transaction."""
_CRITICAL, _WARNING, _GOOD = "🔴", "🟠", "🟢"


def digest(discord_id: str, alerts: Sequence[Alert], chain_id: int) -> list[str]:
    """What one operator is told after a run: one message, or as many as his validators need."""
    who = mention(discord_id)
    shown = alerts[:_MOST_SHOWN]
    footer = _MORE.format(count=len(alerts) - len(shown)) + _FOOTER if len(alerts) > len(shown) else _FOOTER
    linked = chain_id if len(alerts) <= _MOST_LINKS else None
    sections = [
        (heading, [f"- {validator(each.address, each.label, linked)}: {_details(each)}" for each in group])
        for heading, group in groupby(shown, key=_heading)
    ]
    return pages(sections, _GREETING.format(who=who), _GOES_ON.format(who=who), footer)


def summary(decisions: Sequence[Decision]) -> list[str]:
    """What moderators see of it: who was told what."""
    sections = [(_addressee(each), [*_first_in_short(each.alerts)]) for each in decisions]
    return pages(sections, _SUMMARY, f"{_SUMMARY} (continued)")


def outage_began(source: Source, doubt: Doubt, detail: str = "") -> str:
    """To moderators, once: what cannot be believed, what that means, what to do."""
    title, action = advice.OUTAGES[source, doubt]
    more = f" {detail}" if detail else ""
    return f"🔴 **{title}**{more}\n{advice.NO_CONCLUSION[source]}\n{action} You will hear when it is over."


def outage_over(source: Source, doubt: Doubt, since: int) -> str:
    """To moderators, once. ``since`` in milliseconds."""
    title, _ = advice.OUTAGES[source, doubt]
    return f"🟢 **Over: {title}** It began {moment(since)}.\n{advice.CONCLUDED_AGAIN[source]}"


def undelivered(names: Sequence[str], count: int) -> list[str]:
    """To moderators: whom no message reached."""
    several = [names[start : start + 20] for start in range(0, len(names), 20)]
    return [_UNDELIVERED.format(count=count, who=", ".join(f"**{plain(name)}**" for name in part)) for part in several]


def unreached(names: Sequence[str]) -> list[str]:
    """To moderators: who could only be mentioned in public."""
    several = [names[start : start + 20] for start in range(0, len(names), 20)]
    return [_UNREACHED.format(who=", ".join(f"**{plain(name)}**" for name in part)) for part in several]


def _advice(alert: Alert) -> Advice:
    if alert.news == "recovered":
        return advice.RECOVERIES[alert.trouble]
    if alert.trouble == "left-the-set":
        return advice.DEPARTURES[alert.cause or "unknown"]
    return advice.TROUBLES[alert.trouble]


def _heading(alert: Alert) -> str:
    """The same for all validators with the same trouble."""
    title, meaning = _advice(alert)
    mark = _GOOD if alert.news == "recovered" else _CRITICAL if alert.level == "critical" else _WARNING
    shown = f"Still: {title}" if alert.news == "reminder" else title[0].upper() + title[1:]
    level = "" if alert.news == "recovered" else f" ({alert.level})"
    return f"{mark} **{shown}**{level}\n{meaning}"


def _details(alert: Alert) -> str:
    """What is particular to one validator."""
    if alert.news == "recovered":
        return f"it began {moment(alert.since)}"
    parts = [_in_numbers(alert.duties)] if alert.duties else []
    if alert.amount and alert.due:
        parts.append(f"{_tokens(alert.amount)} of stake, from {moment(alert.due * 1000)} on")
    elif alert.amount:
        parts.append(f"{_tokens(alert.amount)} of stake taken")
    parts.append(f"noticed {moment(alert.since)}")
    if alert.duties:
        last = alert.duties.last_done
        parts.append(f"last done {ago(last * 1000)}" if last else "none done as far as the node remembers")
    return ", ".join(parts)


def _addressee(decision: Decision) -> str:
    who = f"**{plain(decision.listener.name)}** (`{decision.listener.operator_id}`)"
    return f"{who}, who lost approval" if decision.slashed else who


def _first_in_short(alerts: Sequence[Alert]) -> Iterator[str]:
    yield from (_in_short(alert) for alert in alerts[:_MOST_LINKS])
    if len(alerts) > _MOST_LINKS:
        yield f"- and {len(alerts) - _MOST_LINKS} more"


def _in_short(alert: Alert) -> str:
    numbers = f" ({_in_numbers(alert.duties)})" if alert.duties and alert.news != "recovered" else ""
    again = ", again" if alert.news == "reminder" else ""
    return f"- {validator(alert.address, alert.label)}: {_advice(alert).title}{numbers}{again}"


def _in_numbers(duties: Duties) -> str:
    rate = f"{duties.rate or 0:.0%} missed ({duties.missed} of {duties.total})"
    return f"{rate}, the last {duties.row} in a row" if duties.row > 1 else rate


def _tokens(amount: int) -> str:
    """The staking asset has 18 decimals, as ether."""
    return f"{amount / 10**18:,.4f}".rstrip("0").rstrip(".") + " tokens"
