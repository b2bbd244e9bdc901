"""What bounds all requests together: how many are served at once, and how long each may take."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import BoundedSemaphore
from typing import Any

from sparta import request_time
from sparta.api.answers import problem
from sparta.api.request_id import Wsgi
from sparta.telemetry import log

ALWAYS_SERVED = "/health"
FULL = "More requests than this service can take are waiting for answers, so this one was not begun. Try again shortly."
RETRY_SECONDS = 2


def limited(app: Wsgi, *, places: int, seconds: float) -> Wsgi:
    """``app``, of which ``places`` requests are served at once and those beyond refused; ``/health`` needs no place.

    With more threads than places there is always one for the load balancer's check, however slow all else is.
    """
    free = BoundedSemaphore(places)

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == ALWAYS_SERVED:
            return app(environ, start_response)
        if not free.acquire(blocking=False):
            log().warning("too many requests at once", places=places)
            answer = problem(503, FULL)
            answer.headers["Retry-After"] = str(RETRY_SECONDS)
            return answer(environ, start_response)
        try:
            with request_time.limited(seconds):
                return app(environ, start_response)
        finally:
            free.release()

    return serve
