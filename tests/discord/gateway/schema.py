"""What may be said over the gateway, by the schema of its types."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

from jsonschema import Draft7Validator

from tests.discord.contract import DATA, deepest, sentence

INTERACTIONS = {
    2: "APIApplicationCommandInteractionWrapper<APIChatInputApplicationCommandInteractionData>",
    3: "APIMessageComponentInteraction",
    4: "APIApplicationCommandAutocompleteInteraction",
    5: "APIModalSubmitInteraction",
}
EVENTS = {
    "READY": "GatewayReadyDispatchData",
    "GUILD_CREATE": "GatewayGuildCreateDispatchData",
    "GUILD_MEMBERS_CHUNK": "GatewayGuildMembersChunkDispatchData",
    "GUILD_MEMBER_ADD": "GatewayGuildMemberAddDispatchData",
    "GUILD_MEMBER_UPDATE": "GatewayGuildMemberUpdateDispatchData",
    "CHANNEL_CREATE": "GatewayChannelCreateDispatchData",
    "THREAD_CREATE": "GatewayThreadCreateDispatchData",
}
FROM_THE_BOT = "GatewaySendPayload"


def mistakes(value: Any, name: str) -> list[str]:
    """What in ``value`` contradicts the definition of that name."""
    return [sentence(deepest(error)) for error in _validator(name).iter_errors(value)]


def mistakes_of_event(event: str, data: Any) -> list[str]:
    """The same for an event; those that have no definition here are taken as they are."""
    name = INTERACTIONS[data["type"]] if event == "INTERACTION_CREATE" else EVENTS.get(event)
    return mistakes(data, name) if name else []


@cache
def _validator(name: str) -> Any:
    return Draft7Validator({"$ref": f"#/definitions/{_quoted(name)}", "definitions": _definitions()})


def _quoted(name: str) -> str:
    return name.replace("<", "%3C").replace(">", "%3E")


@cache
def _definitions() -> Any:
    with gzip.open(DATA / "gateway.schema.json.gz") as file:
        return json.load(file)["definitions"]
