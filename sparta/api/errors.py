"""Every failure as an answer: one shape, a sentence, no internals. Logged here, once."""

from __future__ import annotations

from flask import Flask, Response, request
from gunicorn.http.errors import ParseException
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge

from sparta.api.answers import problem
from sparta.api.request_id import ENVIRON
from sparta.errors import ChainRefused, DependencyFailed, SettingsError, SpartaError, TooMany
from sparta.telemetry import log

LONGEST_BODY = 64 * 1024
TOO_LARGE = "The body is larger than 64 KiB, which is the most. Send less."
NOT_AN_OBJECT = "The body must be a JSON object. Send one, with Content-Type: application/json."
SENTENCES = {
    400: "The request cannot be read. Check its URL, its headers and its body.",
    404: "There is no such route. See /api/docs for those there are.",
    405: "This route does not know this method. See /api/docs for those it knows.",
    413: TOO_LARGE,
}


def register(app: Flask) -> None:
    """Turn every exception into an answer, and refuse bodies that are too large before anything else."""
    # Werkzeug cuts a body in chunks there without a word, so it gets one byte more than may be.
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY + 1
    app.register_error_handler(SpartaError, _refuse)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_bug)
    app.before_request(_check_length)


def answer_invalid(error: ValidationError) -> Response:
    """The first mistake in a request's parameters or body, in one sentence."""
    first = min(error.errors(include_url=False, include_input=False), key=lambda each: each["type"] != "missing")
    return problem(400, _sentence(first), detail=first.get("ctx", {}).get("detail"))


def _sentence(mistake: ErrorDetails) -> str:
    if mistake["type"] in {"titled", "missing_operator", "missing_validator"}:
        return mistake["msg"]
    if not mistake["loc"]:
        return NOT_AN_OBJECT
    name = ".".join(str(part) for part in mistake["loc"])
    if mistake["type"] == "missing":
        return f"Missing {name} parameter"
    reason = mistake["msg"].removeprefix("Value error, ")
    return f"Invalid {name}: {reason[:1].lower()}{reason[1:]}"


def _check_length() -> None:
    """A length that is announced is refused unread; a body in chunks is read here, one byte further than it may be."""
    if (request.content_length or 0) > LONGEST_BODY:
        raise RequestEntityTooLarge
    if request.headers.get("Transfer-Encoding") and len(_body_in_chunks()) > LONGEST_BODY:
        raise RequestEntityTooLarge


def _body_in_chunks() -> bytes:
    try:
        return request.get_data(cache=True)
    except ParseException:
        raise BadRequest from None


def _refuse(error: SpartaError) -> Response:
    match error:
        case SettingsError():
            return _answer_bug(error)
        case DependencyFailed():
            log().warning("dependency failed", dependency=error.dependency, reason=error.sentence)
            return problem(error.status, error.sentence)
        case ChainRefused():
            log().warning("contract refused", name=error.name, reason=error.sentence)
            return problem(error.status, error.sentence, contract_error=error.name, until=error.until)
        case TooMany():
            answer = problem(error.status, error.sentence)
            answer.headers["Retry-After"] = str(error.seconds)
            return answer
    return problem(error.status, error.sentence)


def _answer_http(error: HTTPException) -> HTTPException | Response:
    if error.code is None or error.code < 400:
        return error
    answer = problem(error.code, SENTENCES.get(error.code, error.description or error.name))
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value
    return answer


def _answer_bug(error: Exception) -> Response:
    log().error("request failed", exc_info=error, method=request.method, path=request.path)
    reference = request.environ.get(ENVIRON, "unknown")
    return problem(
        500, f"Something went wrong on our side, and nothing more can be said here. Tell the maintainers: {reference}."
    )
