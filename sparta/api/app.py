"""The application: its routes, and what happens around each request."""

from __future__ import annotations

from flask import Flask
from flask_cors import CORS
from flask_openapi import Info, OpenAPI

from sparta import telemetry, wiring
from sparta.api import answers, auth, docs, errors, ethereum, health, limits, messages, nodes, operators, validators
from sparta.api.request_id import HEADER, RequestIds
from sparta.contract import Problem
from sparta.settings import Part, load, secret_values
from sparta.wiring import API_PLACES, REQUEST_SECONDS, Api

LONGEST_BODY = 64 * 1024
VERSION = "1.0.0"
DESCRIPTION = """Operators and validators of an Aztec community: registration, approval, messages, the chain's state.

Show your key as `x-api-key`, or as `Authorization: Bearer`. Every error is JSON with an `error` that says what happened
and what to do. Each answer carries `X-Request-Id`; give it along when you ask for help."""
NOUNS = (operators, validators, messages, ethereum, nodes)


def create_app(services: Api | None = None) -> Flask:
    """The application over ``services``; by default those that the environment describes.

    :raises SettingsError: with every mistake in the environment
    :raises DependencyFailed: a secret that the environment names cannot be read
    """
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
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    app.url_map.strict_slashes = False
    app.extensions["sparta"] = services or _from_environment()
    limits.register(app, places=API_PLACES, seconds=REQUEST_SECONDS)
    errors.register(app)
    auth.register(app)
    for noun in NOUNS:
        app.register_api(noun.routes)
    app.register_api(health.routes)
    docs.register(app)
    if origins := app.extensions["sparta"].cors_allowed_origins:
        CORS(app, origins=list(origins), allow_headers=["content-type", *auth.HEADERS], expose_headers=[HEADER])
    app.wsgi_app = RequestIds(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _from_environment() -> Api:
    settings = load(Part.API)
    telemetry.configure(
        environment=settings.environment,
        level=settings.log_level,
        pretty=settings.log_pretty_print,
        secrets=secret_values(settings),
    )
    return wiring.api(settings)
