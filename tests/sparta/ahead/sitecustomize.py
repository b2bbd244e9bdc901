"""For a process whose PYTHONPATH leads here: its clock is ``CLOCK_AHEAD`` milliseconds ahead, and its pauses are short.

It does not find the tools of development that some libraries load where they are, which takes a quarter of its start.
"""

from __future__ import annotations

import os
import sys
import time

HURRY = 20
_AHEAD = int(os.environ["CLOCK_AHEAD"]) * 1_000_000
_time_ns, _sleep = time.time_ns, time.sleep


def _short(seconds: float) -> None:
    _sleep(seconds / HURRY)


time.time_ns = lambda: _time_ns() + _AHEAD
time.sleep = _short  # type: ignore[assignment]
sys.modules.update(dict.fromkeys(("cffi", "pygments", "rich")))  # type: ignore[arg-type]
