"""The bot as a process of its own, between a stand-in Discord and the real API."""
