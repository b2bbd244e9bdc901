"""What happens to each request: faults, who asks, limits, Discord's document, the route, and the document again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.discord import answers, attachments, bodies, contract, refusals
from tests.discord.bodies import Body
from tests.discord.faults import Fault, Faults, Kind
from tests.discord.limits import Limits
from tests.discord.refusals import Refused, wrong
from tests.discord.routing import ROUTES, Answer, Call
from tests.discord.world import World

PREFIX = "/api/v10"
Respond = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Seen:
    """A request as it came, and the status of its answer (0: there was none)."""

    method: str
    path: str
    body: Any
    status: int


@dataclass
class Rest:
    """The API over HTTP."""

    world: World
    violations: list[str]
    limits: Limits = field(default_factory=Limits)
    faults: Faults = field(default_factory=Faults)
    requests: list[Seen] = field(default_factory=list)
    watch: Callable[[str, str, str], None] = lambda *_: None

    def add_routes(self, app: web.Application) -> None:
        # The first that fits is taken, so names come before ids: "{" sorts after every letter.
        for method, template in sorted(ROUTES, key=lambda route: route[1]):
            app.router.add_route(method, PREFIX + template, self._handler(method, template))

    @property
    def middleware(self) -> Any:
        """Around every request, also to what there is not."""

        @web.middleware
        async def around(request: web.Request, handler: Respond) -> web.StreamResponse:
            if not request.path.startswith(PREFIX):
                return await handler(request)
            return await self._around(request, handler)

        return around

    async def _around(self, request: web.Request, handler: Respond) -> web.StreamResponse:
        path = request.path.removeprefix(PREFIX)
        self.watch("before", request.method, path)
        fault = self.faults.next(request.method, path)
        response = await self._respond(request, handler, fault)
        self.watch("after", request.method, path)
        lost = fault is not None and fault.kind in {Kind.LOST, Kind.DROPPED}
        status = 0 if lost else response.status
        self.limits.answered(status)
        self.requests.append(Seen(request.method, path, (await bodies.read(request)).value, status))
        self.world.tell()
        if lost and request.transport is not None:
            request.transport.abort()
        return response

    async def _respond(self, request: web.Request, handler: Respond, fault: Fault | None) -> web.StreamResponse:
        if self.limits.banned:
            return answers.banned()
        instead = await answers.instead(fault) if fault else None
        if instead is not None:
            return instead
        try:
            response = await handler(request)
        except Refused as refused:
            return answers.in_json(refused.refusal.body(), refused.refusal.status)
        except web.HTTPException:
            return answers.in_json(refusals.NO_ROUTE.body(), 404)
        except ConnectionError:
            raise  # Whoever asked did not wait for the answer.
        except Exception as error:
            self.violations.append(f"the stand-in itself failed at {request.method} {request.path}: {error!r}")
            raise
        if fault and fault.kind is Kind.ERROR_AFTER:
            return answers.in_json(answers.INTERNAL_ERROR, 502)
        return response

    def _handler(self, method: str, template: str) -> Respond:
        needs_token = contract.needs_token(method, template)

        async def handle(request: web.Request) -> web.StreamResponse:
            self._check_caller(request, needs_token)
            body = await bodies.read(request)
            headers, limited = self.limits.take(method, template, request.match_info, counts_overall=needs_token)
            if limited:
                return answers.limited(limited, headers)
            query, content = dict(request.query), {} if body.value is None else body.value
            call = Call(self.world, method, template, dict(request.match_info), query, content, body.files)
            self._check_request(call, body)
            answer = ROUTES[method, template](call)
            self.violations += call.notes
            self._check_answer(call, answer)
            return answers.in_json(answer.body, answer.status, headers)

        return handle

    def _check_caller(self, request: web.Request, needs_token: bool) -> None:
        """Who answers an interaction shows its token only, and need not say what it is."""
        if needs_token and not request.headers.get("User-Agent", "").startswith("DiscordBot ("):
            self.violations.append(f"{request.method} {request.path}: User-Agent is not DiscordBot (url, version)")
            raise Refused(refusals.NO_AGENT)
        shown = request.headers.get("Authorization")
        if shown != f"Bot {self.world.token}" and (needs_token or shown is not None):
            raise Refused(refusals.UNAUTHORIZED)

    def _check_request(self, call: Call, body: Body) -> None:
        where = f"{call.method} {call.template}"
        for name, text in call.params.items():
            if name.endswith("_id") and not text.isdecimal():
                self.violations.append(f"{where}: {name} {text!r} is no id")
                raise wrong(name, "NUMBER_TYPE_COERCE", f'Value "{text}" is not snowflake.')
        for name in contract.unknown_queries(call.method, call.template, call.query):
            self.violations.append(f"{where}: unknown query {name}")
        if sum(len(each.content) for each in body.files.values()) > attachments.MOST_BYTES:
            raise Refused(refusals.TOO_LARGE)
        schema = contract.body_schema(call.method, call.template)
        if schema is None:
            return
        self.violations += [f"{where}: unknown field {path}" for path in contract.unknown_fields(body.value, schema)]
        for mistake in contract.mistakes(body.value, schema):
            self.violations.append(f"{where}: {contract.sentence(mistake)}")
            path = ".".join(map(str, mistake.absolute_path))
            raise wrong(path, str(mistake.validator).upper(), contract.sentence(mistake))

    def _check_answer(self, call: Call, answer: Answer) -> None:
        where = f"the answer to {call.method} {call.template}"
        schema = contract.answer_schema(call.method, call.template, answer.status)
        if schema is None:
            assert answer.body is None, where
            return
        self.violations += [f"{where}: {contract.sentence(each)}" for each in contract.mistakes(answer.body, schema)]
        self.violations += [f"{where}: unknown field {path}" for path in contract.unknown_fields(answer.body, schema)]
