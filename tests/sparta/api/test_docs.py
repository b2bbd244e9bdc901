"""The API's description of itself: complete, true, valid, and shown without the internet."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.sparta.api.client import Caller
from tests.sparta.api.conftest import KEY

METHODS = {"GET", "POST", "PUT", "DELETE", "PATCH"}
DOCS = {"/api/docs", "/api/docs/page.js", "/api/docs/files/<path:filename>", "/api/openapi.json"}
CONTRACT = {
    ("GET", "/api/operator/operators"): "200 400",
    ("GET", "/api/operator"): "200 400 404",
    ("POST", "/api/operator"): "201 400 409",
    ("PUT", "/api/operator"): "200 400 404 409",
    ("DELETE", "/api/operator"): "204 400 404 409",
    ("GET", "/api/operator/stats"): "200",
    ("GET", "/api/operator/address/{address}"): "200 400 404",
    ("PUT", "/api/operator/approve"): "200 400 404",
    ("DELETE", "/api/operator/approve"): "200 400 404",
    ("DELETE", "/api/operator/slashed"): "200 400 404",
    ("POST", "/api/operator/message"): "200 400 404",
    ("POST", "/api/moderator/message"): "200 400",
    ("GET", "/api/validator/validators"): "200",
    ("GET", "/api/validator"): "200 400 404",
    ("POST", "/api/validator"): "201 400 403 404 409 502",
    ("PUT", "/api/validator"): "200 400 404",
    ("DELETE", "/api/validator"): "204 400 404",
    ("GET", "/api/ethereum/rollup/committee"): "200 502",
    ("GET", "/api/ethereum/rollup/validators"): "200 502",
    ("GET", "/api/ethereum/rollup/status"): "200 502",
    ("GET", "/api/ethereum/rollup/network"): "200 502",
    ("GET", "/health"): "200",
    ("GET", "/ready"): "200 503",
}
"""What clients that exist rely on."""


@pytest.fixture
def anybody(lonely: Flask) -> FlaskClient:
    """Somebody without the key."""
    return lonely.test_client()


@pytest.fixture
def document(anybody: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = anybody.get("/api/openapi.json").get_json()
    return found


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def served(app: Flask) -> set[tuple[str, str]]:
    """Every route of the application but the docs, as the document writes them."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule not in DOCS]
    return {
        (method, re.sub(r"<(\w+)>", r"{\1}", rule.rule))
        for rule in rules
        for method in (rule.methods or set()) & METHODS
    }


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    """OpenAPI 3.1, as other tools understand it."""
    assert document["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_the_document_is_complete(lonely: Flask, document: dict[str, Any]) -> None:
    """Every route of the application stands in it, and it names no other."""
    assert set(operations(document)) == served(lonely)


def test_the_document_keeps_the_contract(document: dict[str, Any]) -> None:
    """Each row of it, with each of its statuses."""
    found = operations(document)
    for row, statuses in CONTRACT.items():
        assert set(statuses.split()) <= set(found[row]["responses"]), row


def test_every_route_but_the_docs_wants_the_key(lonely: Flask, document: dict[str, Any]) -> None:
    """Asked without one, each answers 401, as the document says; what is open says so by having no security."""
    call = Caller(lonely, None)
    for (method, path), operation in operations(document).items():
        reply = call(method, path.replace("{address}", "0x" + "1" * 40))
        if path.startswith("/api/"):
            assert reply.status == 401, path
            assert operation["security"] == [{"apiKey": []}, {"bearer": []}]
            assert "401" in operation["responses"]
        else:
            assert reply.status in {200, 503}, path
            assert "security" not in operation


def test_both_ways_to_show_the_key_are_described(lonely: Flask, document: dict[str, Any]) -> None:
    """And work as described."""
    assert document["components"]["securitySchemes"] == {
        "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
        "bearer": {"type": "http", "scheme": "bearer"},
    }
    call = Caller(lonely, None)
    for headers in ({"x-api-key": KEY}, {"Authorization": f"Bearer {KEY}"}):
        assert call.send("GET", "/api/operator", headers).status == 400


def test_the_document_is_written_for_people(document: dict[str, Any]) -> None:
    """Each operation has a heading, each status its meaning and the request's id, each field its own name only."""
    for row, operation in operations(document).items():
        assert operation["summary"], row
        assert "<br" not in operation.get("description", ""), row
        for status, response in operation["responses"].items():
            assert response["description"] != HTTPStatus(int(status)).phrase, (row, status)
            assert "X-Request-Id" in response["headers"]
        for parameter in operation.get("parameters", []):
            assert "null" not in str(parameter["schema"])
            assert "title" not in parameter["schema"]
    for name, schema in document["components"]["schemas"].items():
        assert not any("title" in each for each in schema["properties"].values()), name
    ids = [operation["operationId"] for operation in operations(document).values()]
    assert len(ids) == len(set(ids))


def test_the_page_needs_nothing_from_outside(anybody: FlaskClient) -> None:
    """All that it loads comes from here, without the key, and its policy lets nothing else in."""
    page = anybody.get("/api/docs")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    text = page.get_data(as_text=True)
    assert "//" not in text
    loaded = re.findall(r'(?:src|href|data-document)="([^"]+)"', text)
    assert {path.rpartition(".")[2] for path in loaded} == {"svg", "css", "js", "json"}
    for path in loaded:
        with anybody.get(path) as answer:
            assert (answer.status_code, len(answer.data) > 50) == (200, True), path


def test_the_pages_policy_lets_it_work(anybody: FlaskClient) -> None:
    """No script stands in the page itself, since its policy forbids that; and nobody may frame it."""
    page = anybody.get("/api/docs")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["Content-Security-Policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
    assert policy["frame-ancestors"] == "'none'"
    scripts = re.findall(r"<script([^>]*)>(.*?)</script>", page.get_data(as_text=True), re.DOTALL)
    assert len(scripts) == 2
    assert all("src=" in attributes and not content for attributes, content in scripts)
    assert not re.search(r"\son\w+=|javascript:", page.get_data(as_text=True))


def test_the_page_keeps_no_key(anybody: FlaskClient) -> None:
    """Neither in the browser, nor does it send the document to a validator elsewhere."""
    script = anybody.get("/api/docs/page.js")
    assert script.mimetype == "text/javascript"
    assert "persistAuthorization" not in script.get_data(as_text=True)
    assert "validatorUrl: null" in script.get_data(as_text=True)


@pytest.mark.parametrize(
    "path", ["../../../setup.cfg", "..%2f..%2fdocs.py", "/etc/passwd", "css/../../../../__init__.py"]
)
def test_no_other_file_is_served(anybody: FlaskClient, path: str) -> None:
    """Only those of the page."""
    answer = anybody.get("/", environ_overrides={"PATH_INFO": f"/api/docs/files/{path}"})
    assert answer.status_code in {401, 404}
