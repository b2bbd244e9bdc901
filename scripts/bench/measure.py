"""Whole processes, measured in turn."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Run:
    """One finished process and its children: seconds, seconds, bytes (the largest process)."""

    cpu: float
    wall: float
    peak: int


def run(command: Sequence[str], folder: Path) -> Run:
    """Run a command to its end, its output thrown away.

    :raises RuntimeError: when it fails, with the last line it said
    """
    with (folder / "output").open("w+b") as output:
        start = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 - our own command lines
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - start
        if process.returncode:
            output.seek(0)
            last = output.read().decode(errors="replace").strip().splitlines()[-1:]
            raise RuntimeError(f"{' '.join(command)[:80]} ended with {process.returncode}: {''.join(last)}")
    return Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * _PEAK_UNIT)


def in_turn(commands: Mapping[str, Sequence[str]], rounds: int, folder: Path) -> dict[str, list[Run]]:
    """Every command once to warm up, then ``rounds`` times A B C, A B C, so that drift touches all alike."""
    for command in commands.values():
        run(command, folder)
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            runs[name].append(run(command, folder))
    return runs


def ratio(ours: list[Run], plain: list[Run], figure: str) -> float:
    """Median of the ratios, round by round."""
    return statistics.median(float(getattr(a, figure) / getattr(b, figure)) for a, b in zip(ours, plain, strict=True))


def median(runs: list[Run], figure: str) -> float:
    """Median of one figure."""
    return statistics.median(float(getattr(each, figure)) for each in runs)
