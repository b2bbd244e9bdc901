"""Beside the requests: finishes what earlier processes left behind, and sends what was accepted."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from sparta.errors import SpartaError
from sparta.telemetry import log

PAUSE_SECONDS = 30.0
SHORT_PAUSE_SECONDS = 5.0
"""While something is on its way: whoever asked for it may be gone, and the rest of it is for us to do."""

Duty = Callable[[], bool]
"""Something to do in each round; whether it is done, so that the next round can wait."""


class Keeper:
    """A thread of its own, which ends with the process. Several tasks may have one each.

    ``bell``: whoever sets it wants the next round now.
    """

    def __init__(
        self,
        *duties: Duty,
        bell: Event,
        pause: float = PAUSE_SECONDS,
        short_pause: float = SHORT_PAUSE_SECONDS,
    ) -> None:
        self._duties = duties
        self._bell = bell
        self._pause = pause
        self._short_pause = short_pause
        self._stopped = False
        self._thread = Thread(target=self._run, name="keeper", daemon=True)

    def start(self) -> None:
        """Begin at once."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round that runs."""
        self._stopped = True
        self._bell.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped:
            # What rang shows in the indexes of the database a moment later, so such a round is never the last one.
            rang = self._bell.is_set()
            self._bell.clear()
            done = [_done(duty) for duty in self._duties]
            if not self._stopped:
                self._bell.wait(self._pause if all(done) and not rang else self._short_pause)


def _done(duty: Duty) -> bool:
    try:
        return duty()
    except SpartaError as error:
        log().warning("left for the next round", reason=error.sentence)
    except Exception:  # noqa: BLE001 - the edge of a thread: one bad round must not be the last
        log().exception("a round of the keeper failed")
    return True
