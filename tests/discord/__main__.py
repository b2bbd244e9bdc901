"""``python -m tests.discord``: the stand-in by itself, until Ctrl-C. Its first line says, in JSON, where it is, the
bot's token and the ids of what there is; lines typed into it are what people do (see ``console``)."""

from __future__ import annotations

import json
import signal
import sys
import threading

from tests.discord.console import Console
from tests.discord.permissions import bits
from tests.discord.server import DiscordStandIn


def main() -> None:
    """A guild with three people, of whom one is a moderator."""
    stop = threading.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, lambda *_: stop.set())
    with DiscordStandIn() as discord:
        print(json.dumps(furnish(discord)), flush=True)
        threading.Thread(target=listen, args=(Console(discord),), daemon=True).start()
        stop.wait()
        sys.stderr.writelines(f"{line}\n" for line in discord.violations)


def furnish(discord: DiscordStandIn) -> dict[str, object]:
    """What there is, with its ids."""
    world, people = discord.world, discord.people
    channels = {name: world.add_channel(name).id for name in ("operators", "moderators", "audit")}
    roles = {name: world.add_role(name).id for name in ("apprentice", "guardian")}
    roles["moderator"] = world.add_role("moderator", 2, bits(["MANAGE_ROLES", "MODERATE_MEMBERS"])).id
    members = {name: people.person(name).id for name in ("leonidas", "gorgo")}
    members["chilon"] = people.person("chilon", roles=["moderator"]).id
    return {
        "url": discord.url,
        "token": world.token,
        "bot": world.bot.id,
        "guild": world.guild_id,
        "channels": channels,
        "roles": roles,
        "members": members,
    }


def listen(console: Console) -> None:
    """Do what is typed, line by line, until the input ends."""
    for line in sys.stdin:
        if line.strip():
            print(console.do(line), flush=True)


if __name__ == "__main__":
    main()
