"""Whether others can reach a node: two ports of a public address, knocked at on behalf of its operator."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sparta.errors import TooMany
from sparta.services.public_address import public_address
from sparta.stores.config import Config

PORTS = (8080, 40400)
"""RPC and P2P of an Aztec node. Fixed, so that nobody scans with our address."""
SECONDS = 3.0
MOST = 5
WINDOW_SECONDS = 600

Knock = Callable[[str, int], bool]
"""Whether a port of an address answers."""


def knock(address: str, port: int) -> bool:
    """A connection is made and closed; nothing is sent."""
    try:
        with socket.create_connection((address, port), timeout=SECONDS):
            return True
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class NodeReadinessService:
    """Limited per person, over all tasks."""

    config: Config
    knock: Knock = knock

    def check(self, ip_address: str, discord_id: str) -> tuple[str, dict[int, bool]]:
        """The address as it was understood, and by port whether it answers.

        :raises InvalidInput: no public address
        :raises TooMany: this person asked too often
        """
        address = str(public_address(ip_address))
        if not self.config.count(f"readiness#{discord_id}", most=MOST, seconds=WINDOW_SECONDS):
            raise TooMany(
                f"You asked {MOST} times within {WINDOW_SECONDS // 60} minutes, which is the most. Try again in "
                f"{WINDOW_SECONDS // 60} minutes.",
                seconds=WINDOW_SECONDS,
            )
        with ThreadPoolExecutor(len(PORTS)) as pool:
            return address, dict(zip(PORTS, pool.map(lambda port: self.knock(address, port), PORTS), strict=True))
