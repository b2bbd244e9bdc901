"""What every route uses: the services, answers as JSON, and the errors that a route declares."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast

from flask import Response, current_app
from flask_openapi import APIBlueprint, Tag

from sparta.contract import Problem
from sparta.models import Model
from sparta.wiring import Api

SCHEMES: dict[str, Any] = {
    "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
    "bearer": {"type": "http", "scheme": "bearer"},
}
"""The two ways to show the key."""
Responses = dict[str | int | HTTPStatus, Any]
OPEN: Responses = {"400": Problem, "413": Problem, "500": Problem}
"""What any route can answer: bad input, too much of it, a bug of ours."""
ANY: Responses = {**OPEN, "401": Problem, "503": Problem}
"""What any route with a key can answer: no key, and no database or no secret, too."""
MISSING: Responses = {"404": Problem}
TAKEN: Responses = {"409": Problem}
CHAIN: Responses = {"502": Problem}
"""Ethereum or the Aztec node is out of reach, or a contract refused."""


def routes_with_key(name: str, prefix: str, tag: str) -> APIBlueprint:
    """The routes of one noun, below ``/api``; ``tag`` is their heading in the docs."""
    security: list[dict[str, list[str]]] = [{scheme: []} for scheme in SCHEMES]
    return APIBlueprint(
        name, __name__, url_prefix=prefix, abp_tags=[Tag(name=tag)], abp_security=security, abp_responses=ANY
    )


def current() -> Api:
    """The services of the application that serves this request."""
    return cast("Api", current_app.extensions["sparta"])


def answer(model: Model, status: int = 200) -> Response:
    """The model as JSON: camelCase, and what has no value left out."""
    body = model.model_dump_json(by_alias=True, exclude_none=True)
    return Response(body, status, mimetype="application/json")


def nothing() -> Response:
    """Done, and there is nothing to say."""
    done = Response(status=204)
    del done.headers["Content-Type"]
    return done


def problem(status: int, error: str, **more: Any) -> Response:
    """The one shape of all errors."""
    return answer(Problem(error=error, **more), status)
