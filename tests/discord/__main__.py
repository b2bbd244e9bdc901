"""``python -m tests.discord``: the stand-in by itself, until Ctrl-C. Its first line says, in JSON, where it is, the
bot's token and the ids of what there is."""

from __future__ import annotations

import json
import signal
import sys
import threading

from tests.discord.server import DiscordStandIn


def main() -> None:
    """A guild with two operators and two channels."""
    stop = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    with DiscordStandIn() as discord:
        world = discord.world
        told = {
            "url": discord.url,
            "token": world.token,
            "bot": world.bot.id,
            "guild": world.guild_id,
            "channels": {name: world.add_channel(name).id for name in ("operators", "moderators")},
            "members": {name: world.add_user(name).id for name in ("leonidas", "gorgo")},
        }
        print(json.dumps(told), flush=True)
        stop.wait()
        sys.stderr.writelines(f"{line}\n" for line in discord.violations)


if __name__ == "__main__":
    main()
