"""Where every command and every click is taken, worked on and answered: the one path, with the one place for errors."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

from disnake import OptionType
from disnake.interactions.message import MessageInteraction

from sparta import telemetry
from sparta.bot import embeds, texts
from sparta.bot.acknowledge import PRIVATE_FLAG, Acknowledger, How, Taken
from sparta.bot.public import Noticeboard
from sparta.bot.replies import Command, Interaction, Reply, show, tell
from sparta.errors import SpartaError, TooMany
from sparta.telemetry import log

WORK_SECONDS = 180.0
"""Discord lets an answer be given for 15 minutes; nothing of ours takes that long."""
MOST_AT_ONCE = 3
"""Of one person, so that nobody takes the connections of all."""
LAST_WORDS_SECONDS = 3.0
MOST_WAITING = 1000
RESTARTING = {"type": 4, "data": {"content": texts.RESTARTING, "flags": PRIVATE_FLAG}}

Work = Callable[[], Awaitable[Reply]]
P = ParamSpec("P")


class Desk:
    """Knows what is being worked on, so that nothing is cut off at the end."""

    def __init__(self, acknowledger: Acknowledger) -> None:
        self._acknowledger = acknowledger
        self._noticeboard = Noticeboard()
        self._tasks: set[asyncio.Task[None]] = set()
        self._people: Counter[int] = Counter()
        self._received: dict[int, float] = {}
        self._closing = False

    def received(self, interaction_id: int, at: float) -> None:
        """Note when one came, by the monotonic clock: before it waits for its turn."""
        if len(self._received) >= MOST_WAITING:  # Those of commands that this version does not know are never served.
            self._received.clear()
        self._received[interaction_id] = at

    async def serve(self, inter: Interaction, how: How, work: Work) -> None:
        """Acknowledge, work, answer. It ends in an answer whatever happens, and raises nothing."""
        received = self._received.pop(inter.id, time.monotonic())
        with telemetry.request(str(inter.id)):
            if self._closing:
                await self._acknowledger.take(inter.id, inter.token, RESTARTING, received)
                return
            person = inter.author.id
            chosen = _too_many if self._people[person] >= MOST_AT_ONCE else work
            task = asyncio.create_task(self._serve(inter, how, chosen, received))
            self._tasks.add(task)
            self._people[person] += 1
            try:
                await asyncio.wait([task])
            finally:
                self._tasks.discard(task)
                self._people[person] -= 1
                self._people += Counter()  # Forgets who is at zero.

    async def drain(self, seconds: float) -> None:
        """Take nothing new, let what runs end; what has not ended by then tells its person so."""
        self._closing = True
        if self._tasks:
            log().info("waiting for what runs", commands=len(self._tasks))
            _, late = await asyncio.wait(set(self._tasks), timeout=seconds - LAST_WORDS_SECONDS)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=LAST_WORDS_SECONDS)

    async def _serve(self, inter: Interaction, how: How, work: Work, received: float) -> None:
        taken = await self._acknowledger.take(inter.id, inter.token, how.answer, received)
        if taken is Taken.NOT_OURS:
            return
        if taken is Taken.UNKNOWN:
            # Nothing was done, and if Discord did hear us, somebody waits.
            await _refuse(inter, how, Reply(embeds.refusal(texts.NOT_TAKEN)))
            return
        begun = time.monotonic()
        try:
            reply, outcome = await _done(work)
            if outcome != "done":
                await _refuse(inter, how, reply)
            elif (message_id := await show(inter, reply)) and reply.replaces:
                await self._noticeboard.keep_newest(inter, reply.replaces, message_id)
        except asyncio.CancelledError:
            outcome = "cut"
            await asyncio.shield(_refuse(inter, how, Reply(embeds.refusal(texts.CUT))))
        milliseconds = round((time.monotonic() - begun) * 1000)
        log().info("command", name=name_of(inter), person=inter.author.id, outcome=outcome, milliseconds=milliseconds)


async def _done(work: Work) -> tuple[Reply, str]:
    """What to answer, and how it went in a word for the log."""
    try:
        async with asyncio.timeout(WORK_SECONDS):
            return await work(), "done"
    except SpartaError as error:
        return Reply(embeds.failure(error)), "refused"
    except TimeoutError:
        log().error("command took too long")
        return Reply(embeds.refusal(texts.TOO_SLOW)), "failed"
    except Exception:  # noqa: BLE001 - the edge: whatever it is, the person gets an answer and we a line
        log().exception("command failed")
        return Reply(embeds.our_mistake()), "failed"


async def _too_many() -> Reply:
    raise TooMany(texts.TOO_MANY_AT_ONCE, seconds=60)


async def _refuse(inter: Interaction, how: How, reply: Reply) -> None:
    """In the place of the answer; but a message whose button was pressed stays as it is."""
    if how is How.UPDATE:
        await tell(inter, reply)
    else:
        await show(inter, reply)


class AtDesk(Protocol):
    """A cog."""

    desk: Desk


C = TypeVar("C", bound=AtDesk)
_Run = Callable[Concatenate[C, Command, P], Awaitable[Reply]]
_Callback = Callable[Concatenate[C, Command, P], Coroutine[Any, Any, None]]


def answers(how: How = How.PRIVATE) -> Callable[[_Run[C, P]], _Callback[C, P]]:
    """Makes a command of a method that returns its reply, or raises a SpartaError."""

    def decorate(run: _Run[C, P]) -> _Callback[C, P]:
        @wraps(run)
        async def answer(self: C, inter: Command, *args: P.args, **kwargs: P.kwargs) -> None:
            # disnake hands all of them over by name, these two included.
            await self.desk.serve(inter, how, lambda: run(self, inter, *args, **kwargs))

        return cast("_Callback[C, P]", answer)

    return decorate


def name_of(inter: Interaction) -> str:
    """What was asked for, in words for the log."""
    if isinstance(inter, MessageInteraction):
        return f"button {inter.data.custom_id}"
    called = [option.name for option in inter.data.options if option.type is OptionType.sub_command]
    return " ".join([inter.data.name, *called])
