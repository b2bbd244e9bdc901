"""``/api/operator/message`` and ``/api/moderator/message``: accepted durably, sent afterwards."""

from __future__ import annotations

from flask import Response

from sparta.api.answers import MISSING, answer, current, routes_with_key
from sparta.contract import (
    ChannelMessageAnswer,
    IdempotencyHeader,
    MessageAnswer,
    ModeratorMessage,
    OperatorMessage,
    OperatorQuery,
)

routes = routes_with_key("message", "/api", "Messages")


@routes.post("/operator/message", responses={"200": MessageAnswer, **MISSING})
def to_operator(query: OperatorQuery, header: IdempotencyHeader, body: OperatorMessage) -> Response:
    """Send an operator a message, in a private thread"""
    operator = current().operators.find(query.discord_id, query.discord_username)
    details = body.model_dump(
        include={"validator_address", "thread_name", "parent_channel_id"}, by_alias=True, exclude_none=True
    )
    message_id = current().messages.to_operator(operator, body.message, details, header.idempotency_key)
    accepted = f"The message to {operator.discord_username} is accepted and will be sent."
    return answer(MessageAnswer(message=accepted, message_id=message_id))


@routes.post("/moderator/message", responses={"200": ChannelMessageAnswer})
def to_channel(header: IdempotencyHeader, body: ModeratorMessage) -> Response:
    """Send a message to a channel of the moderators"""
    current().messages.to_channel(body.channel_id, body.message, header.idempotency_key)
    return answer(
        ChannelMessageAnswer(message=f"The message to channel {body.channel_id} is accepted and will be sent.")
    )
