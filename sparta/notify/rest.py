"""One request to Discord: waits for its rate limits within the time there is, and repeats what may be repeated."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from sparta.notify import delivery_text as text
from sparta.notify.failures import NoTime, PutOff, Refused, Stopped
from sparta.notify.limits import Limits, Route

CONNECT_SECONDS, ANSWER_SECONDS = 3.0, 10.0
PAUSES = (0.25, 1.0)
"""Before the second and the third attempt, in seconds."""
TROUBLE_SECONDS = 30.0
REPEAT_SECONDS = 60.0
"""So long a request may be repeated that had no answer; Discord compares nonces "for a few minutes"."""
BAN_SECONDS = 600.0
_COUNTED = {401, 403, 429}


class _Failed(Exception):
    """No answer, or none of Discord's: whether the work was done is not known."""


class Deadline:
    """The time that a run has; waiting that does not fit into it is not begun."""

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._ends = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds."""
        return max(self._ends - self._clock(), 0.0)

    def wait(self, seconds: float) -> None:
        """Sleep.

        :raises NoTime: when the time would be over by then
        """
        if seconds >= self.left:
            raise NoTime("the time of this run is over", seconds)
        if seconds:
            self._sleep(seconds)


class Rest:
    """``client`` knows the URL and the token; ``limits`` are shared by all who use that token."""

    def __init__(self, client: httpx.Client, limits: Limits, deadline: Deadline) -> None:
        self._client = client
        self._limits = limits
        self.deadline = deadline

    @property
    def usable(self) -> bool:
        """Whether a request can still be made in this run."""
        return not self._limits.exhausted and self._limits.pause_of_all < self.deadline.left

    def ask(
        self,
        method: str,
        template: str,
        ids: tuple[str, ...] = (),
        *,
        body: Mapping[str, Any] | Sequence[Any] | None = None,
        query: Mapping[str, str] | None = None,
        repeat: bool = True,
    ) -> Any:
        """The parsed answer, ``None`` when it has no body. ``ids`` fill the places ``{}`` of ``template``.

        :param repeat: whether a second request does no harm when the first was answered badly or not at all
        :raises Refused: Discord will not do it
        :raises PutOff: not within the time, or not for want of an answer
        :raises Stopped: nothing more may be sent
        """
        path = _path(template, ids)
        route = Route(method, template, ids[0] if ids else "")
        request = self._client.build_request(method, path, json=body, params=query)
        pauses = iter(PAUSES if repeat else ())
        failed_before = False
        while True:
            if self._limits.exhausted:
                raise Stopped(text.TOO_MANY_REFUSALS)
            pause = self._limits.pause(route)
            if failed_before and pause > REPEAT_SECONDS:
                raise PutOff("Discord wants us to wait longer than it remembers a nonce", pause)
            self.deadline.wait(pause)
            try:
                response = self._send(request)
                if response.status_code != 429:
                    return self._read(route, response)
                self._note_limit(route, response)
            except _Failed as failed:
                failed_before = True
                breath = next(pauses, None)
                if breath is None:
                    raise PutOff(str(failed), TROUBLE_SECONDS) from None
                self.deadline.wait(breath)

    def _send(self, request: httpx.Request) -> httpx.Response:
        seconds = min(max(self.deadline.left, 1.0), ANSWER_SECONDS)
        request.extensions["timeout"] = httpx.Timeout(seconds, connect=CONNECT_SECONDS).as_dict()
        try:
            response = self._client.send(request)
        except httpx.TransportError as error:
            raise _Failed(f"no answer, {type(error).__name__}") from None
        if response.status_code in _COUNTED:
            self._limits.refused()
        return response

    def _read(self, route: Route, response: httpx.Response) -> Any:
        status = response.status_code
        self._limits.learn(route, response.headers)
        if status == 401:
            raise Stopped(text.UNAUTHORIZED)
        if status >= 500 or status < 200 or response.is_redirect:
            raise _Failed(f"HTTP {status}")
        answer = _json(response) if response.content else None
        if status >= 400:
            told = answer if isinstance(answer, dict) else {}
            raise Refused(status, int(told.get("code") or 0), str(told.get("message", ""))[:200])
        return answer

    def _note_limit(self, route: Route, response: httpx.Response) -> None:
        """Remember how long to wait. Without JSON it is not Discord that answers but the wall before it: a ban."""
        try:
            told = _json(response)
            seconds, everything = float(told["retry_after"]), bool(told.get("global"))
        except (_Failed, KeyError, TypeError, ValueError, AttributeError):
            self._limits.limited(route, BAN_SECONDS, everything=True)
            raise Stopped(text.BANNED) from None
        self._limits.limited(route, seconds, everything=everything)


def _path(template: str, ids: tuple[str, ...]) -> str:
    """Only digits get into a path, whatever the caller was given."""
    for each in ids:
        if not (each.isascii() and each.isdecimal()):
            raise Refused(400, 50035, "this is no id of Discord")
    return template.format(*ids)


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        raise _Failed(f"HTTP {response.status_code} with a body that is not JSON") from None
