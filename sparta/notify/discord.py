"""What Sparta asks of Discord: who is there, channels and private threads, messages that arrive once."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import httpx
from pydantic import SecretStr

from sparta.notify.failures import PutOff, Refused
from sparta.notify.limits import Limits
from sparta.notify.rest import TROUBLE_SECONDS, Deadline, Rest

EPOCH = 1_420_070_400_000
"""Discord's ids count milliseconds from here, in their upper 42 bits."""
NONCE_LENGTH = 25
PRIVATE_THREAD = 12
WEEK_MINUTES = 10_080
HISTORY_PAGE = 100
UNKNOWN_CHANNEL, UNKNOWN_MEMBER, UNKNOWN_MESSAGE, UNKNOWN_USER = 10003, 10007, 10008, 10013
THREAD_ARCHIVED = 50083
_AGENT = "DiscordBot (sparta, 1)"


class Written(NamedTuple):
    """A message as it stands in a channel."""

    id: str
    author_id: str
    content: str


class Thread(NamedTuple):
    """A private thread that is open."""

    id: str
    name: str
    parent_id: str
    owner_id: str


class Connection:
    """The way to Discord for one token, which threads may share; close it at the end."""

    def __init__(self, url: str, token: SecretStr, limits: Limits | None = None) -> None:
        # httpx logs each request at INFO: too much, and none of it ours.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        self._limits = limits or Limits()
        headers = {"Authorization": f"Bot {token.get_secret_value()}", "User-Agent": _AGENT}
        self._client = httpx.Client(base_url=url, headers=headers, follow_redirects=False)

    def close(self) -> None:
        """Close the connections kept alive."""
        self._client.close()

    def run(self, seconds: float, deadline: Callable[[float], Deadline] = Deadline) -> Discord:
        """Discord for a run that may take that long, waiting for rate limits included."""
        return Discord(Rest(self._client, self._limits, deadline(seconds)))


class Discord:
    """Each method may raise ``Refused``, ``PutOff`` or ``Stopped``; see there."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    @property
    def seconds_left(self) -> float:
        """Of the run's time."""
        return self._rest.deadline.left

    @property
    def usable(self) -> bool:
        """Whether anything can still be asked in this run."""
        return self._rest.usable

    def me(self) -> str:
        """The bot's own user id."""
        return _text(self._rest.ask("GET", "/users/@me"), "id")

    def member_name(self, guild_id: str, user_id: str) -> str | None:
        """The username of a member of the guild; ``None`` for who is none."""
        try:
            member = self._rest.ask("GET", "/guilds/{}/members/{}", (guild_id, user_id))
        except Refused as refused:
            if refused.code in {UNKNOWN_MEMBER, UNKNOWN_USER}:
                return None
            raise
        return _text(_field(member, "user"), "username")

    def post(self, channel_id: str, content: str, *, nonce: str, mentioned: str | None = None) -> str | None:
        """Write a message, of which only ``mentioned`` is notified; its id.

        The same nonce within some minutes gives the message that stands already, whatever its content. ``None`` when
        that one was deleted meanwhile: it was there, and somebody did not want it.
        """
        users = {"users": [mentioned]} if mentioned else {}
        body = {
            "content": content,
            "nonce": nonce,
            "enforce_nonce": True,
            "allowed_mentions": {"parse": [], **users},
        }
        try:
            return _text(self._rest.ask("POST", "/channels/{}/messages", (channel_id,), body=body), "id")
        except Refused as refused:
            if refused.code == UNKNOWN_MESSAGE:
                return None
            raise

    def history(self, channel_id: str, since: int) -> Iterator[Written]:
        """What was written there since that time (milliseconds), the oldest first.

        Discord shows nobody the nonces of these messages, and without READ_MESSAGE_HISTORY no message.
        """
        after = str(max(since - EPOCH, 0) << 22)
        while True:
            query = {"after": after, "limit": str(HISTORY_PAGE)}
            page = _listed(self._rest.ask("GET", "/channels/{}/messages", (channel_id,), query=query))
            written = sorted((_written(each) for each in page), key=lambda each: int(each.id))
            yield from written
            if len(written) < HISTORY_PAGE:
                return
            after = written[-1].id

    def open_dm(self, user_id: str) -> str:
        """The direct channel with that person; Discord makes it once."""
        return _text(self._rest.ask("POST", "/users/@me/channels", body={"recipient_id": user_id}), "id")

    def make_thread(self, parent_id: str, name: str) -> str:
        """A new private thread, with nobody in it but the bot.

        Not repeated when the answer is lost: then ``PutOff``, and the thread may or may not exist.
        """
        body = {"name": name, "type": PRIVATE_THREAD, "invitable": False, "auto_archive_duration": WEEK_MINUTES}
        return _text(self._rest.ask("POST", "/channels/{}/threads", (parent_id,), body=body, repeat=False), "id")

    def private_threads(self, guild_id: str) -> list[Thread]:
        """Those that are open and that the bot is in."""
        answer = self._rest.ask("GET", "/guilds/{}/threads/active", (guild_id,))
        found = [each for each in _listed(_field(answer, "threads")) if _field(each, "type") == PRIVATE_THREAD]
        return [Thread(*(_text(each, name) for name in ("id", "name", "parent_id", "owner_id"))) for each in found]

    def join(self, thread_id: str, user_id: str) -> None:
        """Let a person be in a thread; a closed thread is opened for it."""
        try:
            self._add(thread_id, user_id)
        except Refused as refused:
            if refused.code != THREAD_ARCHIVED:
                raise
            self._rest.ask("PATCH", "/channels/{}", (thread_id,), body={"archived": False})
            self._add(thread_id, user_id)

    def _add(self, thread_id: str, user_id: str) -> None:
        self._rest.ask("PUT", "/channels/{}/thread-members/{}", (thread_id, user_id))


def nonce(key: str, channel_id: str, page: int = 0) -> str:
    """The nonce of one page of the message ``key``: always the same, and another in each channel, since Discord
    compares it with all that the bot wrote anywhere.
    """
    return hashlib.sha256(f"{channel_id}/{page}/{key}".encode()).hexdigest()[:NONCE_LENGTH]


def _written(message: Any) -> Written:
    return Written(_text(message, "id"), _text(_field(message, "author"), "id"), _text(message, "content"))


def _field(answer: Any, name: str) -> Any:
    """An answer without what it must have is none of Discord's."""
    if not isinstance(answer, Mapping) or name not in answer:
        raise PutOff(f"the answer lacks {name}", TROUBLE_SECONDS)
    return answer[name]


def _text(answer: Any, name: str) -> str:
    return str(_field(answer, name))


def _listed(answer: Any) -> list[Any]:
    if not isinstance(answer, list):
        raise PutOff("the answer is no list", TROUBLE_SECONDS)
    return answer
