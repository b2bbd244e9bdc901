"""What whoever deploys and runs the bot reads: on the command line and in the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

NOT_KNOWN_TO_DISCORD = (
    "Discord does not know the bot's token. Make a new one in Discord's developer portal (Bot, Reset Token), store it "
    "as BOT_TOKEN or in the secret that BOT_TOKEN_SECRET names, and start the bot again."
)

COMMANDS_DIFFER = "are not those of this version. Run `python -m sparta.bot sync`, which shows the difference."


def gateway_refuses(code: int) -> str:
    """For the log: 4004 a bad token, 4014 intents that were not granted, …"""
    return (
        f"Discord's gateway refuses the connection (code {code}, see Gateway Close Event Codes in Discord's "
        "documentation). Check the bot's token and its intents in the developer portal, then start the bot again."
    )


def too_many_starts(until: datetime) -> str:
    """For the log: Discord counts how often a bot identifies itself."""
    return (
        f"The bot was started too often today, and Discord lets it in again at {until:%Y-%m-%d %H:%M} UTC. Look in the "
        "log for why it was; until then leave it stopped."
    )


def discord_refused(what: str, code: int, reason: str) -> str:
    """For who deploys."""
    return (
        f"Discord refused to {what} ({reason}). Check BOT_CLIENT_ID and GUILD_ID, and that the bot was invited with "
        f"the scopes bot and applications.commands; code {code} is explained in Discord's documentation."
    )


def discord_silent(what: str, reason: str) -> str:
    """For who deploys."""
    return (
        f"Discord did not {what}: {reason}. Whether anything changed is not known; run the command again, which does "
        "no harm. When it lasts, look at discordstatus.com."
    )


def synchronised(count: int) -> str:
    """The end of a synchronisation."""
    return f"Done: the guild has these {count} commands now."


def nothing_to_synchronise(count: int) -> str:
    """Also an end of it."""
    return f"Nothing to do: the guild has exactly these {count} commands."


def global_commands(names: Sequence[str]) -> str:
    """A warning after it."""
    listed = ", ".join(f"/{name}" for name in names)
    return (
        f"Note: the bot has commands for all guilds too, which people see beside these: {listed}. Remove them by hand."
    )


def another_application(application_id: str) -> str:
    """BOT_TOKEN and BOT_CLIENT_ID do not belong together."""
    return (
        f"belongs to the application {application_id}, which is not BOT_CLIENT_ID. Correct BOT_CLIENT_ID, or store the "
        "token of the right application."
    )


def no_such_role(role_id: str) -> str:
    """In the guild."""
    return (
        f"{role_id} is no role of this guild. Turn on Developer Mode, right-click the role in the server's settings, "
        "Copy Role ID, and set the variable to it."
    )


def may_give(role: str, *, below: bool, lacking: Sequence[str]) -> str:
    """Or what to do so that the bot may."""
    if lacking:
        return "the bot lacks Manage Roles, so it gives nobody a role. Allow it in the server's settings, Roles."
    if not below:
        return f"{role} does not stand below the bot's own role. Drag the bot's role above it in the server's settings."
    return f"the bot may give {role}"


def no_channel(channel_id: str, *, hidden: bool) -> str:
    """Or none that the bot sees."""
    if hidden:
        return (
            f"the bot does not see the channel {channel_id}. Allow View Channel to its role in the channel's settings."
        )
    return (
        f"{channel_id} is no channel of this guild. Turn on Developer Mode, right-click the channel, Copy Channel ID, "
        "and set the variable to it."
    )


def no_text_channel(name: str) -> str:
    """Of another kind."""
    return f"#{name} is no text channel, so it has no private threads. Choose one that is."


def lacks(channel: str, permissions: Sequence[str]) -> str:
    """What to allow."""
    names = ", ".join(name.replace("_", " ").title() for name in permissions)
    return f"in {channel} the bot lacks: {names}. Allow them to its role in the channel's settings, Permissions."


def api_silent(url: str, reason: str) -> str:
    """Nothing listens there."""
    return f"does not answer at {url} ({reason}). Start it, or correct API_URL."


def no_api(url: str, status: int) -> str:
    """Something else listens there."""
    return f"{url} answers with HTTP {status}, and not as Sparta's API does. Correct API_URL, or look at the API's log."


def api_key(status: int) -> str:
    """Whether ours opens it."""
    if status == 401:
        return (
            "is not the API's. Give BACKEND_API_KEY (or the secret of BACKEND_API_KEY_SECRET) the same value for both."
        )
    return "opens it" if status == 200 else f"cannot be tried: the API answers with HTTP {status}. Look at its log."
