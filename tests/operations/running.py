"""Run a command of the runbook as a person would: a process of its own, with an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.emulator.emulator import REPOSITORY, ROOT, Emulator

SECONDS = 90


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code, and what stood on the screen."""

    code: int
    out: str
    err: str


def surroundings(emulator: Emulator, home: Path) -> dict[str, str]:
    """Environment variables for a process that works on the emulator, with nothing of the person at the machine."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ}
    return (
        kept
        | ROOT
        | {
            "HOME": str(home),
            "AWS_CONFIG_FILE": str(home / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(home / "no-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": emulator.url,
            "COLUMNS": "120",
            "NO_PROXY": "127.0.0.1",
        }
    )


def run(variables: Mapping[str, str], *arguments: str, stdin: str | None = None) -> Done:
    """Run ``python -m scripts`` with these arguments and variables, without a terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts", *arguments],
        cwd=REPOSITORY,
        env=dict(variables),
        input=stdin if stdin is not None else "",
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)
