"""What the programs say of themselves: one JSON line per event on standard output, metrics among them.

Each line has ``level``, ``event``, ``timestamp``, ``environment`` and, while a request is served, ``request_id``.
A metric is a line in CloudWatch's embedded metric format, which turns it into a number without an agent.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from sparta.masking import Masker

NAMESPACE = "Sparta/Application"
_environment = "development"
_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
masker = Masker()
"""Of this process; whoever reads a secret later than at start adds it."""


def configure(
    *, environment: str = "development", level: str = "info", pretty: bool = False, secrets: Iterable[str] = ()
) -> None:
    """Set up logging for this process, ours and that of the libraries; a second call changes the set-up."""
    global _environment  # noqa: PLW0603 - a process has one set-up of its log
    _environment = environment
    masker.add(secrets)
    number = logging.getLevelNamesMapping()[level.upper()]
    first: list[Processor] = [*_COMMON, structlog.processors.format_exc_info if pretty else _TRACEBACK]
    renderer: Processor = structlog.dev.ConsoleRenderer(sort_keys=False) if pretty else _render_json
    structlog.configure(
        processors=[*first, _mask, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=_Printer,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(_Current())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=first,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _mask, renderer],
        )
    )
    logging.basicConfig(level=max(number, logging.INFO), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    logging.getLogger("botocore").setLevel(logging.WARNING)


def log() -> Any:
    """The logger: ``log().info("event", field=value)``."""
    return structlog.get_logger()


@contextmanager
def request(given: str | None = None) -> Iterator[str]:
    """While this lasts every line carries the request's id: the caller's, or one of our own."""
    chosen = given or uuid.uuid4().hex
    token = _request_id.set(chosen)
    try:
        yield chosen
    finally:
        _request_id.reset(token)


def request_id() -> str | None:
    """The id of the request that is served, where one is."""
    return _request_id.get()


def metric(name: str, value: float, unit: str = "Count", **fields: Any) -> None:
    """Count something: one line in embedded metric format. ``fields`` can be searched and are no dimensions."""
    line = {
        "level": "info",
        "event": "metric",
        "timestamp": structlog.processors.TimeStamper(fmt="iso", utc=True)(None, "info", {})["timestamp"],
        **_with_request({}),
        **fields,
        "_aws": {
            "Timestamp": time.time_ns() // 1_000_000,
            "CloudWatchMetrics": [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": [["Environment"]],
                    "Metrics": [{"Name": name, "Unit": unit}],
                }
            ],
        },
        "environment": _environment,
        "Environment": _environment,
        name: value,
    }
    _print(_dump(masker.value(line)))


class _Current:
    """Standard output as it is when a line is written: a test or a server may have replaced it."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


class _Printer:
    """What structlog hands a finished line to, whatever its level."""

    def __init__(self, *_: Any) -> None:
        pass

    def msg(self, line: str) -> None:
        _print(line)

    debug = info = warning = error = critical = exception = msg


def _print(line: str) -> None:
    """In one write, so that the lines of several threads do not mix."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _with_request(event: EventDict) -> EventDict:
    served = request_id()
    return {**event, "request_id": served} if served else event


def _add_context(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return _with_request({**event, "environment": _environment})


def _mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    masked: EventDict = masker.value(event)
    return masked


def _render_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return _dump(event)


def _dump(line: Mapping[str, Any]) -> str:
    return json.dumps(line, default=str, ensure_ascii=False, separators=(",", ":"))


_COMMON: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _add_context,
    structlog.processors.StackInfoRenderer(),
]
# Never the local variables of a traceback: they can hold keys.
_TRACEBACK = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
