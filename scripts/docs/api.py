"""``docs/api.md``: the routes of the REST API, from its OpenAPI document."""

from __future__ import annotations

from typing import Any

from scripts.docs.markdown import code, codes, page, plain, table
from sparta.api.app import document

ABOUT = """
The same, to try out, stands at `/api/docs` of a running API, and as an OpenAPI 3.1 document at `/api/openapi.json`.

Show the key as `x-api-key: <key>` or `Authorization: Bearer <key>`. Every error is JSON, `{"success": false, "error":
"…"}`; the sentence says what happened and what to do. `detail`, `contractError` and `until` (unix seconds) come along
where there is more to say. Addresses are `0x` and 40 hex digits, mixed case must pass EIP-55, and case does not matter
for finding. Times are milliseconds since 1970. Bodies are JSON of at most 64 KiB.

`X-Request-Id` of an answer is the `request_id` of its log lines; a caller may bring its own.

```sh
curl -H "x-api-key: $BACKEND_API_KEY" "http://127.0.0.1:3000/api/operator?discordId=1144692727120937080"
```
"""
COMMON = {"400", "401", "413", "500", "503"}
MEANINGS = """
Not in the tables, since every route with a key knows them: 400 bad input, 401 no valid key, 413 a body that is too
large, 503 no database or no secret at the moment, 500 a mistake of ours, with the reference to tell the maintainers.
502: Ethereum or the Aztec node is out of reach, or a contract refused, by its own error's name.
"""


def text() -> str:
    """The page."""
    described = document()
    by_tag: dict[str, list[list[str]]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            row = [
                code(f"{method.upper()} {path}"),
                _about(operation),
                _takes(operation, described),
                _answers(operation),
            ]
            by_tag.setdefault(operation["tags"][0], []).append(row)
    head = ["Route", "Does", "Takes", "Answers"]
    parts = [part for tag, rows in by_tag.items() for part in (f"## {tag}", table(head, rows))]
    return page("REST API", ABOUT, *parts, "## Errors", MEANINGS)


def _about(operation: dict[str, Any]) -> str:
    return plain(f"{operation['summary']}. {operation.get('description', '')}".strip()).replace("``", "`")


def _takes(operation: dict[str, Any], described: dict[str, Any]) -> str:
    """Parameters and fields of the body; a question mark behind what may be left out."""
    parameters = [(each["name"], each["required"]) for each in operation.get("parameters", [])]
    said = codes(_names(parameters))
    body = operation.get("requestBody")
    if not body:
        return said
    name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    schema = described["components"]["schemas"][name]
    fields = [(field, field in schema.get("required", [])) for field in schema["properties"]]
    return "; ".join(part for part in (said, f"body: {codes(_names(fields))}") if part)


def _names(given: list[tuple[str, bool]]) -> list[str]:
    return [name if required else f"{name}?" for name, required in given]


def _answers(operation: dict[str, Any]) -> str:
    """Statuses; those that every route knows stand below."""
    statuses = sorted(set(operation["responses"]) - (COMMON if operation.get("security") else {"400", "413", "500"}))
    return ", ".join(statuses)
