"""What commands say: facts to standard output, trouble and progress to standard error."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from typing import IO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from scripts.operations.provider_keys import without_keys

HANGING = "  "
FILE_WIDTH = 120
"""Columns of what goes into a file or a log of CI, which no screen makes narrow."""
# What a person copies stays in one piece: backquoted, or a command of make or aws with what it is given.
_PIECE = re.compile(
    r"(?:`[^`]*`|\bmake [a-z]+(?: [A-Z_]+=[^\s;,]+)+|\baws [a-z0-9-]+ [a-z-]+(?: --[^\s;]+(?: (?!--)[^\s;]+)?)+|\S)+"
)


def console(stream: IO[str], *, stderr: bool = False) -> Console:
    # No emoji: what AWS writes has colons, and `:secret:` in an ARN is one.
    width = None if stream.isatty() or os.environ.get("COLUMNS") else FILE_WIDTH
    return Console(stderr=stderr, highlight=False, emoji=False, width=width)


OUT = console(sys.stdout)
ERR = console(sys.stderr, stderr=True)


def say(text: str) -> None:
    """A fact for the person, markup of rich allowed; pass what AWS or people wrote through ``rich.markup.escape``."""
    OUT.print(_fitted(OUT, Text.from_markup(without_keys(text), emoji=False)), soft_wrap=True)


def fail(sentence: str) -> None:
    """Why the command did not do its work, as it is."""
    ERR.print(_fitted(ERR, Text(without_keys(sentence))), style="bold red", soft_wrap=True)


def between_words(text: Text, width: int) -> Text:
    """Lines of at most ``width`` columns where that goes without breaking a word, or a command that is to be copied."""
    return Text("\n").join(part for line in text.split("\n", allow_blank=True) for part in _broken(line, width))


def _fitted(console: Console, text: Text) -> Text:
    """In a file, a line is a line."""
    return between_words(text, console.width) if console.is_terminal else text


def _broken(line: Text, width: int) -> Iterator[Text]:
    """The line's parts; the ones after the first are indented as it is, and further where it is an item of a list."""
    indent = line[: len(line) - len(line.plain.lstrip())]
    indent += HANGING if indent else ""
    start = end = 0
    for piece in _PIECE.finditer(line.plain):
        room = width - (cell_len(indent.plain) if start else 0)
        # What is longer than a line is broken by the terminal anyway, wherever it begins.
        fits_alone = cell_len(piece[0]) <= width - cell_len(indent.plain)
        if end > start and fits_alone and cell_len(line.plain[start : piece.end()]) > room:
            yield indent + line[start:end] if start else line[:end]
            start = piece.start()
        end = piece.end()
    yield indent + line[start:] if start else line
