"""The OpenAPI document as people read it: what the framework writes, without its noise and with what statuses mean."""

from __future__ import annotations

from typing import Any, Final

from flask_openapi import OpenAPI

from sparta.api.request_id import HEADER

MEANINGS: Final = {
    "200": "Done, or found",
    "201": "Made, as the answer shows it",
    "204": "Done; there is nothing to say",
    "400": "Something lacks or cannot be meant; `error` names it",
    "401": "No key, or none that opens",
    "403": "A rule forbids it to this operator",
    "404": "There is no such operator or validator",
    "409": "It exists already, belongs to another, or is in use",
    "413": "The body is larger than 64 KiB",
    "429": "Asked too often; `Retry-After` says when it is worth asking again",
    "500": "A bug of ours; the sentence holds the reference to give along",
    "502": "Ethereum or the Aztec node is out of reach, or a contract refused and `contractError` is its reason",
    "503": "The database or the secrets are out of reach, or a transaction is not mined yet: ask again",
}
_READY: Final = {"200": "Everything behind it answers", "503": "Something behind it does not; its row says why"}
_HEADERS: Final = {
    HEADER: {"description": "By which the log knows the request", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds", "schema": {"type": "integer"}},
}


def document(app: OpenAPI) -> dict[str, Any]:
    """Of all routes that are registered."""
    made = app.api_doc
    schemas = {name: _schema(schema) for name, schema in made["components"]["schemas"].items()}
    paths = {
        path: {method: _operation(path, operation) for method, operation in operations.items()}
        for path, operations in made["paths"].items()
    }
    return {**made, "paths": paths, "components": {**made["components"], "schemas": schemas}}


def _operation(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    meanings = MEANINGS | (_READY if path == "/ready" else {})
    changed: dict[str, Any] = {
        "responses": {
            status: _response(status, response, meanings) for status, response in sorted(operation["responses"].items())
        }
    }
    if "parameters" in operation:
        changed["parameters"] = [_parameter(parameter) for parameter in operation["parameters"]]
    if "description" in operation:
        # The framework breaks lines where the docstring does.
        changed["description"] = operation["description"].replace("<br/>", " ").strip()
    return {**operation, **changed}


def _response(status: str, response: dict[str, Any], meanings: dict[str, str]) -> dict[str, Any]:
    names = [HEADER, "Retry-After"] if status == "429" else [HEADER]
    return {**response, "description": meanings[status], "headers": {name: _HEADERS[name] for name in names}}


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    """Nothing in a URL or a header is null, so of what may lack only the rest is shown; and a description once."""
    schema = {name: value for name, value in parameter["schema"].items() if name not in {"title", "description"}}
    (kind,) = [each for each in schema.pop("anyOf", [{}]) if each != {"type": "null"}]
    return {**parameter, "schema": {**kind, **schema}}


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    properties = {name: _untitled(each) for name, each in schema.get("properties", {}).items()}
    return {**schema, "properties": properties}


def _untitled(schema: dict[str, Any]) -> dict[str, Any]:
    """Titles of fields are made up from their names, badly."""
    return {name: value for name, value in schema.items() if name != "title"}
