"""Who the bot is, who others are, and direct channels to them."""

from __future__ import annotations

from typing import Any

from tests.discord import refusals, shapes
from tests.discord.refusals import Refused
from tests.discord.routing import Answer, Call, route
from tests.discord.world import DM


@route("GET", "/users/@me")
def me(call: Call) -> Answer:
    return Answer({**shapes.user(call.world.bot), "mfa_enabled": False, "locale": "en-US", "verified": True})


@route("GET", "/users/{user_id}")
def user(call: Call) -> Answer:
    return Answer(shapes.user(call.user))


@route("GET", "/oauth2/applications/@me")
def application(call: Call) -> Answer:
    bot = call.world.bot
    nothing = "icon interactions_endpoint_url role_connections_verification_url type team".split()
    counts = "approximate_guild_count approximate_user_install_count approximate_user_authorization_count".split()
    found: dict[str, Any] = {
        **dict.fromkeys(nothing),
        **dict.fromkeys(counts, 1),
        "id": bot.id,
        "name": bot.username,
        "description": "",
        "verify_key": "0" * 64,
        "flags": 0,
        "flags_new": "0",
        "redirect_uris": [],
        "owner": shapes.user(call.world.owner),
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "bot": shapes.user(bot),
        "bot_public": False,
        "bot_require_code_grant": False,
    }
    return Answer(found)


@route("POST", "/users/@me/channels")
def open_dm(call: Call) -> Answer:
    """The one channel with that person, made when it is first asked for."""
    recipient = call.world.users.get(str(call.body.get("recipient_id")))
    if recipient is None:
        raise Refused(refusals.UNKNOWN_USER)
    if recipient.bot:
        raise Refused(refusals.CLOSED_DMS)
    channels = call.world.channels.values()
    known = next((each for each in channels if each.type == DM and each.recipients == [recipient.id]), None)
    channel = known or call.world.add_channel("", DM, recipients=[recipient.id])
    return Answer(shapes.channel(channel, call.world))
