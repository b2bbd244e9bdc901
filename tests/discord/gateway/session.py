"""What the gateway remembers of one start of a bot, over all its connections."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tests.discord.gateway.wire import Op, Wire


@dataclass(frozen=True)
class Event:
    """Something that was told."""

    sequence: int
    name: str
    data: Any


@dataclass
class Session:
    """``wire`` is ``None`` while the bot is away; what happens meanwhile is told when it resumes."""

    id: str
    intents: int
    shard: list[int] | None
    wire: Wire | None
    told: list[Event] = field(default_factory=list)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def sequence(self) -> int:
        """That of the last event."""
        return len(self.told)

    async def tell(self, *events: tuple[str, Any]) -> None:
        """The next events, with none in between."""
        async with self._lock:
            for name, data in events:
                event = Event(self.sequence + 1, name, data)
                self.told.append(event)
                await self._send(event)

    async def resume(self, wire: Wire, sequence: int) -> None:
        """Go on over another connection: first what was told after ``sequence``, then that all is told."""
        async with self._lock:
            self.wire = wire
            for event in self.told[sequence:]:
                await self._send(event)
        await self.tell(("RESUMED", {"_trace": ["stand-in"]}))

    async def _send(self, event: Event) -> None:
        if self.wire is not None:
            await self.wire.send(Op.DISPATCH, event.data, event.name, event.sequence)
