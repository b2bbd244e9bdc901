"""The outbox is emptied: each message reaches its reader once, or falls back to a mention, or raises an alarm.

A sender can die after Discord took a message and before that is noted here, and Discord compares nonces for some
minutes only. So an attempt notes where it is about to write, and a later one looks there first: for a message of ours,
since the first attempt, with this text, that no other row has claimed. Only if there is none it writes, with the same
nonce, which covers the case that the earlier request is still on its way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sparta.models import Sending
from sparta.notify import delivery_text as text
from sparta.notify.discord import Discord, nonce
from sparta.notify.failures import NoTime, PutOff, Refused, Stopped
from sparta.notify.pages import pages
from sparta.services.operator_threads import Wanted, known_thread, new_thread
from sparta.stores.alerts import KEPT_DAYS, Alerts
from sparta.stores.config import Config
from sparta.stores.conversations import Conversations
from sparta.telemetry import log, metric

MOST_ATTEMPTS = 10
"""That failed for a reason of the message's own; then it is given up."""
FIRST_PAUSE, LONGEST_PAUSE = 30.0, 3600.0
STOPPED_SECONDS = 60.0
GRACE_SECONDS = 30.0
"""Longer than the last request of a run may take."""
CLOCK_SLACK = 60_000
"""Milliseconds by which our clock may be ahead of Discord's."""
DAY = 86_400_000


class GuildIds(NamedTuple):
    """Where operators are: the guild, and the channel that has their threads and the mentions of those not reached."""

    guild_id: str
    operators_channel_id: str


@dataclass
class Report:
    """What one run did. ``fell_back`` names operators who could not be reached, for the moderators' summary;
    ``left`` counts messages that wait for a later run; ``stopped`` says why nothing more could be sent, if so.
    """

    sent: list[Sending] = field(default_factory=list)
    failed: list[Sending] = field(default_factory=list)
    fell_back: list[str] = field(default_factory=list)
    left: int = 0
    stopped: str | None = None


class _Overtaken(Exception):
    """Another sender has taken the message since."""


def deliver(
    alerts: Alerts, conversations: Conversations, leases: Config, discord: Discord, guild: GuildIds, limit: int = 100
) -> Report:
    """Send what is due, at most ``limit`` messages, within the time that ``discord`` has: what was tried least first,
    then the oldest.

    Any number of senders may do this at once, and any of them may die at any moment.

    :raises DependencyFailed: the database does not answer; what was begun is taken up by a later run
    """
    # A message that fails, or even kills its sender, does not hold up the others.
    due = sorted(alerts.due(limit), key=lambda message: (message.attempts, message.created_at))
    run = _Run(alerts, conversations, leases, discord, guild, waiting=deque(due))
    try:
        run.empty()
    except Stopped as stopped:
        run.report.stopped = stopped.sentence
        log().error("sending stopped", reason=stopped.sentence)
    run.report.left += len(run.waiting)
    return run.report


