"""The start of an API process, beside the import of the libraries it stands on."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.bench.measure import Run, in_turn, median, ratio

PLAIN, OURS = "import flask, boto3", "import sparta.api"
AS_IN_THE_IMAGE = "import sys\nsys.modules.update(dict.fromkeys(('cffi', 'pygments', 'rich')))\n"
"""Tools of development that some libraries load where they find them; the API's image does not have them."""


def compare(folder: Path, rounds: int) -> dict[str, list[Run]]:
    """Both in turn."""
    return in_turn({name: [sys.executable, "-c", AS_IN_THE_IMAGE + name] for name in (PLAIN, OURS)}, rounds, folder)


def report(runs: dict[str, list[Run]]) -> str:
    """A table for people."""
    lines = [f"{'start':<30} {'CPU s':>7} {'wall s':>7} {'peak MiB':>9}"]
    for name, measured in runs.items():
        cpu, wall, peak = (median(measured, figure) for figure in ("cpu", "wall", "peak"))
        lines.append(f"{name:<30} {cpu:>7.3f} {wall:>7.3f} {peak / 2**20:>9.1f}")
    lines += ["", f"{'CPU of the import: of flask and boto3':<45} {ratio(runs[OURS], runs[PLAIN], 'cpu'):>6.2f}x"]
    return "\n".join(lines)
