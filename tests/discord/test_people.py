"""People and a bot: what they type, press and see, with disnake in a process of its own."""

from __future__ import annotations

from tests.discord.programs import sample_bot
from tests.discord.server import DiscordStandIn


def test_a_command_is_answered(discord: DiscordStandIn) -> None:
    """From the command line, with its options, to the last edit; and nothing on the way contradicts Discord's types."""
    leonidas = discord.people.person("leonidas")
    with sample_bot(discord):
        answer = leonidas.command("/operator start", address="0xabc", block_number=5)
    assert (answer.text, answer.ephemeral) == ("Registered\n0xabc at 5", True)
    assert 0 <= answer.acknowledged_after <= answer.done_after < 3
    assert discord.violations == []
