"""Operators as moderators name them, and the list of all."""

from __future__ import annotations

import re

import disnake

from sparta.bot import buttons, embeds, statistics, texts
from sparta.bot.client import ApiClient, Who
from sparta.bot.replies import Reply
from sparta.errors import InvalidInput
from sparta.models import Operator

PAGE = 20
API_PAGE = 100
_MENTION = re.compile(r"<@!?([0-9]{1,20})>|([0-9]{15,20})")


def named(member: disnake.abc.User | None, text: str | None) -> Who:
    """Who is meant: a member, or by username, id or mention.

    :raises InvalidInput: nobody, or two
    """
    if member is not None and text:
        raise InvalidInput(texts.NOT_BOTH)
    if member is not None:
        return Who(str(member.id))
    given = (text or "").strip()
    if not given:
        raise InvalidInput(texts.ONE_OF_TWO)
    if found := _MENTION.fullmatch(given):
        return Who(found[1] or found[2])
    return Who(username=given.removeprefix("@"))


def shown(operator: Operator) -> str:
    """One operator in a sentence."""
    return f"**{embeds.plain(operator.discord_username)}** (`{operator.discord_id}`)"


async def page(api: ApiClient, number: int) -> Reply:
    """One page of all operators, the last where there are fewer."""
    total = (await api.operator_stats()).total_operators
    pages = max(-(-total // PAGE), 1)
    number = min(number, pages - 1)
    lines = [f"{shown(each)} · {statistics.standing(each)}" for each in await _some(api, number)]
    made = embeds.embed(f"Operators: {total:,}", "\n".join(lines) or texts.NO_OPERATORS)
    return Reply(made, buttons.pager(buttons.OPERATORS, number, pages))


async def _some(api: ApiClient, number: int) -> list[Operator]:
    """The API gives pages of 100, each with the token of the next, so one walks there."""
    walk, offset = divmod(number * PAGE, API_PAGE)
    found = await api.operators()
    for _ in range(walk):
        if found.next_page_token is None:
            return []
        found = await api.operators(found.next_page_token)
    return found.operators[offset : offset + PAGE]
