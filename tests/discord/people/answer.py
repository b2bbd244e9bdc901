"""What a person sees of the bot's answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.discord import shapes
from tests.discord.components import BUTTON, inside
from tests.discord.world import Attachment, Interaction, Message, World


class NoAnswer(Exception):
    """The person got none, or none in time; the text says what they see instead."""


@dataclass(frozen=True)
class Shown:
    """A message as it stands there; ``ephemeral`` is one that only the person sees."""

    id: str
    content: str
    embeds: list[dict[str, Any]]
    components: list[dict[str, Any]]
    attachments: list[Attachment]
    ephemeral: bool

    @property
    def text(self) -> str:
        """All that there is to read, line by line: the content, then each embed's title, text, fields and footer."""
        return "\n".join(filter(None, [self.content, *(line for each in self.embeds for line in _lines(each))]))

    @property
    def buttons(self) -> list[str]:
        """The labels of the buttons that can be pressed."""
        buttons = [each for each in inside(self.components) if each["type"] == BUTTON and not each.get("disabled")]
        return [each.get("label") or each.get("emoji", {}).get("name") or "" for each in buttons]


@dataclass(frozen=True)
class Answer:
    """All that one interaction brought: ``messages`` in order, without those deleted since. ``acknowledged_after`` and
    ``done_after`` are seconds, to the first answer and to the last change. A form that is asked for is ``form``.
    """

    interaction: Interaction
    messages: list[Shown]
    acknowledged_after: float
    done_after: float
    form: dict[str, Any] | None = None

    @property
    def shown(self) -> Shown:
        """The last of the messages."""
        if not self.messages:
            raise NoAnswer("the bot answered with no message, or deleted it")
        return self.messages[-1]

    @property
    def content(self) -> str:
        return self.shown.content

    @property
    def embeds(self) -> list[dict[str, Any]]:
        return self.shown.embeds

    @property
    def components(self) -> list[dict[str, Any]]:
        return self.shown.components

    @property
    def attachments(self) -> list[Attachment]:
        return self.shown.attachments

    @property
    def ephemeral(self) -> bool:
        return self.shown.ephemeral

    @property
    def text(self) -> str:
        """As of the last message."""
        return self.shown.text

    @property
    def buttons(self) -> list[str]:
        return self.shown.buttons


def seen(interaction: Interaction, world: World) -> Answer:
    """The answer as it stands now."""
    acknowledged = interaction.acknowledged_at
    assert acknowledged is not None
    last = max(acknowledged, interaction.changed_at)
    return Answer(
        interaction,
        [shown(each, world) for each in interaction.messages],
        (acknowledged - interaction.created_at) / 1000,
        (last - interaction.created_at) / 1000,
        interaction.answer["data"] if interaction.answer["type"] == FORM else None,
    )


FORM = 9
"""The kind of answer that asks for one."""


def shown(message: Message, world: World) -> Shown:
    found = shapes.message(message, world)
    parts = found["content"], found["embeds"], found["components"]
    return Shown(message.id, *parts, list(message.attachments), message.ephemeral)


def _lines(embed: dict[str, Any]) -> Iterator[str]:
    yield embed.get("title") or ""
    yield embed.get("description") or ""
    for field in embed.get("fields") or []:
        yield f"{field['name']}: {field['value']}"
    yield (embed.get("footer") or {}).get("text") or ""
