"""An id for each request: on every log line it causes, and on its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from sparta import telemetry

HEADER = "X-Request-Id"
ENVIRON = "sparta.request_id"
_GIVEN = re.compile(r"[A-Za-z0-9_.\-]{1,64}")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class RequestIds:
    """Around the application: takes the caller's id where it gives a sound one."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        given = environ.get("HTTP_X_REQUEST_ID", "")
        with telemetry.request(given if _GIVEN.fullmatch(given) else None) as request_id:
            environ[ENVIRON] = request_id

            def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
                return start_response(status, [*headers, (HEADER, request_id)], *rest)

            return self._app(environ, start)
