"""The bot at rest: connected to the stand-in Discord of the tests, its API well; beside a bare disnake bot."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.bench import serving
from scripts.bench.serving import Memory
from scripts.bench.start import AS_IN_THE_IMAGE
from scripts.devnet.network import REPOSITORY
from scripts.devnet.processes import Process, free_port

IMPORT, BARE, OURS = "import disnake", "a bare disnake bot", "python -m sparta.bot"
START_SECONDS = 60
SETTLE_SECONDS = 5.0
IDLE_SECONDS = 42.0
"""Discord asks for a heartbeat every 41.25 seconds, so each bot beats its heart once while it is watched."""
IMPORT_ONLY = "import disnake, signal\nprint('ready', flush=True)\nsignal.pause()"
BARE_BOT = """
import asyncio, os
import disnake
from disnake.ext import commands

disnake.http.Route.BASE = os.environ["DISCORD_API_URL"]


class Bot(commands.InteractionBot):
    async def on_ready(self):
        print("ready", flush=True)


async def main():
    bot = Bot(command_sync_flags=commands.CommandSyncFlags.none(), intents=disnake.Intents(guilds=True))
    await bot.start(os.environ["BOT_TOKEN"])


asyncio.run(main())
"""
HEALTHY_API = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Healthy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b'{"status": "ok"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Healthy).serve_forever()
"""


@dataclass(frozen=True)
class Rest:
    """A process that waits: CPU seconds in each minute of it, and its memory at the end."""

    cpu: float
    memory: Memory


def compare(folder: Path) -> dict[str, Rest]:
    """All at the same time, so that whatever else the machine does touches all alike."""
    (folder / "sitecustomize.py").write_text(AS_IN_THE_IMAGE, encoding="utf-8")
    port = free_port()
    with ExitStack() as stack:

        def start(name: str, arguments: list[str], path: str, variables: Mapping[str, str] | None = None) -> Process:
            process = Process(name, [sys.executable, *arguments], {"PYTHONPATH": path, **(variables or {})})
            stack.callback(process.stop)
            return process

        # The stand-in runs in full: what the image lacks, development has.
        discord = start("stand-in Discord", ["-m", "tests.discord"], str(REPOSITORY))
        start("stand-in API", ["-c", HEALTHY_API, str(port)], "")
        told = _environment(discord.wait_for(lambda: _first_line(discord), START_SECONDS), port)
        slim = f"{folder}:{REPOSITORY}"
        watched = {
            IMPORT: (start(IMPORT, ["-c", IMPORT_ONLY], slim), "ready"),
            BARE: (start(BARE, ["-c", BARE_BOT], slim, told), "ready"),
            OURS: (start(OURS, ["-m", "sparta.bot"], slim, told), '"healthy"'),
        }
        for process, word in watched.values():
            process.wait_for(_says(process, word), START_SECONDS)
        return _watch({name: process for name, (process, _) in watched.items()})


def _watch(processes: Mapping[str, Process]) -> dict[str, Rest]:
    time.sleep(SETTLE_SECONDS)
    spent = {name: _cpu_seconds(process.pid) for name, process in processes.items()}
    time.sleep(IDLE_SECONDS)
    return {
        name: Rest((_cpu_seconds(process.pid) - spent[name]) * 60 / IDLE_SECONDS, serving.memory(process.pid))
        for name, process in processes.items()
    }


def report(found: Mapping[str, Rest]) -> str:
    """A table for people."""
    lines = [f"{'at rest, connected':<30} {'resident MiB':>12} {'own MiB':>8} {'CPU s a minute':>15}"]
    for name, each in found.items():
        resident, own = each.memory.resident / 2**20, each.memory.own / 2**20
        lines.append(f"{name:<30} {resident:>12.1f} {own:>8.1f} {each.cpu:>15.3f}")
    more = (found[OURS].memory.own - found[BARE].memory.own) / 2**20
    lines += ["", f"{'own memory: more than the bare bot':<45} {more:>6.1f} MiB"]
    return "\n".join(lines)


def _environment(world: Mapping[str, Any], port: int) -> dict[str, str]:
    """As the stand-in Discord and API are."""
    return {
        "DISCORD_API_URL": world["url"],
        "BOT_TOKEN": world["token"],
        "BOT_CLIENT_ID": world["bot"],
        "GUILD_ID": world["guild"],
        "API_URL": f"http://127.0.0.1:{port}",
        "BACKEND_API_KEY": "bench",
        "ROLE_APPRENTICE_ID": world["roles"]["apprentice"],
        "ROLE_GUARDIAN_ID": world["roles"]["guardian"],
        "MODERATOR_ROLE_IDS": world["roles"]["moderator"],
        **{f"CHANNEL_{name.upper()}_ID": number for name, number in world["channels"].items()},
    }


def _first_line(process: Process) -> dict[str, Any] | None:
    line, ended, _ = process.log.partition("\n")
    return json.loads(line) if ended else None


def _says(process: Process, word: str) -> Callable[[], bool | None]:
    return lambda: word in process.log or None


def _cpu_seconds(pid: int) -> float:
    """To the nanosecond, where ``/proc`` tells hundredths; the clock's number is made as Linux makes it."""
    return time.clock_gettime(~pid << 3 | 2)
