"""Waiting for AWS to finish what was asked of it: the person sees for what, and it ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from scripts.operations.errors import OperationError
from scripts.operations.screen import ERR

SHORTEST, LONGEST = 0.25, 10.0
State = TypeVar("State")


def wait_for(what: str, look: Callable[[], State], done: Callable[[State], bool], *, seconds: float) -> State:
    """What ``look`` saw when it was ``done``; asked seldom enough not to be refused.

    :raises OperationError: when it is not within ``seconds``; what AWS was asked goes on
    """
    deadline, pause = time.monotonic() + seconds, SHORTEST
    with ERR.status(what):
        while not done(state := look()):
            if time.monotonic() > deadline:
                raise OperationError(f"{what} has not ended after {_words(seconds)}. AWS goes on with it.")
            time.sleep(pause)
            pause = min(pause * 2, LONGEST)
    return state


def _words(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"
