"""``python -m scripts.bench``: every comparison as a table; it names its targets and never fails a build."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.bench import package, start, templates


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="measured rounds of each command (default 9)")
    rounds = parser.parse_args().rounds
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else Python compiles the code under test at every start
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(templates.report(templates.compare(folder, rounds)), end="\n\n")
        print(package.report(package.compare(folder, rounds), folder), end="\n\n")
        print(start.report(start.compare(folder, rounds)), end="\n\n")
        print(_running(folder), end="\n\n", flush=True)
    subprocess.run([sys.executable, "-m", "scripts.bench.monitor"], check=True)


def _running(folder: Path) -> str:
    """Last: what it imports is counted as memory of every process that is started afterwards."""
    if sys.platform != "linux":
        return "The served API and the bot are measured on Linux only, which tells a process's CPU and memory."
    from scripts.bench import api, bot

    return f"{api.report(api.compare(folder))}\n\n{bot.report(bot.compare(folder))}"


if __name__ == "__main__":
    main()
