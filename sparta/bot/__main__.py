"""``python -m sparta.bot``: the bot; ``sync`` registers its commands, ``check`` says whether all is set up for it."""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys

from pydantic import SecretStr

from sparta import secret_store, starting
from sparta.bot import check, cli, service, sync
from sparta.bot.app import build
from sparta.errors import SpartaError
from sparta.secret_store import ApiKeys, SecretStore, resolve
from sparta.settings import BotSettings, Part, load


def main() -> int:
    """Exit status: 0 when all went well."""
    parser = argparse.ArgumentParser(prog="python -m sparta.bot", description=__doc__)
    parser.add_argument("command", nargs="?", default="run", choices=("run", "sync", "check"))
    command = parser.parse_args().command
    try:
        settings = load(Part.BOT)
        _configure_log(settings)
        secrets = SecretStore(lambda: secret_store.connect(settings))
        token = resolve(settings.bot_token, settings.bot_token_secret, secrets) or SecretStr("")
        keys = ApiKeys(settings, secrets)
        match command:
            case "sync":
                return _sync(settings, keys, token)
            case "check":
                return _check(settings, keys, token)
        return asyncio.run(service.serve(settings, keys, token))
    except SpartaError as error:
        print(error.sentence, file=sys.stderr)
        return 1


def _sync(settings: BotSettings, keys: ApiKeys, token: SecretStr) -> int:
    wanted = asyncio.run(commands(settings, keys))
    with cli.discord(settings, token) as rest:
        for line in sync.sync(rest, settings, wanted):
            print(line, flush=True)
    return 0


def _check(settings: BotSettings, keys: ApiKeys, token: SecretStr) -> int:
    wanted = asyncio.run(commands(settings, keys))
    with cli.discord(settings, token) as rest:
        findings = [*check.look(rest, settings), *check.look_at_commands(rest, settings, wanted)]
    findings += check.look_at_api(settings, keys)
    print("\n".join(finding.line for finding in findings))
    return 0 if all(finding.good for finding in findings) else 1


async def commands(settings: BotSettings, keys: ApiKeys) -> sync.Commands:
    """Those of this version; disnake wants a running loop to make them."""
    app = build(settings, keys)
    try:
        return sync.wanted(app.bot)
    finally:
        await app.close()


def _configure_log(settings: BotSettings) -> None:
    starting.begin(settings)
    # Each request at INFO, with the token of the interaction in its URL.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
