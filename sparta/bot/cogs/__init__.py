"""The commands, one cog per group. A command is a few lines: ask the API, answer with an embed."""
