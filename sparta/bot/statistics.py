"""An operator and how their validators are doing: as a page of an embed, with the picture of their last duties."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from disnake import Embed

from sparta.addresses import checksum_address
from sparta.bot import buttons, embeds, texts
from sparta.bot.client import ApiClient, Who
from sparta.bot.picture import LEGEND, Row, draw, duties_of
from sparta.bot.replies import Picture, Reply
from sparta.contract import ValidatorDetails
from sparta.errors import SpartaError
from sparta.models import Duty, Operator
from sparta.telemetry import log

PAGE = 6
"""Validators in one message: as many as a picture shows well, and far below the 6,000 characters of an embed."""
EPOCHS = 20
NAME_LENGTH = 40


async def page(api: ApiClient, who: Who, number: int) -> Reply:
    """One page, the last where there are fewer.

    :raises SpartaError: the operator is not known, or the API does not answer
    """
    operator = await api.operator(who)
    known = Who(operator.discord_id)
    everyone = await api.details(known) if operator.validators else []
    pages = max(-(-len(everyone) // PAGE), 1)
    number = min(number, pages - 1)
    shown = everyone[number * PAGE : (number + 1) * PAGE]
    picture = await _picture(api, shown, number * PAGE + 1)
    embed = _record(operator)
    for place, validator in enumerate(shown, number * PAGE + 1):
        embed.add_field(f"{place}. {name(validator)}", describe(validator), inline=False)
    if shown:
        embed.set_footer(text=LEGEND if picture else texts.NO_HISTORY)
    return Reply(embed, buttons.pager(buttons.STATS, number, pages, operator.discord_id), picture)


def record(operator: Operator) -> Embed:
    """Who it is, without statistics."""
    made = _record(operator)
    if operator.validators:
        shown = [f"`{checksum_address(each.address)}`" for each in operator.validators[:10]]
        more = len(operator.validators) - len(shown)
        made.add_field("Validators", "\n".join([*shown, *([f"and {more} more"] if more else [])]), inline=False)
    return made


def name(validator: ValidatorDetails) -> str:
    """Its label, else its address in short."""
    address = checksum_address(validator.address)
    return embeds.clip(embeds.plain(validator.label), 2 * NAME_LENGTH) if validator.label else short(address)


def short(address: str) -> str:
    """Enough of an address to know it again."""
    return f"{address[:8]}…{address[-6:]}"


def describe(validator: ValidatorDetails) -> str:
    """The facts of one validator, in a few lines."""
    lines = [f"`{checksum_address(validator.address)}`", _standing(validator)]
    if validator.total_slots:
        lines.append(f"Miss rate {_rate(validator)}")
        lines.append(
            f"Last attestation {_when(validator.last_attestation)} · proposal {_when(validator.last_proposal)}"
        )
    return "\n".join(lines)


def standing(operator: Operator) -> str:
    """Approved or not, in a word for lists."""
    if operator.was_slashed:
        return "⛔ slashed"
    return "✅ approved" if operator.is_approved else "⏳ not approved"


def _record(operator: Operator) -> Embed:
    count = len(operator.validators or ())
    made = embeds.embed(
        f"Operator {embeds.plain(operator.discord_username)}",
        "" if count else texts.NO_VALIDATORS,
        [
            ("Standing", standing(operator)),
            ("Validators", str(count)),
            ("Registered", embeds.ago(operator.created_at // 1000)),
        ],
        inline=True,
    )
    made.add_field("Wallet", f"`{checksum_address(operator.wallet_address)}`", inline=False)
    return made


def _standing(validator: ValidatorDetails) -> str:
    if not validator.is_active:
        return "⚪ not in the set"
    streak = validator.missed_attestations_current_streak
    if streak is None:
        return "🔵 in the set, no statistics yet"
    if streak:
        return f"🔴 in the set, **missed the last {streak} attestations**"
    return "🟢 in the set, attesting" if validator.last_attestation else "🔵 in the set, not on duty yet"


def _rate(validator: ValidatorDetails) -> str:
    rate = validator.missed_attestations_rate
    missed = f"{validator.missed_attestations_count or 0} attestations missed"
    return f"**{rate:.1%}** ({missed})" if rate is not None else "unknown, no attestation was due"


def _when(duty: Duty | None) -> str:
    return embeds.ago(duty.timestamp) if duty else "never"


async def _picture(api: ApiClient, shown: Sequence[ValidatorDetails], first: int) -> Picture | None:
    """Statistics without their picture are better than none."""
    try:
        histories = await asyncio.gather(*(api.history(each.address, EPOCHS) for each in shown))
    except SpartaError as error:
        log().warning("no picture", reason=error.sentence)
        return None
    numbered = enumerate(zip(shown, histories, strict=True), first)
    return draw(
        [
            Row(number, validator.label or short(validator.address), duties_of(history))
            for number, (validator, history) in numbered
        ]
    )
