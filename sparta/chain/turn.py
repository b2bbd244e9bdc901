"""Whose turn it is to choose a nonce, and how long everything may take."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock

from sparta import request_time
from sparta.chain.journal import Journal, Lease
from sparta.chain.outcome import busy
from sparta.errors import DependencyFailed


@dataclass(frozen=True, slots=True)
class Pace:
    """Times in seconds. ``wait`` is how long one call waits for its receipt, ``patience`` for the lease."""

    lease: float = 10.0
    patience: float = 20.0
    wait: float = 30.0
    first_look: float = 0.1
    longest_pause: float = 2.0
    resend: float = 2.0
    stuck: float = 30.0
    """Two blocks and some: then a transaction is replaced at a higher fee."""
    lag: float = 3.0
    """A receipt may show this much later than the nonce it used up."""
    recording: float = 3.0
    """Of the request's time, what is not spent on waiting: a last pause and look, and the record of what was found."""


class Turn:
    """One thread of this process at a time asks for the lease, so that tasks and not threads compete."""

    def __init__(self, journal: Journal, pace: Pace) -> None:
        self._journal = journal
        self._pace = pace
        self._owner = uuid.uuid4().hex
        self._lock = Lock()

    @contextmanager
    def lease(self) -> Iterator[Lease]:
        """The lease, given back at the end; a journal out of reach gives it back by its time.

        :raises DependencyFailed: the turn did not come
        """
        if not self._lock.acquire(timeout=min(self._pace.patience, request_time.left())):
            raise busy()
        try:
            lease = self._acquire()
            try:
                yield lease
            finally:
                with suppress(DependencyFailed):
                    self._journal.release(lease)
        finally:
            self._lock.release()

    def _acquire(self) -> Lease:
        give_up = time.monotonic() + min(self._pace.patience, request_time.left())
        while (lease := self._journal.acquire(self._owner, self._pace.lease)) is None:
            if time.monotonic() > give_up:
                raise busy()
            time.sleep(0.05)
        return lease
