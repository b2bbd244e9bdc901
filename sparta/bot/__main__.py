"""``python -m sparta.bot``: the bot; ``sync`` registers its commands, ``check`` says whether all is set up for it."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys

from pydantic import SecretStr

from sparta import secret_store, telemetry
from sparta.bot import service
from sparta.errors import SpartaError
from sparta.secret_store import ApiKeys, SecretStore, resolve
from sparta.settings import BotSettings, Part, load, secret_values

COMMANDS = {
    "run": "work until told to stop",
    "sync": "register the commands with Discord",
    "check": "look at the set-up",
}


def main() -> int:
    """Exit status: 0 when all went well."""
    parser = argparse.ArgumentParser(prog="python -m sparta.bot", description=__doc__)
    about = "; ".join(f"{name}: {does}" for name, does in COMMANDS.items())
    parser.add_argument("command", nargs="?", default="run", choices=COMMANDS, help=about)
    command = parser.parse_args().command
    try:
        settings = load(Part.BOT)
        _configure_log(settings)
        secrets = SecretStore(lambda: secret_store.connect(settings))
        token = resolve(settings.bot_token, settings.bot_token_secret, secrets)
    except SpartaError as error:
        print(error.sentence, file=sys.stderr)
        return 1
    return _run(command, settings, ApiKeys(settings, secrets), token or SecretStr(""))


def _run(command: str, settings: BotSettings, keys: ApiKeys, token: SecretStr) -> int:
    return asyncio.run(service.serve(settings, keys, token))


def _configure_log(settings: BotSettings) -> None:
    telemetry.configure(
        environment=settings.environment,
        level=settings.log_level,
        pretty=settings.log_pretty_print,
        secrets=secret_values(settings),
    )
    # Each request at INFO, with the token of the interaction in its URL.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
