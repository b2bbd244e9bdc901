"""The application: its routes, and what happens around each request."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask_cors import CORS
from flask_openapi import Info, OpenAPI
from pydantic_core import from_json

from sparta import starting, wiring
from sparta.api import answers, auth, docs, errors, ethereum, health, limits, messages, nodes, operators, validators
from sparta.api.document import document as describe
from sparta.api.request_id import HEADER, RequestIds
from sparta.contract import Problem
from sparta.settings import Part, load
from sparta.wiring import API_PLACES, REQUEST_SECONDS, Api

VERSION = "1.0.0"
DESCRIPTION = """Operators and validators of an Aztec community: registration, approval, messages, the chain's state.

Show your key as `x-api-key`, or as `Authorization: Bearer`. Every error is JSON with an `error` that says what happened
and what to do. Each answer carries `X-Request-Id`; give it along when you ask for help."""
NOUNS = (operators, validators, messages, ethereum, nodes, health)


def create_app(services: Api | None = None) -> Flask:
    """The application over ``services``; by default those that the environment describes.

    :raises SettingsError: with every mistake in the environment
    :raises DependencyFailed: a secret that the environment names cannot be read
    """
    used = services or _from_environment()
    app = _with_routes()
    app.extensions["sparta"] = used
    if used.cors_allowed_origins:
        origins, headers = list(used.cors_allowed_origins), ["content-type", *auth.HEADERS]
        CORS(app, origins=origins, allow_headers=headers, expose_headers=[HEADER])
    app.wsgi_app = RequestIds(app.wsgi_app)  # type: ignore[method-assign]
    return app


def document() -> dict[str, Any]:
    """The OpenAPI document, of which no service is needed."""
    return describe(_with_routes())


def _with_routes() -> OpenAPI:
    app = OpenAPI(
        __name__,
        info=Info(title="Sparta API", version=VERSION, description=DESCRIPTION),
        security_schemes=answers.SCHEMES,
        validation_error_status=400,
        validation_error_model=Problem,
        validation_error_callback=errors.answer_invalid,
        doc_ui=False,
        static_folder=None,
    )
    app.openapi_version = "3.1.0"
    app.json = _Json(app)
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    limits.register(app, places=API_PLACES, seconds=REQUEST_SECONDS)
    errors.register(app)
    auth.register(app)
    for noun in NOUNS:
        app.register_api(noun.routes)
    docs.register(app)
    return app


class _Json(DefaultJSONProvider):
    """Refuses what is nested too deeply as what is no JSON at all; Python's own reader ends in a RecursionError."""

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """:raises ValueError: it is no JSON"""
        return from_json(s, allow_inf_nan=False)


def _from_environment() -> Api:
    settings = load(Part.API)
    starting.begin(settings)
    return wiring.api(settings)
