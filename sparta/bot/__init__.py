"""The Discord bot: ``python -m sparta.bot``. It holds a Discord token and the API's key, and nothing else."""
