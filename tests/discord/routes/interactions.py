"""The first answer to an interaction: one, in time, and of a kind that fits."""

from __future__ import annotations

from typing import Any

from tests.discord import components, refusals, shapes, writing
from tests.discord.refusals import Refused, wrong
from tests.discord.routing import NOTHING, Answer, Call, route
from tests.discord.shapes import EPHEMERAL
from tests.discord.world import AUTOCOMPLETE, COMMAND, COMPONENT, MODAL, Interaction

ACKNOWLEDGE_MS = 3000
MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, ASK = 4, 5, 6, 7, 8, 9
"""Kinds of answers."""
FITTING = {
    COMMAND: {MESSAGE, DEFERRED_MESSAGE, ASK},
    COMPONENT: {MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, ASK},
    AUTOCOMPLETE: {CHOICES},
    MODAL: {MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE},
}


@route("POST", "/interactions/{interaction_id}/{interaction_token}/callback")
def answer(call: Call) -> Answer:
    interaction = call.world.interactions.get(call.params["interaction_token"])
    if interaction is None or interaction.id != call.params["interaction_id"]:
        raise Refused(refusals.UNKNOWN_INTERACTION)
    if interaction.acknowledged_at is not None:
        raise Refused(refusals.ALREADY_ACKNOWLEDGED)
    if call.world.clock() - interaction.created_at > ACKNOWLEDGE_MS:
        raise Refused(refusals.UNKNOWN_INTERACTION)
    kind, data = call.body["type"], call.body.get("data") or {}
    fitting = FITTING[interaction.kind] - (set() if interaction.source else {DEFERRED_UPDATE, UPDATE})
    if kind not in fitting:
        raise wrong("type", "BASE_TYPE_CHOICES", f"Value must be one of {sorted(fitting)}.")
    _work(call, interaction, data)
    interaction.acknowledged_at, interaction.answer = call.world.clock(), {**call.body, "data": data}
    if call.query.get("with_response") in {"true", "1"}:
        return Answer(_described(call, interaction))
    return NOTHING


def _work(call: Call, interaction: Interaction, data: dict[str, Any]) -> None:
    """What comes of it for the person; choices show themselves."""
    kind = call.body["type"]
    if kind == MESSAGE:
        writing.check(data, files=len(call.files))
        _write(call, interaction, data)
    elif kind == DEFERRED_MESSAGE:
        _write(call, interaction, {"flags": data.get("flags")}, thinking=True)
    elif kind in {UPDATE, DEFERRED_UPDATE}:
        assert interaction.source is not None, "only then it fits"
        if kind == UPDATE:
            writing.rewrite(call, interaction.source, data)
        interaction.original = interaction.source
    elif kind == ASK:
        components.check(data)


def _write(call: Call, interaction: Interaction, data: dict[str, Any], *, thinking: bool = False) -> None:
    ephemeral = bool((data.get("flags") or 0) & EPHEMERAL)
    details = {"token": interaction.token, "ephemeral": ephemeral, "thinking": thinking}
    interaction.original = writing.write(call, interaction.channel, data, **details)


def _described(call: Call, interaction: Interaction) -> dict[str, Any]:
    """The answer for those who want one."""
    found: dict[str, Any] = {"interaction": {"id": interaction.id, "type": interaction.kind}}
    message, kind = interaction.original, call.body["type"]
    if message is None or kind not in {MESSAGE, UPDATE}:
        return found
    return {**found, "resource": {"type": kind, "message": shapes.message(message, call.world)}}
