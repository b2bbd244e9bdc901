"""Beside the requests: finishes what an earlier process left behind, at the start and every now and then."""

from __future__ import annotations

from threading import Event, Thread

from sparta.errors import SpartaError
from sparta.telemetry import log
from sparta.wiring import Api

PAUSE_SECONDS = 30.0
SHORT_PAUSE_SECONDS = 5.0
"""While something is on its way: whoever asked for it may be gone, and the rest of it is for us to do."""


class Keeper:
    """A thread of its own, which ends with the process. Several tasks may have one each."""

    def __init__(self, services: Api, pause: float = PAUSE_SECONDS, short_pause: float = SHORT_PAUSE_SECONDS) -> None:
        self._services = services
        self._pause = pause
        self._short_pause = short_pause
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Begin at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round that runs."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            is_done = self._round()
            if self._stopped.wait(self._pause if is_done else self._short_pause):
                return

    def _round(self) -> bool:
        """Whether the next one can wait."""
        try:
            return self._services.validators.finish()
        except SpartaError as error:
            log().warning("left for the next round", reason=error.sentence)
        except Exception:  # noqa: BLE001 - the edge of a thread: one bad round must not be the last
            log().exception("a round of the keeper failed")
        return True
