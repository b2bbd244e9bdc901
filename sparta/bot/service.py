"""The bot's life: it logs in, works until it is told to stop, and lets what runs end first."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from threading import Thread

import aiohttp
import disnake
from pydantic import SecretStr

from sparta.bot import check, cli
from sparta.bot import setup_texts as texts
from sparta.bot.app import App, build
from sparta.secret_store import ApiKeys
from sparta.settings import BotSettings
from sparta.telemetry import log

DRAIN_SECONDS = 24.0
"""ECS kills after 30."""
BACK_OFF_SECONDS = 120.0
"""Before a process ends that Discord does not let in: ECS starts the next one at once, and Discord takes the token away
from who identifies 1,000 times a day, that is every 86 seconds."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
_FOR_NOW = (disnake.HTTPException, disnake.GatewayNotFound, aiohttp.ClientError, OSError, TimeoutError)


class Hopeless(Exception):
    """Discord does not let us in, and asking again would not change that; ``sentence`` says what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


async def serve(settings: BotSettings, keys: ApiKeys, token: SecretStr) -> int:
    """Run until SIGTERM or SIGINT; the exit status."""
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    app = build(settings, keys)
    Thread(target=_look, args=(settings, token), daemon=True).start()
    connection = asyncio.create_task(_connect(app, token))
    pulse = asyncio.create_task(app.pulse.beat())
    told = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({connection, pulse, told}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            log().info("stopping")
            await app.desk.drain(DRAIN_SECONDS)
            return 0
        return await _ended(connection if connection.done() else pulse, stop)
    finally:
        await app.close()
        for task in (connection, pulse, told):
            task.cancel()
        await asyncio.gather(connection, pulse, told, return_exceptions=True)


def _look(settings: BotSettings, token: SecretStr) -> None:
    """Beside all else: log what lacks in the set-up, for who wonders why something does not work."""
    with cli.discord(settings, token) as rest:
        for finding in check.look(rest, settings):
            if not finding.good:
                log().warning("set-up", about=finding.about, reason=finding.sentence)


async def _connect(app: App, token: SecretStr) -> None:
    """Log in and stay connected; disnake itself comes back after each loss.

    :raises Hopeless: Discord does not let us in
    """
    pause = FIRST_PAUSE
    while True:
        try:
            await app.bot.login(token.get_secret_value())
            await app.bot.connect()
        except disnake.LoginFailure:
            raise Hopeless(texts.NOT_KNOWN_TO_DISCORD) from None
        except disnake.PrivilegedIntentsRequired:
            raise Hopeless(texts.gateway_refuses(4014)) from None
        except disnake.SessionStartLimitReached as error:
            raise Hopeless(texts.too_many_starts(error.session_start_limit.reset_time)) from None
        except disnake.ConnectionClosed as error:
            raise Hopeless(texts.gateway_refuses(error.code)) from None
        except _FOR_NOW as error:
            log().warning("Discord does not answer", reason=type(error).__name__, again_in=pause)
        else:
            return
        await app.bot.http.close()
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


async def _ended(task: asyncio.Task[None], stop: asyncio.Event) -> int:
    """What should go on for ever has not. Say why, and give Discord a rest before somebody starts us again."""
    error = task.exception()
    if isinstance(error, Hopeless):
        log().error("cannot start", reason=error.sentence)
    else:
        log().error("ended by itself", exc_info=error)
    with suppress(TimeoutError):
        async with asyncio.timeout(BACK_OFF_SECONDS):
            await stop.wait()
    return 1
