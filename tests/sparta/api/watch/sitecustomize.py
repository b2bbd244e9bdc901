"""For a process whose PYTHONPATH leads here: writes down what it imports and every file it would write, a line each,
in the file that ``WATCH_FILE`` names."""

from __future__ import annotations

import os
import sys
from typing import Any

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = {"os.mkdir", "os.rename", "os.link", "os.symlink"}
_notes = os.open(os.environ["WATCH_FILE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "import":
        _note("import", arguments[0])
    elif event in CHANGES or (event == "open" and arguments[2] & WRITES):
        _note("write", arguments[0])


def _note(what: str, which: str | bytes | int) -> None:
    """A number is a file that is open already."""
    if not isinstance(which, int):
        os.write(_notes, f"{what} {os.fsdecode(which)}\n".encode())


sys.addaudithook(_watch)
