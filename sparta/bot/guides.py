"""Replies that explain, for which nobody needs to be asked."""

from __future__ import annotations

from sparta.bot import buttons, embeds, public, texts
from sparta.bot.replies import Reply

START_HELP, MY_STATS, IS_READY, ALERTS = "start-help", "my-stats", "is-ready", "alerts"


def overview() -> Reply:
    """All commands, for everybody in the channel, with buttons for the common ones."""
    made = embeds.embed("Sparta: commands", embeds.listed(texts.HELP)).set_footer(text=public.HELP)
    topics = [
        buttons.topic("How to start", START_HELP),
        buttons.topic("My statistics", MY_STATS),
        buttons.topic("Is my node ready?", IS_READY),
        buttons.topic("My alerts", ALERTS),
    ]
    return Reply(made, topics, replaces=public.HELP)


def start_help() -> Reply:
    """The three steps to a proof of being synced."""
    made = embeds.embed(texts.START_TITLE, texts.START_INTRODUCTION, texts.START_STEPS)
    return Reply(made.add_field("When it does not work", texts.START_MISTAKES, inline=False))


def readiness_help() -> Reply:
    """How to ask for the check."""
    return Reply(embeds.embed("Is your node ready?", texts.NO_ADDRESS_GIVEN))


def moderators_overview() -> Reply:
    """What moderators can do."""
    return Reply(embeds.embed("Sparta: commands for moderators", embeds.listed(texts.MOD_HELP)))