@dataclass
class _Run:
    alerts: Alerts
    conversations: Conversations
    leases: Config
    discord: Discord
    guild: GuildIds
    waiting: deque[Sending]
    report: Report = field(default_factory=Report)
    bot: str = ""
    names: dict[str, str | None] = field(default_factory=dict)
    """Usernames of operators seen in this run; ``None`` for who cannot be reached."""
    without_threads: set[str] = field(default_factory=set)
    """Channels that refused to have a thread: asking again for each operator would only add refusals."""

    def empty(self) -> None:
        """Send what waits, for as long as Discord can be asked."""
        if not self.waiting:
            return
        try:
            # Also the test of the token and of Discord's health, before any message is begun.
            self.bot = self.discord.me()
        except PutOff as put_off:
            log().warning("discord does not answer", reason=str(put_off))
            raise Stopped(text.NO_ANSWER) from None
        while self.waiting and self.discord.usable:
            taken = self.alerts.begin(self.waiting.popleft(), self.discord.seconds_left + GRACE_SECONDS)
            if taken:
                self._attempt(taken)

    def _attempt(self, message: Sending) -> None:
        try:
            self._bring(message)
        except _Overtaken:
            log().info("message is another sender's", key=message.key)
        except Refused as refused:
            self._give_up(message, str(refused))
        except NoTime as no_time:
            self._put_off(message, no_time.seconds, str(no_time), counted=False)
        except PutOff as put_off:
            if _failures(message) >= MOST_ATTEMPTS:
                self._give_up(message, str(put_off))
            else:
                seconds = min(FIRST_PAUSE * 2 ** (message.attempts - 1), LONGEST_PAUSE)
                self._put_off(message, max(seconds, put_off.seconds), str(put_off), counted=True)
        except Stopped as stopped:
            self._put_off(message, STOPPED_SECONDS, stopped.sentence, counted=False)
            raise

    def _bring(self, message: Sending) -> None:
        texts = _pages(message)
        found = self._look_back(message, texts)
        if texts and len(found) == len(texts):
            self._sent(message, found[0])
        elif _failures(message) > MOST_ATTEMPTS:
            self._give_up(message, "each sender died of it")
        elif found:
            self._write(message, str(message.channel_id), texts, found)
        elif message.route == "channel":
            self._write(message, message.target, texts)
        else:
            self._reach(message, texts)

    def _look_back(self, message: Sending, texts: Iterable[str]) -> dict[int, str | None]:
        """Pages that an earlier attempt has written, by number, with their ids."""
        found: dict[int, str | None] = {}
        if message.attempts == 1 or message.channel_id is None:
            return found
        missing = {number: _squeezed(page) for number, page in enumerate(texts)}
        since = (message.tried_at or message.created_at) - CLOCK_SLACK
        try:
            for written in self.discord.history(message.channel_id, since):
                page = _squeezed(written.content) if written.author_id == self.bot else ""
                number = next((number for number, each in missing.items() if each == page), None)
                if number is not None and self._claim(written.id, message):
                    found[number] = written.id
                    del missing[number]
        except Refused as refused:
            log().info("cannot look back", key=message.key, channel=message.channel_id, reason=str(refused))
        return found

    def _write(
        self, message: Sending, channel_id: str, texts: Iterable[str], found: Mapping[int, str | None] | None = None
    ) -> None:
        if not self.alerts.heading(message, channel_id):
            raise _Overtaken
        mentioned = message.target if message.route == "operator" else message.details.get("operatorId")
        ids = dict(found or {})
        for number, page in enumerate(texts):
            if number not in ids:
                written = nonce(message.key, channel_id, number)
                ids[number] = self.discord.post(channel_id, page, nonce=written, mentioned=mentioned)
                if written_id := ids[number]:
                    self._claim(written_id, message)
        if not ids:
            raise Refused(400, 50006, "there is no text in it")
        self._sent(message, ids[0])

    def _reach(self, message: Sending, texts: list[str]) -> None:
        """In the operator's thread, else directly, else by a mention."""
        operator_id = message.target
        if operator_id not in self.names:
            known = operator_id.isdecimal()
            self.names[operator_id] = self.discord.member_name(self.guild.guild_id, operator_id) if known else None
        if name := self.names[operator_id]:
            for way in (self._thread, self._direct):
                try:
                    self._write(message, way(message, name), texts)
                except Refused as refused:
                    if refused.of_content:
                        raise
                    log().info("operator not reached", operator=operator_id, way=way.__name__, reason=str(refused))
                else:
                    return
        self.names[operator_id] = None
        self._fall_back(message)

    def _thread(self, message: Sending, username: str) -> str:
        parent_id = message.details.get("parentChannelId") or self.guild.operators_channel_id
        given_name = message.details.get("threadName")
        wanted = Wanted(self.guild.guild_id, parent_id, message.target, given_name)
        known = known_thread(self.discord, self.conversations, wanted)
        if known:
            return known
        if parent_id in self.without_threads:
            raise Refused(403, 0, "this channel refused a thread a moment ago")
        name = (given_name or text.thread_name(username))[: text.NAME_LIMIT]
        sender = f"{message.key}#{message.attempts}"
        try:
            made = new_thread(
                self.discord, self.conversations, self.leases, wanted, name=name, bot=self.bot, sender=sender
            )
        except Refused as refused:
            if not refused.of_content:
                self.without_threads.add(parent_id)
            raise
        self.discord.join(made, message.target)
        return made

    def _direct(self, message: Sending, _username: str) -> str:
        return self.discord.open_dm(message.target)

    def _fall_back(self, message: Sending) -> None:
        """One mention a day and operator, a message of its own; so a second unreachable message adds nothing."""
        operator_id, time = message.target, message.updated_at
        note = Sending(
            key=f"fallback/{operator_id}/{time // DAY}",
            route="channel",
            target=self.guild.operators_channel_id,
            content=text.fallback(operator_id),
            details={"operatorId": operator_id} if operator_id.isdecimal() else {},
            created_at=time,
            updated_at=time,
        )
        if self.alerts.add(note):
            self.waiting.append(note)
        self.alerts.fell_back(message)
        if operator_id not in self.report.fell_back:
            self.report.fell_back.append(operator_id)

    def _sent(self, message: Sending, message_id: str | None) -> None:
        self.alerts.sent(message, message_id)
        self.report.sent.append(message)

    def _give_up(self, message: Sending, reason: str) -> None:
        """The alarm first: a crash after it repeats it, a crash before the other way round would lose it."""
        log().error("message given up", key=message.key, target=message.target, reason=reason)
        metric("DeliveryFailures", 1)
        self.alerts.failed(message)
        self.report.failed.append(message)

    def _put_off(self, message: Sending, seconds: float, reason: str, *, counted: bool) -> None:
        log().warning("message put off", key=message.key, seconds=round(seconds), reason=reason)
        self.alerts.later(message, seconds, counted=counted)
        self.report.left += 1

    def _claim(self, message_id: str, message: Sending) -> bool:
        return self.conversations.claim(message_id, message.key, KEPT_DAYS)


def _failures(message: Sending) -> int:
    """Attempts, this one included, that did not end for want of time."""
    return message.attempts - message.put_offs


def _pages(message: Sending) -> list[str]:
    whole = text.to_operator(message.target, message.content) if message.route == "operator" else message.content
    return pages(whole)


def _squeezed(content: str) -> str:
    """A text without its white space, with which Discord takes liberties."""
    return "".join(content.split())
