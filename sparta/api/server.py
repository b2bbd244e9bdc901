"""How gunicorn serves the API: the settings that ``gunicorn.conf.py`` takes over, its log as JSON, and the keeper."""

from __future__ import annotations

import gc
import json
import logging
import sys
from collections.abc import MutableMapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from gunicorn import util
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from sparta import request_time, starting, wiring
from sparta.api.keeper import Keeper
from sparta.api.request_id import ENVIRON
from sparta.errors import SettingsError
from sparta.settings import ApiSettings, Part, load
from sparta.telemetry import log
from sparta.wiring import API_THREADS, Api

if TYPE_CHECKING:
    from flask import Flask
    from gunicorn.workers.base import Worker

HURRY_SECONDS = 20
"""ECS kills 30 s after it asks; gunicorn, five before that."""
UNREADABLE = "The request is not sound HTTP, so it was not looked at. Check how your client writes it."
SENTENCES = {
    414: "The URL is longer than 4094 bytes, which is the most. Shorten its parameters.",
    431: "The request has more, or longer, headers than are taken: 100 of 8190 bytes each. Send fewer or shorter ones.",
}


class StoppingWorker(ThreadWorker):
    """Ends as a load balancer wants it: who connects later is refused at once, and who waits gets an answer in time."""

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """Asked to stop: what waits for a block says so instead of being cut off."""
        request_time.hurry(HURRY_SECONDS)
        super().handle_exit(sig, frame)
        self.method_queue.defer(self._stop_listening)

    def _stop_listening(self) -> None:
        """Gunicorn keeps the sockets until its last request is served: callers would connect, and wait in vain."""
        for listener in self.sockets:
            before = -1
            while before != self.nr_conns:
                before = self.nr_conns
                self.accept(listener)
        self.set_accept_enabled(False)
        for listener in self.sockets:
            listener.close()


class JsonLogger(Logger):
    """Gunicorn's own lines and one line per request, like all others of ours. Never the query: it names people."""

    def setup(self, cfg: Any) -> None:
        """Leave writing to the process's one handler."""
        self.cfg = cfg
        self._access_log_enabled = True
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel(logging.INFO)

    def access(self, resp: Any, _req: Any, environ: MutableMapping[str, Any], request_time: timedelta) -> None:
        """A line per request; the load balancer's checks show with LOG_LEVEL=debug only."""
        path = environ.get("PATH_INFO", "")
        write = log().debug if path == "/health" else log().info
        write(
            "request",
            method=environ.get("REQUEST_METHOD"),
            path=path,
            # Its number lacks where gunicorn itself answers what is no HTTP.
            status=int(str(resp.status).split()[0]),
            milliseconds=round(request_time.total_seconds() * 1000, 1),
            bytes=resp.sent,
            request_id=environ.get(ENVIRON),
        )


def write_error(sock: Any, status_int: int, reason: str, mesg: str) -> None:
    """In gunicorn's place, which answers what is no HTTP with a page for people."""
    del mesg  # It quotes what the caller sent.
    body = json.dumps({"success": False, "error": SENTENCES.get(status_int, UNREADABLE)})
    head = f"HTTP/1.1 {status_int} {reason}\r\nConnection: close\r\nContent-Type: application/json\r\n"
    util.write_nonblock(sock, f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode("latin-1"))


def _settings() -> ApiSettings:
    """Every mistake in the settings, and in what they name, as a line, before anything starts."""
    try:
        found = load(Part.API)
        wiring.check(found)
    except SettingsError as error:
        print(error.sentence, file=sys.stderr)
        raise SystemExit(1) from None
    return found


def when_ready(_: Any) -> None:
    """What was made so far is there for good: left alone by the garbage collector, it stays shared with the workers."""
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Worker) -> None:
    """Go on with what an earlier process began, and keep doing so."""
    services: Api = cast("Flask", worker.wsgi).extensions["sparta"]
    Keeper(services.validators.finish, services.deliver, bell=services.messages.accepted).start()


settings = _settings()
starting.begin(settings)
util.write_error = write_error

bind = f"{settings.api_host}:{settings.api_port}"
worker_class = StoppingWorker
workers = 1
preload_app = True
"""Made once and shared by all processes, which halves their memory."""
threads = API_THREADS
keepalive = 75
"""Longer than a load balancer's idle timeout of 60 s, so that it never sends into a closing connection."""
timeout = 60
graceful_timeout = HURRY_SECONDS + 5
logger_class = JsonLogger
control_socket_disable = True
