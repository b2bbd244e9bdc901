"""The stand-in over HTTP, in a thread of its own on a free port of 127.0.0.1."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.discord import answers, contract, refusals, routes
from tests.discord.faults import Chaos, Fault, Faults, Kind
from tests.discord.limits import Limits
from tests.discord.refusals import Refused, wrong
from tests.discord.routing import ROUTES, Answer, Call
from tests.discord.world import World

PREFIX = "/api/v10"


@dataclass(frozen=True)
class Seen:
    """A request as it came, and the status of its answer (0: there was none)."""

    method: str
    path: str
    body: Any
    status: int


class DiscordStandIn:
    """Change ``world``, ``limits`` and ``faults`` at any time. ``violations`` holds all that Discord's document forbids
    or does not know, in what was asked and in what was answered; ``watch`` is told of each request, before and after
    its work.
    """

    def __init__(self, world: World | None = None) -> None:
        assert routes.__all__, "importing the routes fills the table"
        self.world = World() if world is None else world
        self.limits = Limits()
        self.faults = Faults()
        self.violations: list[str] = []
        self.requests: list[Seen] = []
        self.watch: Callable[[str, str, str], None] = lambda *_: None
        self.url = ""
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)
        self.port = 0

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
        self.faults = Faults()

    def asked(self, method: str, path: str = "") -> list[Seen]:
        """The requests of that method whose path holds ``path``, in order."""
        return [seen for seen in self.requests if seen.method == method and path in seen.path]

    async def _serve(self) -> None:
        app = web.Application(middlewares=[self._middleware])
        # The first that fits is taken, so names come before ids: "{" sorts after every letter.
        for method, template in sorted(ROUTES, key=lambda route: route[1]):
            app.router.add_route(method, PREFIX + template, self._handler(method, template))
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}{PREFIX}"
        self._started.set()
        await self._stopping.wait()
        await runner.cleanup()

    def _handler(self, method: str, template: str) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            body = await _body(request)
            headers, limited = self.limits.take(method, template, request.match_info)
            if limited:
                return answers.limited(limited, headers)
            call = Call(self.world, method, template, dict(request.match_info), dict(request.query), body or {})
            self._check_request(call, body)
            answer = ROUTES[method, template](call)
            self._check_answer(call, answer)
            return answers.in_json(answer.body, answer.status, headers)

        return handle

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:
        path = request.path.removeprefix(PREFIX)
        self.watch("before", request.method, path)
        fault = self.faults.next(request.method, path)
        response = await self._respond(request, handler, fault)
        self.watch("after", request.method, path)
        lost = fault is not None and fault.kind in {Kind.LOST, Kind.DROPPED}
        status = 0 if lost else response.status
        self.limits.answered(status)
        self.requests.append(Seen(request.method, path, await _body(request), status))
        if lost and request.transport is not None:
            request.transport.abort()
        return response

    async def _respond(self, request: web.Request, handler: Any, fault: Fault | None) -> web.StreamResponse:
        if self.limits.banned:
            return answers.banned()
        instead = await answers.instead(fault) if fault else None
        if instead is not None:
            return instead
        try:
            self._check_caller(request)
            response: web.StreamResponse = await handler(request)
        except Refused as refused:
            return answers.in_json(refused.refusal.body(), refused.refusal.status)
        except web.HTTPException:
            return answers.in_json(refusals.NO_ROUTE.body(), 404)
        if fault and fault.kind is Kind.ERROR_AFTER:
            return answers.in_json(answers.INTERNAL_ERROR, 502)
        return response

    def _check_caller(self, request: web.Request) -> None:
        if not request.headers.get("User-Agent", "").startswith("DiscordBot ("):
            self.violations.append(f"{request.method} {request.path}: User-Agent is not DiscordBot (url, version)")
            raise Refused(refusals.NO_AGENT)
        if request.headers.get("Authorization") != f"Bot {self.world.token}":
            raise Refused(refusals.UNAUTHORIZED)

    def _check_request(self, call: Call, body: Any) -> None:
        where = f"{call.method} {call.template}"
        for name, text in call.params.items():
            if not text.isdecimal():
                self.violations.append(f"{where}: {name} {text!r} is no id")
                raise wrong(name, "NUMBER_TYPE_COERCE", f'Value "{text}" is not snowflake.')
        for name in contract.unknown_queries(call.method, call.template, call.query):
            self.violations.append(f"{where}: unknown query {name}")
        schema = contract.body_schema(call.method, call.template)
        if schema is None:
            return
        self.violations += [f"{where}: unknown field {path}" for path in contract.unknown_fields(body, schema)]
        for mistake in contract.mistakes(body, schema):
            path = ".".join(map(str, mistake.absolute_path))
            self.violations.append(f"{where}: {path or 'the body'}: {mistake.message[:300]}")
            raise wrong(path, str(mistake.validator).upper(), mistake.message[:300])

    def _check_answer(self, call: Call, answer: Answer) -> None:
        where = f"the answer to {call.method} {call.template}"
        schema = contract.answer_schema(call.method, call.template, answer.status)
        if schema is None:
            assert answer.body is None, where
            return
        self.violations += [f"{where}: {mistake.message[:300]}" for mistake in contract.mistakes(answer.body, schema)]
        self.violations += [f"{where}: unknown field {path}" for path in contract.unknown_fields(answer.body, schema)]


async def _body(request: web.Request) -> Any:
    """The parsed body; ``None`` when there is none, or none that is JSON."""
    content = await request.read()
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None
