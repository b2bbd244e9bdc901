"""The stand-in over HTTP and web sockets, in a thread of its own on free ports of 127.0.0.1."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.discord import routes
from tests.discord.attachments import MOST_BYTES
from tests.discord.faults import Chaos, Fault, Faults, Kind
from tests.discord.gateway.hub import Gateway
from tests.discord.limits import Limits
from tests.discord.people import People
from tests.discord.rest import PREFIX, Rest, Seen
from tests.discord.world import World

HOST, GATEWAY_PATH = "127.0.0.1", "/gateway"


class DiscordStandIn:
    """Change ``world`` and ``limits`` at any time. ``people`` do what people do, ``gateway`` tells the bot of it.
    ``violations`` holds all that Discord's document forbids or does not know, in what was asked and in what was
    answered; ``watch`` is told of each request, before and after its work.
    """

    def __init__(self, world: World | None = None) -> None:
        assert routes.__all__, "importing the routes fills the table"
        self.world = World() if world is None else world
        self.violations: list[str] = []
        self.url = ""
        self.port = self.gateway_port = 0
        self._loop = asyncio.new_event_loop()
        self._rest = Rest(self.world, self.violations)
        self.gateway = Gateway(self.world, self.violations, self._loop)
        self.people = People(self.world, self.gateway)
        self._stopping = asyncio.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        self._thread.start()
        assert self._started.wait(10), "the stand-in Discord did not start"

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)
        self._loop.close()

    @property
    def limits(self) -> Limits:
        return self._rest.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self._rest.limits = limits

    @property
    def faults(self) -> Faults:
        return self._rest.faults

    @property
    def requests(self) -> list[Seen]:
        """All that was asked, in order."""
        return self._rest.requests

    @property
    def watch(self) -> Callable[[str, str, str], None]:
        return self._rest.watch

    @watch.setter
    def watch(self, watch: Callable[[str, str, str], None]) -> None:
        self._rest.watch = watch

    def fail(self, kind: str, method: str | None = None, path: str = "", **details: Any) -> Fault:
        """From now on answer wrongly; ``heal`` ends it."""
        fault = Fault(Kind(kind), method, path, **details)
        self.faults.chosen.append(fault)
        return fault

    def chaos(self, seed: int, chance: float, *kinds: str) -> None:
        """From now on let one request in so many go wrong."""
        self.faults.chaos = Chaos(seed, chance, [Kind(kind) for kind in kinds])

    def heal(self) -> None:
        """All works again."""
        self._rest.faults = Faults()
        self.gateway.heal()

    def asked(self, method: str, path: str = "") -> list[Seen]:
        """The requests of that method whose path holds ``path``, in order."""
        return [seen for seen in self.requests if seen.method == method and path in seen.path]

    async def _serve(self) -> None:
        app = web.Application(middlewares=[self._rest.middleware], client_max_size=2 * MOST_BYTES)
        self._rest.add_routes(app)
        app.router.add_get(GATEWAY_PATH, self.gateway.serve)
        app.router.add_get(f"{GATEWAY_PATH}/resume", self.gateway.serve)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, HOST, self.port).start()
        self.port = runner.addresses[0][1]
        self.url = f"http://{HOST}:{self.port}{PREFIX}"
        await self._open_gateway(runner)
        self._started.set()
        await self._stopping.wait()
        await runner.cleanup()

    async def _open_gateway(self, runner: web.AppRunner) -> None:
        """On a port of its own, so that it can be closed and opened while the rest goes on."""
        sites: list[web.TCPSite] = []

        async def listen(admit: bool) -> None:
            while sites:
                await sites.pop().stop()
            if admit:
                sites.append(web.TCPSite(runner, HOST, self.gateway_port))
                await sites[0].start()

        await listen(True)
        self.gateway_port = runner.addresses[1][1]
        self.world.gateway_url = f"ws://{HOST}:{self.gateway_port}{GATEWAY_PATH}"
        self.gateway.listen = listen
