"""JSON-RPC as the node's server does it: HTTP 400 for an error, 200 for a batch whatever is in it."""

import json
from typing import Any

from scripts.devnet.aztec.dialects import Dialect
from scripts.devnet.aztec.methods import (
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    METHOD_THREW,
    PARSE_ERROR,
    UNDEFINED,
    RefusalError,
    methods,
)
from scripts.devnet.aztec.world import World

Answer = tuple[int, Any]


def called(body: bytes) -> set[str]:
    """The methods that a request calls."""
    try:
        request = json.loads(body)
    except ValueError:
        return set()
    items = request if isinstance(request, list) else [request]
    return {item["method"] for item in items if isinstance(item, dict) and isinstance(item.get("method"), str)}


def answer(world: World, dialect: Dialect, body: bytes, *, is_json: bool) -> Answer:
    """HTTP status and body."""
    if len(body) > dialect.body_limit:
        return 500, _refusal(INVALID_REQUEST, "request entity too large")
    if not is_json:
        return 400, _refusal(INVALID_REQUEST, "Invalid Request")
    try:
        request = json.loads(body)
    except ValueError as error:
        return 400, _refusal(PARSE_ERROR, f"Parse error: {error}")
    if isinstance(request, list):
        return _batch(world, dialect, request)
    one = _one(world, dialect, request)
    return 400 if "error" in one else 200, one


def _batch(world: World, dialect: Dialect, requests: list[Any]) -> Answer:
    if not requests:
        return 400, _refusal(INVALID_REQUEST, "Invalid Request")
    if dialect.batch_limit is not None and len(requests) > dialect.batch_limit:
        sentence = f"Batch request exceeds maximum allowed size of {dialect.batch_limit}"
        return 400, _refusal(INVALID_REQUEST, sentence)
    return 200, [_one(world, dialect, request) for request in requests]


def _one(world: World, dialect: Dialect, request: Any) -> dict[str, Any]:
    if not isinstance(request, dict) or not isinstance(request.get("method"), str):
        return _refusal(INVALID_REQUEST, "Invalid Request")
    head: dict[str, Any] = {}
    if dialect.answers_version or "jsonrpc" in request:
        head["jsonrpc"] = request.get("jsonrpc", "2.0")
    head["id"] = request.get("id")
    try:
        result = _result(world, dialect, request["method"], request.get("params", []))
    except RefusalError as refusal:
        return head | {"error": {"code": refusal.code, "message": refusal.message}}
    return head if result is UNDEFINED else head | {"result": result}


def _result(world: World, dialect: Dialect, name: str, params: Any) -> Any:
    method = methods(dialect).get(name)
    if method is None:
        raise RefusalError(METHOD_NOT_FOUND, f"Method not found: {name}")
    if not isinstance(params, list):
        bare = name.removeprefix(dialect.namespace)
        raise RefusalError(METHOD_THREW, f"Params to {bare} is not an array: [object Object]")
    return method(world, dialect, params)


def _refusal(code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "error": {"code": code, "message": message}, "id": None}
