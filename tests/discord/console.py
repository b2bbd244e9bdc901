"""People at a keyboard: one line for what one of them does, one line of JSON for what they see.

``leonidas /operator start address=0xabc block-number=5`` types a command, ``leonidas press Help`` presses a button of
the last answer. Values are taken as the command's options want them; people, roles and channels by name.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from tests.discord.commands import BOOLEAN, CHANNEL, INTEGER, NUMBER, ROLE, USER
from tests.discord.people import Answer, Impossible, NoAnswer, Person
from tests.discord.server import DiscordStandIn
from tests.discord.world import Channel, Role

Named = TypeVar("Named", Role, Channel)


class Console:
    """Remembers the last answer, whose buttons can be pressed."""

    def __init__(self, discord: DiscordStandIn) -> None:
        self._discord = discord
        self._last: Answer | None = None

    def do(self, line: str) -> str:
        """What comes of one line."""
        try:
            name, *words = shlex.split(line)
            answer = self._done(self._discord.people.person(name), words)
        except (Impossible, NoAnswer, ValueError) as error:
            return json.dumps({"problem": str(error)})
        self._last = answer
        return json.dumps(_told(answer))

    def _done(self, person: Person, words: list[str]) -> Answer:
        if words[:1] == ["press"] and self._last:
            return person.press(self._last, " ".join(words[1:]))
        command = " ".join(word for word in words if "=" not in word)
        if not command.startswith("/"):
            raise Impossible("say who does what: leonidas /operator start address=0xabc, or leonidas press Help")
        given = dict(word.split("=", 1) for word in words if "=" in word)
        kinds = {each["name"]: each["type"] for each in person.line(command).options}
        return person.command(command, **{name: self._value(kinds.get(name, 0), text) for name, text in given.items()})

    def _value(self, kind: int, text: str) -> Any:
        world = self._discord.world
        read: dict[int, Callable[[], Any]] = {
            INTEGER: lambda: int(text),
            NUMBER: lambda: float(text),
            BOOLEAN: lambda: text.lower() == "true",
            USER: lambda: self._discord.people.person(text),
            ROLE: lambda: _named(world.roles.values(), text),
            CHANNEL: lambda: _named(world.channels.values(), text),
        }
        return read.get(kind, lambda: text)()


def _named(things: Iterable[Named], name: str) -> Named:
    found = next((each for each in things if each.name == name), None)
    if found is None:
        raise Impossible(f"there is no {name}")
    return found


def _told(answer: Answer) -> dict[str, Any]:
    if answer.form:
        return {"form": answer.form["title"]}
    shown = [
        {
            "text": each.text,
            "buttons": each.buttons,
            "files": [file.filename for file in each.attachments],
            "ephemeral": each.ephemeral,
        }
        for each in answer.messages
    ]
    return {"messages": shown, "acknowledged_after": answer.acknowledged_after, "done_after": answer.done_after}
