"""The packaged functions' size and start, beside `import web3`, which they do without."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

from scripts.bench.measure import Run, in_turn, median, ratio
from scripts.package.build import build
from scripts.package.functions import existing
from scripts.package.platforms import PLATFORMS

WEB3 = "import web3"
TARGET = 0.45
"""Of web3's CPU."""
FIRST_EVENT = {"validator_monitor": "sparta.monitor"}
"""What a function imports when its first event comes, of those that do it then."""
AT_WORK = "at its first event"


def compare(folder: Path, rounds: int) -> dict[str, list[Run]]:
    """Each function from its zip for this machine, and web3: as Lambda starts code, and as a second start here."""
    code = {WEB3: WEB3}
    for function in existing():
        place = folder / function.name
        with zipfile.ZipFile(build(function, PLATFORMS["this"], folder)) as package:
            package.extractall(place)
        start = f"import sys; sys.path.insert(0, {str(place)!r}); import {function.module}"
        code[function.name] = start
        if function.name in FIRST_EVENT:
            code[f"{function.name} {AT_WORK}"] = f"{start}, {FIRST_EVENT[function.name]}"
    commands = {
        f"{name}, {state}": [sys.executable, *options, *_alone(name), "-c", text]
        for state, options in _states(folder).items()
        for name, text in code.items()
    }
    return in_turn(commands, rounds, folder)


def _states(folder: Path) -> dict[str, list[str]]:
    """A read-only folder has no byte code, so Lambda compiles what is imported, each time."""
    return {
        "no byte code": ["-B", "-X", f"pycache_prefix={folder / 'never'}"],
        "byte code": ["-X", f"pycache_prefix={folder / 'bytecode'}"],
    }


def _alone(name: str) -> list[str]:
    """A function has its zip only, web3 is in the environment."""
    return [] if name == WEB3 else ["-I", "-S"]


def report(runs: dict[str, list[Run]], folder: Path) -> str:
    """A table for people, then the targets."""
    lines = [f"{'start':<50} {'CPU s':>7} {'wall s':>7} {'peak MiB':>9}"]
    for name, measured in runs.items():
        cpu, wall, peak = (median(measured, figure) for figure in ("cpu", "wall", "peak"))
        lines.append(f"{name:<50} {cpu:>7.3f} {wall:>7.3f} {peak / 2**20:>9.1f}")
    lines.append("")
    for function in existing():
        size = (folder / f"{function.name}.zip").stat().st_size / 2**20
        lines.append(f"{function.name}.zip: {size:.1f} MiB")
        names = [name for name in (function.name, f"{function.name} {AT_WORK}") if f"{name}, byte code" in runs]
        lines += [_compared(name, state, runs) for name in names for state in _states(folder)]
    return "\n".join(lines)


def _compared(name: str, state: str, runs: dict[str, list[Run]]) -> str:
    value = ratio(runs[f"{name}, {state}"], runs[f"{WEB3}, {state}"], "cpu")
    verdict = "met" if value <= TARGET else "MISSED"
    return f"{f'{name}, {state}':<50} {value:>6.2f}x of web3's CPU, target {TARGET:g}x {verdict}"
