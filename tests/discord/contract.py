"""Discord's own description of its API, and what of a request or an answer contradicts it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators

DATA = Path(__file__).parent / "data"
Schema = Mapping[str, Any]
ALL_PERMISSIONS = 18_014_398_509_481_983
UNDOCUMENTED = {"default_permission", "nsfw", "tts"}
"""Fields that common clients send in places where the document does not have them, and Discord does not mind."""


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    with gzip.open(DATA / "openapi.json.gz") as file:
        found: dict[str, Any] = json.load(file)
    return found


def operation(method: str, template: str) -> Schema:
    """What is said of one method of one path, ``/channels/{channel_id}`` for example."""
    found: Schema = document()["paths"][template][method.lower()]
    return found


def body_schema(method: str, template: str) -> Schema | None:
    content = operation(method, template).get("requestBody", {}).get("content", {})
    found: Schema | None = content.get("application/json", {}).get("schema")
    return found


def answer_schema(method: str, template: str, status: int) -> Schema | None:
    """The schema of a good answer; ``None`` for one without a body.

    :raises KeyError: when the operation never answers so
    """
    content = operation(method, template)["responses"][str(status)].get("content", {})
    found: Schema | None = content.get("application/json", {}).get("schema")
    return found


def needs_token(method: str, template: str) -> bool:
    """Whether only the bot itself may ask; who answers an interaction shows the interaction's token instead."""
    return {} not in operation(method, template).get("security", [])


def mistakes(value: Any, schema: Schema) -> list[ValidationError]:
    """What in ``value`` the schema forbids; of a choice the error of its likeliest branch. Discord takes ids as numbers
    and permissions as texts too, which its document does not say.
    """
    return [deepest(error) for error in _validator(json.dumps(schema)).iter_errors(value)]


def sentence(mistake: ValidationError) -> str:
    """Where it is and what; of a long value its end only, for there the reason stands."""
    where, text = ".".join(map(str, mistake.absolute_path)), mistake.message
    return f"{where or 'the body'}: {text if len(text) < 300 else '…' + text[-200:]}"


def unknown_fields(value: Any, schema: Schema, path: str = "") -> Iterator[str]:
    """Paths of fields that the schema does not know: Discord drops them without a word, so a misspelt one is lost."""
    branches = list(_branches(schema, value))
    if isinstance(value, list):
        items = [each["items"] for each in branches if "items" in each]
        for number, each in enumerate(value):
            yield from unknown_fields(each, {"anyOf": items}, f"{path}.{number}".strip("."))
    closed = any("properties" in each for each in branches) and not any(
        "additionalProperties" in each for each in branches
    )
    if isinstance(value, dict) and closed:
        for name, each in value.items():
            known = [branch["properties"][name] for branch in branches if name in branch.get("properties", {})]
            where = f"{path}.{name}".strip(".")
            if name in UNDOCUMENTED:
                continue
            if known:
                yield from unknown_fields(each, {"anyOf": known}, where)
            else:
                yield where


def unknown_queries(method: str, template: str, query: Mapping[str, str]) -> list[str]:
    """Names in the query that the operation does not know."""
    path = document()["paths"][template]
    parameters = [*path.get("parameters", []), *operation(method, template).get("parameters", [])]
    return sorted(query.keys() - {each["name"] for each in parameters if each["in"] == "query"})


@cache
def _validator(schema: str) -> Any:
    """The components stand beside the schema, so that its references are found."""
    return LenientValidator({**json.loads(schema), "components": document()["components"]})


def deepest(error: ValidationError) -> ValidationError:
    """Of a choice, the error of the branch that is likeliest meant: one for a value of that type, or the deepest."""
    others = {each.relative_schema_path[0] for each in error.context or [] if list(each.relative_path) == ["type"]}
    meant = [each for each in error.context or [] if each.relative_schema_path[0] not in others]
    choices = sorted(meant or error.context or [], key=lambda each: -len(each.absolute_path))
    return deepest(choices[0]) if choices else error


def _type(validator: Any, types: Any, value: Any, schema: Schema) -> Iterator[ValidationError]:
    """As jsonschema has it, but for what Discord takes though its document does not say so."""
    id_as_number = schema.get("format") == "snowflake" and type(value) is int
    bits_as_text = schema.get("maximum") == ALL_PERMISSIONS and isinstance(value, str) and value.isdecimal()
    if not (id_as_number or bits_as_text):
        yield from Draft202012Validator.VALIDATORS["type"](validator, types, value, schema)


LenientValidator = validators.extend(Draft202012Validator, {"type": _type})


def _branches(schema: Schema, value: Any) -> Iterator[Schema]:
    """The schema and all that it refers to or chooses between, at the same place of the value. Where branches tell
    themselves apart by a type, those of another type are left out.
    """
    types = schema.get("properties", {}).get("type", {}).get("enum")
    if types and isinstance(value, dict) and "type" in value and value["type"] not in types:
        return
    yield schema
    if "$ref" in schema:
        found: Any = document()
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        yield from _branches(found, value)
    for each in (*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _branches(each, value)
