"""One person: all that they can do with the bot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.discord import components
from tests.discord.components import BUTTON, MENU, TEXT_INPUT
from tests.discord.people import lines
from tests.discord.people.answer import Answer, NoAnswer, Shown
from tests.discord.people.desk import Desk
from tests.discord.people.lines import Impossible
from tests.discord.world import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Channel, Member, Message

Until = Callable[[Answer], bool]


class Person:
    """What they do happens in ``channel``; they wait ``patience`` seconds for an answer that is done."""

    def __init__(self, desk: Desk, member: Member, channel: Channel) -> None:
        self.member = member
        self.channel = channel
        self.patience = 10.0
        self._desk = desk

    @property
    def id(self) -> str:
        return self.member.user.id

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    @property
    def roles(self) -> set[str]:
        """The names of their roles."""
        return {self._desk.world.roles[each].name for each in self.member.roles}

    @property
    def letters(self) -> list[str]:
        """What the bot wrote to them directly."""
        channels = self._desk.world.channels.values()
        return [each.content for channel in channels if channel.recipients == [self.id] for each in channel.messages]

    def command(self, line: str, /, *, until: Until | None = None, **options: Any) -> Answer:
        """Type ``/operator start``, say, with options by name (``_`` for ``-``; people, roles and channels as they
        are), and wait for the answer, or until one is as ``until`` wants it.

        :raises Impossible: when Discord's window would not let them
        :raises NoAnswer: when the bot does not acknowledge, or keeps thinking
        """
        found = self.line(line)
        sent = self._desk.send(
            self.member, self.channel, COMMAND, found.data(lines.fill(found, self._desk.world, options))
        )
        return self._desk.wait(sent, self.patience, until)

    def autocomplete(self, line: str, option: str, text: str, /, **options: Any) -> list[Any]:
        """Type the beginning of an option's value: the values that are suggested, in order."""
        found = self.line(line)
        values = lines.focus(found, self._desk.world, options, option, text)
        sent = self._desk.send(self.member, self.channel, AUTOCOMPLETE, found.data(values))
        self._desk.acknowledged(sent)
        return [each["value"] for each in sent.answer["data"].get("choices") or []]

    def press(self, where: Answer | Shown | Message, button: str, *, until: Until | None = None) -> Answer:
        """Press the button with that label or custom id."""
        message, found = self._find(where, button, BUTTON)
        return self._use(message, {"custom_id": found["custom_id"], "component_type": BUTTON, "id": found["id"]}, until)

    def choose(self, where: Answer | Shown | Message, menu: str, *values: str, until: Until | None = None) -> Answer:
        """Choose from the menu with that custom id or placeholder."""
        message, found = self._find(where, menu, MENU)
        known = {each["value"] for each in found["options"]}
        if not found.get("min_values", 1) <= len(values) <= found.get("max_values", 1) or not known.issuperset(values):
            raise Impossible(f"{values} cannot be chosen from {sorted(known)}")
        data = {"custom_id": found["custom_id"], "component_type": MENU, "id": found["id"], "values": list(values)}
        return self._use(message, data, until)

    def submit(self, answer: Answer, *, until: Until | None = None, **fields: str) -> Answer:
        """Fill in the form that the bot asked for, field by field by custom id, and send it."""
        if answer.form is None:
            raise Impossible("the bot asked for no form")
        rows = components.answered(answer.form["components"])
        inputs = [each for each in components.inside(rows) if each["type"] == TEXT_INPUT]
        for each in inputs:
            size = len(fields.get(each["custom_id"], ""))
            if not each.get("min_length", int(each.get("required", True))) <= size <= each.get("max_length", 4000):
                raise Impossible(f"{each['custom_id']} cannot be {fields.get(each['custom_id'])!r}")
        data = {"custom_id": answer.form["custom_id"], "components": [_filled_in(row, fields) for row in rows]}
        source = answer.interaction.source
        return self._desk.wait(self._desk.send(self.member, self.channel, MODAL, data, source), self.patience, until)

    def line(self, text: str) -> lines.Line:
        """What they begin to type. A bot that has just started may not yet have made its commands known: they wait."""
        world, name = self._desk.world, text.removeprefix("/").split()[0]

        def known() -> bool:
            return any(each["name"] == name for scope in world.commands.values() for each in scope)

        world.wait_for(known, self.patience)
        return lines.find(world, text, self.member)

    def _find(self, where: Answer | Shown | Message, name: str, kind: int) -> tuple[Message, dict[str, Any]]:
        """The message, and the component in it that can be used."""
        message_id = where.shown.id if isinstance(where, Answer) else where.id
        message = self._message(message_id)
        shown = components.answered(message.body.get("components") or [])
        found = [each for each in components.inside(shown) if each["type"] == kind and not each.get("disabled")]
        for each in found:
            if name in {each.get("custom_id"), each.get("label"), each.get("placeholder")} and each.get("custom_id"):
                return message, each
        raise Impossible(f"there is no {name!r} to use among {[each.get('label') for each in found]}")

    def _message(self, message_id: str) -> Message:
        """One that they see: in a channel, or theirs alone."""
        world = self._desk.world
        theirs = [each for each in world.interactions.values() if each.user.id == self.id]
        private = [message for each in theirs for message in each.messages if message.ephemeral]
        found = next((each for each in [*world.messages, *private] if each.id == message_id), None)
        if found is None:
            raise NoAnswer(f"{self.member.user.username} does not see that message, or it was deleted")
        return found

    def _use(self, message: Message, data: dict[str, Any], until: Until | None) -> Answer:
        channel = self._desk.world.channels[message.channel_id]
        sent = self._desk.send(self.member, channel, COMPONENT, data, message)
        return self._desk.wait(sent, self.patience, until)


def _filled_in(part: dict[str, Any], fields: dict[str, str]) -> dict[str, Any]:
    """One part of a form as it is sent."""
    found = {"type": part["type"], "id": part["id"]}
    if part["type"] == TEXT_INPUT:
        return {**found, "custom_id": part["custom_id"], "value": fields.get(part["custom_id"], "")}
    if "component" in part:
        return {**found, "component": _filled_in(part["component"], fields)}
    if "components" in part:
        return {**found, "components": [_filled_in(each, fields) for each in part["components"]]}
    return found
