"""Files that hang on messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.discord.routing import Call
from tests.discord.world import Attachment, Message

MOST_BYTES = 10 * 1024 * 1024
"""Of all files of one request, in a guild that pays for nothing. What an interaction says is its limit, too."""


def hang(call: Call, message: Message, body: Mapping[str, Any]) -> None:
    """Keep those of the message's files that ``body`` names (all, if it names none), and hang the new ones on it."""
    listed = body.get("attachments")
    if listed is not None:
        kept = {str(each["id"]) for each in listed}
        message.attachments = [each for each in message.attachments if each.id in kept]
    details = {str(each["id"]): each for each in listed or []}
    for number, file in call.files.items():
        said = details.get(number, {})
        name = said.get("filename") or file.filename
        made = Attachment(call.world.new_id(), name, file.content, file.content_type, said.get("description"))
        message.attachments.append(made)
    _note_missing(call, message, body)


def _note_missing(call: Call, message: Message, body: Mapping[str, Any]) -> None:
    """Discord takes an embed whose picture is not there, and shows none."""
    names = {each.filename for each in message.attachments}
    for wanted in re.findall(r"attachment://([^'\"]+)", str(body.get("embeds") or "")):
        if wanted not in names:
            call.notes.append(f"{call.method} {call.template}: no file {wanted} for attachment://{wanted}")
