"""``/api/docs``: the interactive documentation, from files that come with the package: it works without internet."""

from __future__ import annotations

import json
from pathlib import Path

import flask_openapi_swagger
from flask import Blueprint, Response, current_app, render_template_string, url_for
from flask_openapi import OpenAPI

from sparta.api.document import document as describe

ASSETS = Path(flask_openapi_swagger.__file__).parent / "templates" / "swagger"
PUBLIC_ENDPOINTS = {"docs.page", "docs.document", "docs.static", "docs.script"}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="UTF-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Sparta API</title>
  <link rel="icon" href="{{ asset('images/swagger.svg') }}">
  <link rel="stylesheet" href="{{ asset('css/swagger-ui.css') }}">
</head>
<body>
  <noscript>This page needs JavaScript. The description itself: <a href="{{ document }}">{{ document }}</a></noscript>
  <div id="docs"></div>
  <script src="{{ asset('js/swagger-ui-bundle.js') }}"></script>
  <script src="{{ script }}" data-document="{{ document }}"></script>
</body>
</html>
"""
_SCRIPT = """const url = document.currentScript.dataset.document;
SwaggerUIBundle({ url, dom_id: "#docs", deepLinking: true, validatorUrl: null });
"""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_docs = Blueprint("docs", __name__, url_prefix="/api", static_folder=ASSETS, static_url_path="/docs/files")


def register(app: OpenAPI) -> None:
    """The page, what it loads, and the OpenAPI document of all routes that are registered by now."""
    app.extensions["sparta-openapi"] = json.dumps(describe(app))
    app.register_blueprint(_docs)


@_docs.get("/docs")
def page() -> Response:
    """For people."""
    body = render_template_string(
        _PAGE,
        asset=lambda name: url_for("docs.static", filename=name),
        document=url_for("docs.document"),
        script=url_for("docs.script"),
    )
    return Response(body, mimetype="text/html", headers={"Content-Security-Policy": _POLICY})


@_docs.get("/docs/page.js")
def script() -> Response:
    """Starts the page."""
    return Response(_SCRIPT, mimetype="text/javascript")


@_docs.get("/openapi.json")
def document() -> Response:
    """For machines."""
    return Response(current_app.extensions["sparta-openapi"], mimetype="application/json")
