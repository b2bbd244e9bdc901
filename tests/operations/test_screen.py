"""How a line of a command stands on a terminal, and how in a file."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.emulator.emulator import REPOSITORY
from tests.operations.terminal import COLUMNS, play

ITEM = "  Services: " + ", ".join(f"Resource{number}" for number in range(20))
URL = f"https://{'x' * COLUMNS}"
COMMAND = f"aws cloudformation describe-stacks --stack-name {'x' * COLUMNS} --region eu-west-2"
COLOURED = f"  [bold red]{'wörd ' * 40}[/bold red]end"


def script(text: str) -> list[str]:
    return [sys.executable, "-c", f"from scripts.operations.screen import say; say({text!r})"]


def on_a_terminal(text: str) -> list[str]:
    variables = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1"}
    return play(script(text), variables, REPOSITORY).screen.splitlines()


def test_a_long_item_hangs_on_a_terminal() -> None:
    """Names are not broken, and what belongs to the item stands further in than the next item would."""
    first, *rest = on_a_terminal(ITEM)
    assert first.startswith("  Services: Resource0, ")
    assert rest
    assert all(line.startswith("    Resource") and len(line) <= COLUMNS for line in rest)
    assert " ".join(line.strip() for line in [first, *rest]) == ITEM.strip()
    assert len(on_a_terminal(COLOURED)) == 3


@pytest.mark.parametrize("copied", [URL, COMMAND])
def test_what_people_copy_stays_in_one_piece(copied: str) -> None:
    """A line break of ours in the middle would be copied along."""
    assert on_a_terminal(f"To look: {copied}") == [f"To look: {copied}"]


@pytest.mark.parametrize("text", [ITEM, URL, COMMAND])
def test_in_a_file_a_line_is_a_line(text: str) -> None:
    """Whoever searches a log finds what belongs together."""
    done = subprocess.run(script(text), cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout == f"{text}\n"
