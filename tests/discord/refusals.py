"""How Discord refuses: a status, a JSON error code and, for a wrong body, what is wrong with which field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Refusal:
    """What the answer says."""

    status: int
    code: int
    message: str
    errors: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = {"message": self.message, "code": self.code}
        return {**found, "errors": dict(self.errors)} if self.errors else found


class Refused(Exception):
    """Raised by a route; the server makes the answer of it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


UNAUTHORIZED = Refusal(401, 0, "401: Unauthorized")
NO_ROUTE = Refusal(404, 0, "404: Not Found")
NO_AGENT = Refusal(403, 40333, "internal network error")
TOO_LARGE = Refusal(413, 40005, "Request entity too large")
UNKNOWN_APPLICATION = Refusal(404, 10002, "Unknown Application")
UNKNOWN_CHANNEL = Refusal(404, 10003, "Unknown Channel")
UNKNOWN_GUILD = Refusal(404, 10004, "Unknown Guild")
UNKNOWN_MEMBER = Refusal(404, 10007, "Unknown Member")
UNKNOWN_MESSAGE = Refusal(404, 10008, "Unknown Message")
UNKNOWN_ROLE = Refusal(404, 10011, "Unknown Role")
UNKNOWN_USER = Refusal(404, 10013, "Unknown User")
UNKNOWN_WEBHOOK = Refusal(404, 10015, "Unknown Webhook")
UNKNOWN_INTERACTION = Refusal(404, 10062, "Unknown interaction")
TOO_MANY_COMMANDS_TODAY = Refusal(400, 30034, "Max number of daily application command creates has been reached (200)")
ALREADY_ACKNOWLEDGED = Refusal(400, 40060, "Interaction has already been acknowledged.")
MISSING_ACCESS = Refusal(403, 50001, "Missing Access")
EMPTY_MESSAGE = Refusal(400, 50006, "Cannot send an empty message")
CLOSED_DMS = Refusal(403, 50007, "Cannot send messages to this user")
MISSING_PERMISSIONS = Refusal(403, 50013, "Missing Permissions")
INVALID_TOKEN = Refusal(401, 50027, "Invalid Webhook Token")
INVALID_ROLE = Refusal(400, 50028, "Invalid role")
WRONG_CHANNEL_TYPE = Refusal(400, 50024, "Cannot execute action on this channel type")
NOT_THE_AUTHOR = Refusal(403, 50005, "Cannot edit a message authored by another user")
THREAD_ARCHIVED = Refusal(400, 50083, "Thread is archived")
NO_MUTUAL_GUILD = Refusal(403, 50278, "Cannot send messages to this user due to having no mutual guilds")


def wrong(path: str, code: str, message: str) -> Refused:
    """A body or parameter that cannot be meant; ``path`` is the field's, with dots."""
    errors: dict[str, Any] = {"_errors": [{"code": code, "message": message}]}
    for name in reversed([part for part in path.split(".") if part]):
        errors = {name: errors}
    return Refused(Refusal(400, 50035, "Invalid Form Body", errors))
