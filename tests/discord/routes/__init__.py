"""The routes, one module per noun. Importing this package fills the table."""

from tests.discord.routes import channels, guilds, messages, threads, users

__all__ = ["channels", "guilds", "messages", "threads", "users"]
