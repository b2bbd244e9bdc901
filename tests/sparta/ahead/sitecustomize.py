"""For a process whose PYTHONPATH leads here: its clock is ``CLOCK_AHEAD`` milliseconds ahead, its pauses are short."""

from __future__ import annotations

import os
import time

HURRY = 20
_AHEAD = int(os.environ["CLOCK_AHEAD"]) * 1_000_000
_time_ns, _sleep = time.time_ns, time.sleep
time.time_ns = lambda: _time_ns() + _AHEAD
time.sleep = lambda seconds: _sleep(seconds / HURRY)
