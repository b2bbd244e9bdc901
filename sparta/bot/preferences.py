"""What an operator wants to hear of: shown, and changed without touching the rest."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import get_args

from disnake import Embed

from sparta.bot import embeds, texts
from sparta.bot.client import ApiClient, Who
from sparta.models import ALWAYS_TOLD, AlertKind, Preferences

KINDS: tuple[AlertKind, ...] = tuple(kind for kind in get_args(AlertKind) if kind not in ALWAYS_TOLD)
"""Those there is a choice about."""
HOUR = 3_600_000
"""Milliseconds."""


async def change_alerts(
    api: ApiClient, who: Who, wanted: Mapping[AlertKind, bool | None], percent: int | None, *, reset: bool
) -> Preferences:
    """Switch kinds on or off (``None``: as they are), set the miss rate, or go back to the defaults first."""
    stored = await api.preferences(who)
    before = Preferences(muted_until=stored.muted_until) if reset else stored
    kinds = _switched(before.kinds, wanted)
    rate = before.miss_rate_threshold if percent is None else percent / 100
    after = Preferences(kinds=kinds, miss_rate_threshold=rate, muted_until=before.muted_until)
    return after if after == stored else await api.set_preferences(who, after)


async def mute(api: ApiClient, who: Who, hours: int) -> Preferences:
    """Silence from now on; 0 ends it."""
    before = await api.preferences(who)
    until = time.time_ns() // 1_000_000 + hours * HOUR if hours else None
    return await api.set_preferences(who, before.model_copy(update={"muted_until": until}))


def shown(preferences: Preferences, title: str = "Your alerts") -> Embed:
    """All of them, with what the defaults mean."""
    on = set(KINDS if preferences.kinds is None else preferences.kinds)
    kinds = "\n".join(f"{'🔔' if kind in on else '🔕'} {texts.KINDS[kind]}" for kind in KINDS)
    rate = preferences.miss_rate_threshold
    fields = [
        ("Kinds", kinds),
        ("From which miss rate on", f"{rate:.0%}" if rate is not None else texts.USUAL_THRESHOLD),
        ("Muted", muted(preferences)),
    ]
    return embeds.embed(title, texts.SLASHING_ALWAYS, fields)


def muted(preferences: Preferences) -> str:
    """Until when, if at all."""
    until = preferences.muted_until
    if until is None or until <= time.time_ns() // 1_000_000:
        return "no"
    return f"until {embeds.moment(until // 1000)}"


def _switched(before: list[AlertKind] | None, wanted: Mapping[AlertKind, bool | None]) -> list[AlertKind] | None:
    """``None`` for all kinds, so that one that comes later is among them."""
    on = set(KINDS if before is None else before)
    kept = [kind for kind in KINDS if (kind in on if wanted.get(kind) is None else wanted[kind])]
    return None if len(kept) == len(KINDS) else kept
