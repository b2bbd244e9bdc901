"""Messages to operators and channels: accepted durably first, sent afterwards."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from threading import Event

from sparta.models import Operator, Sending
from sparta.stores.alerts import Alerts
from sparta.stores.clock import Clock, now


@dataclass(frozen=True, slots=True)
class MessageService:
    """A message that was accepted will be sent, whatever happens to this process."""

    alerts: Alerts
    clock: Clock = now
    accepted: Event = field(default_factory=Event)
    """Set when there is something new to send."""

    def to_operator(self, operator: Operator, text: str, details: dict[str, str], key: str | None = None) -> str:
        """A message in the operator's private thread; its id.

        :param details: ``validatorAddress``, ``threadName``, ``parentChannelId``, where given
        :param key: the caller's own; a second message of the same caller with it is the first one
        """
        return self._accept("operator", operator.discord_id, text, details, key)

    def to_channel(self, channel_id: str, text: str, key: str | None = None) -> str:
        """A message to a channel; its id."""
        return self._accept("channel", channel_id, text, {}, key)

    def _accept(self, route: str, target: str, text: str, details: dict[str, str], key: str | None) -> str:
        message_id = f"{route}#{target}#{key or uuid.uuid4().hex}"
        time = self.clock()
        self.alerts.add(
            Sending.model_validate(
                {
                    "key": f"api#{message_id}",
                    "route": route,
                    "target": target,
                    "content": text,
                    "details": details,
                    "created_at": time,
                    "updated_at": time,
                }
            )
        )
        self.accepted.set()
        return message_id
