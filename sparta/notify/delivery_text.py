"""Every sentence that delivery itself writes: to operators, to moderators, into refusals."""

from __future__ import annotations

NAME_LIMIT = 100
"""Characters in a thread's name."""

UNAUTHORIZED = (
    "Discord refuses the bot's token, so all sending has stopped; what waits stays in the outbox. Make a new token in "
    "Discord's developer portal, store it as BOT_TOKEN, and the next run sends what waits."
)
TOO_MANY_REFUSALS = (
    "Discord refused too many requests within ten minutes, so all sending has stopped before Discord bans our address; "
    "what waits is sent by a later run. Look in the log for what is refused: most likely a permission of the bot."
)
BANNED = (
    "Discord's wall answers instead of Discord: our address is blocked for a while, so all sending has stopped; what "
    "waits is sent by a later run. When it lasts, find which program behind this address sends too much."
)
NO_ANSWER = (
    "Discord gave no usable answer, so nothing was sent; what waits is sent by the next run. When it lasts, look at "
    "discordstatus.com."
)


def mention(user_id: str) -> str:
    """What notifies this person, when it stands in a message's content."""
    return f"<@{user_id}>" if user_id.isdecimal() else user_id


def to_operator(user_id: str, content: str) -> str:
    """A message in the operator's thread, which mentions the operator once."""
    who = mention(user_id)
    return content if content.startswith(who) else f"{who} {content}"


def fallback(user_id: str) -> str:
    """In the operators' channel, which others read: that there is something, never what."""
    return (
        f"{mention(user_id)} There is a message for you, and Discord does not let me bring it to you, neither in a "
        "private thread nor as a direct message. Your validators may need you: look with `/operator my-stats`. Then "
        "allow direct messages from this server in its privacy settings; `/operator test-alert` shows whether it works."
    )


def thread_name(username: str) -> str:
    """The operator's standing thread."""
    return f"Sparta for {username}"[:NAME_LIMIT]
