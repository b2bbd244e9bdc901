"""Embeds: facts first, a colour that says how it went, within Discord's limits by construction."""

from __future__ import annotations

from collections.abc import Iterable

import disnake

from sparta import telemetry
from sparta.bot import texts
from sparta.bot.requests import ApiRefused
from sparta.errors import SpartaError

CRIMSON, GREEN, AMBER, RED = 0xA61C28, 0x2E9E5B, 0xD98E04, 0xC0392B
TITLE, DESCRIPTION, FIELD_NAME, FIELD_VALUE = 256, 4096, 256, 1024
LONGEST_TEXT = 1500
"""Of what others give us: an API's sentence, a name."""
FAR_FUTURE = 2**35
"""Unix seconds from which on Discord shows nonsense."""


def clip(text: str, limit: int) -> str:
    """``text``, cut where Discord would refuse it."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def plain(text: str) -> str:
    """What people chose themselves, without effect on the text around it."""
    return disnake.utils.escape_markdown(disnake.utils.escape_mentions(text))


def embed(
    title: str,
    description: str = "",
    fields: Iterable[tuple[str, str]] = (),
    *,
    colour: int = CRIMSON,
    inline: bool = False,
) -> disnake.Embed:
    """One embed; fields below each other unless ``inline``."""
    made = disnake.Embed(title=clip(title, TITLE), description=clip(description, DESCRIPTION) or None, colour=colour)
    for name, value in fields:
        made.add_field(clip(name, FIELD_NAME), clip(value, FIELD_VALUE), inline=inline)
    return made


def done(title: str, description: str = "", fields: Iterable[tuple[str, str]] = ()) -> disnake.Embed:
    """It worked."""
    return embed(title, description, fields, colour=GREEN)


def refusal(sentence: str, title: str = texts.NOT_DONE) -> disnake.Embed:
    """It was not done, and what to do about it."""
    return embed(title, clip(sentence, LONGEST_TEXT), colour=AMBER)


def our_mistake() -> disnake.Embed:
    """A reference and nothing else: what went wrong is for the log."""
    return embed(texts.MISTAKE, texts.our_mistake(telemetry.request_id() or "none"), colour=RED)


def failure(error: SpartaError) -> disnake.Embed:
    """What a refusal or a failure says, with the API's further details."""
    problem = error.problem if isinstance(error, ApiRefused) else None
    of_contract = problem is not None and problem.contract_error is not None
    worth_it = error.status >= 502 and not of_contract
    made = refusal(error.sentence, texts.TRY_AGAIN if worth_it else texts.NOT_DONE)
    if problem:
        if problem.detail:
            made.add_field("Why", clip(plain(problem.detail), FIELD_VALUE), inline=False)
        if problem.until is not None and problem.until < FAR_FUTURE:
            made.add_field("Possible again", moment(problem.until), inline=False)
        if problem.contract_error:
            made.add_field("The contract's word", f"`{clip(problem.contract_error, 100)}`", inline=False)
    return made


def moment(unix_seconds: int) -> str:
    """A time as each reader's Discord shows it, and how far away it is."""
    return f"<t:{unix_seconds}:f> (<t:{unix_seconds}:R>)"


def ago(unix_seconds: int) -> str:
    """How far away only."""
    return f"<t:{unix_seconds}:R>"


def listed(commands: Iterable[tuple[str, str]]) -> str:
    """Commands with what they do, a line each."""
    return "\n".join(f"`{command}` {does}" for command, does in commands)
