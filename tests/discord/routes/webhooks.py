"""What follows the first answer to an interaction, for fifteen minutes: edits of it, and further messages."""

from __future__ import annotations

from tests.discord import refusals, shapes, writing
from tests.discord.refusals import Refused
from tests.discord.routing import NOTHING, Answer, Call, route
from tests.discord.shapes import EPHEMERAL
from tests.discord.world import Interaction, Message

TOKEN_MS = 15 * 60 * 1000
HOOK = "/webhooks/{webhook_id}/{webhook_token}"
ORIGINAL = f"{HOOK}/messages/@original"
ONE = f"{HOOK}/messages/{{message_id}}"


@route("POST", HOOK)
def follow_up(call: Call) -> Answer:
    """While the bot is thinking, the first of them takes that message's place, and is as private as that was."""
    interaction = _interaction(call)
    writing.check(call.body, files=len(call.files))
    first = interaction.original
    if first is not None and first.thinking and not first.deleted:
        return _edited(call, interaction, first)
    ephemeral = bool((call.body.get("flags") or 0) & EPHEMERAL)
    message = writing.write(call, interaction.channel, call.body, token=interaction.token, ephemeral=ephemeral)
    interaction.followups.append(message)
    _touch(call, interaction)
    return Answer(shapes.message(message, call.world))


@route("GET", ORIGINAL)
def original(call: Call) -> Answer:
    return Answer(shapes.message(_original(_interaction(call)), call.world))


@route("PATCH", ORIGINAL)
def edit_original(call: Call) -> Answer:
    interaction = _interaction(call)
    return _edited(call, interaction, _original(interaction))


@route("DELETE", ORIGINAL)
def delete_original(call: Call) -> Answer:
    interaction = _interaction(call)
    return _deleted(call, interaction, _original(interaction))


@route("GET", ONE)
def one(call: Call) -> Answer:
    return Answer(shapes.message(_one(call, _interaction(call)), call.world))


@route("PATCH", ONE)
def edit_one(call: Call) -> Answer:
    interaction = _interaction(call)
    return _edited(call, interaction, _one(call, interaction))


@route("DELETE", ONE)
def delete_one(call: Call) -> Answer:
    interaction = _interaction(call)
    return _deleted(call, interaction, _one(call, interaction))


def _interaction(call: Call) -> Interaction:
    """That of the path's token, while it is good."""
    if call.params["webhook_id"] != call.world.bot.id:
        raise Refused(refusals.UNKNOWN_WEBHOOK)
    interaction = call.world.interactions.get(call.params["webhook_token"])
    if interaction is None or call.world.clock() - interaction.created_at > TOKEN_MS:
        raise Refused(refusals.INVALID_TOKEN)
    if interaction.acknowledged_at is None:
        raise Refused(refusals.UNKNOWN_WEBHOOK)
    return interaction


def _original(interaction: Interaction) -> Message:
    message = interaction.original
    if message is None or message.deleted:
        raise Refused(refusals.UNKNOWN_MESSAGE)
    return message


def _one(call: Call, interaction: Interaction) -> Message:
    found = next((each for each in interaction.messages if each.id == call.params["message_id"]), None)
    if found is None:
        raise Refused(refusals.UNKNOWN_MESSAGE)
    return found


def _edited(call: Call, interaction: Interaction, message: Message) -> Answer:
    writing.rewrite(call, message, call.body)
    message.thinking = False
    _touch(call, interaction)
    return Answer(shapes.message(message, call.world))


def _deleted(call: Call, interaction: Interaction, message: Message) -> Answer:
    message.deleted = True
    _touch(call, interaction)
    return NOTHING


def _touch(call: Call, interaction: Interaction) -> None:
    """The person sees something else now."""
    interaction.changes += 1
    interaction.changed_at = call.world.clock()
