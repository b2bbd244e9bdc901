"""The key: every route below ``/api`` wants one, but the docs."""

from __future__ import annotations

import hmac

from flask import Flask, Request, Response, request

from sparta.api.answers import current, problem
from sparta.api.docs import PUBLIC_ENDPOINTS
from sparta.telemetry import log

HEADERS = ["x-api-key", "authorization", "idempotency-key"]
REFUSED = "Unauthorized: Invalid or missing API key"


def register(app: Flask) -> None:
    """Ask for the key before anything else is looked at."""
    app.before_request(_check)


def _check() -> Response | None:
    if not request.path.startswith("/api/") or request.method == "OPTIONS" or request.endpoint in PUBLIC_ENDPOINTS:
        return None
    if _is_valid(_given(request)):
        return None
    log().warning("request without a valid key", path=request.path)
    return problem(401, REFUSED)


def _given(asked: Request) -> bytes:
    key = asked.headers.get("x-api-key")
    if key is None:
        scheme, _, value = asked.headers.get("Authorization", "").partition(" ")
        key = value.strip() if scheme.lower() == "bearer" else ""
    return key.encode("latin-1", "replace")


def _is_valid(given: bytes) -> bool:
    """A key that is unknown may be one that was rotated a moment ago, so the keys are read again."""
    return bool(given) and any(_is_one_of(given, fresh=fresh) for fresh in (False, True))


def _is_one_of(given: bytes, *, fresh: bool) -> bool:
    """Every key is compared, each in constant time, so that the time says nothing."""
    keys = current().keys.all(fresh=fresh)
    matches = [hmac.compare_digest(given, key.get_secret_value().encode()) for key in keys]
    return any(matches)
