"""``python -m sparta.bot check``: whether all is there that the bot and the delivery of alerts need, a line each.

The service looks too when it starts, and logs what lacks; it runs all the same, since most of it works without.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx
from pydantic import ValidationError

from sparta.bot import setup_texts as texts
from sparta.bot.cli import in_a_sentence
from sparta.bot.permissions import missing, permissions_in, permissions_of
from sparta.bot.sync import Commands, difference, registered
from sparta.contract import Readiness
from sparta.errors import NotFound, SpartaError
from sparta.notify.failures import Refused
from sparta.notify.rest import Rest
from sparta.secret_store import ApiKeys
from sparta.settings import BotSettings

WRITES = "VIEW_CHANNEL READ_MESSAGE_HISTORY SEND_MESSAGES".split()
THREADS = [*WRITES, *"CREATE_PRIVATE_THREADS SEND_MESSAGES_IN_THREADS".split()]
TEXT = 0
UNKNOWN_CHANNEL, MISSING_ACCESS = 10003, 50001
SECONDS = 10.0


class Finding(NamedTuple):
    """One line: what was looked at, whether it is well, what it is or what to do."""

    about: str
    good: bool
    sentence: str

    @property
    def line(self) -> str:
        """For people."""
        return f"{'ok  ' if self.good else 'FAIL'}  {self.about}: {self.sentence}"


@dataclass
class Guild:
    """What the checks learn one after the other."""

    roles: dict[str, dict[str, Any]] = field(default_factory=dict)
    bot_id: str = ""
    bot_roles: list[str] = field(default_factory=list)

    @property
    def highest(self) -> int:
        """The position of the bot's highest role."""
        return max((self.roles[each]["position"] for each in self.bot_roles if each in self.roles), default=0)


def look(rest: Rest, settings: BotSettings) -> Iterator[Finding]:
    """At Discord. What cannot be looked at, because something before it lacks, is left out."""
    guild = Guild()
    for about, step in (("token", _token), ("guild", _guild)):
        try:
            yield Finding(about, True, step(rest, settings, guild))
        except SpartaError as error:
            yield Finding(about, False, error.sentence)
            return
    yield from _roles(settings, guild)
    yield from _granting(settings, guild)
    for name, channel_id, needed in (
        ("CHANNEL_OPERATORS_ID", settings.channel_operators_id, THREADS),
        ("CHANNEL_MODERATORS_ID", settings.channel_moderators_id, WRITES),
        ("CHANNEL_AUDIT_ID", settings.channel_audit_id, WRITES),
    ):
        yield _channel(rest, guild, settings, name, channel_id, needed)


def look_at_api(settings: BotSettings, keys: ApiKeys) -> Iterator[Finding]:
    """Whether it answers, takes our key, and has what it stands on."""
    with httpx.Client(base_url=settings.api_url, timeout=SECONDS) as client:
        try:
            ready = client.get("/ready")
            headers = {"x-api-key": keys.current().get_secret_value()}
            accepted = client.get("/api/operator/stats", headers=headers)
        except httpx.TransportError as error:
            yield Finding("API", False, texts.api_silent(settings.api_url, type(error).__name__))
            return
        except SpartaError as error:
            yield Finding("API key", False, error.sentence)
            return
    try:
        dependencies = Readiness.model_validate_json(ready.content, extra="ignore").dependencies
    except ValidationError:
        yield Finding("API", False, texts.no_api(settings.api_url, ready.status_code))
        return
    yield Finding("API", True, f"answers at {settings.api_url}")
    yield Finding("API key", accepted.is_success, texts.api_key(accepted.status_code))
    for each in dependencies:
        yield Finding(each.name, each.ok, each.error or f"answers the API within {each.latency_ms:.0f} ms")


def look_at_commands(rest: Rest, settings: BotSettings, wanted: Commands) -> Iterator[Finding]:
    """Whether Discord has those of this version."""
    try:
        differ = any(difference(registered(rest, settings), wanted))
    except SpartaError as error:
        yield Finding("commands", False, error.sentence)
    else:
        yield Finding("commands", not differ, texts.COMMANDS_DIFFER if differ else "are those of this version")


def _token(rest: Rest, settings: BotSettings, guild: Guild) -> str:
    with in_a_sentence("say whose the token is"):
        application = rest.ask("GET", "/oauth2/applications/@me")
        bot = rest.ask("GET", "/users/@me")
    guild.bot_id = str(bot["id"])
    if str(application["id"]) != settings.bot_client_id:
        raise SpartaError(texts.another_application(str(application["id"])))
    return f"is that of {bot['username']}"


def _guild(rest: Rest, settings: BotSettings, guild: Guild) -> str:
    guild_id, bot_id = str(settings.guild_id), guild.bot_id
    with in_a_sentence("show the guild"):
        found = rest.ask("GET", "/guilds/{}", (guild_id,))
        member = rest.ask("GET", "/guilds/{}/members/{}", (guild_id, bot_id))
    guild.roles = {role["id"]: role for role in found["roles"]}
    guild.bot_roles = [*member["roles"], guild_id]
    return f"is {found['name']}, and the bot is in it"


def _roles(settings: BotSettings, guild: Guild) -> Iterator[Finding]:
    wanted = {"ROLE_APPRENTICE_ID": [settings.role_apprentice_id], "ROLE_GUARDIAN_ID": [settings.role_guardian_id]}
    for name, ids in {**wanted, "MODERATOR_ROLE_IDS": list(settings.moderator_role_ids)}.items():
        for each in ids:
            role = guild.roles.get(each)
            yield Finding(name, role is not None, f"is {role['name']}" if role else texts.no_such_role(each))


def _granting(settings: BotSettings, guild: Guild) -> Iterator[Finding]:
    """Nobody gives a role that is not below their own."""
    role = guild.roles.get(settings.role_apprentice_id)
    if role is None:
        return
    lacking = missing(permissions_of(guild.roles.values(), guild.bot_roles), ["MANAGE_ROLES"])
    below = role["position"] < guild.highest
    good = below and not lacking
    yield Finding("giving roles", good, texts.may_give(role["name"], below=below, lacking=lacking))


def _shown(rest: Rest, channel_id: str) -> Any:
    try:
        return rest.ask("GET", "/channels/{}", (channel_id,))
    except Refused as refused:
        if refused.code in {UNKNOWN_CHANNEL, MISSING_ACCESS}:
            raise NotFound(texts.no_channel(channel_id, hidden=refused.code == MISSING_ACCESS)) from None
        raise


def _channel(rest: Rest, guild: Guild, settings: BotSettings, name: str, channel_id: str, needed: list[str]) -> Finding:
    try:
        with in_a_sentence(f"show the channel {channel_id}"):
            channel = _shown(rest, channel_id)
    except SpartaError as error:
        return Finding(name, False, error.sentence)
    if channel["type"] != TEXT and needed is THREADS:
        return Finding(name, False, texts.no_text_channel(channel.get("name", channel_id)))
    held = permissions_of(guild.roles.values(), guild.bot_roles)
    here = permissions_in(channel, held, str(settings.guild_id), guild.bot_roles, guild.bot_id)
    lacking = missing(here, needed)
    shown = f"#{channel.get('name', channel_id)}"
    return Finding(name, not lacking, texts.lacks(shown, lacking) if lacking else f"is {shown}, and the bot may write")
