"""The routes, one module per noun. Importing this package fills the table."""

from tests.discord.routes import channels, commands, gateway, guilds, interactions, messages, threads, users, webhooks

__all__ = [
    "channels",
    "commands",
    "gateway",
    "guilds",
    "interactions",
    "messages",
    "threads",
    "users",
    "webhooks",
]
