"""A server under load: what its worker spends on each request, how many it answers a second, how long each takes."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

from scripts.devnet.processes import Process

START_SECONDS = 30
CALLERS = 4
"""Each over one connection of its own, one request after the other."""


@dataclass(frozen=True)
class Load:
    """One round of requests: CPU seconds of each, seconds that all took together, and seconds of each."""

    cpu: float
    wall: float
    times: list[float]

    @property
    def per_second(self) -> float:
        """Requests answered."""
        return len(self.times) / self.wall

    def percentile(self, percent: int) -> float:
        """Seconds."""
        return statistics.quantiles(self.times, n=100)[percent - 1]


@dataclass(frozen=True)
class Memory:
    """Bytes: resident, the share that is left when what several processes hold is divided among them, and what no
    other process holds."""

    resident: int
    share: int
    own: int


def wait_for(process: Process, url: str) -> None:
    """Return when it answers.

    :raises DevnetError: it does not
    """
    process.wait_for(lambda: _answers(url), START_SECONDS)


def load(url: str, headers: Mapping[str, str], worker: int, requests: int) -> Load:
    """Ask ``requests`` times; ``worker`` is the process whose CPU counts."""
    spent, begun = _cpu_seconds(worker), time.perf_counter()
    with ThreadPoolExecutor(CALLERS) as pool:
        times = [
            each
            for some in pool.map(lambda _: _ask(url, headers, requests // CALLERS), range(CALLERS))
            for each in some
        ]
    return Load((_cpu_seconds(worker) - spent) / len(times), time.perf_counter() - begun, times)


def run(script: str, arguments: list[str], environment: Mapping[str, str]) -> Load:
    """The round that a script of its own runs, and prints as JSON."""
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(  # noqa: S603 - our own words
        command, env=dict(environment), capture_output=True, text=True, check=True
    )
    return Load(**json.loads(done.stdout))


def worker_of(process: Process) -> int:
    """The one process that gunicorn's first has started."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    return int(children[0])


def memory(pid: int) -> Memory:
    """Of a process, now."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
    own = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return Memory(kilobytes["Rss"] * 1024, kilobytes["Pss"] * 1024, own * 1024)


def _answers(url: str) -> bool | None:
    try:
        return httpx.get(url, timeout=1).is_success or None
    except httpx.TransportError:
        return None


def _ask(url: str, headers: Mapping[str, str], requests: int) -> list[float]:
    times: list[float] = []
    with httpx.Client(headers=dict(headers)) as client:
        for _ in range(requests):
            begun = time.perf_counter()
            client.get(url).raise_for_status()
            times.append(time.perf_counter() - begun)
    return times


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
