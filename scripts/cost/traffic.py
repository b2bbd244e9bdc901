"""What no template can say: how much the system is used. Each number with the reason for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Traffic:
    """Use of the system in one day, unless a name says otherwise."""

    api_requests: float = 20_000


TRAFFIC = Traffic()
