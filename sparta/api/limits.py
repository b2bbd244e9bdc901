"""What bounds all requests together: how many are served at once, and how long each may take."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import BoundedSemaphore
from typing import Any

from flask import Flask, request

from sparta import request_time
from sparta.api.request_id import Wsgi
from sparta.errors import Busy
from sparta.telemetry import log

ALWAYS_SERVED = "/health"
FULL = "More requests than this service can take are waiting for answers, so this one was not begun. Try again shortly."
RETRY_SECONDS = 2
_REFUSED = "sparta.refused"


def register(app: Flask, *, places: int, seconds: float) -> None:
    """Serve so many requests at once and refuse those beyond, before anything else is done; ``/health`` needs no place.

    With more threads than places there is always one for the load balancer's check, however slow all else is.
    """
    app.before_request(_refuse)
    app.wsgi_app = _limited(app.wsgi_app, places, seconds)  # type: ignore[assignment, method-assign]


def _limited(app: Wsgi, places: int, seconds: float) -> Wsgi:
    free = BoundedSemaphore(places)

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == ALWAYS_SERVED:
            return app(environ, start_response)
        environ[_REFUSED] = not free.acquire(blocking=False)
        try:
            with request_time.limited(seconds):
                return app(environ, start_response)
        finally:
            if not environ[_REFUSED]:
                free.release()

    return serve


def _refuse() -> None:
    if request.environ.get(_REFUSED):
        log().warning("too many requests at once")
        raise Busy(FULL, seconds=RETRY_SECONDS)
